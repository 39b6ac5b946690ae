// The first thing in a child process, handed over on its command line: it may open no file, so its modules come through the
// pipe too. What it gets is written by `process-cell.ts`.
import { closeSync, readSync } from 'node:fs'
import { registerHooks } from 'node:module'
import type { ModuleBundle } from './guest-modules.ts'

/** What the host sends before the first frame, as JSON behind its length. */
export interface BootData extends ModuleBundle {
  /** Descriptors that the child got from the host's own parent and has no use for. */
  readonly inherited: readonly number[]
}

const PIPE = 3

function read(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const got = readSync(PIPE, bytes, at, length - at, null)
    // The host is gone before it said anything.
    if (got === 0) process.exit(0)
    at += got
  }
  return bytes
}

const { inherited, entry, modules } = JSON.parse(
  read(read(4).readUInt32LE(0)).toString('utf8'),
) as BootData
for (const descriptor of inherited) closeSync(descriptor)

const byName = new Map(modules.map((module) => [module.name, module]))
registerHooks({
  resolve(specifier, context, next) {
    const from = byName.get(context.parentURL ?? '')
    const name = specifier === entry ? entry : from?.imports[specifier]
    if (name === undefined) return next(specifier, context)
    return { url: name, format: 'module', shortCircuit: true }
  },
  load(url, context, next) {
    const module = byName.get(url)
    if (module === undefined) return next(url, context)
    return { format: 'module', source: module.source, shortCircuit: true }
  },
})
await import(entry)
