import { unsupported } from '../errors.ts'
import type { CoreSignature } from '../plan/steps.ts'
import type { FuncType } from '../types/extern-type.ts'
import { flattenAll } from '../types/val-type.ts'

/** The core signature of a function on one side of the boundary (Canonical ABI, "Flattening"). */
export function coreSignature(
  type: FuncType,
  side: 'lift' | 'lower',
  offset: number,
): CoreSignature {
  for (const value of [
    ...type.params.map((param) => param.type),
    ...(type.result === undefined ? [] : [type.result]),
  ]) {
    if (value.layout.needs !== undefined) throw unsupported(offset, value.layout.needs)
  }
  const params = flattenAll(type.params.map((param) => param.type)) ?? ['i32']
  const results = type.result === undefined ? [] : type.result.layout.flat
  if (results !== undefined && results.length <= 1) return { params, results }
  return side === 'lift'
    ? { params, results: ['i32'] }
    : { params: [...params, 'i32'], results: [] }
}

/** Whether a lift or lower of `type` touches memory, and whether it has to allocate. */
export function needsOf(
  type: FuncType,
  side: 'lift' | 'lower',
): { memory: boolean; realloc: boolean } {
  const spillsParams = flattenAll(type.params.map((param) => param.type)) === undefined
  const spillsResult = type.result !== undefined && (type.result.layout.flat?.length ?? 2) > 1
  const paramPointers = type.params.some((param) => param.type.layout.hasPointer)
  const resultPointers = type.result?.layout.hasPointer === true
  return {
    memory: spillsParams || spillsResult || paramPointers || resultPointers,
    realloc: side === 'lift' ? spillsParams || paramPointers : resultPointers,
  }
}
