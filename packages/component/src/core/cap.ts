import { concatBytes, writeU32 } from '@morphee/core'
import { signed } from './leb.ts'
import type { CoreModuleInfo, DefinedLimits } from './module-info.ts'

export const PAGE_BYTES = 65_536
const MAX_PAGES = 65_536
const MAX_TABLE = 0xffff_ffff

/** What the memories and tables of one instantiation may grow to. */
export interface GrowthShare {
  /** Pages each growable memory may have beyond its minimum. */
  readonly memoryPages: number
  /** Elements each growable table may have beyond its minimum. */
  readonly tableElements: number
}

/**
 * Shares `total` between memories or tables so that the sum of their maxima never exceeds it.
 *
 * What a small declared maximum leaves unused goes to the others. `undefined` when even the minima are too much.
 */
export function shareGrowth(
  all: readonly DefinedLimits[],
  total: number,
  ceiling: number,
): number | undefined {
  let left = total
  const wants: number[] = []
  for (const { min, max } of all) {
    left -= min
    wants.push(Math.max(0, Math.min(max ?? ceiling, ceiling) - min))
  }
  if (left < 0) return undefined
  wants.sort((a, b) => a - b)
  let share = 0
  for (const [index, want] of wants.entries()) {
    share = Math.floor(left / (wants.length - index))
    if (want > share) return share
    left -= want
  }
  return ceiling
}

export const shareMemory = (all: readonly DefinedLimits[], bytes: number): number | undefined =>
  shareGrowth(all, Math.floor(bytes / PAGE_BYTES), MAX_PAGES)
export const shareTables = (all: readonly DefinedLimits[], elements: number): number | undefined =>
  shareGrowth(all, elements, MAX_TABLE)

/**
 * The module with the maxima of its memories and tables lowered to what it may have, or the same bytes when they are low enough.
 *
 * Only the two sections are written anew; code is not touched.
 */
export function capModule(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  share: GrowthShare,
): Uint8Array<ArrayBuffer> {
  return applyEdits(bytes, info, [...tableEdits(info, share), ...memoryEdits(info, share)])
}

/** A replacement of bytes of the file. */
export interface Edit {
  readonly from: readonly [start: number, end: number]
  readonly to: Uint8Array
}

/** The module with `edits` made, which do not overlap. */
export function applyEdits(
  bytes: Uint8Array,
  { start, end }: CoreModuleInfo,
  edits: readonly Edit[],
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let at = start
  for (const { from, to } of edits.toSorted(
    (a, b) => a.from[0] - b.from[0] || a.from[1] - b.from[1],
  )) {
    parts.push(bytes.subarray(at, from[0]), to)
    at = from[1]
  }
  parts.push(bytes.subarray(at, end))
  return concatBytes(parts)
}

/** What lowers the maxima of the tables: nothing when they are low enough. */
export function tableEdits(
  info: CoreModuleInfo,
  { tableElements }: Pick<GrowthShare, 'tableElements'>,
): Edit[] {
  const maxima = info.tables.map((limits) => cap(limits, tableElements, MAX_TABLE))
  if (
    info.tableSection === undefined ||
    maxima.every((max, index) => max === info.tables[index]?.max)
  )
    return []
  const entries = info.tables.map(({ element, min, init }, index) => {
    const type = concatBytes([encodeRefType(element), encodeLimits(min, maxima[index])])
    return init === undefined ? type : concatBytes([Uint8Array.of(0x40, 0), type, init])
  })
  return [{ from: info.tableSection, to: encodeSection(4, entries) }]
}

/** What each memory of the module may grow to, in pages. */
export function memoryMaxima(
  { memories }: CoreModuleInfo,
  { memoryPages }: Pick<GrowthShare, 'memoryPages'>,
): (number | undefined)[] {
  return memories.map((limits) => cap(limits, memoryPages, MAX_PAGES))
}

function memoryEdits(info: CoreModuleInfo, share: GrowthShare): Edit[] {
  const maxima = memoryMaxima(info, share)
  if (
    info.memorySection === undefined ||
    maxima.every((max, index) => max === info.memories[index]?.max)
  )
    return []
  const entries = info.memories.map(({ min }, index) => encodeLimits(min, maxima[index]))
  return [{ from: info.memorySection, to: encodeSection(5, entries) }]
}

function cap({ min, max }: DefinedLimits, share: number, ceiling: number): number | undefined {
  const allowed = Math.min(min + share, ceiling)
  if (max !== undefined && max <= allowed) return max
  // A maximum below the minimum is V8's to refuse.
  return max !== undefined && max < min ? max : allowed
}

/** Limits of a memory or table that is neither shared nor 64-bit. */
export function encodeLimits(min: number, max: number | undefined): Uint8Array {
  return max === undefined
    ? concatBytes([Uint8Array.of(0), writeU32(min)])
    : concatBytes([Uint8Array.of(1), writeU32(min), writeU32(max)])
}

const SHORT: Readonly<Record<string, number>> = {
  funcref: 0x70,
  externref: 0x6f,
  exnref: 0x69,
  nullexnref: 0x74,
  nullfuncref: 0x73,
  nullexternref: 0x72,
}
const HEAPS: Readonly<Record<string, number>> = { func: 0x70, extern: 0x6f, exn: 0x69 }

function encodeRefType(type: string): Uint8Array {
  const short = SHORT[type]
  if (short !== undefined) return Uint8Array.of(short)
  const [, nullable, heap = ''] = /^\(ref (null )?(\w+)\)$/.exec(type) ?? []
  const lead = nullable === undefined ? 0x64 : 0x63
  const named = HEAPS[heap]
  return named === undefined
    ? concatBytes([Uint8Array.of(lead), Uint8Array.from(signed(Number(heap)))])
    : Uint8Array.of(lead, named)
}

/** A section of a vector. */
export function encodeSection(id: number, entries: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes([writeU32(entries.length), ...entries])
  return concatBytes([Uint8Array.of(id), writeU32(body.length), body])
}
