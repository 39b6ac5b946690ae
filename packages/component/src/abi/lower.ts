import type { StringEncoding } from '../binary/ast.ts'
import { toCamelCase } from '../names/extern-name.ts'
import {
  alignTo,
  casesOf,
  discriminantSize,
  flagsSize,
  flattenCases,
  type FlatType,
  sequenceLayout,
  type ValType,
} from '../types/val-type.ts'
import { lowerBorrow, lowerOwn } from '../run/handles.ts'
import type { CallContext, FlatValue } from './context.ts'
import { STORE_STRING } from './strings.ts'
import { abiTrap, firstNames, wrongValue } from './trap.ts'

/** How values of one type enter a guest: into memory, or as core values. Built once per type and encoding. */
export interface Lowerer {
  readonly store: (cx: CallContext, value: unknown, pointer: number) => void
  readonly lower: (cx: CallContext, value: unknown, into: FlatValue[]) => void
}

const scratch = new DataView(new ArrayBuffer(8))

function integer(name: string, min: number, max: number): (value: unknown) => number {
  return (value) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
      throw wrongValue(`an integer from ${min} to ${max} (${name})`, value)
    }
    return value
  }
}

function big(name: string, min: bigint, max: bigint): (value: unknown) => bigint {
  return (value) => {
    if (typeof value !== 'bigint' || value < min || value > max)
      throw wrongValue(`a bigint from ${min} to ${max} (${name})`, value)
    return value
  }
}

function float(value: unknown): number {
  if (typeof value !== 'number') throw wrongValue('a number', value)
  // V8 keeps the payload of a NaN that it got from one guest, and it would reach the next.
  return Number.isNaN(value) ? Number.NaN : value
}

function toCode(value: unknown): number {
  if (typeof value === 'string') {
    const code = value.codePointAt(0)
    if (
      code !== undefined &&
      value.length === (code > 0xffff ? 2 : 1) &&
      !(code >= 0xd800 && code <= 0xdfff)
    )
      return code
  }
  throw wrongValue('one character', value)
}

function bool(value: unknown): number {
  if (typeof value !== 'boolean') throw wrongValue('a boolean', value)
  return value ? 1 : 0
}

function simple<T extends FlatValue>(
  check: (value: unknown) => T,
  write: (view: DataView, pointer: number, value: T) => void,
): Lowerer {
  return {
    store: (cx, value, p) => write(cx.view, p, check(value)),
    lower: (_, value, into) => {
      into.push(check(value))
    },
  }
}

const SIMPLE: Readonly<Record<string, Lowerer>> = {
  bool: simple(bool, (view, p, v) => view.setUint8(p, v)),
  u8: simple(integer('u8', 0, 0xff), (view, p, v) => view.setUint8(p, v)),
  s8: simple(integer('s8', -0x80, 0x7f), (view, p, v) => view.setInt8(p, v)),
  u16: simple(integer('u16', 0, 0xffff), (view, p, v) => view.setUint16(p, v, true)),
  s16: simple(integer('s16', -0x8000, 0x7fff), (view, p, v) => view.setInt16(p, v, true)),
  u32: simple(integer('u32', 0, 0xffff_ffff), (view, p, v) => view.setUint32(p, v, true)),
  s32: simple(integer('s32', -0x8000_0000, 0x7fff_ffff), (view, p, v) => view.setInt32(p, v, true)),
  u64: simple(big('u64', 0n, 0xffff_ffff_ffff_ffffn), (view, p, v) =>
    view.setBigUint64(p, v, true),
  ),
  s64: simple(big('s64', -0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn), (view, p, v) =>
    view.setBigInt64(p, v, true),
  ),
  f32: simple(float, (view, p, v) => view.setFloat32(p, v, true)),
  f64: simple(float, (view, p, v) => view.setFloat64(p, v, true)),
  char: simple(toCode, (view, p, v) => view.setUint32(p, v, true)),
}

/** Builds and remembers lowerers for one string encoding. */
export class LowererTable {
  readonly #encoding: StringEncoding
  readonly #made = new Map<ValType, Lowerer>()
  constructor(encoding: StringEncoding) {
    this.#encoding = encoding
  }

  of(type: ValType): Lowerer {
    const before = this.#made.get(type)
    if (before !== undefined) return before
    const made = this.#make(type)
    this.#made.set(type, made)
    return made
  }

  #make(type: ValType): Lowerer {
    switch (type.kind) {
      case 'string': {
        const store = STORE_STRING[this.#encoding]
        return pair((cx, value) => store(cx, value))
      }
      case 'list':
        return type.length === undefined
          ? this.#list(type.element)
          : this.#fixedList(type.element, type.length)
      case 'map':
        return this.#map(type.key, type.value)
      case 'record': {
        const keys = type.fields.map((field) => toCamelCase(field.name))
        const read = keys.map(reader)
        return this.#sequence(
          type.fields.map((field) => field.type),
          (value) => {
            if (typeof value !== 'object' || value === null) throw wrongValue('a record', value)
            return read.map((one) => one(value))
          },
        )
      }
      case 'tuple': {
        const { length } = type.types
        return this.#sequence(type.types, (value) => {
          if (!Array.isArray(value) || value.length !== length)
            throw wrongValue(`an array of ${length}`, value)
          return value
        })
      }
      case 'flags':
        return flags(type.names)
      case 'variant':
      case 'enum':
      case 'option':
      case 'result':
        return this.#variant(type)
      case 'own':
      case 'borrow': {
        const { slot } = type.resource
        const give = type.kind === 'own' ? lowerOwn : lowerBorrow
        return {
          store: (cx, value, p) => cx.view.setUint32(p, give(cx, slot, value), true),
          lower: (cx, value, into) => {
            into.push(give(cx, slot, value))
          },
        }
      }
      default: {
        const simpleLowerer = SIMPLE[type.kind]
        if (simpleLowerer === undefined)
          throw abiTrap(`no value of type ${type.kind} can cross the boundary`)
        return simpleLowerer
      }
    }
  }

  #list(element: ValType): Lowerer {
    if (element.kind === 'u8') return pair(storeBytes)
    const { store } = this.of(element)
    const { size, align } = element.layout
    return pair((cx, value) => {
      if (!isArrayLike(value)) throw wrongValue('an array', value)
      const { length } = value
      const total = length * size
      if (total > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
      cx.charge(total)
      const pointer = cx.alloc(align, total)
      for (let i = 0; i < length; i++) store(cx, value[i], pointer + i * size)
      return [pointer, length]
    })
  }

  #fixedList(element: ValType, length: number): Lowerer {
    const { store, lower } = this.of(element)
    const { size } = element.layout
    const check = (value: unknown): ArrayLike<unknown> => {
      if (!isArrayLike(value) || value.length !== length)
        throw wrongValue(`an array of ${length}`, value)
      return value
    }
    return {
      store: (cx, value, p) => {
        const values = check(value)
        for (let i = 0; i < length; i++) store(cx, values[i], p + i * size)
      },
      lower: (cx, value, into) => {
        const values = check(value)
        for (let i = 0; i < length; i++) lower(cx, values[i], into)
      },
    }
  }

  #map(key: ValType, value: ValType): Lowerer {
    const keys = this.of(key)
    const values = this.of(value)
    const { size, align, offsets } = sequenceLayout([key, value])
    return pair((cx, map) => {
      if (!(map instanceof Map) && !Array.isArray(map))
        throw wrongValue('a Map or an array of pairs', map)
      const pairs = [...(map as Iterable<unknown>)]
      const total = pairs.length * size
      if (total > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
      cx.charge(total)
      const pointer = cx.alloc(align, total)
      let at = pointer
      for (const entry of pairs) {
        if (!Array.isArray(entry) || entry.length !== 2) throw wrongValue('a pair', entry)
        const [k, v] = entry as [unknown, unknown]
        keys.store(cx, k, at)
        values.store(cx, v, at + (offsets[1] as number))
        at += size
      }
      return [pointer, pairs.length]
    })
  }

  #sequence(types: readonly ValType[], take: (value: unknown) => readonly unknown[]): Lowerer {
    const parts = types.map((type) => this.of(type))
    const { offsets } = sequenceLayout(types)
    return {
      store: (cx, value, p) => {
        const values = take(value)
        for (let i = 0; i < parts.length; i++)
          (parts[i] as Lowerer).store(cx, values[i], p + (offsets[i] as number))
      },
      lower: (cx, value, into) => {
        const values = take(value)
        for (let i = 0; i < parts.length; i++) (parts[i] as Lowerer).lower(cx, values[i], into)
      },
    }
  }

  #variant(type: ValType): Lowerer {
    const cases = casesOf(type) ?? []
    const joined = flattenCases(cases)
    let inner = 1
    for (const { type: payload } of cases) inner = Math.max(inner, payload?.layout.align ?? 1)
    const start = alignTo(discriminantSize(cases.length), inner)
    const write = WRITE_UNSIGNED[discriminantSize(cases.length)]
    const parts = cases.map(({ type: payload }) =>
      payload === undefined ? undefined : this.of(payload),
    )
    const shapes = cases.map(({ type: payload }) => payload?.layout.flat ?? [])
    const match = matcherOf(type)
    return {
      store: (cx, value, p) => {
        const [index, payload] = match(value)
        write(cx, p, index)
        parts[index]?.store(cx, payload, p + start)
      },
      lower: (cx, value, into) => {
        const [index, payload] = match(value)
        const base = into.length
        into.push(index)
        parts[index]?.lower(cx, payload, into)
        if (joined === undefined) return
        const have = shapes[index] as readonly FlatType[]
        for (let i = 1; i < joined.length; i++) {
          const want = joined[i] as FlatType
          const from = have[i - 1]
          if (from === undefined) into.push(want === 'i64' ? 0n : 0)
          else if (from !== want) into[base + i] = coerce(into[base + i] as FlatValue, from, want)
        }
      },
    }
  }
}

const MAX_LIST_BYTES = 2 ** 28 - 1

const WRITE_UNSIGNED: Readonly<
  Record<1 | 2 | 4, (cx: CallContext, pointer: number, value: number) => void>
> = {
  1: (cx, p, value) => cx.view.setUint8(p, value),
  2: (cx, p, value) => cx.view.setUint16(p, value, true),
  4: (cx, p, value) => cx.view.setUint32(p, value, true),
}

/** A lowerer of what is a pointer and a length. */
function pair(
  place: (cx: CallContext, value: unknown) => readonly [pointer: number, length: number],
): Lowerer {
  return {
    store: (cx, value, p) => {
      const [pointer, length] = place(cx, value)
      cx.view.setUint32(p, pointer, true)
      cx.view.setUint32(p + 4, length, true)
    },
    lower: (cx, value, into) => {
      const [pointer, length] = place(cx, value)
      into.push(pointer, length)
    },
  }
}

function storeBytes(cx: CallContext, value: unknown): [pointer: number, length: number] {
  const bytes =
    value instanceof Uint8Array
      ? value
      : Array.isArray(value)
        ? Uint8Array.from(value, checkByte)
        : undefined
  if (bytes === undefined) throw wrongValue('a Uint8Array', value)
  const { length } = bytes
  if (length > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
  cx.charge(length)
  const pointer = cx.alloc(1, length)
  cx.bytes.set(bytes, pointer)
  return [pointer, length]
}

const checkByte = integer('u8', 0, 0xff)

function isArrayLike(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
}

// `constructor` and `toString` are well-formed labels; what every object inherits is no field.
function reader(key: string): (value: object) => unknown {
  if (key in Object.prototype) {
    return (value) =>
      Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined
  }
  return (value) => (value as Record<string, unknown>)[key]
}

function flags(names: readonly string[]): Lowerer {
  const read = names.map(toCamelCase).map(reader)
  const write = WRITE_UNSIGNED[flagsSize(names.length)]
  const pack = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) throw wrongValue('an object of flags', value)
    let bits = 0
    for (let i = 0; i < read.length; i++) {
      const flag = (read[i] as (value: object) => unknown)(value)
      if (flag !== undefined && typeof flag !== 'boolean') throw wrongValue('a boolean flag', flag)
      if (flag === true) bits |= 1 << i
    }
    return bits >>> 0
  }
  return {
    store: (cx, value, p) => write(cx, p, pack(value)),
    lower: (_, value, into) => {
      into.push(pack(value))
    },
  }
}

function coerce(value: FlatValue, from: FlatType, to: FlatType): FlatValue {
  if (from === 'i32') return BigInt((value as number) >>> 0)
  if (from === 'f64') {
    scratch.setFloat64(0, value as number)
    return scratch.getBigInt64(0)
  }
  scratch.setFloat32(0, value as number)
  return to === 'i32' ? scratch.getInt32(0) : BigInt(scratch.getUint32(0))
}

/** How a JavaScript value says which case it is, and its payload. */
function matcherOf(type: ValType): (value: unknown) => readonly [index: number, payload: unknown] {
  if (type.kind === 'option') {
    if (type.type.kind === 'option') {
      return (value) => {
        const { tag, val } = tagged(value)
        if (tag === 'none') return [0, undefined]
        if (tag === 'some') return [1, val]
        throw wrongValue("{ tag: 'none' } or { tag: 'some', val }", value)
      }
    }
    return (value) => (value === undefined || value === null ? [0, undefined] : [1, value])
  }
  if (type.kind === 'result') {
    return (value) => {
      const { tag, val } = tagged(value)
      if (tag === 'ok') return [0, val]
      if (tag === 'err') return [1, val]
      throw wrongValue("{ tag: 'ok', val } or { tag: 'err', val }", value)
    }
  }
  const indices = new Map((casesOf(type) ?? []).map((one, index) => [one.name, index]))
  const expected = firstNames([...indices.keys()])
  if (type.kind === 'enum') {
    return (value) => {
      const index = typeof value === 'string' ? indices.get(value) : undefined
      if (index === undefined) throw wrongValue(`one of ${expected}`, value)
      return [index, undefined]
    }
  }
  return (value) => {
    const { tag, val } = tagged(value)
    const index = indices.get(tag)
    if (index === undefined) throw wrongValue(`a variant with a tag of ${expected}`, value)
    return [index, val]
  }
}

function tagged(value: unknown): { tag: string; val: unknown } {
  if (
    typeof value === 'object' &&
    value !== null &&
    'tag' in value &&
    typeof value.tag === 'string'
  ) {
    return { tag: value.tag, val: 'val' in value ? value.val : undefined }
  }
  throw wrongValue('an object with a tag', value)
}
