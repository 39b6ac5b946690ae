import { parseReference, type Reference } from '@morphee/registry'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UsageError } from './refusal.ts'

/** What `install` and `verify` are given: a file on this machine, or a reference to a registry. */
export type Source = { readonly path: string } | { readonly reference: Reference }

/** The path of a file that is there. */
export async function locateFile(cwd: string, source: string): Promise<string | undefined> {
  const path = resolve(cwd, source)
  return (await stat(path).catch(() => undefined))?.isFile() === true ? path : undefined
}

/**
 * Tells a file from a reference.
 *
 * @throws UsageError for what can only have been meant as a file, and is none; `ERR_REGISTRY_REFERENCE`
 */
export async function locateSource(cwd: string, source: string): Promise<Source> {
  const path = await locateFile(cwd, source)
  if (path !== undefined) return { path }
  if (/^[./~]|^[^:@]*\.wasm$/.test(source)) throw new UsageError(`There is no file "${source}"`)
  return { reference: parseReference(source) }
}
