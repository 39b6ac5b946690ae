import type {
  BuiltinAst,
  CanonOptionsAst,
  CoreFuncTypeAst,
  PlainBuiltinName,
} from '../binary/ast.ts'
import { invalid } from '../errors.ts'
import type { PlannedBuiltin } from '../plan/steps.ts'
import { makeFuncType } from '../types/extern-type.ts'
import { coreMismatch } from '../types/subtype.ts'
import type { ValType } from '../types/val-type.ts'
import {
  checkLower,
  checkLowering,
  checkMemory,
  checkOptions,
  hasSignature,
  loweredSignature,
  requireMemory,
  requireRealloc,
} from './canon.ts'
import type { Scope } from './scope.ts'
import type { TypeValidator } from './types.ts'

/** A built-in that was found valid: its core type, what the plan keeps of it, and the feature it takes to run it. */
export interface ValidBuiltin {
  readonly signature: CoreFuncTypeAst
  readonly planned: PlannedBuiltin
  readonly feature: string
}

/**
 * Checks a canonical built-in (Component Model, CanonicalABI.md, "Canonical Definitions").
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`
 */
export function checkBuiltin(
  scope: Scope,
  types: TypeValidator,
  builtin: BuiltinAst,
  offset: number,
): ValidBuiltin {
  switch (builtin.kind) {
    case 'task.return': {
      const { options } = builtin
      const result =
        builtin.result === undefined ? undefined : types.value(scope, builtin.result, offset)
      if (result?.layout.hasBorrow === true)
        throw invalid(offset, 'task.return result cannot contain a borrow type')
      if (options.realloc !== undefined)
        throw invalid(offset, 'canonical option realloc cannot be specified on task.return')
      refuseAsync(options, builtin.kind, offset)
      const params = result === undefined ? [] : [{ name: 'v', type: result }]
      const type = makeFuncType(params, undefined, false)
      checkLower(scope, type, options, offset)
      return {
        signature: loweredSignature(type, options),
        planned: { kind: builtin.kind, result, options },
        feature: featureOf(builtin.kind),
      }
    }
    case 'context.get':
    case 'context.set': {
      if (builtin.type !== 'i32' && builtin.type !== 'i64')
        throw invalid(offset, `${builtin.kind} only supports i32 or i64`)
      if (builtin.slot > 1) throw invalid(offset, `${builtin.kind} immediate must be zero or one`)
      scope.contextType ??= builtin.type
      if (scope.contextType !== builtin.type)
        throw invalid(offset, `${builtin.kind} type must match previous context type`)
      const value = [builtin.type] as const
      return {
        signature:
          builtin.kind === 'context.get'
            ? { params: [], results: value }
            : { params: value, results: [] },
        planned: { kind: builtin.kind, slot: builtin.slot },
        feature: builtin.type === 'i64' ? 'memory64' : featureOf(builtin.kind),
      }
    }
    case 'subtask.cancel':
      return {
        signature: ONE_TO_ONE,
        planned: builtin,
        feature: featureOf(builtin.kind),
      }
    case 'stream.new':
    case 'stream.drop-readable':
    case 'stream.drop-writable':
    case 'stream.forward':
    case 'future.new':
    case 'future.drop-readable':
    case 'future.drop-writable':
    case 'future.forward': {
      const element = endOf(scope, types, builtin, offset)
      return {
        signature: END_SIGNATURES[verbOf(builtin.kind)],
        planned: { kind: builtin.kind, element },
        feature: featureOf(builtin.kind),
      }
    }
    case 'stream.read':
    case 'stream.write':
    case 'future.read':
    case 'future.write': {
      const { options } = builtin
      const element = endOf(scope, types, builtin, offset)
      checkOptions(scope, options, offset)
      checkLowering(options, offset)
      if (element !== undefined) requireMemory(options, offset)
      if (element?.layout.hasPointer === true && verbOf(builtin.kind) === 'read')
        requireRealloc(options, offset)
      return {
        signature: {
          params: builtin.kind.startsWith('stream.') ? ['i32', 'i32', 'i32'] : ['i32', 'i32'],
          results: ['i32'],
        },
        planned: { kind: builtin.kind, element, options },
        feature: options.isGc ? 'gc' : featureOf(builtin.kind),
      }
    }
    case 'stream.cancel-read':
    case 'stream.cancel-write':
    case 'future.cancel-read':
    case 'future.cancel-write':
      return {
        signature: ONE_TO_ONE,
        planned: {
          kind: builtin.kind,
          element: endOf(scope, types, builtin, offset),
          isAsync: builtin.isAsync,
        },
        feature: featureOf(builtin.kind),
      }
    case 'error-context.new':
    case 'error-context.debug-message': {
      const { options } = builtin
      const isNew = builtin.kind === 'error-context.new'
      checkOptions(scope, options, offset)
      checkLowering(options, offset)
      refuseAsync(options, builtin.kind, offset)
      if (isNew) requireMemory(options, offset)
      else requireRealloc(options, offset)
      return {
        signature: { params: ['i32', 'i32'], results: isNew ? ['i32'] : [] },
        planned: { kind: builtin.kind, options },
        feature: options.isGc ? 'gc' : featureOf(builtin.kind),
      }
    }
    case 'waitable-set.wait':
    case 'waitable-set.poll':
      checkMemory(scope, builtin.memory, offset)
      return {
        signature: { params: ['i32', 'i32'], results: ['i32'] },
        planned: builtin,
        feature: featureOf(builtin.kind),
      }
    case 'thread.new-indirect':
      checkStartType(scope, builtin.type, offset)
      checkFuncTable(scope, builtin.table, offset)
      return {
        signature: { params: ['i32', 'i32'], results: ['i32'] },
        planned: { kind: builtin.kind, table: builtin.table },
        feature: featureOf(builtin.kind),
      }
    case 'thread.spawn-ref':
    case 'thread.spawn-indirect':
      checkStartType(scope, builtin.type, offset)
      // Core types that are shared cannot be read here, so whatever the index names is not.
      if (builtin.isShared) throw invalid(offset, 'spawn type must be shared')
      if (builtin.kind === 'thread.spawn-ref') {
        return {
          signature: { params: [`(ref null ${builtin.type})`, 'i32'], results: ['i32'] },
          planned: { kind: builtin.kind },
          feature: 'shared-everything-threads',
        }
      }
      checkFuncTable(scope, builtin.table, offset)
      return {
        signature: { params: ['i32', 'i32'], results: ['i32'] },
        planned: { kind: builtin.kind, table: builtin.table },
        feature: 'shared-everything-threads',
      }
    case 'thread.available-parallelism':
      return {
        signature: { params: [], results: ['i32'] },
        planned: { kind: builtin.kind },
        feature: 'shared-everything-threads',
      }
    default:
      return {
        signature: PLAIN_SIGNATURES[builtin.kind],
        planned: builtin,
        feature: featureOf(builtin.kind),
      }
  }
}

const ONE_TO_ONE: CoreFuncTypeAst = { params: ['i32'], results: ['i32'] }
const NOTHING: CoreFuncTypeAst = { params: [], results: [] }
const TAKES_ONE: CoreFuncTypeAst = { params: ['i32'], results: [] }
const TAKES_TWO: CoreFuncTypeAst = { params: ['i32', 'i32'], results: [] }
const GIVES_ONE: CoreFuncTypeAst = { params: [], results: ['i32'] }

const PLAIN_SIGNATURES: Readonly<Record<PlainBuiltinName, CoreFuncTypeAst>> = {
  'backpressure.inc': NOTHING,
  'backpressure.dec': NOTHING,
  'task.cancel': NOTHING,
  'subtask.drop': TAKES_ONE,
  'error-context.drop': TAKES_ONE,
  'waitable-set.new': GIVES_ONE,
  'waitable-set.drop': TAKES_ONE,
  'waitable.join': TAKES_TWO,
  'thread.index': GIVES_ONE,
  'thread.resume-later': TAKES_ONE,
  'thread.suspend': GIVES_ONE,
  'thread.yield': GIVES_ONE,
  'thread.suspend-then-resume': ONE_TO_ONE,
  'thread.yield-then-resume': ONE_TO_ONE,
  'thread.suspend-then-promote': ONE_TO_ONE,
  'thread.yield-then-promote': ONE_TO_ONE,
}

const END_SIGNATURES: Readonly<Record<EndVerb, CoreFuncTypeAst>> = {
  // Both ends at once: the readable one in the low half.
  new: { params: [], results: ['i64'] },
  'drop-readable': TAKES_ONE,
  'drop-writable': TAKES_ONE,
  forward: TAKES_TWO,
}

type EndVerb = 'new' | 'drop-readable' | 'drop-writable' | 'forward'

function verbOf<Verb extends string>(kind: `${'stream' | 'future'}.${Verb}`): Verb {
  return kind.slice('stream.'.length) as Verb
}

/** The feature that a built-in belongs to, as `ERR_COMPONENT_UNSUPPORTED` names it. */
function featureOf(kind: BuiltinAst['kind']): string {
  if (kind.startsWith('error-context.')) return 'error-context'
  if (kind === 'thread.yield') return 'async'
  return kind.startsWith('thread.') ? 'threads' : 'async'
}

function refuseAsync(options: CanonOptionsAst, what: string, offset: number): void {
  if (options.isAsync)
    throw invalid(offset, `canonical option async cannot be specified on ${what}`)
}

/** What goes through the stream or future that a built-in is for. */
function endOf(
  scope: Scope,
  types: TypeValidator,
  builtin: { readonly kind: `${'stream' | 'future'}.${string}`; readonly type: number },
  offset: number,
): ValType | undefined {
  const type = types.value(scope, builtin.type, offset)
  const wanted = builtin.kind.slice(0, 'stream'.length)
  if (type.kind !== wanted) throw invalid(offset, `${builtin.kind} requires a ${wanted} type`)
  return (type as Extract<ValType, { kind: 'stream' | 'future' }>).element
}

function checkStartType(scope: Scope, index: number, offset: number): void {
  const type = scope.at(scope.coreTypes, index, 'core type', offset)
  if (type.kind !== 'func') throw invalid(offset, 'expected a core function type')
  if (!hasSignature(type.type, ['i32'], []))
    throw invalid(offset, 'the start function of a thread takes an i32 and gives nothing')
}

function checkFuncTable(scope: Scope, index: number, offset: number): void {
  const table = scope.at(scope.coreTables, index, 'core table', offset)
  const wanted = { kind: 'table', element: 'funcref', min: 0, max: undefined } as const
  const why = coreMismatch(table, wanted)
  if (why !== undefined) throw invalid(offset, `a thread starts from a table of funcref: ${why}`)
}
