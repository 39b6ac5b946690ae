import { Reader } from '../binary/reader.ts'
import type { CoreExternAst, CoreFuncTypeAst } from '../binary/ast.ts'
import { overLimit } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import type { ModuleTypes } from './type-census.ts'
import {
  MAX_CORE_TYPES,
  readCoreExtern,
  readCoreLimits,
  readCoreRecType,
  readCoreRefType,
  readCoreValType,
} from './val-type.ts'

/** The type of an import or export of a core module, function types written out. */
export type CoreExtern =
  | { readonly kind: 'func'; readonly type: CoreFuncTypeAst }
  | { readonly kind: 'tag'; readonly type: CoreFuncTypeAst }
  | {
      readonly kind: 'table'
      readonly element: string
      readonly min: number
      readonly max: number | undefined
    }
  | {
      readonly kind: 'memory'
      readonly min: number
      readonly max: number | undefined
      readonly shared: boolean
    }
  | { readonly kind: 'global'; readonly type: string; readonly mutable: boolean }

export interface CoreImport {
  readonly module: string
  readonly name: string
  readonly type: CoreExtern
}

/** What a component needs to know of a module: what it imports and exports. */
export interface CoreModuleType {
  readonly imports: readonly CoreImport[]
  readonly exports: ReadonlyMap<string, CoreExtern>
}

/** Limits of a memory or table that a module defines. */
export interface DefinedLimits {
  readonly min: number
  readonly max: number | undefined
}

/** A section: where its header begins, its contents, and its end. */
export interface CoreSection {
  readonly id: number
  readonly header: number
  readonly body: number
  readonly end: number
}

/** A core module as far as it is read here; its code is V8's to validate. */
export interface CoreModuleInfo extends CoreModuleType, ModuleTypes {
  readonly start: number
  readonly end: number
  readonly memories: readonly DefinedLimits[]
  readonly tables: readonly (DefinedLimits & {
    readonly element: string
    readonly init: Uint8Array | undefined
  })[]
  /** How many globals it defines. */
  readonly definedGlobals: number
  /** In the order of the file. */
  readonly sections: readonly CoreSection[]
  /** The types of its functions, imported ones first. */
  readonly funcs: readonly CoreFuncTypeAst[]
  /** How many parameters each function that it defines has. */
  readonly params: readonly number[]
  /** Where a table, global or tag of it first says that it keeps exceptions, which lie on the heap of the host. */
  readonly keepsExceptions: number | undefined
  /** Where a memory of it first says that threads share it. */
  readonly sharedAt: number | undefined
  /** Functions, imports, exports, tags and segments: what each instance has to hold. */
  readonly items: number
  /** Where the memory and table sections lie, header included, for {@link capModule}. */
  readonly memorySection: readonly [start: number, end: number] | undefined
  readonly tableSection: readonly [start: number, end: number] | undefined
}

// An exception on the stack is a few hundred bytes then, and the stack is bounded.
const MAX_EXCEPTION_VALUES = 16

// As they have to follow each other; custom sections lie anywhere.
const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

/**
 * Reads the types, imports, exports, memories and tables of the core module in `bytes` from `start` to `end`.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_UNSUPPORTED`
 */
export function readCoreModule(
  bytes: Uint8Array,
  start: number,
  end: number,
  budget: WorkBudget,
): CoreModuleInfo {
  const types: CoreFuncTypeAst[] = []
  let plainTypes = true
  const funcs: CoreFuncTypeAst[] = []
  const tables: Extract<CoreExtern, { kind: 'table' }>[] = []
  const memories: Extract<CoreExtern, { kind: 'memory' }>[] = []
  const globals: Extract<CoreExtern, { kind: 'global' }>[] = []
  const tags: CoreFuncTypeAst[] = []
  const imports: CoreImport[] = []
  const exports = new Map<string, CoreExtern>()
  const definedMemories: DefinedLimits[] = []
  const definedTables: {
    min: number
    max: number | undefined
    element: string
    init: Uint8Array | undefined
  }[] = []
  let definedGlobals = 0
  let segments = 0
  const sections: CoreSection[] = []
  const params: number[] = []
  let keepsExceptions: number | undefined
  const noteExceptions = (at: number, types: readonly string[]): void => {
    if (types.some((type) => /exn/.test(type)) || types.length > MAX_EXCEPTION_VALUES)
      keepsExceptions ??= at
  }
  let memorySection: readonly [number, number] | undefined
  let tableSection: readonly [number, number] | undefined
  let sharedAt: number | undefined
  let rank = -1
  const noteShared = (at: number, memory: { shared: boolean }): void => {
    if (memory.shared) sharedAt ??= at
  }
  const whole = new Reader(bytes, start + 8, end)
  const typeAt = (reader: Reader, index: number): CoreFuncTypeAst =>
    types[index] ?? reader.fail('a core type index is out of bounds')
  const resolve = (reader: Reader, raw: CoreExternAst): CoreExtern =>
    raw.kind === 'func' || raw.kind === 'tag'
      ? { kind: raw.kind, type: typeAt(reader, raw.type) }
      : raw

  while (!whole.done) {
    const header = whole.at
    const id = whole.byte()
    const size = whole.u32()
    if (size > whole.end - whole.at)
      whole.fail('a section of a core module runs past its end', header)
    const reader = new Reader(bytes, whole.at, whole.at + size)
    whole.at += size
    if (id !== 0) {
      const place = SECTION_ORDER.indexOf(id)
      if (place < 0) reader.fail('unknown section of a core module', header)
      if (place <= rank) reader.fail('section of a core module out of order', header)
      rank = place
    }
    sections.push({ id, header, body: reader.at, end: reader.end })
    checkCount(id, reader, budget)
    switch (id) {
      case 1:
        reader.vec(() => {
          const isPlain = reader.peek() === 0x60
          for (const type of readCoreRecType(reader)) {
            types.push(type)
            plainTypes &&= isPlain && !refersByIndex(type)
          }
          if (types.length > MAX_CORE_TYPES)
            throw overLimit('types of a core module', MAX_CORE_TYPES)
        })
        break
      case 2:
        reader.vec(() => {
          const module = reader.name()
          const name = reader.name()
          const { at } = reader
          const type = resolve(reader, readCoreExtern(reader, true))
          if (type.kind === 'memory') noteShared(at, type)
          imports.push({ module, name, type })
          if (type.kind === 'tag') noteExceptions(at, type.type.params)
          else if (type.kind === 'table') noteExceptions(at, [type.element])
          else if (type.kind === 'global') noteExceptions(at, [type.type])
          if (type.kind === 'func') funcs.push(type.type)
          else if (type.kind === 'tag') tags.push(type.type)
          else if (type.kind === 'table') tables.push(type)
          else if (type.kind === 'memory') memories.push(type)
          else globals.push(type)
        })
        break
      case 3:
        reader.vec(() => {
          const type = typeAt(reader, reader.u32())
          funcs.push(type)
          params.push(type.params.length)
        })
        break
      case 4:
        tableSection = [header, reader.end]
        reader.vec(() => {
          let hasInit = false
          if (reader.peek() === 0x40) {
            reader.byte()
            if (reader.byte() !== 0) reader.fail('unknown form of table')
            hasInit = true
          }
          const { at } = reader
          const element = readCoreRefType(reader)
          noteExceptions(at, [element])
          const { min, max } = readCoreLimits(reader)
          const initStart = reader.at
          if (hasInit) skipConstant(reader)
          const init = hasInit ? bytes.subarray(initStart, reader.at) : undefined
          tables.push({ kind: 'table', element, min, max })
          definedTables.push({ element, min, max, init })
        })
        break
      case 5:
        memorySection = [header, reader.end]
        reader.vec(() => {
          const { at } = reader
          const memory = { kind: 'memory' as const, ...readCoreLimits(reader, true) }
          noteShared(at, memory)
          memories.push(memory)
          definedMemories.push(memory)
        })
        break
      case 6:
        reader.vec(() => {
          const { at } = reader
          const type = readCoreValType(reader)
          noteExceptions(at, [type])
          const mutable = reader.byte()
          if (mutable > 1) reader.fail('a global is mutable (1) or not (0)')
          globals.push({ kind: 'global', type, mutable: mutable === 1 })
          definedGlobals++
          skipConstant(reader)
        })
        break
      case 7:
        reader.vec(() => {
          const name = reader.name()
          const at = reader.at
          const kind = reader.byte()
          const index = reader.u32()
          if (exports.has(name)) reader.fail('a core module exports a name twice', at)
          const func = kind === 0 ? funcs[index] : kind === 4 ? tags[index] : undefined
          const item: CoreExtern | undefined =
            func !== undefined
              ? { kind: kind === 0 ? 'func' : 'tag', type: func }
              : kind === 1
                ? tables[index]
                : kind === 2
                  ? memories[index]
                  : kind === 3
                    ? globals[index]
                    : undefined
          exports.set(name, item ?? reader.fail('a core export names nothing', at))
        })
        break
      case 9:
        // Each element takes a byte and more, and is held by every instance.
        segments += size
        reader.at = reader.end
        break
      case 11:
        segments += reader.u32()
        reader.at = reader.end
        break
      case 13:
        reader.vec(() => {
          if (reader.byte() !== 0) reader.fail('unknown tag attribute')
          const { at } = reader
          const type = typeAt(reader, reader.u32())
          noteExceptions(at, type.params)
          tags.push(type)
        })
        break
      default:
        reader.at = reader.end
    }
    if (!reader.done) reader.fail('a section of a core module has bytes left over')
  }
  return {
    start,
    end,
    types,
    plainTypes,
    imports,
    exports,
    memories: definedMemories,
    tables: definedTables,
    definedGlobals,
    items: funcs.length + imports.length + exports.size + tags.length + segments,
    sections,
    funcs,
    params,
    keepsExceptions,
    sharedAt,
    memorySection,
    tableSection,
  }
}

/** How many items each section may have: not more than V8 takes, and looked at before they are read, which costs fifty times their bytes. */
const MAX_ITEMS: Readonly<Record<number, readonly [what: string, maximum: number]>> = {
  1: ['types', MAX_CORE_TYPES],
  2: ['imports', 100_000],
  3: ['functions', 1_000_000],
  4: ['tables', 10_000],
  5: ['memories', 10_000],
  6: ['globals', 1_000_000],
  7: ['exports', 1_000_000],
  13: ['tags', 10_000],
}

function checkCount(id: number, reader: Reader, budget: WorkBudget): void {
  const [what, maximum] = MAX_ITEMS[id] ?? []
  if (what === undefined || maximum === undefined) return
  const { at } = reader
  const count = reader.u32()
  if (count > maximum) throw overLimit(`${what} of a core module`, maximum)
  budget.holdCoreItems(count)
  reader.at = at
}

function refersByIndex({ params, results }: CoreFuncTypeAst): boolean {
  return [...params, ...results].some((type) => /^\(ref .*\d+\)$/.test(type))
}

/** Skips a constant expression with its `end`. */
function skipConstant(reader: Reader): void {
  for (;;) {
    const at = reader.at
    const opcode = reader.byte()
    switch (opcode) {
      case 0x0b:
        return
      case 0x41:
      case 0x23:
      case 0xd2:
        reader.skipLeb(5)
        break
      case 0x42:
        reader.skipLeb(10)
        break
      case 0x43:
        reader.take(4)
        break
      case 0x44:
        reader.take(8)
        break
      case 0xd0:
        reader.s33()
        break
      case 0x6a:
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break
      case 0xfb:
        reader.refuse('gc', at)
        break
      case 0xfd:
        if (reader.u32() !== 12) reader.fail('unknown constant instruction', at)
        reader.take(16)
        break
      default:
        reader.fail('unknown constant instruction', at)
    }
  }
}
