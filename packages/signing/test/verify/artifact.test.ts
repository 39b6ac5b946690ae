import { generateAuthority, verifyArtifact } from '@morphee/signing'
import { expect, test } from 'vitest'
import {
  buildArtifact,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  SUBJECT,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

test('verifyArtifact() names every step in order, when all pass', async () => {
  const identity = await newIdentity()
  const built = await buildArtifact()
  const envelope = await signArtifact(built, await signerOf(identity))
  const verified = await verifyArtifact(
    toVerify(built, [envelope], trustIn([identity]), { installedFloor: '1.2.0' }),
  )
  expect(verified).toMatchObject({
    publisher: 'acme',
    publisherName: 'Acme GmbH',
    keyId: identity.keyId,
    name: 'acme/jira',
    version: '1.2.0',
    manifestDigest: built.digest,
    wasmDigest: built.wasmDigest,
    signingTime: NOW,
    trustVersion: 7,
  })
  expect(verified.steps.map(({ name }) => name)).toEqual([
    'digest',
    'signature',
    'chain',
    'publisher',
    'revocation',
    'bytes',
    'manifest',
    'asked',
    'version',
  ])
})

test('verifyArtifact() takes a key that an authority issued, when the authority is trusted', async () => {
  const authority = await generateAuthority({
    subject: { ...SUBJECT, organization: 'Platform' },
    now: NOW,
  })
  const identity = await newIdentity({}, authority)
  const built = await buildArtifact()
  const envelope = await signArtifact(built, await signerOf(identity))
  const verified = await verifyArtifact(toVerify(built, [envelope], trustIn([identity])))
  expect(verified.keyId).toBe(identity.keyId)
})
