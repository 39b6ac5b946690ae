import { ValueCosts } from '../abi/cost.ts'
import { firstNames } from '../abi/trap.ts'
import { type EngineLimits, toLimits } from '../limits.ts'
import { toCamelCase } from '../names/extern-name.ts'
import type { ValueType } from '../types/describe.ts'
import { ByteReader, ByteWriter } from './bytes.ts'

/** How values of fixed types become bytes and come back. */
export interface Codec {
  /** @throws TypeError when a value is not of its type */
  encode(values: readonly unknown[]): Uint8Array<ArrayBuffer>
  /**
   * @throws {@link EngineError} `ERR_COMPONENT_VALUE_MALFORMED` unless `bytes` is exactly one encoding of the types, `ERR_COMPONENT_LIMIT` when the
   * values would take more than {@link CodecOptions.maxCallBytes}
   */
  decode(bytes: Uint8Array): unknown[]
}

/** Options of {@link createCodec}: what the values of one `decode` may take on the host's side, as a call of a guest may hand over. */
export type CodecOptions = Partial<Pick<EngineLimits, 'maxCallBytes'>>

interface Part {
  readonly write: (to: ByteWriter, value: unknown) => void
  readonly read: (from: ByteReader) => unknown
  /** The fewest bytes a value takes: a list cannot be longer than what is left divided by it. */
  readonly least: number
}

/** Types deeper than this are refused: the other side may be a stranger. */
const MAX_DEPTH = 100

/**
 * A compact binary encoding of component values, for every port between a host and its workers.
 *
 * Values look as they do in calls (see {@link Component}). Decoding is bounded: no list is longer than its bytes, what they become is counted before it is
 * made, every byte is used, and each value has one encoding. Handles do not travel.
 *
 * @throws TypeError for types that cannot be encoded
 */
export function createCodec(types: readonly ValueType[], options: CodecOptions = {}): Codec {
  const { maxCallBytes } = toLimits(options)
  const costs = new ValueCosts()
  const parts = types.map((type) => makePart(type, costs, 0))
  return {
    encode(values) {
      if (values.length > parts.length)
        throw new TypeError(`Expected ${parts.length} values, found ${values.length}`)
      const to = new ByteWriter()
      for (let i = 0; i < parts.length; i++) (parts[i] as Part).write(to, values[i])
      return to.finish()
    },
    decode(bytes) {
      const from = new ByteReader(bytes, maxCallBytes)
      const values: unknown[] = []
      for (const part of parts) values.push(part.read(from))
      from.end()
      return values
    },
  }
}

function wrong(expected: string, value: unknown): TypeError {
  return new TypeError(`Expected ${expected}, found ${value === null ? 'null' : typeof value}`)
}

function int(
  name: string,
  min: number,
  max: number,
  width: number,
  put: (view: DataView, at: number, value: number) => void,
  get: (view: DataView, at: number) => number,
): Part {
  return {
    least: width,
    write: (to, value) => {
      if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max)
        throw wrong(name, value)
      put(to.view(width), to.at - width, value)
    },
    read: (from) => get(from.view, from.skip(width)),
  }
}

const SIMPLE: Readonly<Record<string, Part>> = {
  bool: {
    least: 1,
    write: (to, value) => {
      if (typeof value !== 'boolean') throw wrong('a boolean', value)
      to.byte(value ? 1 : 0)
    },
    read: (from) => {
      const byte = from.byte()
      if (byte > 1) throw from.fail('a boolean is 0 or 1')
      return byte === 1
    },
  },
  u8: int(
    'u8',
    0,
    0xff,
    1,
    (v, at, n) => v.setUint8(at, n),
    (v, at) => v.getUint8(at),
  ),
  s8: int(
    's8',
    -0x80,
    0x7f,
    1,
    (v, at, n) => v.setInt8(at, n),
    (v, at) => v.getInt8(at),
  ),
  u16: int(
    'u16',
    0,
    0xffff,
    2,
    (v, at, n) => v.setUint16(at, n, true),
    (v, at) => v.getUint16(at, true),
  ),
  s16: int(
    's16',
    -0x8000,
    0x7fff,
    2,
    (v, at, n) => v.setInt16(at, n, true),
    (v, at) => v.getInt16(at, true),
  ),
  u32: int(
    'u32',
    0,
    0xffff_ffff,
    4,
    (v, at, n) => v.setUint32(at, n, true),
    (v, at) => v.getUint32(at, true),
  ),
  s32: int(
    's32',
    -0x8000_0000,
    0x7fff_ffff,
    4,
    (v, at, n) => v.setInt32(at, n, true),
    (v, at) => v.getInt32(at, true),
  ),
  u64: big('u64', 0n, 0xffff_ffff_ffff_ffffn),
  s64: big('s64', -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn),
  f32: float(4),
  f64: float(8),
  char: {
    least: 1,
    write: (to, value) => {
      const code = typeof value === 'string' ? value.codePointAt(0) : undefined
      if (
        code === undefined ||
        (value as string).length !== (code > 0xffff ? 2 : 1) ||
        isSurrogate(code)
      )
        throw wrong('one character', value)
      to.u32(code)
    },
    read: (from) => {
      const code = from.u32()
      if (code > 0x10_ffff || isSurrogate(code)) throw from.fail('no Unicode scalar value')
      return String.fromCodePoint(code)
    },
  },
  string: {
    least: 1,
    write: (to, value) => {
      if (typeof value !== 'string') throw wrong('a string', value)
      to.string(value)
    },
    read: (from) => from.string(),
  },
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}

function big(name: string, min: bigint, max: bigint): Part {
  return {
    least: 8,
    write: (to, value) => {
      if (typeof value !== 'bigint' || value < min || value > max) throw wrong(name, value)
      to.view(8).setBigUint64(to.at - 8, BigInt.asUintN(64, value), true)
    },
    read: (from) => {
      const at = from.skip(8)
      return min < 0n ? from.view.getBigInt64(at, true) : from.view.getBigUint64(at, true)
    },
  }
}

function float(width: 4 | 8): Part {
  return {
    least: width,
    write: (to, value) => {
      if (typeof value !== 'number') throw wrong('a number', value)
      const view = to.view(width)
      // V8 keeps the payload of a NaN, and there is one encoding of each value.
      const one = Number.isNaN(value) ? Number.NaN : value
      if (width === 4) view.setFloat32(to.at - 4, one, true)
      else view.setFloat64(to.at - 8, one, true)
    },
    read: (from) => {
      const at = from.skip(width)
      return width === 4 ? from.view.getFloat32(at, true) : from.view.getFloat64(at, true)
    },
  }
}

function makePart(type: ValueType, costs: ValueCosts, depth: number): Part {
  if (depth > MAX_DEPTH) throw new TypeError('A type is nested too deeply to be encoded')
  const inner = (one: ValueType): Part => makePart(one, costs, depth + 1)
  switch (type.kind) {
    case 'list':
      return type.length === undefined
        ? listPart(type.element, inner(type.element), costs.element(type.element))
        : fixedListPart(type.element, inner(type.element), type.length, costs.of(type))
    case 'tuple':
      return tuplePart(type.types.map(inner))
    case 'record':
      return recordPart(
        type.fields.map((field) => [toCamelCase(field.name), inner(field.type)] as const),
      )
    case 'flags':
      return flagsPart(type.names.map(toCamelCase))
    case 'enum':
      return enumPart(type.names)
    case 'option':
      return optionPart(inner(type.type), type.type.kind === 'option')
    case 'result':
      return casesPart(
        [
          ['ok', type.ok && inner(type.ok)],
          ['err', type.error && inner(type.error)],
        ],
        true,
      )
    case 'variant':
      return casesPart(
        type.cases.map((one) => [one.name, one.type && inner(one.type)]),
        false,
      )
    case 'map':
      return mapPart(inner(type.key), inner(type.value), costs.entry(type.key, type.value))
    case 'own':
    case 'borrow':
    case 'unsupported':
      throw new TypeError(`A value of type ${type.kind} cannot be encoded`)
    default:
      return SIMPLE[type.kind] as Part
  }
}

function listPart(type: ValueType, element: Part, cost: number): Part {
  if (type.kind === 'u8') {
    return {
      least: 1,
      write: (to, value) => {
        if (!(value instanceof Uint8Array)) throw wrong('a Uint8Array', value)
        to.u32(value.length)
        to.bytes(value)
      },
      read: (from) => {
        const bytes = from.bytes(from.u32())
        from.charge(bytes.length)
        return bytes.slice()
      },
    }
  }
  return {
    least: 1,
    write: (to, value) => {
      if (!Array.isArray(value)) throw wrong('an array', value)
      to.u32(value.length)
      for (const one of value) element.write(to, one)
    },
    read: (from) => {
      const length = from.count(element.least)
      from.charge(length * cost)
      const values: unknown[] = []
      for (let i = 0; i < length; i++) values.push(element.read(from))
      return values
    },
  }
}

function fixedListPart(type: ValueType, element: Part, length: number, cost: number): Part {
  if (type.kind === 'u8') {
    return {
      least: length,
      write: (to, value) => {
        if (!(value instanceof Uint8Array) || value.length !== length)
          throw wrong(`a Uint8Array of ${length}`, value)
        to.bytes(value)
      },
      read: (from) => {
        from.charge(cost)
        return from.bytes(length).slice()
      },
    }
  }
  return {
    least: element.least * length,
    write: (to, value) => {
      if (!Array.isArray(value) || value.length !== length)
        throw wrong(`an array of ${length}`, value)
      for (const one of value) element.write(to, one)
    },
    read: (from) => {
      from.charge(cost)
      const values: unknown[] = []
      for (let i = 0; i < length; i++) values.push(element.read(from))
      return values
    },
  }
}

function tuplePart(parts: readonly Part[]): Part {
  return {
    least: parts.reduce((sum, part) => sum + part.least, 0),
    write: (to, value) => {
      if (!Array.isArray(value) || value.length !== parts.length)
        throw wrong(`an array of ${parts.length}`, value)
      for (let i = 0; i < parts.length; i++) (parts[i] as Part).write(to, value[i])
    },
    read: (from) => parts.map((part) => part.read(from)),
  }
}

// What every object inherits (`constructor`, `toString`) is no field.
function ownField(value: object, key: string): unknown {
  return key in Object.prototype && !Object.hasOwn(value, key)
    ? undefined
    : (value as Record<string, unknown>)[key]
}

function recordPart(fields: readonly (readonly [key: string, part: Part])[]): Part {
  return {
    least: fields.reduce((sum, [, part]) => sum + part.least, 0),
    write: (to, value) => {
      if (typeof value !== 'object' || value === null) throw wrong('a record', value)
      for (const [key, part] of fields) part.write(to, ownField(value, key))
    },
    read: (from) => {
      const record: Record<string, unknown> = {}
      for (const [key, part] of fields) record[key] = part.read(from)
      return record
    },
  }
}

function flagsPart(keys: readonly string[]): Part {
  const spare = keys.length === 32 ? 0 : (0xffff_ffff << keys.length) >>> 0
  return {
    least: 4,
    write: (to, value) => {
      if (typeof value !== 'object' || value === null) throw wrong('an object of flags', value)
      let bits = 0
      keys.forEach((key, index) => {
        const flag = ownField(value, key)
        if (flag !== undefined && typeof flag !== 'boolean') throw wrong('a boolean flag', flag)
        if (flag === true) bits |= 1 << index
      })
      to.view(4).setUint32(to.at - 4, bits >>> 0, true)
    },
    read: (from) => {
      const at = from.skip(4)
      const bits = from.view.getUint32(at, true)
      if ((bits & spare) !== 0) throw from.fail('flags that the type does not have')
      const flags: Record<string, boolean> = {}
      keys.forEach((key, index) => {
        flags[key] = ((bits >>> index) & 1) === 1
      })
      return flags
    },
  }
}

function enumPart(names: readonly string[]): Part {
  const indices = new Map(names.map((name, index) => [name, index]))
  return {
    least: 1,
    write: (to, value) => {
      const index = typeof value === 'string' ? indices.get(value) : undefined
      if (index === undefined) throw wrong(`one of ${firstNames(names)}`, value)
      to.u32(index)
    },
    read: (from) =>
      names[from.u32()] ?? thrown(from.fail('an enum case that the type does not have')),
  }
}

function thrown(error: Error): never {
  throw error
}

function optionPart(part: Part, nested: boolean): Part {
  return {
    least: 1,
    write: (to, value) => {
      let some = value
      let present = value !== undefined && value !== null
      if (nested) {
        if (typeof value !== 'object' || value === null || !('tag' in value))
          throw wrong('an object with a tag', value)
        present = value.tag === 'some'
        if (!present && value.tag !== 'none') throw wrong("'some' or 'none'", value.tag)
        some = 'val' in value ? value.val : undefined
      }
      to.byte(present ? 1 : 0)
      if (present) part.write(to, some)
    },
    read: (from) => {
      const byte = from.byte()
      if (byte > 1) throw from.fail('an option is 0 or 1')
      if (byte === 0) return nested ? { tag: 'none' } : undefined
      const val = part.read(from)
      return nested ? { tag: 'some', val } : val
    },
  }
}

/** `withVal`: a case without a payload still has the property `val`, as the results of calls do. */
function casesPart(
  cases: readonly (readonly [tag: string, part: Part | null])[],
  withVal: boolean,
): Part {
  const indices = new Map(cases.map(([tag], index) => [tag, index]))
  return {
    least: 1,
    write: (to, value) => {
      if (typeof value !== 'object' || value === null || !('tag' in value))
        throw wrong('an object with a tag', value)
      const index = typeof value.tag === 'string' ? indices.get(value.tag) : undefined
      if (index === undefined) throw wrong(`a tag of ${firstNames([...indices.keys()])}`, value.tag)
      to.u32(index)
      cases[index]?.[1]?.write(to, 'val' in value ? value.val : undefined)
    },
    read: (from) => {
      const [tag, part] =
        cases[from.u32()] ?? thrown(from.fail('a case that the type does not have'))
      if (part === null) return withVal ? { tag, val: undefined } : { tag }
      return { tag, val: part.read(from) }
    },
  }
}

/** Its length, then keys and values in turn. Pairs are taken too, as calls take them: of equal keys the last counts. */
function mapPart(key: Part, value: Part, cost: number): Part {
  return {
    least: 1,
    write: (to, given) => {
      if (!(given instanceof Map) && !Array.isArray(given))
        throw wrong('a Map or an array of pairs', given)
      const map = given instanceof Map ? given : new Map(given as [unknown, unknown][])
      to.u32(map.size)
      for (const [at, one] of map as Map<unknown, unknown>) {
        key.write(to, at)
        value.write(to, one)
      }
    },
    read: (from) => {
      const length = from.count(key.least + value.least)
      from.charge(length * cost)
      const map = new Map<unknown, unknown>()
      for (let i = 0; i < length; i++) {
        const at = key.read(from)
        if (map.has(at)) throw from.fail('a map has a key twice')
        map.set(at, value.read(from))
      }
      return map
    },
  }
}
