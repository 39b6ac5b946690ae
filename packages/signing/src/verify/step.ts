/** The steps of a verification, in the order they are taken (spec/signing.md section 5). */
export const VERIFY_STEPS = [
  'digest',
  'signature',
  'chain',
  'publisher',
  'revocation',
  'bytes',
  'manifest',
  'asked',
  'version',
] as const

/** The name of one step of a verification. */
export type VerifyStep = (typeof VERIFY_STEPS)[number]

/** One step that was passed, for people. */
export interface PassedStep {
  readonly name: VerifyStep
  readonly detail: string
}
