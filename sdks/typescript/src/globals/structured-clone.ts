import { NativeDate } from './native-date.ts'

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** A deep copy of data: cycles, dates, maps, sets, errors, buffers and typed arrays included; functions and symbols refused. */
export function structuredClone<Value>(value: Value): Value {
  return clone(value, new Map()) as Value
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`A ${typeof value} cannot be cloned`)
  }
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  const keep = <Copy>(copy: Copy): Copy => {
    seen.set(value, copy)
    return copy
  }
  if (value instanceof Boolean || value instanceof Number || value instanceof String) {
    return keep(Object(value.valueOf()) as unknown)
  }
  if (value instanceof NativeDate) return keep(new NativeDate(value.getTime()))
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags))
  if (value instanceof ArrayBuffer) return keep(value.slice(0))
  if (ArrayBuffer.isView(value)) return keep(cloneView(value, seen))
  if (value instanceof Map) {
    const copy = keep(new Map<unknown, unknown>())
    for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen))
    return copy
  }
  if (value instanceof Set) {
    const copy = keep(new Set<unknown>())
    for (const item of value) copy.add(clone(item, seen))
    return copy
  }
  if (value instanceof Error) return cloneError(value, seen, keep)
  if (
    value instanceof Promise ||
    value instanceof WeakMap ||
    value instanceof WeakSet ||
    value instanceof WeakRef
  ) {
    throw new TypeError(`A ${value.constructor.name} cannot be cloned`)
  }
  const copy = keep((Array.isArray(value) ? holes(value.length) : {}) as Record<string, unknown>)
  for (const key of Object.keys(value)) {
    // A key may be `__proto__`, which an assignment would take for something else.
    Object.defineProperty(copy, key, {
      value: clone((value as Record<string, unknown>)[key], seen),
      configurable: true,
      enumerable: true,
      writable: true,
    })
  }
  return copy
}

function holes(length: number): unknown[] {
  const list: unknown[] = []
  list.length = length
  return list
}

function cloneView(view: ArrayBufferView, seen: Map<object, unknown>): ArrayBufferView {
  const buffer = clone(view.buffer, seen) as ArrayBuffer
  const { byteOffset, constructor } = view
  const length = view instanceof DataView ? view.byteLength : (view as Uint8Array).length
  return new (constructor as Uint8ArrayConstructor)(buffer, byteOffset, length)
}

function cloneError(
  error: Error,
  seen: Map<object, unknown>,
  keep: <Copy>(copy: Copy) => Copy,
): Error {
  const copy = keep(new (ERRORS[error.name] ?? Error)(error.message))
  if (error.stack !== undefined) {
    Object.defineProperty(copy, 'stack', { value: error.stack, configurable: true, writable: true })
  }
  if ('cause' in error) copy.cause = clone(error.cause, seen)
  return copy
}

export { structuredClone as 'globalThis.structuredClone' }
