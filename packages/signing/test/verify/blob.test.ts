import {
  type BlobToVerify,
  createSigners,
  generateAuthority,
  type Identity,
  signBlob,
  signDescriptor,
  verifyBlob,
} from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import {
  buildArtifact,
  type BuiltArtifact,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  SUBJECT,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

let good: Identity
let built: BuiltArtifact
let envelope: Uint8Array

beforeAll(async () => {
  good = await newIdentity()
  built = await buildArtifact()
  envelope = await signBlob(built.wasm, await signerOf(good), { signingTime: NOW })
})

const blob = (changes: Partial<BlobToVerify> = {}): BlobToVerify => ({
  ...toVerify(built, [envelope], trustIn([good])),
  ...changes,
})

test('verifyBlob() names every step, when all pass', async () => {
  const verified = await verifyBlob(blob())
  expect(verified).toMatchObject({
    publisher: 'acme',
    name: 'acme/jira',
    version: '1.2.0',
    wasmDigest: built.wasmDigest,
  })
  expect(verified).not.toHaveProperty('manifestDigest')
  expect(verified.steps).toHaveLength(9)
})

test('verifyBlob() refuses a file without a signature', async () => {
  await expect(verifyBlob(blob({ envelopes: [] }))).rejects.toThrowCode('ERR_SIGNING_UNSIGNED')
})

test('verifyBlob() refuses a flipped bit', async () => {
  const wasm = built.wasm.slice()
  wasm[5]! ^= 1
  await expect(verifyBlob(blob({ wasm }))).rejects.toThrowCode('ERR_SIGNING_TARGET_MISMATCH')
})

test("verifyBlob() refuses the signature of the artifact's manifest beside the file", async () => {
  const envelopes = [await signArtifact(built, await signerOf(good))]
  await expect(verifyBlob(blob({ envelopes }))).rejects.toThrowCode('ERR_SIGNING_TARGET_MISMATCH')
})

test("verifyBlob() refuses a file that bears another publisher's name", async () => {
  const other = await buildArtifact({ name: 'other/jira' })
  const envelopes = [await signBlob(other.wasm, await signerOf(good), { signingTime: NOW })]
  await expect(verifyBlob(blob({ wasm: other.wasm, envelopes, asked: {} }))).rejects.toThrowCode(
    'ERR_SIGNING_PUBLISHER',
  )
})

test('verifyBlob() refuses another version than the one asked for, and an older one than the floor', async () => {
  await expect(verifyBlob(blob({ asked: { version: '2.0.0' } }))).rejects.toThrowCode(
    'ERR_SIGNING_VERSION_MISMATCH',
  )
  await expect(verifyBlob(blob({ installedFloor: '1.2.1' }))).rejects.toThrowCode(
    'ERR_SIGNING_ROLLBACK',
  )
})

test('signDescriptor() refuses a signer whose certificate is over another key', async () => {
  const other = await newIdentity()
  const [signer] = await createSigners({ pkcs8: other.pkcs8, chainDer: good.chainDer })
  const target = { mediaType: 'application/wasm', digest: built.wasmDigest, size: 1 }
  await expect(signDescriptor(target, signer, { signingTime: NOW })).rejects.toThrowCode(
    'ERR_SIGNING_KEY_INVALID',
  )
})

test('signDescriptor() refuses a certificate that is not valid at the signing time', async () => {
  const signer = await signerOf(good)
  const target = { mediaType: 'application/wasm', digest: built.wasmDigest, size: 1 }
  for (const signingTime of [NOW - 86_400_000, NOW + 366 * 86_400_000]) {
    await expect(signDescriptor(target, signer, { signingTime })).rejects.toThrowCode(
      'ERR_SIGNING_KEY_INVALID',
    )
  }
})

test('signDescriptor() refuses reserved annotations and an expiry in the past, as mistakes', async () => {
  const signer = await signerOf(good)
  const target = { mediaType: 'application/wasm', digest: built.wasmDigest, size: 1 }
  const reserved = { signingTime: NOW, annotations: { 'io.cncf.notary.x': '' } }
  await expect(signDescriptor(target, signer, reserved)).rejects.toThrow(TypeError)
  await expect(signDescriptor(target, signer, { signingTime: NOW, expiry: NOW })).rejects.toThrow(
    RangeError,
  )
})

test('signDescriptor() refuses to sign as an authority, and with a chain without its root', async () => {
  const authority = await generateAuthority({ subject: SUBJECT, now: NOW })
  const issued = await newIdentity({}, authority)
  const target = { mediaType: 'application/wasm', digest: built.wasmDigest, size: 1 }
  for (const identity of [authority, { ...issued, chainDer: [issued.chainDer[0]] as const }]) {
    const [signer] = await createSigners({
      pkcs8: identity.pkcs8,
      chainDer: [...identity.chainDer],
    })
    const refused = signDescriptor(target, signer, { signingTime: NOW })
    await expect(refused).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
  }
})
