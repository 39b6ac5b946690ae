import { EngineError, type TrapReason } from '../errors.ts'

/** A trap with its reason. */
export function trapped(
  reason: TrapReason,
  message: string,
  cause?: unknown,
): EngineError<'ERR_COMPONENT_TRAPPED'> {
  return new EngineError(
    'ERR_COMPONENT_TRAPPED',
    `The guest was stopped: ${message}`,
    { reason },
    cause === undefined ? {} : { cause },
  )
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

/** What a host function threw, kept apart from what the engine or the guest throws. */
export class HostFailure extends Error {}

const REASONS: readonly (readonly [pattern: RegExp, reason: TrapReason])[] = [
  [/unreachable/, 'unreachable'],
  [/memory access out of bounds|data segment|memory is out of bounds/, 'memory-out-of-bounds'],
  [/table (index|access|element|initializer)|element segment/, 'table-out-of-bounds'],
  [/divide by zero|remainder by zero/, 'integer-divide-by-zero'],
  [/unrepresentable in integer|float unrepresentable/, 'invalid-conversion'],
  [/divide result unrepresentable/, 'integer-overflow'],
  [/function signature mismatch|null function/, 'indirect-call'],
  [/null (pointer|reference)|dereferencing/, 'null-reference'],
]

/** Names the reason of something that came out of a guest. V8 tells traps apart by their messages only. */
export function toTrap(error: unknown): EngineError<'ERR_COMPONENT_TRAPPED'> {
  if (error instanceof EngineError) {
    return error.code === 'ERR_COMPONENT_TRAPPED'
      ? (error as EngineError<'ERR_COMPONENT_TRAPPED'>)
      : trapped('other', error.message, error)
  }
  if (error instanceof HostFailure)
    return trapped('host-error', 'a host function failed', error.cause)
  if (error instanceof HostValueError)
    return trapped('host-error', `a host function returned a wrong value: ${error.message}`, error)
  if (error instanceof WebAssembly.RuntimeError) {
    for (const [pattern, reason] of REASONS)
      if (pattern.test(error.message)) return trapped(reason, error.message, error)
    return trapped('other', error.message, error)
  }
  if (error instanceof WebAssembly.Exception)
    return trapped('uncaught-exception', 'it threw an exception that nothing caught', error)
  if (error instanceof RangeError) {
    if (/call stack/.test(error.message))
      return trapped('stack-overflow', 'its stack overflowed', error)
    return trapped('out-of-memory', error.message, error)
  }
  if (error instanceof Error && error.name === 'SuspendError') {
    return trapped('suspend', 'it waited for a host function where it cannot be suspended', error)
  }
  return trapped('other', error instanceof Error ? error.message : 'an unknown failure', error)
}

const TRAP_MODULE = Uint8Array.of(
  0,
  0x61,
  0x73,
  0x6d,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  0x60,
  0,
  0,
  3,
  2,
  1,
  0,
  7,
  5,
  1,
  1,
  0x74,
  0,
  0,
  10,
  5,
  1,
  3,
  0,
  0,
  0x0b,
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
  throw trapped('unreachable', 'unreachable')
}
