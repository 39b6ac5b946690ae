import { SigningError, type SigningErrorDetails, type VerifyErrorDetails } from '../errors.ts'
import type { VerifyStep } from './step.ts'

/** Codes whose details are exactly a step and a reason. */
type PlainCode = {
  [Code in keyof SigningErrorDetails]: VerifyErrorDetails extends SigningErrorDetails[Code]
    ? Code
    : never
}[keyof SigningErrorDetails]

/** The error of a step that refuses. `reason` is for the log; the message says what it means. */
export function refuse<Code extends PlainCode>(
  step: VerifyStep,
  code: Code,
  message: string,
  reason: string = message,
): SigningError {
  return new SigningError(code, message, { step, reason } as SigningErrorDetails[Code])
}

/** The error of a step that finds other bytes than the digest names. */
export function refuseBytes(step: VerifyStep, expected: string, actual: string): SigningError {
  const message = 'The bytes are not those that the digest names'
  const details = { step, reason: message, expected, actual }
  return new SigningError('ERR_SIGNING_INTEGRITY', message, details)
}
