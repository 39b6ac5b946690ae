import type { CanonOptionsAst, CoreFuncTypeAst } from '../binary/ast.ts'
import { invalid } from '../errors.ts'
import type { CoreSignature } from '../plan/steps.ts'
import type { FuncType } from '../types/extern-type.ts'
import { type FlatType, flattenAll, type ValType } from '../types/val-type.ts'
import type { Scope } from './scope.ts'

/** Parts that the parameters of an asynchronously lowered function may have before they go through memory. */
const MAX_FLAT_ASYNC_PARAMS = 4

/**
 * Checks what holds for canonical options wherever they stand (Component Model, CanonicalABI.md, "canonopt Validation").
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`
 */
export function checkOptions(scope: Scope, options: CanonOptionsAst, offset: number): void {
  if (options.memory !== undefined) checkMemory(scope, options.memory, offset)
  if (options.callback !== undefined && !options.isAsync)
    throw invalid(offset, 'canonical option callback cannot be specified without async')
  if (options.postReturn !== undefined && options.isAsync)
    throw invalid(offset, 'canonical option post-return cannot be specified with async')
  if (options.coreType !== undefined) {
    const type = scope.at(scope.coreTypes, options.coreType, 'core type', offset)
    if (type.kind !== 'func')
      throw invalid(offset, 'canonical option core-type must refer to a core function type')
    if (!options.isGc)
      throw invalid(offset, 'canonical option core-type cannot be specified without gc')
  }
  if (options.realloc === undefined) return
  if (options.memory === undefined)
    throw invalid(offset, 'canonical option realloc requires memory to also be specified')
  const realloc = scope.at(scope.coreFuncs, options.realloc, 'core function', offset)
  if (!hasSignature(realloc, ['i32', 'i32', 'i32', 'i32'], ['i32'])) {
    throw invalid(
      offset,
      'canonical option realloc uses a core function with an incorrect signature',
    )
  }
}

/** The memory that values go through is one that a single thread uses. */
export function checkMemory(scope: Scope, index: number, offset: number): void {
  const memory = scope.at(scope.coreMemories, index, 'memory', offset)
  if (memory.shared)
    throw invalid(offset, 'mismatch in the shared flag for memories: values need one not shared')
}

export function hasSignature(
  type: CoreFuncTypeAst,
  params: readonly string[],
  results: readonly string[],
): boolean {
  return type.params.join() === params.join() && type.results.join() === results.join()
}

export function requireMemory(options: CanonOptionsAst, offset: number): void {
  if (options.memory === undefined) throw invalid(offset, 'canonical option memory is required')
}

export function requireRealloc(options: CanonOptionsAst, offset: number): void {
  requireMemory(options, offset)
  if (options.realloc === undefined) throw invalid(offset, 'canonical option realloc is required')
}

/** Options that only a lift can have. */
export function checkLowering(options: CanonOptionsAst, offset: number): void {
  if (options.postReturn !== undefined)
    throw invalid(offset, 'canonical option post-return cannot be specified for lowerings')
  if (options.callback !== undefined)
    throw invalid(offset, 'canonical option callback cannot be specified for lowerings')
  if (options.isGc && options.coreType === undefined)
    throw invalid(offset, 'canonical option gc requires core-type for lowerings')
}

function checkAsyncType(type: FuncType, options: CanonOptionsAst, offset: number): void {
  if (options.isAsync && !type.isAsync)
    throw invalid(offset, 'the async canonical option requires an async function type')
}

function typesOf(type: FuncType): readonly ValType[] {
  return type.params.map((param) => param.type)
}

/** The core signature of a function lifted with `options` (Canonical ABI, "Flattening"). */
export function liftedSignature(type: FuncType, options: CanonOptionsAst): CoreSignature {
  const params = flattenAll(typesOf(type)) ?? ['i32']
  if (options.isAsync) return { params, results: options.callback === undefined ? [] : ['i32'] }
  const results = type.result === undefined ? [] : type.result.layout.flat
  return { params, results: results !== undefined && results.length <= 1 ? results : ['i32'] }
}

/** The core signature of a function lowered with `options` (Canonical ABI, "Flattening"). */
export function loweredSignature(type: FuncType, options: CanonOptionsAst): CoreSignature {
  const flat = flattenAll(typesOf(type))
  const spills = options.isAsync && flat !== undefined && flat.length > MAX_FLAT_ASYNC_PARAMS
  const params: readonly FlatType[] = flat === undefined || spills ? ['i32'] : flat
  if (options.isAsync) {
    return { params: type.result === undefined ? params : [...params, 'i32'], results: ['i32'] }
  }
  const results = type.result === undefined ? [] : type.result.layout.flat
  if (results !== undefined && results.length <= 1) return { params, results }
  return { params: [...params, 'i32'], results: [] }
}

/** Checks that a lift of `type` from the core function `core` with `options` is one. */
export function checkLift(
  scope: Scope,
  core: CoreFuncTypeAst,
  type: FuncType,
  options: CanonOptionsAst,
  offset: number,
): void {
  checkOptions(scope, options, offset)
  if (options.postReturn !== undefined) {
    const post = scope.at(scope.coreFuncs, options.postReturn, 'core function', offset)
    if (!hasSignature(post, core.results, [])) {
      throw invalid(
        offset,
        'canonical option post-return uses a core function with an incorrect signature',
      )
    }
  }
  if (options.callback !== undefined) {
    const callback = scope.at(scope.coreFuncs, options.callback, 'core function', offset)
    if (!hasSignature(callback, ['i32', 'i32', 'i32'], ['i32'])) {
      throw invalid(
        offset,
        'canonical option callback uses a core function with an incorrect signature',
      )
    }
  }
  if (options.coreType !== undefined)
    throw invalid(offset, 'canonical option core-type is not allowed for lifts')
  checkAsyncType(type, options, offset)
  // What reference types a value becomes is not laid out here; such a lift is refused by name.
  if (options.isGc) return
  const params = typesOf(type)
  if (flattenAll(params) === undefined || params.some((param) => param.layout.hasPointer))
    requireRealloc(options, offset)
  if (type.result !== undefined) {
    const { flat, hasPointer } = type.result.layout
    const max = options.isAsync ? Infinity : 1
    if (hasPointer || flat === undefined || flat.length > max) requireMemory(options, offset)
  }
  const wanted = liftedSignature(type, options)
  if (core.params.join() !== wanted.params.join()) {
    throw invalid(
      offset,
      `lowered parameter types [${wanted.params.join(' ')}] do not match parameter types [${core.params.join(' ')}]`,
    )
  }
  if (core.results.join() !== wanted.results.join()) {
    throw invalid(
      offset,
      `lowered result types [${wanted.results.join(' ')}] do not match result types [${core.results.join(' ')}]`,
    )
  }
}

/** Checks that a lower of `type` with `options` is one. */
export function checkLower(
  scope: Scope,
  type: FuncType,
  options: CanonOptionsAst,
  offset: number,
): void {
  checkOptions(scope, options, offset)
  checkLowering(options, offset)
  checkAsyncType(type, options, offset)
  if (options.isGc) return
  const params = typesOf(type)
  const flat = flattenAll(params)
  const max = options.isAsync ? MAX_FLAT_ASYNC_PARAMS : Infinity
  if (flat === undefined || flat.length > max || params.some((param) => param.layout.hasPointer))
    requireMemory(options, offset)
  if (type.result === undefined) return
  if (type.result.layout.hasPointer) requireRealloc(options, offset)
  if (options.isAsync || (type.result.layout.flat?.length ?? 2) > 1) requireMemory(options, offset)
}

/** The feature that it takes to run a lift or lower of `type`, or `undefined` when none is missing. */
export function taskFeatureOf(type: FuncType, options: CanonOptionsAst): string | undefined {
  if (options.isGc) return 'gc'
  if (options.isAsync) return 'async'
  const values = type.result === undefined ? typesOf(type) : [...typesOf(type), type.result]
  return values.find((value) => value.layout.needs !== undefined)?.layout.needs
}
