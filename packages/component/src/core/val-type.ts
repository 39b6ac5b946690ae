import { overLimit } from '../errors.ts'
import type { Reader } from '../binary/reader.ts'
import type { CoreExternAst, CoreFuncTypeAst } from '../binary/ast.ts'

const NUMBERS: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
}
const REFERENCES: Readonly<Record<number, string>> = {
  0x70: 'funcref',
  0x6f: 'externref',
  0x69: 'exnref',
  0x74: 'nullexnref',
  0x73: 'nullfuncref',
  0x72: 'nullexternref',
}
const GC_REFERENCES = new Set([0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x71])
const HEAPS: Readonly<Record<string, string>> = { '-16': 'func', '-17': 'extern', '-23': 'exn' }

/** A core value type, spelled so that equal types are equal strings. */
export function readCoreValType(reader: Reader): string {
  const start = reader.at
  const byte = reader.byte()
  return NUMBERS[byte] ?? referenceType(reader, byte, start)
}

/** A core reference type, spelled like {@link readCoreValType}. */
export function readCoreRefType(reader: Reader): string {
  const start = reader.at
  return referenceType(reader, reader.byte(), start)
}

function referenceType(reader: Reader, byte: number, start: number): string {
  const short = REFERENCES[byte]
  if (short !== undefined) return short
  if (GC_REFERENCES.has(byte)) return reader.refuse('gc', start)
  if (byte !== 0x63 && byte !== 0x64) return reader.fail('unknown core value type', start)
  const heap = reader.s33()
  const named = HEAPS[String(heap)] ?? (heap >= 0 ? String(heap) : reader.refuse('gc', start))
  if (byte === 0x63) {
    if (named === 'func') return 'funcref'
    if (named === 'extern') return 'externref'
    if (named === 'exn') return 'exnref'
  }
  return byte === 0x63 ? `(ref null ${named})` : `(ref ${named})`
}

/** How many function types a core module may define. Real ones have hundreds; V8 takes a million, and all of them stay. */
export const MAX_CORE_TYPES = 10_000
/** How many parameters or results V8 takes. */
const MAX_PARTS = 1_000

/** `0x60`, parameters, results; the opcode is already read. */
export function readCoreFuncType(reader: Reader): CoreFuncTypeAst {
  return {
    params: readBounded(reader, MAX_PARTS, 'parameters of a core function', readCoreValType),
    results: readBounded(reader, MAX_PARTS, 'results of a core function', readCoreValType),
  }
}

function readBounded<T>(
  reader: Reader,
  maximum: number,
  what: string,
  read: (reader: Reader) => T,
): T[] {
  const { at } = reader
  if (reader.u32() > maximum) throw overLimit(what, maximum)
  reader.at = at
  return reader.vec(() => read(reader))
}

/** One recursive type group, as the function types it defines. Structs and arrays are refused: their heap cannot be bounded. */
export function readCoreRecType(reader: Reader): CoreFuncTypeAst[] {
  const start = reader.at
  const opcode = reader.byte()
  if (opcode === 0x4e)
    return readBounded(reader, MAX_CORE_TYPES, 'types of a core module', (group) =>
      readSubType(group, group.at, group.byte()),
    )
  return [readSubType(reader, start, opcode)]
}

function readSubType(reader: Reader, start: number, opcode: number): CoreFuncTypeAst {
  let form = opcode
  if (form === 0x50 || form === 0x4f) {
    reader.vec(() => reader.u32())
    form = reader.byte()
  }
  if (form === 0x60) return readCoreFuncType(reader)
  if (form === 0x5f || form === 0x5e) return reader.refuse('gc', start)
  if (form === 0x65) return reader.refuse('shared-everything-threads', start)
  return reader.fail('unknown core type', start)
}

/** Limits of a memory or table. 64-bit and shared ones are refused by name. */
export function readCoreLimits(
  reader: Reader,
  allowShared = false,
): { min: number; max: number | undefined; shared: boolean } {
  const start = reader.at
  const flags = reader.byte()
  if (flags > 0x0f) reader.fail('unknown limits flags', start)
  if (flags & 8) reader.refuse('custom-page-sizes', start)
  if (flags & 4) reader.refuse('memory64', start)
  const shared = (flags & 2) !== 0
  if (shared && !allowShared) reader.refuse('threads', start)
  const min = reader.u32()
  return { min, max: flags & 1 ? reader.u32() : undefined, shared }
}

/** The type of an import of a core module. Whether shared memories may be told is the caller's to say; none can be run. */
export function readCoreExtern(reader: Reader, allowShared = false): CoreExternAst {
  const start = reader.at
  switch (reader.byte()) {
    case 0x00:
      return { kind: 'func', type: reader.u32() }
    case 0x01: {
      const element = readCoreRefType(reader)
      const { min, max } = readCoreLimits(reader)
      return { kind: 'table', element, min, max }
    }
    case 0x02:
      return { kind: 'memory', ...readCoreLimits(reader, allowShared) }
    case 0x03: {
      const type = readCoreValType(reader)
      const mutable = reader.byte()
      if (mutable > 1) reader.fail('a global is mutable (1) or not (0)')
      return { kind: 'global', type, mutable: mutable === 1 }
    }
    case 0x04:
      if (reader.byte() !== 0) reader.fail('unknown tag attribute')
      return { kind: 'tag', type: reader.u32() }
    default:
      return reader.fail('unknown core import kind', start)
  }
}
