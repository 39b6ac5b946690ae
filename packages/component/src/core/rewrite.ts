import { concatBytes, encodeUtf8, writeU32 } from '@morphee/core'
import { invalid, unsupported } from '../errors.ts'
import type { InterruptionKind } from './check-code.ts'
import {
  type Edit,
  applyEdits,
  encodeLimits,
  encodeSection,
  type GrowthShare,
  tableEdits,
} from './cap.ts'
import { readCode } from './code-events.ts'
import { insertChecks } from './insert-checks.ts'
import type { CoreModuleInfo } from './module-info.ts'
import { Reader } from '../binary/reader.ts'
import { MAX_WIPED_PAGES } from '../run/memory-pool.ts'

/** Changes with every change of what {@link rewriteModule} writes: rewritten modules are kept under it. */
export const REWRITER_VERSION = 9

/** Whether `module` came out of {@link rewriteModule}, which lets no other import from its namespace. */
export function isRewritten(module: WebAssembly.Module): boolean {
  return WebAssembly.Module.imports(module).some(({ module: from }) => from === REWRITER_NAMESPACE)
}

/** The module that rewritten modules import their memories from. A guest that names it is refused. */
export const REWRITER_NAMESPACE = 'morphee:rewriter'
/** The name in {@link REWRITER_NAMESPACE} of the memory that holds the flag or the fuel; the others are called by their numbers. */
export const INTERRUPTION_MEMORY = 'interruption'

/**
 * The module with interruption checks in its code and its tables capped; `undefined` when it needs none for `termination`, and has no memory that a pool would keep.
 *
 * What it reads for its checks is an imported memory with the highest index, so that all indices of the guest stay what they were and none of them is the new one. For this
 * the memories that the module defines become imports too, which whoever instantiates it provides.
 *
 * The bytes must be a *valid* module, by `WebAssembly.validate`: an access to a memory that is not there would reach the new one. On other bytes it throws
 * one of its errors or gives a module that means nothing.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_UNSUPPORTED` for what cannot be bounded in the host's thread, `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_INVALID`, `ERR_COMPONENT_LIMIT`
 */
export function rewriteModule(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  share: Pick<GrowthShare, 'tableElements'>,
  kind: InterruptionKind,
): Uint8Array<ArrayBuffer> | undefined {
  const { keepsExceptions, memories, sharedAt } = info
  if (sharedAt !== undefined) throw unsupported(sharedAt, 'threads')
  // A thread that can be ended has a heap of its own, which is bounded.
  if (keepsExceptions !== undefined && kind !== 'termination')
    throw unsupported(
      keepsExceptions,
      'exceptions that are kept, or carry more than 16 values, where they cannot be bounded',
    )
  if (info.imports.some(({ module }) => module === REWRITER_NAMESPACE))
    throw invalid(
      info.start,
      `a core module imports from ${REWRITER_NAMESPACE}, which is the engine's own`,
    )

  const importedMemories = info.imports.filter(({ type }) => type.kind === 'memory').length
  const section = info.sections.find(({ id }) => id === 10)
  const code =
    section &&
    insertChecks(bytes, readCode(bytes, section.body, section.end, info), {
      importedFuncs: info.imports.filter(({ type }) => type.kind === 'func').length,
      params: info.params,
      kind,
      memory: importedMemories + info.memories.length,
    })
  if (code === undefined && kind === 'termination' && !memories.some(isWiped)) return undefined

  const addedFuncs = code?.addedFuncs ?? 0
  const edits: Edit[] = [...tableEdits(info, share)]
  const imports = memoryImports(info, kind)
  let imported = false
  for (const { id, header, body, end } of info.sections) {
    if (id === 2) {
      edits.push({ from: [header, end], to: extendSection(bytes, [id, body, end], imports) })
      imported = true
    } else if (!imported && id > 2) {
      edits.push({ from: [header, header], to: encodeSection(2, imports) })
      imported = true
    }
    if (id === 5) edits.push({ from: [header, end], to: new Uint8Array() })
    else if (id === 10 && code !== undefined) {
      const { contents } = code
      edits.push({
        from: [header, end],
        to: concatBytes([Uint8Array.of(10), writeU32(contents.length), contents]),
      })
    } else if (id === 1 && addedFuncs > 0) {
      edits.push({ from: [header, end], to: extendSection(bytes, [id, body, end], [PIECES_TYPE]) })
    } else if (id === 3 && addedFuncs > 0) {
      const type = writeU32(info.types.length)
      edits.push({
        from: [header, end],
        to: extendSection(bytes, [id, body, end], Array<Uint8Array>(addedFuncs).fill(type)),
      })
    } else if (id === 0 && new Reader(bytes, body, end).name() !== 'name') {
      // Hints and debugging information point into code by its offsets, which are others now.
      edits.push({ from: [header, end], to: new Uint8Array() })
    }
  }
  if (!imported) edits.push({ from: [info.end, info.end], to: encodeSection(2, imports) })
  return applyEdits(bytes, info, edits)
}

function isWiped({ min }: { readonly min: number }): boolean {
  return min <= MAX_WIPED_PAGES
}

/** Import entries for the memories that the module defines, and then for the one with the flag or fuel. */
function memoryImports({ memories }: CoreModuleInfo, kind: InterruptionKind): Uint8Array[] {
  const entry = (name: string, limits: Uint8Array): Uint8Array =>
    concatBytes([encodeName(REWRITER_NAMESPACE), encodeName(name), Uint8Array.of(2), limits])
  return [
    ...memories.map(({ min }, index) => entry(String(index), encodeLimits(min, undefined))),
    // One page, which never grows.
    entry(INTERRUPTION_MEMORY, Uint8Array.of(kind === 'fuel' ? 1 : 3, 1, 1)),
  ]
}

/** `(func (param i32 i32 i32))` */
const PIECES_TYPE = Uint8Array.of(0x60, 3, 0x7f, 0x7f, 0x7f, 0)

/** A section of a vector with more entries behind its own. */
function extendSection(
  bytes: Uint8Array,
  [id, body, end]: readonly [id: number, body: number, end: number],
  entries: readonly Uint8Array[],
): Uint8Array {
  const reader = new Reader(bytes, body, end)
  const count = reader.u32()
  const contents = concatBytes([
    writeU32(count + entries.length),
    bytes.subarray(reader.at, end),
    ...entries,
  ])
  return concatBytes([Uint8Array.of(id), writeU32(contents.length), contents])
}

function encodeName(name: string): Uint8Array {
  const bytes = encodeUtf8(name)
  return concatBytes([writeU32(bytes.length), bytes])
}
