// What a registry, a mirror, another publisher or a thief may try, and the step that stops it.
import { encodeUtf8, toBase64 } from '@morphee/core'
import {
  type ArtifactToVerify,
  formatPublishers,
  generateAuthority,
  type Identity,
  type PublisherKey,
  type SigningError,
  type Trust,
  verifyArtifact,
  type VerifyErrorCode,
  type VerifyErrorDetails,
  type VerifyStep,
} from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import {
  EXPIRY,
  flipBit,
  forge,
  type Forgery,
  readEnvelope,
  SCHEME,
  TIME,
  toBase64Url,
} from '../forge.ts'
import {
  activeKey,
  buildArtifact,
  type BuiltArtifact,
  DAY,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  SUBJECT,
  toVerify,
  trustIn,
} from '../signed-extension.ts'

let good: Identity
let stranger: Identity
let built: BuiltArtifact
let trust: Trust

beforeAll(async () => {
  good = await newIdentity()
  stranger = await newIdentity()
  built = await buildArtifact()
  trust = trustIn([good])
})

type Attack = () => Promise<ArtifactToVerify> | ArtifactToVerify
type Row = readonly [attack: string, step: VerifyStep, code: VerifyErrorCode, prepare: Attack]

const forged =
  (forgery: Forgery): Attack =>
  async () =>
    toVerify(built, [await forge(built, good, forgery)], trust)
const signedBy = async (identity: Identity): Promise<Uint8Array> =>
  signArtifact(built, await signerOf(identity))
const revoked = (identity: Identity): PublisherKey => ({
  ...activeKey(identity),
  status: 'revoked',
  revokedAt: '2026-11-01T00:00:00Z',
  reason: 'keyCompromise',
})
const platform = { ...SUBJECT, organization: 'Platform' }

async function flipped(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const copy = bytes.slice()
  copy[copy.length >> 1]! ^= 4
  return copy
}

/** Another artifact under `digest` and with envelopes of its own. */
async function signedAs(
  name: string,
  version: string,
  changes: Partial<ArtifactToVerify>,
): Promise<ArtifactToVerify> {
  const other = await buildArtifact({ name, version })
  return toVerify(other, [await signArtifact(other, await signerOf(good))], trust, changes)
}

const rows: readonly Row[] = [
  ['unsigned', 'signature', 'ERR_SIGNING_UNSIGNED', () => toVerify(built, [], trust)],
  [
    'an untrusted key with the same subject',
    'chain',
    'ERR_SIGNING_UNTRUSTED',
    async () => toVerify(built, [await signedBy(stranger)], trust),
  ],
  [
    'a look-alike authority',
    'chain',
    'ERR_SIGNING_UNTRUSTED',
    async () => {
      const real = await generateAuthority({ subject: platform, now: NOW })
      const fake = await generateAuthority({ subject: platform, now: NOW })
      const issued = await newIdentity({}, fake)
      return toVerify(built, [await signedBy(issued)], trustIn([real], [activeKey(issued)]))
    },
  ],
  [
    "a look-alike authority's leaf under the real root",
    'chain',
    'ERR_SIGNING_CHAIN',
    async () => {
      const real = await generateAuthority({ subject: platform, now: NOW })
      const issued = await newIdentity({}, await generateAuthority({ subject: platform, now: NOW }))
      const envelope = readEnvelope(await signedBy(issued))
      envelope.header.x5c[1] = toBase64(real.chainDer[0])
      return toVerify(
        built,
        [encodeUtf8(JSON.stringify(envelope))],
        trustIn([real], [activeKey(issued)]),
      )
    },
  ],
  [
    'a leaf used as an authority',
    'chain',
    'ERR_SIGNING_CHAIN',
    async () => {
      const child = await newIdentity({}, good)
      return toVerify(
        built,
        [await forge(built, good, { signAs: child })],
        trustIn([good], [activeKey(child)]),
      )
    },
  ],
  [
    'an authority used as a signer',
    'chain',
    'ERR_SIGNING_CHAIN',
    async () => {
      const authority = await generateAuthority({ subject: SUBJECT, now: NOW })
      return toVerify(
        built,
        [await forge(built, good, { signAs: authority })],
        trustIn([authority]),
      )
    },
  ],
  [
    'a revoked key',
    'revocation',
    'ERR_SIGNING_REVOKED',
    async () => toVerify(built, [await signedBy(good)], trustIn([good], [revoked(good)])),
  ],
  [
    'a revoked key under a renewed certificate',
    'revocation',
    'ERR_SIGNING_REVOKED',
    async () => {
      const authority = await generateAuthority({ subject: platform, now: NOW })
      const issued = await newIdentity({}, authority)
      return toVerify(built, [await signedBy(issued)], trustIn([authority], [revoked(issued)]))
    },
  ],
  [
    'an expired certificate, signed while it was valid',
    'chain',
    'ERR_SIGNING_EXPIRED',
    async () =>
      toVerify(built, [await signedBy(good)], trust, {
        now: NOW + 366 * DAY,
        trust: { ...trust, publishers: { ...trust.publishers, expires: '2030-01-01T00:00:00Z' } },
      }),
  ],
  [
    'a certificate that is not valid yet',
    'chain',
    'ERR_SIGNING_EXPIRED',
    async () => toVerify(built, [await signedBy(good)], trust, { now: NOW - DAY }),
  ],
  [
    'a signature past its expiry',
    'chain',
    'ERR_SIGNING_EXPIRED',
    async () => {
      const envelope = await signArtifact(built, await signerOf(good), { expiry: NOW + 1000 })
      return toVerify(built, [envelope], trust, { now: NOW + 1000 })
    },
  ],
  [
    'a stale list of publishers',
    'publisher',
    'ERR_SIGNING_STALE_TRUST',
    async () => toVerify(built, [await signedBy(good)], trust, { now: NOW + 7 * DAY }),
  ],
  [
    'a trusted certificate whose key is in no list',
    'publisher',
    'ERR_SIGNING_PUBLISHER',
    async () => toVerify(built, [await signedBy(good)], trustIn([good], [activeKey(stranger)])),
  ],
  [
    "a key outside its publisher's names",
    'publisher',
    'ERR_SIGNING_PUBLISHER',
    () => signedAs('other/jira', '1.2.0', { asked: { name: 'other/jira' } }),
  ],
  [
    'a name whose publisher only begins like the own',
    'publisher',
    'ERR_SIGNING_PUBLISHER',
    () => signedAs('acme-corp/jira', '1.2.0', { asked: {} }),
  ],
  [
    'a name without publisher',
    'publisher',
    'ERR_SIGNING_PUBLISHER',
    () => signedAs('acme', '1.2.0', { asked: {} }),
  ],
  [
    'a trusted subject of another organization',
    'chain',
    'ERR_SIGNING_UNTRUSTED',
    async () => {
      const other = await newIdentity({
        subject: { ...SUBJECT, organization: 'Acme GmbH & Friends' },
      })
      return toVerify(built, [await signedBy(other)], trustIn([other]))
    },
  ],
  [
    'no policy for where it came from',
    'chain',
    'ERR_SIGNING_UNTRUSTED',
    async () => {
      const [statement] = trust.policy.statements
      const policy = { statements: [{ ...statement!, registryScopes: ['ghcr.io/acme/other'] }] }
      return toVerify(
        built,
        [await signedBy(good)],
        { ...trust, policy },
        { scope: 'ghcr.io/acme/jira' },
      )
    },
  ],
  [
    'a policy for this path that names another store',
    'chain',
    'ERR_SIGNING_UNTRUSTED',
    async () => {
      const [statement] = trust.policy.statements
      const narrow = {
        ...statement!,
        name: 'narrow',
        registryScopes: ['ghcr.io/acme/jira'],
        stores: ['other'],
      }
      const policy = { statements: [statement!, narrow] }
      return toVerify(
        built,
        [await signedBy(good)],
        { ...trust, policy },
        { scope: 'ghcr.io/acme/jira' },
      )
    },
  ],
  [
    'a bit flipped in the wasm',
    'bytes',
    'ERR_SIGNING_INTEGRITY',
    async () => toVerify(built, [await signedBy(good)], trust, { wasm: await flipped(built.wasm) }),
  ],
  [
    'bytes after the wasm',
    'bytes',
    'ERR_SIGNING_INTEGRITY',
    async () =>
      toVerify(built, [await signedBy(good)], trust, { wasm: new Uint8Array([...built.wasm, 0]) }),
  ],
  [
    'a layer whose size in the manifest is another',
    'bytes',
    'ERR_SIGNING_INTEGRITY',
    async () => {
      const layers = [{ mediaType: 'application/wasm', digest: built.wasmDigest, size: 1 }]
      const other = await buildArtifact({ manifest: { layers } })
      return toVerify(other, [await signArtifact(other, await signerOf(good))], trust)
    },
  ],
  [
    'a bit flipped in the manifest',
    'digest',
    'ERR_SIGNING_INTEGRITY',
    async () =>
      toVerify(built, [await signedBy(good)], trust, {
        manifestBytes: await flipped(built.manifestBytes),
      }),
  ],
  [
    'a digest that answers with another manifest',
    'digest',
    'ERR_SIGNING_INTEGRITY',
    async () => {
      const other = await buildArtifact({ version: '1.2.1' })
      return toVerify(other, [await signedBy(good)], trust, { digest: built.digest })
    },
  ],
  [
    'a bit flipped in the signature',
    'signature',
    'ERR_SIGNING_SIGNATURE',
    forged({ envelope: (e) => ({ ...e, signature: flipBit(e.signature) }) }),
  ],
  [
    'a bit flipped in the protected header',
    'signature',
    'ERR_SIGNING_SIGNATURE',
    forged({
      envelope: (e) => ({
        ...e,
        protected: toBase64Url(
          Buffer.from(e.protected, 'base64url').toString().replace('12:00:00Z', '12:00:01Z'),
        ),
      }),
    }),
  ],
  [
    'a payload edited after signing',
    'signature',
    'ERR_SIGNING_SIGNATURE',
    forged({
      envelope: (e) => ({
        ...e,
        payload: toBase64Url(
          Buffer.from(e.payload, 'base64url').toString().replace('sha256:', 'sha512:'),
        ),
      }),
    }),
  ],
  [
    'an empty signature',
    'signature',
    'ERR_SIGNING_SIGNATURE',
    forged({ envelope: (e) => ({ ...e, signature: '' }) }),
  ],
  [
    'alg none',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['alg'] = 'none'
      },
    }),
  ],
  [
    'alg RS256 over v1.5',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      v15: true,
      header: (h) => {
        h['alg'] = 'RS256'
      },
    }),
  ],
  [
    'alg HS256, keyed by the public key',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['alg'] = 'HS256'
      },
    }),
  ],
  [
    'alg as a list',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['alg'] = ['PS256']
      },
    }),
  ],
  [
    'a PS512 header over a key for PS256',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['alg'] = 'PS512'
      },
    }),
  ],
  ['a PS256 header over v1.5', 'signature', 'ERR_SIGNING_SIGNATURE', forged({ v15: true })],
  ['the maximal salt', 'signature', 'ERR_SIGNING_SIGNATURE', forged({ salt: 222 })],
  ['no salt', 'signature', 'ERR_SIGNING_SIGNATURE', forged({ salt: 0 })],
  [
    'an unknown critical header',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['crit'] = [SCHEME, 'io.cncf.notary.verificationPlugin']
        h['io.cncf.notary.verificationPlugin'] = 'x'
      },
    }),
  ],
  [
    'a critical header that is not there',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['crit'] = [SCHEME, EXPIRY]
      },
    }),
  ],
  [
    'a critical header named twice',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['crit'] = [SCHEME, SCHEME]
      },
    }),
  ],
  [
    'no critical headers',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        delete h['crit']
      },
    }),
  ],
  [
    'an empty list of critical headers',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['crit'] = []
      },
    }),
  ],
  [
    'an expiry that is not critical',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h[EXPIRY] = '2030-01-01T00:00:00Z'
      },
    }),
  ],
  [
    'an expiry that cannot be read',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h[EXPIRY] = 'never'
        h['crit'] = [SCHEME, EXPIRY]
      },
    }),
  ],
  [
    'no signing time',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        delete h[TIME]
      },
    }),
  ],
  [
    'another signing scheme',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h[SCHEME] = 'notary.x509.signingAuthority'
      },
    }),
  ],
  [
    'another content type',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h['cty'] = 'application/json'
      },
    }),
  ],
  ...(['jwk', 'jku', 'x5u', 'x5c', 'kid', 'b64', 'zip'] as const).map((name): Row => [
    `a ${name} header beside the chain`,
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      header: (h) => {
        h[name] = name === 'b64' ? false : 'x'
      },
    }),
  ]),
  [
    'a chain swapped for a trusted one',
    'signature',
    'ERR_SIGNING_SIGNATURE',
    async () => {
      const envelope = readEnvelope(await signedBy(stranger))
      envelope.header.x5c = [toBase64(good.chainDer[0])]
      return toVerify(built, [encodeUtf8(JSON.stringify(envelope))], trust)
    },
  ],
  [
    'an empty chain',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, header: { x5c: [] } }) }),
  ],
  [
    'a chain of 9',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, header: { x5c: Array(9).fill(e.header.x5c[0]) } }) }),
  ],
  [
    'the root twice',
    'chain',
    'ERR_SIGNING_CHAIN',
    forged({ envelope: (e) => ({ ...e, header: { x5c: [...e.header.x5c, ...e.header.x5c] } }) }),
  ],
  [
    'a certificate with bytes behind it',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      envelope: (e) => ({
        ...e,
        header: { x5c: [toBase64(new Uint8Array([...good.chainDer[0], 0]))] },
      }),
    }),
  ],
  [
    'a certificate that is none',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, header: { x5c: ['AAAA'] } }) }),
  ],
  [
    'an extra member',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, signatures: [] }) }),
  ],
  [
    'an unknown unprotected header',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, header: { ...e.header, alg: 'none' } }) }),
  ],
  [
    'a doubled member in the envelope',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    async () => {
      const text = new TextDecoder().decode(await signedBy(good))
      return toVerify(built, [encodeUtf8(text.replace('{', '{"payload":"e30",'))], trust)
    },
  ],
  [
    'a doubled member in the payload',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ payloadText: (text) => text.replace('"size":', '"size":1,"size":') }),
  ],
  [
    'a member doubled by an escape in the payload',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ payloadText: (text) => text.replace('"size":', String.raw`"s\u0069ze":1,"size":`) }),
  ],
  [
    'a doubled member in the protected header',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ headerText: (text) => text.replace('"alg"', '"alg":"none","alg"') }),
  ],
  [
    'a second target in the payload',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ payloadText: (text) => text.replace(/}$/, ',"targets":[]}') }),
  ],
  [
    'a payload that is not JSON',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ payloadText: () => 'sha256' }),
  ],
  [
    'base64 with padding',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({ envelope: (e) => ({ ...e, signature: `${e.signature}==` }) }),
  ],
  [
    'base64 with stray bits',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      envelope: (e) => ({
        ...e,
        signature: `${e.signature.slice(0, -1)}${e.signature.endsWith('Q') ? 'R' : 'B'}`,
      }),
    }),
  ],
  [
    'an envelope that is not JSON',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    () => toVerify(built, [encodeUtf8('{')], trust),
  ],
  [
    'a JWS in compact form',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    async () => {
      const e = readEnvelope(await signedBy(good))
      return toVerify(built, [encodeUtf8(`${e.protected}.${e.payload}.${e.signature}`)], trust)
    },
  ],
  [
    'a huge envelope',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    forged({
      envelope: (e) => ({
        ...e,
        header: { ...e.header, 'io.cncf.notary.signingAgent': 'x'.repeat(128 * 1024) },
      }),
    }),
  ],
  [
    'an envelope of brackets',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    () => toVerify(built, [encodeUtf8('['.repeat(60_000) + ']'.repeat(60_000))], trust),
  ],
  [
    'an envelope of escaped quotes',
    'signature',
    'ERR_SIGNING_ENVELOPE',
    () => toVerify(built, [encodeUtf8(`"${'\\"'.repeat(60_000)}`)], trust),
  ],
  [
    'a good signature of another manifest',
    'signature',
    'ERR_SIGNING_TARGET_MISMATCH',
    async () => {
      const other = await buildArtifact({ version: '0.9.0' })
      return toVerify(built, [await signArtifact(other, await signerOf(good))], trust)
    },
  ],
  [
    'a signature of the right digest with another size',
    'signature',
    'ERR_SIGNING_TARGET_MISMATCH',
    forged({ payloadText: (text) => text.replace(/"size":\d+/, '"size":1') }),
  ],
  [
    'a signature of the right digest with another type',
    'signature',
    'ERR_SIGNING_TARGET_MISMATCH',
    forged({
      payloadText: (text) => text.replace(/"mediaType":"[^"]+"/, '"mediaType":"application/wasm"'),
    }),
  ],
  [
    'another wasm digest under the signature',
    'bytes',
    'ERR_SIGNING_INTEGRITY',
    async () => {
      const annotations = { 'dev.morphee.wasm.digest': `sha256:${'1'.repeat(64)}` }
      return toVerify(
        built,
        [await signArtifact(built, await signerOf(good), { annotations })],
        trust,
      )
    },
  ],
  [
    'a rollback: an old version under a new tag',
    'asked',
    'ERR_SIGNING_VERSION_MISMATCH',
    () => signedAs('acme/jira', '1.0.0', {}),
  ],
  [
    'a rollback: an old version where any was asked for',
    'version',
    'ERR_SIGNING_ROLLBACK',
    () => signedAs('acme/jira', '1.0.0', { asked: { name: 'acme/jira' }, installedFloor: '1.2.0' }),
  ],
  [
    'a rollback to a prerelease',
    'version',
    'ERR_SIGNING_ROLLBACK',
    () =>
      signedAs('acme/jira', '1.2.0-rc.1', {
        asked: { name: 'acme/jira' },
        installedFloor: '1.2.0',
      }),
  ],
  [
    'a version that cannot be compared',
    'version',
    'ERR_SIGNING_ROLLBACK',
    () =>
      signedAs('acme/jira', 'latest', { asked: { name: 'acme/jira' }, installedFloor: '1.2.0' }),
  ],
  [
    'another extension of the same publisher',
    'asked',
    'ERR_SIGNING_NAME_MISMATCH',
    () => signedAs('acme/slack', '1.2.0', {}),
  ],
  [
    'another digest than the pinned one',
    'asked',
    'ERR_SIGNING_INTEGRITY',
    async () => {
      const other = await buildArtifact({ version: '1.2.1' })
      return toVerify(built, [await signedBy(good)], trust, { asked: { digest: other.digest } })
    },
  ],
  [
    'annotations that say another version than the code',
    'manifest',
    'ERR_SIGNING_MANIFEST_MISMATCH',
    async () => {
      const other = await buildArtifact({
        annotations: { 'org.opencontainers.image.version': '9.9.9' },
      })
      return toVerify(other, [await signArtifact(other, await signerOf(good))], trust)
    },
  ],
  [
    'annotations that say another name than the code',
    'manifest',
    'ERR_SIGNING_MANIFEST_MISMATCH',
    async () => {
      const other = await buildArtifact({ annotations: { 'dev.morphee.name': 'acme/slack' } })
      return toVerify(other, [await signArtifact(other, await signerOf(good))], trust, {
        asked: {},
      })
    },
  ],
  [
    'a listed annotation that the manifest lacks',
    'manifest',
    'ERR_SIGNING_MANIFEST_MISMATCH',
    async () =>
      toVerify(built, [await signedBy(good)], trust, {
        readManifest: () => ({
          name: 'acme/jira',
          version: '1.2.0',
          annotations: { 'org.opencontainers.image.title': 'Jira' },
        }),
      }),
  ],
  [
    'a wasm whose manifest cannot be read',
    'manifest',
    'ERR_SIGNING_MANIFEST_MISMATCH',
    async () =>
      toVerify(built, [await signedBy(good)], trust, {
        readManifest: () => {
          throw new Error('no manifest section')
        },
      }),
  ],
  ...(
    [
      ['two layers', { layers: [1, 2] }],
      ['no layer', { layers: [] }],
      [
        'a layer with a sha512 digest',
        {
          layers: [{ mediaType: 'application/wasm', digest: `sha512:${'0'.repeat(128)}`, size: 1 }],
        },
      ],
      [
        'a layer of another type',
        {
          layers: [
            { mediaType: 'application/octet-stream', digest: `sha256:${'0'.repeat(64)}`, size: 1 },
          ],
        },
      ],
      [
        'a layer with a negative size',
        {
          layers: [{ mediaType: 'application/wasm', digest: `sha256:${'0'.repeat(64)}`, size: -1 }],
        },
      ],
      [
        'the config of a container image',
        { config: { mediaType: 'application/vnd.oci.image.config.v1+json' } },
      ],
      ['an index instead of a manifest', { mediaType: 'application/vnd.oci.image.index.v1+json' }],
      ['a member nested 40 deep', { extra: JSON.parse('['.repeat(40) + ']'.repeat(40)) as never }],
      ['5 MiB', { extra: 'x'.repeat(5 * 1024 * 1024) as never }],
      ['a member __proto__', { extra: JSON.parse('{"__proto__":{}}') as never }],
      ['annotations that are no texts', { annotations: { 'dev.morphee.name': 1 } }],
    ] as const
  ).map(([what, manifest]): Row => [
    `an OCI manifest with ${what}`,
    'digest',
    'ERR_SIGNING_ARTIFACT',
    async () => {
      const other = await buildArtifact({ manifest: manifest as never })
      return toVerify(other, [await signArtifact(other, await signerOf(good))], trust)
    },
  ]),
]

for (const [attack, step, code, prepare] of rows) {
  test(`verifyArtifact() refuses ${attack}`, async () => {
    const refused = verifyArtifact(await prepare())
    await expect(refused).rejects.toThrowCode(code)
    const { details } = (await refused.catch((error: unknown) => error)) as SigningError
    expect((details as VerifyErrorDetails).step).toBe(step)
  })
}

test('verifyArtifact() refuses a doubled member in the OCI manifest', async () => {
  const text = new TextDecoder().decode(built.manifestBytes)
  const manifestBytes = encodeUtf8(text.replace('"schemaVersion"', '"layers":[],"schemaVersion"'))
  const digest =
    `sha256:${Buffer.from(await crypto.subtle.digest('SHA-256', manifestBytes)).toString('hex')}` as typeof built.digest
  const doubled = { ...built, manifestBytes, digest }
  const refused = verifyArtifact(
    toVerify(doubled, [await signArtifact(doubled, await signerOf(good))], trust),
  )
  await expect(refused).rejects.toThrowCode('ERR_SIGNING_ARTIFACT')
})

test('verifyArtifact() does not read the manifest of bytes that were not verified', async () => {
  let reads = 0
  const readManifest = (): never => {
    reads++
    throw new Error('read')
  }
  const unsigned = toVerify(built, [], trust, { readManifest })
  const tampered = toVerify(built, [await signedBy(good)], trust, {
    readManifest,
    wasm: await flipped(built.wasm),
  })
  await expect(verifyArtifact(unsigned)).rejects.toThrowCode('ERR_SIGNING_UNSIGNED')
  await expect(verifyArtifact(tampered)).rejects.toThrowCode('ERR_SIGNING_INTEGRITY')
  expect(reads).toBe(0)
})

test('formatPublishers() of the trust used here is what a file would hold', () => {
  expect(JSON.parse(formatPublishers(trust.publishers))).toEqual(trust.publishers)
})
