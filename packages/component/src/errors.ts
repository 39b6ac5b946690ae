import { cleanLine, PlatformError, type PlatformErrorOptions } from '@morphee/core'
import type { TrapFrame } from './abi/backtrace.ts'

/**
 * Why a guest was stopped: the whole list. What the engine below reports in words that are not known here is `unknown`.
 *
 * A guest whose memory is full is usually told so by `memory.grow` and stops by itself, which is `unreachable`: `out-of-memory` is only what the
 * JavaScript engine could not allocate.
 */
export type TrapReason =
  /** It executed `unreachable`: its own panic, assertion or abort. */
  | 'unreachable'
  | 'memory-out-of-bounds'
  | 'table-out-of-bounds'
  | 'array-out-of-bounds'
  | 'integer-divide-by-zero'
  | 'integer-overflow'
  | 'invalid-conversion-to-integer'
  /** An indirect call found another type of function than it expected, or none. */
  | 'indirect-call-type-mismatch'
  | 'null-reference'
  | 'cast-failure'
  /** It threw an exception that none of its frames caught. */
  | 'uncaught-exception'
  /** The stack that guests and host share was used up, by whichever of them. */
  | 'stack-overflow'
  | 'out-of-memory'
  /** It broke a rule of the Canonical ABI; the message says which. */
  | 'abi'
  /** It used more than {@link EngineLimits} allow. */
  | 'limit'
  /** It waited for a host function where it cannot be suspended. */
  | 'suspend'
  /** The host stopped it. */
  | 'interrupted'
  /** A host function failed, or returned a value of another type. */
  | 'host-error'
  | 'unknown'

/** What each engine error code carries. */
export interface EngineErrorDetails {
  /** The bytes are no component: wrong preamble, cut off, a size or number that lies. */
  ERR_COMPONENT_MALFORMED: { offset: number }
  /** The bytes decode, but break a rule of validation. */
  ERR_COMPONENT_INVALID: { offset: number }
  /** The component needs a feature this engine does not have, or refuses to run because it cannot be bounded. */
  ERR_COMPONENT_UNSUPPORTED: { feature: string; offset: number }
  /** Something the component wants is over a limit of {@link EngineLimits}. */
  ERR_COMPONENT_LIMIT: { limit: string; maximum: number }
  /** The host does not offer an import, or offers it in the wrong shape. */
  ERR_COMPONENT_LINK: { import: string }
  /** The guest trapped, now or in an earlier call; the instance is dead. */
  ERR_COMPONENT_TRAPPED: { reason: TrapReason; frames: readonly TrapFrame[] }
  /** A call arrived while another one is running or suspended in the same instance. */
  ERR_COMPONENT_REENTERED: Record<never, never>
  /** Imports were named as suspending, and this JavaScript engine has no JSPI. */
  ERR_COMPONENT_ASYNC_UNSUPPORTED: Record<never, never>
  /** Bytes handed to a value codec are not an encoding of its types. */
  ERR_COMPONENT_VALUE_MALFORMED: { offset: number }
}

/** What the engine throws when a component, its bytes or its behaviour is refused. */
export class EngineError<
  Code extends keyof EngineErrorDetails = keyof EngineErrorDetails,
> extends PlatformError<Code, EngineErrorDetails[Code]> {
  override readonly name = 'EngineError'
  /** `message` may repeat what a stranger wrote, of any length: it is cleaned and cut, whoever puts it together. */
  constructor(
    code: Code,
    message: string,
    details: EngineErrorDetails[Code],
    options?: PlatformErrorOptions,
  ) {
    super(code, cleanLine(message, 2 * MAX_MESSAGE), details, options)
  }
}

/** {@link EngineError} as a union that narrows `details` when you switch on `code`. */
export type AnyEngineError = {
  [Code in keyof EngineErrorDetails]: EngineError<Code>
}[keyof EngineErrorDetails]

/**
 * The error case of a WIT `result`, thrown: by an export whose function returned `err`, and by a host function that wants to return `err`.
 *
 * A host function that throws anything else stops the guest.
 */
export class ComponentError extends Error {
  override readonly name = 'ComponentError'
  /** The payload of the error case, `undefined` when it has none. */
  readonly payload: unknown
  constructor(payload: unknown, options?: ErrorOptions) {
    super('The function returned an error', options)
    this.payload = payload
  }
}

/** Names in messages are a stranger's: of any length, and of characters that turn text around. */
function shown(message: string): string {
  return cleanLine(message, MAX_MESSAGE)
}
const MAX_MESSAGE = 500

/** The bytes at `offset` are not the component format. */
export function malformed(offset: number, message: string): EngineError<'ERR_COMPONENT_MALFORMED'> {
  return new EngineError(
    'ERR_COMPONENT_MALFORMED',
    `Cannot read component: ${shown(message)} (byte ${offset})`,
    { offset },
  )
}

/** The definition at `offset` breaks a rule of validation. */
export function invalid(offset: number, message: string): EngineError<'ERR_COMPONENT_INVALID'> {
  return new EngineError(
    'ERR_COMPONENT_INVALID',
    `Cannot validate component: ${shown(message)} (byte ${offset})`,
    { offset },
  )
}

/** The component at `offset` needs `feature`. */
export function unsupported(
  offset: number,
  feature: string,
): EngineError<'ERR_COMPONENT_UNSUPPORTED'> {
  return new EngineError(
    'ERR_COMPONENT_UNSUPPORTED',
    `Cannot load component: it needs ${shown(feature)}, which this engine does not support (byte ${offset})`,
    { feature, offset },
  )
}

/** The component is over `limit`. */
export function overLimit(limit: string, maximum: number): EngineError<'ERR_COMPONENT_LIMIT'> {
  return new EngineError(
    'ERR_COMPONENT_LIMIT',
    `Cannot load component: it exceeds ${limit} (${maximum})`,
    { limit, maximum },
  )
}
