import { Component } from '@morphee/component'
import { AuthoringError } from '../errors.ts'
import { contractInterface, type FunctionSet } from '../wit/world.ts'

/**
 * The contract's functions that a component imports, read from the binary and not from what its toolchain said.
 *
 * @throws {@link AuthoringError} `ERR_AUTHORING_IMPORT_FOREIGN` when it imports anything else
 */
export async function importsOf(bytes: Uint8Array): Promise<FunctionSet> {
  const { imports } = await Component.compile(bytes)
  const functions = new Map<string, Set<string>>()
  const foreign: string[] = []
  for (const item of imports) {
    const name = contractInterface(item.name)
    if (name === undefined || item.kind !== 'instance') {
      foreign.push(item.name)
      continue
    }
    const called = item.exports.filter(({ kind }) => kind === 'func').map((one) => one.name)
    if (called.length > 0) functions.set(name, new Set(called))
  }
  if (foreign.length > 0) {
    throw new AuthoringError(
      'ERR_AUTHORING_IMPORT_FOREIGN',
      `The extension imports ${foreign.join(', ')}, which no host has`,
      { imports: foreign },
    )
  }
  return functions
}
