/** What may accompany a {@link PlatformError}. */
export interface PlatformErrorOptions extends ErrorOptions {
  /** The next step for a person, shown by CLI and web under the message. */
  readonly hint?: string
}

/**
 * The world refused: a bad manifest, a wrong digest, a denied permission, an unreachable host.
 *
 * Callers catch it and switch on `code`; `message` is prose for people and may change. A developer's mistake is a
 * `TypeError` or `RangeError` instead, and everything else that is thrown is our own bug. Each package declares its codes
 * as one interface (code → details) and derives one class from this base; wrong details do not compile.
 *
 * Messages, details and hints never hold tokens, keys, absolute host paths or other extensions' names.
 */
export abstract class PlatformError<Code extends string = string, Details = unknown> extends Error {
  readonly code: Code
  /** Facts for programs, documented per code. */
  readonly details: Details
  readonly hint: string | undefined

  constructor(code: Code, message: string, details: Details, options: PlatformErrorOptions = {}) {
    super(message, options)
    this.code = code
    this.details = details
    this.hint = options.hint
  }
}

/** Whether `value` is a {@link PlatformError}, narrowed to one code if given. */
export function isPlatformError<Code extends string = string>(
  value: unknown,
  code?: Code,
): value is PlatformError<Code> {
  return value instanceof PlatformError && (code === undefined || value.code === code)
}
