import type { CoreFuncTypeAst } from '../binary/ast.ts'
import { Reader } from '../binary/reader.ts'
import type { CoreModuleInfo } from './module-info.ts'

// A core that imports functions which need its memory cannot be instantiated before them, nor they before its memory. Toolchains break the circle with two
// modules: one of trampolines, that call through a table which is still empty, and one that fills the table when everything is there. What is recognised
// here is exactly that, byte for byte, so that nothing is left which such a module could do besides.

/** A function that does nothing but call what is in one place of its module's own table, with its own type and its own parameters. The place may not exist. */
export interface Trampoline {
  readonly slot: number
  readonly type: CoreFuncTypeAst
}

/** What a module of trampolines exports: the functions, and its table's name and size. */
export interface Trampolines {
  readonly table: string
  readonly size: number
  readonly functions: ReadonlyMap<string, Trampoline>
}

/** Writes imported functions into the beginning of an imported table, and may call one when that is done. All are indices of imports: of the table, and of functions. */
export interface Filler {
  readonly table: number
  readonly slots: readonly number[]
  readonly start: number | undefined
}

const TRAMPOLINE_SECTIONS = new Set([0, 1, 3, 4, 7, 10])
const FILLER_SECTIONS = new Set([0, 1, 2, 8, 9])

/** The exports of a *valid* module that is nothing but a table, which it exports, and trampolines through it; `undefined` when it is more. */
export function readTrampolines(bytes: Uint8Array, info: CoreModuleInfo): Trampolines | undefined {
  const [table] = info.tables
  // The initial value of a table would be in its slots before any filler.
  if (table === undefined || info.tables.length > 1 || table.init !== undefined) return undefined
  if (table.element !== 'funcref' || !hasOnly(info, TRAMPOLINE_SECTIONS)) return undefined
  const slots = readSlots(bytes, info)
  if (slots === undefined) return undefined
  const functions = new Map<string, Trampoline>()
  let tableName: string | undefined
  for (const [name, kind, index] of readExports(bytes, info)) {
    const type = info.exports.get(name)
    if (type?.kind === 'func' && kind === 0)
      functions.set(name, { slot: slots[index] as number, type: type.type })
    else if (type?.kind === 'table' && tableName === undefined) tableName = name
    else return undefined
  }
  return tableName === undefined ? undefined : { table: tableName, size: table.min, functions }
}

/** What a *valid* module fills that does nothing else; `undefined` when it does. */
export function readFiller(bytes: Uint8Array, info: CoreModuleInfo): Filler | undefined {
  if (!hasOnly(info, FILLER_SECTIONS)) return undefined
  const funcs: number[] = []
  let table: number | undefined
  for (const [index, { type }] of info.imports.entries()) {
    if (type.kind === 'func') funcs.push(index)
    else if (type.kind === 'table' && table === undefined) table = index
    else return undefined
  }
  const reader = sectionOf(bytes, info, 9)
  if (table === undefined || reader === undefined || reader.u32() !== 1) return undefined
  // An active segment of table 0 in one of its two spellings, at `i32.const 0`, of functions by their indices.
  const flags = reader.u32()
  if (flags === 2 ? reader.u32() !== 0 : flags !== 0) return undefined
  if (!skips(reader, [0x41, 0, 0x0b]) || (flags === 2 && !skips(reader, [0]))) return undefined
  const slots = reader.vec(() => funcs[reader.u32()] as number)
  // It has no function of its own, so this is an import too.
  const start = sectionOf(bytes, info, 8)
  return { table, slots, start: start && funcs[start.u32()] }
}

/** The slot that each function calls, or `undefined` when one of them does anything else. */
function readSlots(bytes: Uint8Array, info: CoreModuleInfo): readonly number[] | undefined {
  const declared = sectionOf(bytes, info, 3)
  const code = sectionOf(bytes, info, 10)
  if (declared === undefined || code === undefined) return undefined
  const types = declared.vec(() => declared.u32())
  const slots: number[] = []
  for (let left = code.u32(); left > 0; left--) {
    const type = types[slots.length] as number
    code.u32()
    const params = info.types[type]?.params.length ?? 0
    if (!skips(code, [0])) return undefined
    for (let param = 0; param < params; param++)
      if (!skips(code, [0x20]) || code.u32() !== param) return undefined
    if (!skips(code, [0x41])) return undefined
    const slot = code.s33()
    if (!skips(code, [0x11]) || code.u32() !== type || !skips(code, [0, 0x0b])) return undefined
    slots.push(slot)
  }
  return slots
}

function readExports(
  bytes: Uint8Array,
  info: CoreModuleInfo,
): (readonly [name: string, kind: number, index: number])[] {
  const reader = sectionOf(bytes, info, 7)
  return reader?.vec(() => [reader.name(), reader.byte(), reader.u32()] as const) ?? []
}

function hasOnly(info: CoreModuleInfo, allowed: ReadonlySet<number>): boolean {
  // Types in groups or with supertypes are not equal only because they are spelled the same.
  return info.plainTypes && info.sections.every(({ id }) => allowed.has(id))
}

function sectionOf(bytes: Uint8Array, info: CoreModuleInfo, wanted: number): Reader | undefined {
  const section = info.sections.find(({ id }) => id === wanted)
  return section && new Reader(bytes, section.body, section.end)
}

/** Whether the next bytes are `expected`; reads over them. */
function skips(reader: Reader, expected: readonly number[]): boolean {
  return expected.every((byte) => reader.byte() === byte)
}
