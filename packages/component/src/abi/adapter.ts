import type { StringEncoding } from '../binary/ast.ts'
import type { FuncType } from '../types/extern-type.ts'
import { flattenAll, sequenceLayout } from '../types/val-type.ts'
import type { CallContext, FlatValue } from './context.ts'
import { LifterTable } from './lift.ts'
import { LowererTable } from './lower.ts'
import { wrongValue } from './trap.ts'

/** How the values of one function cross the boundary in one encoding: built once, used by every instance and call. */
export interface FuncAdapter {
  /** Into the guest: the arguments of an export. */
  readonly lowerParams: (cx: CallContext, args: readonly unknown[]) => FlatValue[]
  /** Out of the guest: what its export returned. */
  readonly liftResult: (cx: CallContext, raw: FlatValue | undefined) => unknown
  /** Out of the guest: the arguments of an import. */
  readonly liftParams: (cx: CallContext, flat: readonly FlatValue[]) => unknown[]
  /** Into the guest: what an import returned. */
  readonly lowerResult: (
    cx: CallContext,
    value: unknown,
    flat: readonly FlatValue[],
  ) => FlatValue | undefined
  /** What a guest gets that must not go on: any value of the right core type. */
  readonly nothing: FlatValue | undefined
}

/** Makes adapters for one component, sharing the routines of equal types. */
export class AdapterFactory {
  readonly #lifters = new Map<StringEncoding, LifterTable>()
  readonly #lowerers = new Map<StringEncoding, LowererTable>()

  readonly #adapters = new Map<StringEncoding, Map<FuncType, FuncAdapter>>()

  /** The adapter of a type. One function lowered often has one: a small file could make any number of large ones. */
  of(type: FuncType, encoding: StringEncoding): FuncAdapter {
    let made = this.#adapters.get(encoding)
    if (made === undefined) this.#adapters.set(encoding, (made = new Map()))
    let adapter = made.get(type)
    if (adapter === undefined) made.set(type, (adapter = this.#make(type, encoding)))
    return adapter
  }

  #make(type: FuncType, encoding: StringEncoding): FuncAdapter {
    const lifters = this.#table(this.#lifters, encoding, LifterTable)
    const lowerers = this.#table(this.#lowerers, encoding, LowererTable)
    const params = type.params.map((param) => param.type)
    const lifts = params.map((param) => lifters.of(param))
    const lowers = params.map((param) => lowerers.of(param))
    const widths = params.map((param) => param.layout.flat?.length ?? 0)
    const { size, align, offsets } = sequenceLayout(params)
    const flatParams = flattenAll(params)
    const count = params.length
    const lowerParams = (cx: CallContext, args: readonly unknown[]): FlatValue[] => {
      const flat: FlatValue[] = []
      if (flatParams !== undefined) {
        for (let i = 0; i < count; i++) lowers[i]?.lower(cx, args[i], flat)
        return flat
      }
      const pointer = cx.alloc(align, size)
      for (let i = 0; i < count; i++)
        lowers[i]?.store(cx, args[i], pointer + (offsets[i] as number))
      flat.push(pointer)
      return flat
    }
    const liftParams = (cx: CallContext, flat: readonly FlatValue[]): unknown[] => {
      const args: unknown[] = []
      if (flatParams !== undefined) {
        let at = 0
        for (let i = 0; i < count; i++) {
          args.push(lifts[i]?.lift(cx, flat, at))
          at += widths[i] as number
        }
        return args
      }
      const pointer = (flat[0] as number) >>> 0
      cx.check(pointer, size, align)
      for (let i = 0; i < count; i++)
        args.push(lifts[i]?.load(cx, pointer + (offsets[i] as number)))
      return args
    }
    const { result } = type
    if (result === undefined) {
      return {
        lowerParams,
        liftParams,
        liftResult: () => undefined,
        lowerResult: () => undefined,
        nothing: undefined,
      }
    }
    const lift = lifters.of(result)
    const lower = lowerers.of(result)
    const { layout } = result
    if (layout.flat?.length === 1) {
      return {
        lowerParams,
        liftParams,
        liftResult: (cx, raw) => lift.lift(cx, [raw as FlatValue], 0),
        lowerResult: (cx, value) => {
          const flat: FlatValue[] = []
          lower.lower(cx, value, flat)
          return flat[0]
        },
        nothing: layout.flat[0] === 'i64' ? 0n : 0,
      }
    }
    const place = flatParams === undefined ? 1 : flatParams.length
    return {
      lowerParams,
      liftParams,
      liftResult: (cx, raw) => {
        const pointer = (raw as number) >>> 0
        cx.check(pointer, layout.size, layout.align)
        return lift.load(cx, pointer)
      },
      lowerResult: (cx, value, flat) => {
        const pointer = (flat[place] as number) >>> 0
        cx.check(pointer, layout.size, layout.align)
        lower.store(cx, value, pointer)
        return undefined
      },
      nothing: undefined,
    }
  }

  #table<T>(
    tables: Map<StringEncoding, T>,
    encoding: StringEncoding,
    Table: new (encoding: StringEncoding) => T,
  ): T {
    const before = tables.get(encoding)
    if (before !== undefined) return before
    const made = new Table(encoding)
    tables.set(encoding, made)
    return made
  }
}

/** Refuses a call with another number of arguments than the function has parameters. */
export function checkArgumentCount(type: FuncType, args: readonly unknown[]): void {
  // Trailing options may be left out, as anywhere in JavaScript.
  const { params } = type
  if (args.length > params.length) throw wrongValue(`${params.length} arguments`, args)
}
