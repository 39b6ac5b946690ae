import { cleanLine } from '@morphee/core'
import { EngineError, type TrapReason } from '../errors.ts'
import { cleanStack, framesOf, type TrapFrame, withDeepStack } from './backtrace.ts'
import { engineModule } from './engine-module.ts'

type Trap = EngineError<'ERR_COMPONENT_TRAPPED'>

/** A trap with its reason, at the place of the guest that called what makes it, or where `at` was thrown. */
export function trapped(
  reason: TrapReason,
  message: string,
  options: { readonly cause?: unknown; readonly at?: unknown } = {},
): Trap {
  const frames: TrapFrame[] = []
  const trap = withDeepStack(
    () =>
      new EngineError(
        'ERR_COMPONENT_TRAPPED',
        `The guest was stopped: ${message}`,
        { reason, frames },
        options.cause === undefined ? {} : { cause: options.cause },
      ),
  )
  const own = framesOf(trap)
  frames.push(...(options.at === undefined ? own : framesOf(options.at)))
  return trap
}

/** The host stopped the guest: not for anything the guest did, so without a place. */
export function interrupted(message: string, cause?: unknown): Trap {
  return trapped('interrupted', message, { cause, at: null })
}

/** The guest broke a rule of the Canonical ABI. */
export function abiTrap(message: string): EngineError<'ERR_COMPONENT_TRAPPED'> {
  return trapped('abi', message)
}

/** A value that the host handed over is not of the type that the component expects. */
export class HostValueError extends TypeError {}

export function wrongValue(expected: string, value: unknown): HostValueError {
  const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value
  return new HostValueError(`Expected ${expected}, found ${found}`)
}

/** The first of the names that a value may be, for a message: there may be thousands, each as long as a stranger likes. */
export function firstNames(names: readonly string[]): string {
  const shown = names.slice(0, 8).map((name) => cleanLine(name, 50))
  return names.length > shown.length ? `${shown.join(', ')}, …` : shown.join(', ')
}

/** What a host function threw, kept apart from what the engine or the guest throws. */
export class HostFailure extends Error {}

/** The messages of V8, word for word: it tells traps apart by nothing else. */
const REASONS: ReadonlyMap<string, TrapReason> = new Map([
  ['unreachable', 'unreachable'],
  ['memory access out of bounds', 'memory-out-of-bounds'],
  ['table index is out of bounds', 'table-out-of-bounds'],
  ['element segment out of bounds', 'table-out-of-bounds'],
  ['array element access out of bounds', 'array-out-of-bounds'],
  ['divide by zero', 'integer-divide-by-zero'],
  ['remainder by zero', 'integer-divide-by-zero'],
  ['divide result unrepresentable', 'integer-overflow'],
  ['float unrepresentable in integer range', 'invalid-conversion-to-integer'],
  ['function signature mismatch', 'indirect-call-type-mismatch'],
  ['null function or function signature mismatch', 'indirect-call-type-mismatch'],
  ['dereferencing a null pointer', 'null-reference'],
  ['rethrowing null value', 'null-reference'],
  ['illegal cast', 'cast-failure'],
  ['requested new array is too large', 'out-of-memory'],
])
const MAX_MESSAGE = 200

function reasonOf(message: string): TrapReason {
  const known = message.replace(/^WebAssembly\.Instance\(\): /, '')
  if (/^data segment \d+ is out of bounds/.test(known)) return 'memory-out-of-bounds'
  return REASONS.get(known) ?? 'unknown'
}

/** Whether `error` is what V8 throws when the stack is used up, in a guest or in JavaScript. */
export function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Maximum call stack size exceeded'
}

/** Names the reason of something that came out of a guest. */
export function toTrap(error: unknown): Trap {
  if (error instanceof EngineError && error.code === 'ERR_COMPONENT_TRAPPED') return error as Trap
  if (error instanceof HostFailure) {
    cleanStack(error.cause)
    return isStackOverflow(error.cause)
      ? trapped('stack-overflow', 'its stack overflowed in a host function', {
          cause: error.cause,
          at: error,
        })
      : trapped('host-error', 'a host function failed', { cause: error.cause, at: error })
  }
  const message = error instanceof Error ? cleanLine(error.message, MAX_MESSAGE) : 'unknown failure'
  const thrown = { cause: error, at: error }
  if (error instanceof HostValueError)
    return trapped('host-error', `a host function returned a wrong value: ${message}`, thrown)
  if (error instanceof WebAssembly.RuntimeError) return trapped(reasonOf(message), message, thrown)
  if (error instanceof WebAssembly.Exception)
    return trapped('uncaught-exception', 'it threw an exception that nothing caught', thrown)
  if (isStackOverflow(error)) return trapped('stack-overflow', 'its stack overflowed', thrown)
  if (error instanceof RangeError && /allocat|out of memory/i.test(message))
    return trapped('out-of-memory', message, thrown)
  if (error instanceof Error && error.name === 'SuspendError') {
    return trapped('suspend', 'it waited for a host function where it cannot be suspended', thrown)
  }
  // Its message is not repeated: a getter of the host's own value may have thrown it.
  return trapped('unknown', 'an unexpected failure', thrown)
}

// (module (func (export "t") unreachable))
const TRAP_MODULE = engineModule(
  [1, 1, 0x60, 0, 0],
  [3, 1, 0],
  [7, 1, 1, 0x74, 0, 0],
  [10, 1, 3, 0, 0, 0x0b],
)
let unreachable: (() => void) | undefined

/**
 * Ends the guest below on the stack.
 *
 * A guest with `catch_all` goes on after a JavaScript exception passes through it, even a `WebAssembly.RuntimeError`. It cannot
 * catch a trap that WebAssembly raised, so the trap is raised by a function that executes `unreachable`.
 */
export function raiseTrap(): never {
  unreachable ??= new WebAssembly.Instance(new WebAssembly.Module(TRAP_MODULE)).exports[
    't'
  ] as () => void
  unreachable()
  throw new Error('unreachable is where a function returned from it')
}
