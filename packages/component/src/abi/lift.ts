import type { StringEncoding } from '../binary/ast.ts'
import { toCamelCase } from '../names/extern-name.ts'
import {
  casesOf,
  discriminantSize,
  flagsSize,
  flattenCases,
  type FlatType,
  sequenceLayout,
  type ValType,
  alignTo,
} from '../types/val-type.ts'
import { liftBorrow, liftOwn } from '../run/handles.ts'
import type { CallContext, FlatValue } from './context.ts'
import { ValueCosts } from './cost.ts'
import { LOAD_STRING } from './strings.ts'
import { abiTrap } from './trap.ts'

/**
 * How values of one type leave a guest: from memory, or from core values. Built once per type and encoding, shared by all instances;
 * everything of an instance comes with the context.
 */
export interface Lifter {
  readonly load: (cx: CallContext, pointer: number) => unknown
  readonly lift: (cx: CallContext, flat: readonly FlatValue[], at: number) => unknown
}

const scratch = new DataView(new ArrayBuffer(8))

function toChar(code: number): string {
  if (code >= 0x11_0000 || (code >= 0xd800 && code <= 0xdfff)) throw abiTrap('invalid char')
  return String.fromCodePoint(code)
}

const SIMPLE: Readonly<Record<string, Lifter>> = {
  bool: { load: (cx, p) => cx.view.getUint8(p) !== 0, lift: (_, flat, at) => flat[at] !== 0 },
  u8: { load: (cx, p) => cx.view.getUint8(p), lift: (_, flat, at) => (flat[at] as number) & 0xff },
  s8: {
    load: (cx, p) => cx.view.getInt8(p),
    lift: (_, flat, at) => ((flat[at] as number) << 24) >> 24,
  },
  u16: {
    load: (cx, p) => cx.view.getUint16(p, true),
    lift: (_, flat, at) => (flat[at] as number) & 0xffff,
  },
  s16: {
    load: (cx, p) => cx.view.getInt16(p, true),
    lift: (_, flat, at) => ((flat[at] as number) << 16) >> 16,
  },
  u32: {
    load: (cx, p) => cx.view.getUint32(p, true),
    lift: (_, flat, at) => (flat[at] as number) >>> 0,
  },
  s32: {
    load: (cx, p) => cx.view.getInt32(p, true),
    lift: (_, flat, at) => (flat[at] as number) | 0,
  },
  u64: {
    load: (cx, p) => cx.view.getBigUint64(p, true),
    lift: (_, flat, at) => BigInt.asUintN(64, flat[at] as bigint),
  },
  s64: {
    load: (cx, p) => cx.view.getBigInt64(p, true),
    lift: (_, flat, at) => BigInt.asIntN(64, flat[at] as bigint),
  },
  f32: { load: (cx, p) => cx.view.getFloat32(p, true), lift: (_, flat, at) => flat[at] },
  f64: { load: (cx, p) => cx.view.getFloat64(p, true), lift: (_, flat, at) => flat[at] },
  char: {
    load: (cx, p) => toChar(cx.view.getUint32(p, true)),
    lift: (_, flat, at) => toChar((flat[at] as number) >>> 0),
  },
}

/** Builds and remembers lifters for one string encoding. */
export class LifterTable {
  readonly #encoding: StringEncoding
  readonly #made = new Map<ValType, Lifter>()
  readonly #costs = new ValueCosts()
  constructor(encoding: StringEncoding) {
    this.#encoding = encoding
  }

  of(type: ValType): Lifter {
    const before = this.#made.get(type)
    if (before !== undefined) return before
    const made = this.#make(type)
    this.#made.set(type, made)
    return made
  }

  #make(type: ValType): Lifter {
    switch (type.kind) {
      case 'string': {
        const load = LOAD_STRING[this.#encoding]
        return {
          load: (cx, p) => load(cx, cx.view.getUint32(p, true), cx.view.getUint32(p + 4, true)),
          lift: (cx, flat, at) =>
            load(cx, (flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
        }
      }
      case 'list':
        return type.length === undefined
          ? this.#list(type.element)
          : this.#fixedList(type.element, type.length)
      case 'map':
        return this.#map(type.key, type.value)
      case 'record': {
        const keys = type.fields.map((field) => toCamelCase(field.name))
        return this.#sequence(
          type.fields.map((field) => field.type),
          (values) => {
            const record: Record<string, unknown> = {}
            for (let i = 0; i < keys.length; i++) record[keys[i] as string] = values[i]
            return record
          },
        )
      }
      case 'tuple':
        return this.#sequence(type.types, (values) => values)
      case 'flags':
        return this.#flags(type.names)
      case 'enum': {
        const { names } = type
        const pick = (index: number): string => names[index] ?? invalidCase(index)
        return this.#discriminant(
          names.length,
          (_, __, index) => pick(index),
          (_, flat, at) => pick((flat[at] as number) >>> 0),
        )
      }
      case 'variant':
      case 'option':
      case 'result':
        return this.#variant(type)
      case 'own':
      case 'borrow': {
        const { slot } = type.resource
        const take = type.kind === 'own' ? liftOwn : liftBorrow
        return {
          load: (cx, p) => take(cx, slot, cx.view.getUint32(p, true)),
          lift: (cx, flat, at) => take(cx, slot, (flat[at] as number) >>> 0),
        }
      }
      default: {
        const simple = SIMPLE[type.kind]
        if (simple === undefined)
          throw abiTrap(`no value of type ${type.kind} can cross the boundary`)
        return simple
      }
    }
  }

  #range(element: ValType): {
    read: (cx: CallContext, pointer: number, length: number) => unknown[]
    check: (cx: CallContext, p: number, n: number) => void
  } {
    const { load } = this.of(element)
    const { size, align } = element.layout
    const cost = this.#cost(element)
    return {
      check: (cx, pointer, length) => {
        if (length * size > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
        cx.check(pointer, length * size, align)
        cx.charge(length * cost)
      },
      read: (cx, pointer, length) => {
        const values: unknown[] = []
        for (let i = 0; i < length; i++) values.push(load(cx, pointer + i * size))
        return values
      },
    }
  }

  /** Bytes that one element of a list counts as. */
  #cost(element: ValType): number {
    return Math.max(element.layout.size, this.#costs.element(element))
  }

  #list(element: ValType): Lifter {
    if (element.kind === 'u8')
      return {
        load: (cx, p) => bytesAt(cx, cx.view.getUint32(p, true), cx.view.getUint32(p + 4, true)),
        lift: (cx, flat, at) =>
          bytesAt(cx, (flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
      }
    const { check, read } = this.#range(element)
    const at = (cx: CallContext, pointer: number, length: number): unknown[] => {
      check(cx, pointer, length)
      return read(cx, pointer, length)
    }
    return {
      load: (cx, p) => at(cx, cx.view.getUint32(p, true), cx.view.getUint32(p + 4, true)),
      lift: (cx, flat, index) =>
        at(cx, (flat[index] as number) >>> 0, (flat[index + 1] as number) >>> 0),
    }
  }

  #fixedList(element: ValType, length: number): Lifter {
    if (element.kind === 'u8')
      return {
        load: (cx, p) => {
          cx.charge(length)
          return cx.bytes.slice(p, p + length)
        },
        // A guest may leave anything above the low eight bits; only those are taken.
        lift: (_, flat, at) => Uint8Array.from(flat.slice(at, at + length) as number[]),
      }
    const { read } = this.#range(element)
    const { lift } = this.of(element)
    const width = element.layout.flat?.length ?? 0
    const cost = length * this.#cost(element)
    return {
      load: (cx, p) => {
        cx.charge(cost)
        return read(cx, p, length)
      },
      lift: (cx, flat, at) => Array.from({ length }, (_, i) => lift(cx, flat, at + i * width)),
    }
  }

  #map(key: ValType, value: ValType): Lifter {
    const keys = this.of(key)
    const values = this.of(value)
    const { size, align, offsets } = sequenceLayout([key, value])
    const cost = Math.max(size, this.#costs.entry(key, value))
    const at = (cx: CallContext, pointer: number, length: number): unknown => {
      if (length * size > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
      cx.check(pointer, length * size, align)
      cx.charge(length * cost)
      const pairs: [unknown, unknown][] = []
      for (let i = 0; i < length; i++) {
        const entry = pointer + i * size
        pairs.push([keys.load(cx, entry), values.load(cx, entry + (offsets[1] as number))])
      }
      // A guest may send a key twice: for JavaScript the last one counts, another guest gets both (Explainer, Specialized value types).
      return cx.forHost ? new Map(pairs) : pairs
    }
    return {
      load: (cx, p) => at(cx, cx.view.getUint32(p, true), cx.view.getUint32(p + 4, true)),
      lift: (cx, flat, index) =>
        at(cx, (flat[index] as number) >>> 0, (flat[index + 1] as number) >>> 0),
    }
  }

  #sequence(types: readonly ValType[], finish: (values: unknown[]) => unknown): Lifter {
    const parts = types.map((type) => this.of(type))
    const { offsets } = sequenceLayout(types)
    const widths = types.map((type) => type.layout.flat?.length ?? 0)
    return {
      load: (cx, p) => {
        const values: unknown[] = []
        for (let i = 0; i < parts.length; i++)
          values.push((parts[i] as Lifter).load(cx, p + (offsets[i] as number)))
        return finish(values)
      },
      lift: (cx, flat, at) => {
        const values: unknown[] = []
        let index = at
        for (let i = 0; i < parts.length; i++) {
          values.push((parts[i] as Lifter).lift(cx, flat, index))
          index += widths[i] as number
        }
        return finish(values)
      },
    }
  }

  #flags(names: readonly string[]): Lifter {
    const keys = names.map(toCamelCase)
    const spread = (bits: number): Record<string, boolean> => {
      const flags: Record<string, boolean> = {}
      for (let i = 0; i < keys.length; i++) flags[keys[i] as string] = ((bits >>> i) & 1) === 1
      return flags
    }
    const read = READ_UNSIGNED[flagsSize(names.length)]
    return {
      load: (cx, p) => spread(read(cx, p)),
      lift: (_, flat, at) => spread(flat[at] as number),
    }
  }

  #discriminant(
    count: number,
    load: (cx: CallContext, pointer: number, index: number) => unknown,
    lift: Lifter['lift'],
  ): Lifter {
    const read = READ_UNSIGNED[discriminantSize(count)]
    return { load: (cx, p) => load(cx, p, read(cx, p)), lift }
  }

  #variant(type: ValType): Lifter {
    const cases = casesOf(type) ?? []
    const joined = flattenCases(cases)
    let inner = 1
    for (const { type: payload } of cases) inner = Math.max(inner, payload?.layout.align ?? 1)
    const start = alignTo(discriminantSize(cases.length), inner)
    const loads = cases.map(({ type: payload }) =>
      payload === undefined ? undefined : this.of(payload).load,
    )
    const lifts = cases.map(({ type: payload }) =>
      payload === undefined ? undefined : this.#coerced(payload, joined),
    )
    const wrap = wrapperOf(type)
    return this.#discriminant(
      cases.length,
      (cx, p, index) => {
        if (index >= loads.length) invalidCase(index)
        return wrap(index, loads[index]?.(cx, p + start))
      },
      (cx, flat, at) => {
        const index = (flat[at] as number) >>> 0
        if (index >= lifts.length) invalidCase(index)
        return wrap(index, lifts[index]?.(cx, flat, at + 1))
      },
    )
  }

  /** Lifts a payload from the joined core types of its variant. */
  #coerced(payload: ValType, joined: readonly FlatType[] | undefined): Lifter['lift'] {
    const { lift } = this.of(payload)
    const want = payload.layout.flat
    if (
      joined === undefined ||
      want === undefined ||
      want.every((type, index) => type === joined[index + 1])
    )
      return lift
    return (cx, flat, at) => {
      const values = want.map((type, index) =>
        uncoerce(flat[at + index] as FlatValue, joined[index + 1] as FlatType, type),
      )
      return lift(cx, values, 0)
    }
  }
}

const MAX_LIST_BYTES = 2 ** 28 - 1

const READ_UNSIGNED: Readonly<Record<1 | 2 | 4, (cx: CallContext, pointer: number) => number>> = {
  1: (cx, p) => cx.view.getUint8(p),
  2: (cx, p) => cx.view.getUint16(p, true),
  4: (cx, p) => cx.view.getUint32(p, true),
}

function invalidCase(index: number): never {
  throw abiTrap(`invalid variant discriminant ${index}`)
}

function bytesAt(cx: CallContext, pointer: number, length: number): Uint8Array {
  if (length > MAX_LIST_BYTES) throw abiTrap('list byte length out of bounds')
  cx.check(pointer, length, 1)
  cx.charge(length)
  return cx.bytes.slice(pointer, pointer + length)
}

function uncoerce(value: FlatValue, have: FlatType, want: FlatType): FlatValue {
  if (have === want) return value
  if (have === 'i32') {
    scratch.setInt32(0, value as number)
    return scratch.getFloat32(0)
  }
  if (want === 'i32') return Number(BigInt.asIntN(32, value as bigint))
  scratch.setBigUint64(0, BigInt.asUintN(64, value as bigint))
  return want === 'f64' ? scratch.getFloat64(0) : scratch.getFloat32(4)
}

/** How a case and its payload look in JavaScript. */
function wrapperOf(type: ValType): (index: number, payload: unknown) => unknown {
  if (type.kind === 'option') {
    const nested = type.type.kind === 'option'
    if (nested) return (index, val) => (index === 0 ? { tag: 'none' } : { tag: 'some', val })
    return (index, val) => (index === 0 ? undefined : val)
  }
  if (type.kind === 'result') return (index, val) => ({ tag: index === 0 ? 'ok' : 'err', val })
  const cases = casesOf(type) ?? []
  return (index, val) => {
    const { name, type: payload } = cases[index] as { name: string; type: unknown }
    return payload === undefined ? { tag: name } : { tag: name, val }
  }
}
