import { parseEnvelope } from '../envelope/parse.ts'
import type { TargetDescriptor } from '../envelope/sign.ts'
import { equalBytes } from '@morphee/core'
import { SigningError, type VerifyErrorDetails } from '../errors.ts'
import { type EnvelopeContext, type VerifiedEnvelope, verifyEnvelope } from './envelope.ts'
import { refuse } from './refuse.ts'
import { VERIFY_STEPS } from './step.ts'

/** How many envelopes are looked into; whoever may write to a registry could attach any number. */
export const MAX_ENVELOPES = 256

/** How many are sorted before that. */
const MAX_SORTED = 1024

/**
 * The first envelope that verifies: one good signature is enough, and bad ones beside it do no harm.
 *
 * Envelopes whose chain ends in a trusted certificate are tried first, so junk in front does not hide them.
 *
 * @throws {@link SigningError} `ERR_SIGNING_UNSIGNED` without envelopes; otherwise the error of the envelope that came furthest, with all of them in
 * `details.rejected`
 */
export async function verifyAny(
  envelopes: readonly Uint8Array[],
  target: TargetDescriptor,
  context: EnvelopeContext,
): Promise<VerifiedEnvelope> {
  if (envelopes.length === 0) {
    throw refuse('signature', 'ERR_SIGNING_UNSIGNED', 'Nothing signs this artifact')
  }
  const errors: SigningError[] = []
  for (const envelope of ownFirst(envelopes, context).slice(0, MAX_ENVELOPES)) {
    try {
      return await verifyEnvelope(envelope, target, context)
    } catch (error) {
      if (!(error instanceof SigningError)) throw error
      errors.push(error)
    }
  }
  throw furthest(errors)
}

function ownFirst(
  envelopes: readonly Uint8Array[],
  { trust }: EnvelopeContext,
): readonly Uint8Array[] {
  const anchors = [...trust.stores.values()].flat()
  const isOwn = (bytes: Uint8Array): boolean => {
    const envelope = parseEnvelope(bytes)
    const root = 'fault' in envelope ? undefined : envelope.chainDer.at(-1)
    return root !== undefined && anchors.some((anchor) => equalBytes(anchor, root))
  }
  const marked = envelopes.slice(0, MAX_SORTED).map((bytes) => ({ bytes, own: isOwn(bytes) }))
  return [...marked.filter(({ own }) => own), ...marked.filter(({ own }) => !own)].map(
    ({ bytes }) => bytes,
  )
}

function furthest(errors: readonly SigningError[]): SigningError {
  const rank = (error: SigningError): number =>
    VERIFY_STEPS.indexOf((error.details as VerifyErrorDetails).step)
  const best = errors.reduce((a, b) => (rank(b) > rank(a) ? b : a))
  const rejected = errors.map(({ code, details }) => ({
    step: (details as VerifyErrorDetails).step,
    code,
  }))
  return new SigningError(best.code, best.message, {
    ...(best.details as VerifyErrorDetails),
    rejected,
  } as never)
}
