import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools'
import { AuthoringError } from '../../errors.ts'
import { checkEvidence, checkHandler } from '../../evidence/check-evidence.ts'
import {
  contractInterface,
  exportedInterfaces,
  type FunctionSet,
  interfaceId,
  worldText,
} from '../../wit/world.ts'
import { checkActions } from '../check-actions.ts'
import type { Toolchain } from '../toolchain.ts'
import { compileCore } from './compile-core.ts'

const ENTRY = 'assembly/index.ts'

/** AssemblyScript: 10 to 30 KB, and only what is called is in the binary. */
export const assemblyscript: Toolchain = {
  language: 'assemblyscript',
  entry: ENTRY,
  async compile({ dir, manifest, step }) {
    const { core, actions, diagnostics } = await step('compile', () => compileCore(dir, ENTRY))
    checkActions(Object.keys(manifest.actions), actions)
    const used = importedFunctions(core)
    checkEvidence(manifest, used)
    checkHandler(manifest, exportsHandler(core))
    const component = await step('componentize', async () => {
      const witSource = worldText(used, exportedInterfaces(manifest))
      const embedded = await componentEmbed({
        binary: core,
        witSource,
        world: 'extension',
        stringEncoding: 'utf16',
      })
      return componentNew(embedded)
    })
    return { component, diagnostics }
  },
}

function exportsHandler(core: Uint8Array<ArrayBuffer>): boolean {
  const exported = `${interfaceId('event-handler')}#handle`
  return WebAssembly.Module.exports(new WebAssembly.Module(core)).some(
    ({ name }) => name === exported,
  )
}

function importedFunctions(core: Uint8Array<ArrayBuffer>): FunctionSet {
  const used = new Map<string, Set<string>>()
  const foreign: string[] = []
  for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(core))) {
    const called = contractInterface(module)
    if (called === undefined) foreign.push(`${module}.${name}`)
    else used.set(called, (used.get(called) ?? new Set()).add(name))
  }
  if (foreign.length > 0) {
    throw new AuthoringError(
      'ERR_AUTHORING_IMPORT_FOREIGN',
      `The extension imports ${foreign.join(', ')}, which no host has`,
      { imports: foreign },
    )
  }
  return used
}
