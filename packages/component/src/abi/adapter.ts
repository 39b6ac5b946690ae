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
  readonly #routines = new Map<StringEncoding, Routines>()

  /** The adapter of a type. One function lowered often has one: a small file could make any number of large ones. */
  of(type: FuncType, encoding: StringEncoding): FuncAdapter {
    let routines = this.#routines.get(encoding)
    if (routines === undefined) {
      routines = {
        lifters: new LifterTable(encoding),
        lowerers: new LowererTable(encoding),
        adapters: new Map(),
      }
      this.#routines.set(encoding, routines)
    }
    let adapter = routines.adapters.get(type)
    if (adapter === undefined)
      routines.adapters.set(type, (adapter = new LazyAdapter(type, routines)))
    return adapter
  }
}

/** What all functions of a component share that have one encoding. */
interface Routines {
  readonly lifters: LifterTable
  readonly lowerers: LowererTable
  readonly adapters: Map<FuncType, FuncAdapter>
}

/** Routines are built when they are first needed: a program uses a few of the functions that its toolchain imports, and each in one direction. */
class LazyAdapter implements FuncAdapter {
  readonly #type: FuncType
  readonly #routines: Routines
  #lowerParams: FuncAdapter['lowerParams'] | undefined
  #liftResult: FuncAdapter['liftResult'] | undefined
  #liftParams: FuncAdapter['liftParams'] | undefined
  #lowerResult: FuncAdapter['lowerResult'] | undefined

  constructor(type: FuncType, routines: Routines) {
    this.#type = type
    this.#routines = routines
  }

  get lowerParams(): FuncAdapter['lowerParams'] {
    return (this.#lowerParams ??= paramsLowerer(this.#type, this.#routines.lowerers))
  }

  get liftResult(): FuncAdapter['liftResult'] {
    return (this.#liftResult ??= resultLifter(this.#type, this.#routines.lifters))
  }

  get liftParams(): FuncAdapter['liftParams'] {
    return (this.#liftParams ??= paramsLifter(this.#type, this.#routines.lifters))
  }

  get lowerResult(): FuncAdapter['lowerResult'] {
    return (this.#lowerResult ??= resultLowerer(this.#type, this.#routines.lowerers))
  }

  get nothing(): FlatValue | undefined {
    const flat = this.#type.result?.layout.flat
    if (flat?.length !== 1) return undefined
    return flat[0] === 'i64' ? 0n : 0
  }
}

function paramsLowerer(type: FuncType, lowerers: LowererTable): FuncAdapter['lowerParams'] {
  const params = type.params.map((param) => param.type)
  const lowers = params.map((param) => lowerers.of(param))
  const count = params.length
  if (flattenAll(params) !== undefined) {
    return (cx, args) => {
      const flat: FlatValue[] = []
      for (let i = 0; i < count; i++) lowers[i]?.lower(cx, args[i], flat)
      return flat
    }
  }
  const { size, align, offsets } = sequenceLayout(params)
  return (cx, args) => {
    const pointer = cx.alloc(align, size)
    for (let i = 0; i < count; i++) lowers[i]?.store(cx, args[i], pointer + (offsets[i] as number))
    return [pointer]
  }
}

function paramsLifter(type: FuncType, lifters: LifterTable): FuncAdapter['liftParams'] {
  const params = type.params.map((param) => param.type)
  const lifts = params.map((param) => lifters.of(param))
  const count = params.length
  if (flattenAll(params) !== undefined) {
    const widths = params.map((param) => param.layout.flat?.length ?? 0)
    return (cx, flat) => {
      const args: unknown[] = []
      let at = 0
      for (let i = 0; i < count; i++) {
        args.push(lifts[i]?.lift(cx, flat, at))
        at += widths[i] as number
      }
      return args
    }
  }
  const { size, align, offsets } = sequenceLayout(params)
  return (cx, flat) => {
    const pointer = (flat[0] as number) >>> 0
    cx.check(pointer, size, align)
    const args: unknown[] = []
    for (let i = 0; i < count; i++) args.push(lifts[i]?.load(cx, pointer + (offsets[i] as number)))
    return args
  }
}

function resultLifter({ result }: FuncType, lifters: LifterTable): FuncAdapter['liftResult'] {
  if (result === undefined) return () => undefined
  const { layout } = result
  const lift = lifters.of(result)
  if (layout.flat?.length === 1) return (cx, raw) => lift.lift(cx, [raw as FlatValue], 0)
  return (cx, raw) => {
    const pointer = (raw as number) >>> 0
    cx.check(pointer, layout.size, layout.align)
    return lift.load(cx, pointer)
  }
}

function resultLowerer(type: FuncType, lowerers: LowererTable): FuncAdapter['lowerResult'] {
  const { result } = type
  if (result === undefined) return () => undefined
  const { layout } = result
  const lower = lowerers.of(result)
  if (layout.flat?.length === 1) {
    return (cx, value) => {
      const flat: FlatValue[] = []
      lower.lower(cx, value, flat)
      return flat[0]
    }
  }
  const place = flattenAll(type.params.map((param) => param.type))?.length ?? 1
  return (cx, value, flat) => {
    const pointer = (flat[place] as number) >>> 0
    cx.check(pointer, layout.size, layout.align)
    lower.store(cx, value, pointer)
    return undefined
  }
}

/** Refuses a call with another number of arguments than the function has parameters. */
export function checkArgumentCount(type: FuncType, args: readonly unknown[]): void {
  // Trailing options may be left out, as anywhere in JavaScript.
  const { params } = type
  if (args.length > params.length) throw wrongValue(`${params.length} arguments`, args)
}
