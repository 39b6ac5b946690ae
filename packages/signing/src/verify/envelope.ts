import { cleanLine, equalBytes } from '@morphee/core'
import { type Certificate, tryParseCertificate } from '../certificate/certificate.ts'
import { type Chain, findChainFault } from '../certificate/chain.ts'
import { formatName } from '../certificate/name.ts'
import { readRevocation } from '../certificate/revocation.ts'
import {
  parseEnvelope,
  type SignedTarget,
  tryParsePayload,
  type UnverifiedEnvelope,
} from '../envelope/parse.ts'
import type { TargetDescriptor } from '../envelope/sign.ts'
import { algorithmsFor, type SignatureAlgorithm } from '../key/algorithm.ts'
import { isPssSignature, type KeyId } from '../key/rsa.ts'
import { findStatement, trustsSubject } from '../trust/policy.ts'
import { findKey, type FoundKey } from '../trust/publishers.ts'
import type { Trust } from '../trust/trust.ts'
import { assertFresh } from './freshness.ts'
import { refuse } from './refuse.ts'
import type { PassedStep } from './step.ts'

/** What an envelope is checked against. */
export interface EnvelopeContext {
  readonly trust: Trust
  /** Milliseconds since 1970. */
  readonly now: number
  /** `host/repository` the artifact came from, to choose the policy statement; without it the one for `*` applies. */
  readonly scope?: string
  /** The publisher whose name the artifact bears; another publisher's signature is then refused. */
  readonly publisher?: string
  /** Fetches revocation lists; without it a certificate that names one is refused. */
  readonly fetchCrl?: FetchCrl
}

/** Fetches the revocation list at an `http` URL that a certificate names: through the guard, bounded, with a cache in front. */
export type FetchCrl = (url: string) => Promise<Uint8Array<ArrayBuffer>>

/** A signature that was proven, and by whom. */
export interface VerifiedEnvelope {
  readonly publisher: string
  /** For people. */
  readonly publisherName: string
  readonly keyId: KeyId
  readonly algorithm: SignatureAlgorithm
  /** The signer's subject, as `C=DE, ST=Berlin, O=Acme GmbH, CN=acme`; for people. */
  readonly subject: string
  /** When the signer says it signed, milliseconds since 1970. */
  readonly signingTime: number
  /** When the signing certificate ends, milliseconds since 1970: nothing installs by this signature after it. */
  readonly certificateExpires: number
  readonly target: SignedTarget
  readonly steps: readonly PassedStep[]
}

/**
 * Proves that an envelope is a good signature of `target` by a trusted publisher: the steps signature, chain, publisher, revocation.
 *
 * @throws {@link SigningError} with the step in its details; see spec/signing.md section 5
 */
export async function verifyEnvelope(
  bytes: Uint8Array,
  target: TargetDescriptor,
  context: EnvelopeContext,
): Promise<VerifiedEnvelope> {
  const { envelope, leaf, signed } = await verifySignature(bytes, target)
  const chain = await verifyTrustedChain(envelope, leaf, context)
  const found = verifyPublisher(leaf, context)
  await verifyNotRevoked(found, chain, context)
  const { publisher, key } = found
  const subject = cleanLine(formatName(leaf.subject), 500)
  const until = new Date(leaf.notAfter).toISOString()
  return {
    publisher: publisher.id,
    publisherName: publisher.name,
    keyId: key.keyId,
    algorithm: envelope.algorithm,
    subject,
    signingTime: envelope.signingTime,
    certificateExpires: leaf.notAfter,
    target: signed,
    steps: [
      {
        name: 'signature',
        detail: `${envelope.algorithm}, RSA-${leaf.key.bits}, signed ${new Date(envelope.signingTime).toISOString()}`,
      },
      {
        name: 'chain',
        detail: `${chain.length === 1 ? 'self-signed' : `${chain.length} certificates`}, ${subject}, until ${until}`,
      },
      {
        name: 'publisher',
        detail: `${publisher.id} (${publisher.name}), key ${key.keyId.slice(0, 16)}`,
      },
      { name: 'revocation', detail: `active in list ${context.trust.publishers.version}` },
    ],
  }
}

async function verifySignature(
  bytes: Uint8Array,
  target: TargetDescriptor,
): Promise<{ envelope: UnverifiedEnvelope; leaf: Certificate; signed: SignedTarget }> {
  const malformed = (fault: string): Error =>
    refuse('signature', 'ERR_SIGNING_ENVELOPE', `Cannot take the signature: ${fault}`, fault)
  const envelope = parseEnvelope(bytes)
  if ('fault' in envelope) throw malformed(envelope.fault)
  const leaf = await tryParseCertificate(envelope.chainDer[0] as Uint8Array<ArrayBuffer>)
  if (leaf === undefined)
    throw malformed('its certificate is not X.509 v3 over an RSA key of 2048, 3072 or 4096 bits')
  const { algorithm, signature, signedBytes } = envelope
  if (!algorithmsFor(leaf.key.bits).includes(algorithm)) {
    throw malformed(`${algorithm} is not an algorithm for RSA-${leaf.key.bits}`)
  }
  if (!(await isPssSignature(leaf.key, algorithm, signature, signedBytes))) {
    throw refuse('signature', 'ERR_SIGNING_SIGNATURE', 'The signature does not verify')
  }
  // Read only now, and only from the bytes that were signed.
  const signed = tryParsePayload(envelope.payload)
  if (signed === undefined) throw malformed('its payload is not one target')
  if (
    signed.digest !== target.digest ||
    signed.size !== target.size ||
    signed.mediaType !== target.mediaType
  ) {
    throw refuse(
      'signature',
      'ERR_SIGNING_TARGET_MISMATCH',
      'The signature is one of something else',
    )
  }
  return { envelope, leaf, signed }
}

async function verifyTrustedChain(
  envelope: UnverifiedEnvelope,
  leaf: Certificate,
  { trust, now, scope }: EnvelopeContext,
): Promise<Chain> {
  const issuers: Certificate[] = []
  for (const der of envelope.chainDer.slice(1)) {
    const issuer = await tryParseCertificate(der)
    if (issuer === undefined)
      throw refuse('chain', 'ERR_SIGNING_CHAIN', 'An issuer certificate cannot be read')
    issuers.push(issuer)
  }
  const chain: Chain = [leaf, ...issuers]
  const fault = await findChainFault(chain)
  if (fault !== undefined) {
    throw refuse(
      'chain',
      'ERR_SIGNING_CHAIN',
      `The certificates may not sign code: ${fault}`,
      fault,
    )
  }
  const statement = findStatement(trust.policy, scope)
  const anchors = statement?.stores.flatMap((store) => trust.stores.get(store) ?? []) ?? []
  const root = chain.at(-1) as Certificate
  if (statement === undefined || !anchors.some((anchor) => equalBytes(anchor, root.der))) {
    throw refuse(
      'chain',
      'ERR_SIGNING_UNTRUSTED',
      'The certificate does not lead to one that is trusted',
    )
  }
  if (!trustsSubject(statement, leaf.subject)) {
    throw refuse('chain', 'ERR_SIGNING_UNTRUSTED', "The signer's subject is not a trusted identity")
  }
  for (const certificate of chain) {
    if (now < certificate.notBefore || now > certificate.notAfter) {
      throw refuse('chain', 'ERR_SIGNING_EXPIRED', 'A certificate is not valid now')
    }
  }
  if (envelope.expiry !== undefined && now >= envelope.expiry) {
    throw refuse('chain', 'ERR_SIGNING_EXPIRED', 'The signature ended')
  }
  return chain
}

function verifyPublisher(leaf: Certificate, { trust, now, publisher }: EnvelopeContext): FoundKey {
  assertFresh(trust.publishers, now, 0, 'publisher')
  const found = findKey(trust.publishers, leaf.key.keyId)
  if (found === undefined) {
    throw refuse('publisher', 'ERR_SIGNING_PUBLISHER', 'The signing key belongs to no publisher')
  }
  if (publisher !== undefined && found.publisher.id !== publisher) {
    throw refuse(
      'publisher',
      'ERR_SIGNING_PUBLISHER',
      'The signing key belongs to another publisher than the name',
    )
  }
  return found
}

async function verifyNotRevoked(
  { key }: FoundKey,
  chain: Chain,
  { now, fetchCrl }: EnvelopeContext,
): Promise<void> {
  if (key.status === 'revoked') {
    throw refuse(
      'revocation',
      'ERR_SIGNING_REVOKED',
      `The signing key was revoked on ${key.revokedAt ?? 'an unknown day'} (${key.reason ?? 'unspecified'})`,
    )
  }
  for (const [i, certificate] of chain.entries()) {
    const issuer = chain[i + 1]
    // A root is trusted by being in the store; it cannot revoke itself.
    if (issuer === undefined) return
    const status = await readRevocation(certificate, issuer, now, fetchCrl)
    if (status.kind === 'revoked') {
      const at = new Date(status.at).toISOString()
      throw refuse('revocation', 'ERR_SIGNING_REVOKED', `A certificate was revoked on ${at}`)
    }
    if (status.kind === 'unknown') {
      throw refuse(
        'revocation',
        'ERR_SIGNING_REVOCATION_UNKNOWN',
        `Cannot find out whether a certificate was revoked: ${status.reason}`,
      )
    }
  }
}
