import {
  type Identity,
  LOAD_WINDOW_MS,
  type PublisherKey,
  recheck,
  recheckKey,
  type Trust,
  verifyArtifact,
  type Verified,
} from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import {
  activeKey,
  buildArtifact,
  type BuiltArtifact,
  DAY,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

let good: Identity
let built: BuiltArtifact
let trust: Trust
let installed: Verified

beforeAll(async () => {
  good = await newIdentity()
  built = await buildArtifact()
  trust = trustIn([good])
  const envelope = await signArtifact(built, await signerOf(good))
  installed = await verifyArtifact(toVerify(built, [envelope], trust))
})

test('recheck() lets the same bytes load', async () => {
  await recheck({ wasm: built.wasm, installed, trust, now: NOW })
})

test('recheck() lets them load when the certificate has expired: that stops installs only', async () => {
  const publishers = { ...trust.publishers, expires: '2030-01-01T00:00:00Z' }
  await recheck({
    wasm: built.wasm,
    installed,
    trust: { ...trust, publishers },
    now: NOW + 400 * DAY,
  })
})

test('recheck() refuses bytes that changed in the cache', async () => {
  const wasm = built.wasm.slice()
  wasm[3]! ^= 1
  await expect(recheck({ wasm, installed, trust, now: NOW })).rejects.toThrowCode(
    'ERR_SIGNING_INTEGRITY',
  )
})

test('recheck() refuses a key that was revoked after the install', async () => {
  const key: PublisherKey = {
    ...activeKey(good),
    status: 'revoked',
    revokedAt: '2026-11-22T13:00:00Z',
    reason: 'keyCompromise',
  }
  const revoked = trustIn([good], [key])
  await expect(
    recheck({ wasm: built.wasm, installed, trust: revoked, now: NOW }),
  ).rejects.toThrowCode('ERR_SIGNING_REVOKED')
})

test('recheck() refuses a key that its publisher no longer has, or that moved to another', async () => {
  await expect(
    recheck({ wasm: built.wasm, installed, trust: trustIn([good], []), now: NOW }),
  ).rejects.toThrowCode('ERR_SIGNING_PUBLISHER')
  const [publisher] = trust.publishers.publishers
  const publishers = { ...trust.publishers, publishers: [{ ...publisher!, id: 'other' }] }
  await expect(
    recheck({ wasm: built.wasm, installed, trust: { ...trust, publishers }, now: NOW }),
  ).rejects.toThrowCode('ERR_SIGNING_PUBLISHER')
})

test('recheckKey() relies on a stale list for its window and no longer', () => {
  const expires = Date.parse(trust.publishers.expires)
  recheckKey({ installed, trust, now: expires + LOAD_WINDOW_MS - 1 })
  expect(() => recheckKey({ installed, trust, now: expires + LOAD_WINDOW_MS })).toThrowCode(
    'ERR_SIGNING_STALE_TRUST',
  )
})

test("recheckKey() refuses a record whose name is not its publisher's", () => {
  const renamed = { ...installed, name: 'other/jira' }
  expect(() => recheckKey({ installed: renamed, trust, now: NOW })).toThrowCode(
    'ERR_SIGNING_PUBLISHER',
  )
})
