import { encodeUtf8 } from '@morphee/core'
import {
  generateAuthority,
  type Identity,
  MAX_ENVELOPES,
  type SigningError,
  verifyArtifact,
} from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import { flipBit, forge, readEnvelope } from '../forge.ts'
import {
  activeKey,
  buildArtifact,
  type BuiltArtifact,
  newIdentity,
  signArtifact,
  signerOf,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

let good: Identity
let stranger: Identity
let built: BuiltArtifact
let own: Uint8Array
let foreign: Uint8Array

beforeAll(async () => {
  good = await newIdentity()
  stranger = await newIdentity()
  built = await buildArtifact()
  own = await signArtifact(built, await signerOf(good))
  foreign = await signArtifact(built, await signerOf(stranger))
})

for (const [order, envelopes] of [
  ['first', () => [own, foreign]],
  ['last', () => [foreign, own]],
] as const) {
  test(`verifyArtifact() takes one trusted signature of two, when it stands ${order}`, async () => {
    const verified = await verifyArtifact(toVerify(built, envelopes(), trustIn([good])))
    expect(verified.keyId).toBe(good.keyId)
  })
}

test('verifyArtifact() takes the signature of the publisher whose name it is, when another trusted publisher signed too', async () => {
  const trust = trustIn([stranger, good], [activeKey(good)])
  const publishers = {
    ...trust.publishers,
    publishers: [
      { id: 'other', name: 'Other', keys: [activeKey(stranger)] },
      ...trust.publishers.publishers,
    ],
  }
  const verified = await verifyArtifact(toVerify(built, [foreign, own], { ...trust, publishers }))
  expect(verified.publisher).toBe('acme')
})

test('verifyArtifact() finds its own signature behind 100 junk envelopes', async () => {
  const junk = Array.from({ length: 100 }, (_, i) => encodeUtf8(`{"junk":${i}}`))
  await verifyArtifact(toVerify(built, [...junk, own], trustIn([good])))
})

test('verifyArtifact() finds its own signature behind 100 envelopes that borrow its certificate', async () => {
  const borrowed = await forge(built, stranger, {
    envelope: (envelope) => ({ ...envelope, header: readEnvelope(own).header }),
  })
  await verifyArtifact(
    toVerify(built, [...Array<Uint8Array>(100).fill(borrowed), own], trustIn([good])),
  )
})

test('verifyArtifact() finds its own signature behind more foreign ones than it looks into', async () => {
  const many = Array<Uint8Array>(MAX_ENVELOPES + 10).fill(foreign)
  await verifyArtifact(toVerify(built, [...many, own], trustIn([good])))
})

test('verifyArtifact() looks into a bounded number of envelopes', async () => {
  const envelope = readEnvelope(own)
  const broken = encodeUtf8(JSON.stringify({ ...envelope, signature: flipBit(envelope.signature) }))
  const refused = verifyArtifact(
    toVerify(built, Array<Uint8Array>(MAX_ENVELOPES + 10).fill(broken), trustIn([good])),
  )
  const error = (await refused.catch(
    (thrown: unknown) => thrown,
  )) as SigningError<'ERR_SIGNING_SIGNATURE'>
  expect(error.code).toBe('ERR_SIGNING_SIGNATURE')
  expect(error.details.rejected).toHaveLength(MAX_ENVELOPES)
})

test('verifyArtifact() tells why the signature that came furthest was refused, and of the others in short', async () => {
  const junk = encodeUtf8('{}')
  const trust = trustIn(
    [good],
    [
      {
        ...activeKey(good),
        status: 'revoked',
        revokedAt: '2026-11-01T00:00:00Z',
        reason: 'superseded',
      },
    ],
  )
  const refused = verifyArtifact(toVerify(built, [junk, own, foreign], trust))
  const error = (await refused.catch(
    (thrown: unknown) => thrown,
  )) as SigningError<'ERR_SIGNING_REVOKED'>
  expect(error.code).toBe('ERR_SIGNING_REVOKED')
  expect(error.message).toBe('The signing key was revoked on 2026-11-01T00:00:00Z (superseded)')
  expect(error.details.rejected).toEqual([
    { step: 'revocation', code: 'ERR_SIGNING_REVOKED' },
    { step: 'signature', code: 'ERR_SIGNING_ENVELOPE' },
    { step: 'chain', code: 'ERR_SIGNING_UNTRUSTED' },
  ])
})

test('verifyArtifact() takes the second signature of a larger key, when it is the only one', async () => {
  const authority = await generateAuthority({
    subject: { country: 'DE', state: 'Berlin', organization: 'Platform', commonName: 'CA' },
    now: Date.parse('2026-11-22T12:00:00Z'),
  })
  const large = await newIdentity({ bits: 3072 }, authority)
  const { createSigners } = await import('@morphee/signing')
  const signers = await createSigners(large)
  expect(signers.map(({ algorithm }) => algorithm)).toEqual(['PS384', 'PS256'])
  for (const signer of signers) {
    await verifyArtifact(toVerify(built, [await signArtifact(built, signer)], trustIn([large])))
  }
})
