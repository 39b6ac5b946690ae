// What is signed here, notation-go accepts; what notation-go signs is accepted here; and both refuse the same attacks.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeUtf8 } from '@morphee/core'
import {
  createSigners,
  formatPem,
  generateAuthority,
  type Identity,
  OCI_MANIFEST_TYPE,
  signBlob,
  verifyArtifact,
  WASM_TYPE,
} from '@morphee/signing'
import { addTrustedCertificate, readTrustDirectory } from '@morphee/signing/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  buildArtifact,
  type BuiltArtifact,
  DAY,
  newIdentity,
  signArtifact,
  signerOf,
  SUBJECT,
  toVerify,
} from '../../../packages/signing/test/signed-extension.ts'

const source = dirname(fileURLToPath(import.meta.url))
const reason = whyLeftOut()
if (reason !== undefined) console.warn(`left out: interoperation with notation-go: ${reason}`)

function whyLeftOut(): string | undefined {
  if (spawnSync('go', ['version']).status !== 0) return 'no Go toolchain'
  // From the module cache where it is filled, so that only the first run on a machine needs the network.
  return spawnSync('go', ['mod', 'download'], { cwd: source }).status === 0
    ? undefined
    : 'its Go modules cannot be had'
}

const now = Date.now()
// What each of the two says of an attack.
const REASONS: Readonly<Record<string, readonly [notation: string, ours: string]>> = {
  'a bit flipped in the signature': ['signature is invalid', 'ERR_SIGNING_SIGNATURE'],
  'the signature of another manifest': [
    'content descriptor mismatch',
    'ERR_SIGNING_TARGET_MISMATCH',
  ],
  'a signature past its expiry': ['digital signature has expired', 'ERR_SIGNING_EXPIRED'],
  'an untrusted key with the same subject': [
    'does not contain any trusted certificate',
    'ERR_SIGNING_UNTRUSTED',
  ],
  'a chain without its root': ['certificate-chain is invalid', 'ERR_SIGNING_CHAIN'],
}
let directory: string
let oracle: string
let built: BuiltArtifact

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'morphee-notation-'))
  oracle = join(directory, 'oracle')
  built = await buildArtifact()
  if (reason === undefined) execFileSync('go', ['build', '-o', oracle, '.'], { cwd: source })
})

afterAll(() => rm(directory, { recursive: true }))

let files = 0

async function writeTemporary(bytes: Uint8Array | string): Promise<string> {
  const path = join(directory, String(files++))
  await writeFile(path, bytes)
  return path
}

/** A trust directory made by this project, read by notation as it is. */
async function trust(...identities: readonly Identity[]): Promise<string> {
  const path = join(directory, `trust-${files++}`)
  await mkdir(path)
  for (const { chainDer } of identities) {
    const certificate = encodeUtf8(chainDer.map((der) => formatPem('CERTIFICATE', der)).join(''))
    await addTrustedCertificate(path, { certificate, publisher: { id: 'acme' }, now })
  }
  return path
}

async function notation(
  trustDirectory: string,
  envelope: Uint8Array,
  target: Uint8Array = built.manifestBytes,
  mediaType = OCI_MANIFEST_TYPE,
): Promise<string> {
  const files = [await writeTemporary(envelope), await writeTemporary(target)]
  return spawnSync(oracle, ['verify', trustDirectory, mediaType, ...files], {
    encoding: 'utf8',
  }).stdout.trim()
}

async function ours(
  trustDirectory: string,
  envelope: Uint8Array,
  artifact = built,
): Promise<string> {
  const context = toVerify(artifact, [envelope], await readTrustDirectory(trustDirectory), { now })
  return verifyArtifact(context).then(
    () => 'accepted',
    (error: Error) => (error as Error & { code: string }).code,
  )
}

const fresh = (
  request: Parameters<typeof newIdentity>[0] = {},
  authority?: Identity,
): Promise<Identity> => newIdentity({ now, ...request }, authority)

const newAuthority = (): Promise<Identity> =>
  generateAuthority({ subject: { ...SUBJECT, organization: 'Platform' }, now })

describe.skipIf(reason !== undefined)(
  reason === undefined ? 'notation-go' : `notation-go (left out: ${reason})`,
  () => {
    for (const bits of [2048, 3072, 4096] as const) {
      test(`accepts a signature made here with RSA-${bits}`, async () => {
        const identity = await fresh({ bits })
        const directory = await trust(identity)
        const envelope = await signArtifact(built, await signerOf(identity), { signingTime: now })
        expect(await notation(directory, envelope)).toBe('accepted')
        expect(await ours(directory, envelope)).toBe('accepted')
      })
    }

    test('accepts a signature by an issued certificate, with expiry and annotations', async () => {
      const identity = await fresh({}, await newAuthority())
      const directory = await trust(identity)
      const envelope = await signArtifact(built, await signerOf(identity), {
        signingTime: now,
        expiry: now + DAY,
      })
      expect(await notation(directory, envelope)).toBe('accepted')
      expect(await ours(directory, envelope)).toBe('accepted')
    })

    test('accepts the signature of a file', async () => {
      const identity = await fresh()
      const envelope = await signBlob(built.wasm, await signerOf(identity), { signingTime: now })
      expect(await notation(await trust(identity), envelope, built.wasm, WASM_TYPE)).toBe(
        'accepted',
      )
    })

    test('reads the trusted identity of a subject full of special characters', async () => {
      const organization = '# Acme, "Inc." + <Sons>; a=b \\ GmbH'
      const identity = await fresh({ subject: { ...SUBJECT, organization } })
      const directory = await trust(identity)
      const envelope = await signArtifact(built, await signerOf(identity), { signingTime: now })
      expect(await notation(directory, envelope)).toBe('accepted')
      expect(await ours(directory, envelope)).toBe('accepted')
    })

    test('reads a trust directory of several publishers', async () => {
      const identities = [
        await fresh(),
        await fresh({ subject: { ...SUBJECT, organization: 'Other' } }),
        await fresh({ subject: { ...SUBJECT, commonName: 'second key' } }),
      ]
      const directory = await trust(...identities)
      for (const identity of identities) {
        const envelope = await signArtifact(built, await signerOf(identity), { signingTime: now })
        expect(await notation(directory, envelope)).toBe('accepted')
      }
    })

    test('refuses PS256 over a larger key, which is why such a key signs twice', async () => {
      const identity = await fresh({ bits: 3072 })
      const directory = await trust(identity)
      const [, second] = await createSigners(identity)
      const envelope = await signArtifact(built, second!, { signingTime: now })
      expect(await notation(directory, envelope)).toContain('mismatch between signature algorithm')
      expect(await ours(directory, envelope)).toBe('accepted')
    })

    const attacks: Readonly<
      Record<string, (identity: Identity) => Promise<{ envelope: Uint8Array; trusted?: Identity }>>
    > = {
      'a bit flipped in the signature': async (identity) => {
        const envelope = await signArtifact(built, await signerOf(identity), { signingTime: now })
        const json = JSON.parse(Buffer.from(envelope).toString())
        const signature = Buffer.from(json.signature, 'base64url')
        signature[10]! ^= 1
        return {
          envelope: encodeUtf8(
            JSON.stringify({ ...json, signature: signature.toString('base64url') }),
          ),
        }
      },
      'the signature of another manifest': async (identity) => {
        const other = await buildArtifact({ version: '9.9.9' })
        return {
          envelope: await signArtifact(other, await signerOf(identity), { signingTime: now }),
        }
      },
      'a signature past its expiry': async (identity) => ({
        envelope: await signArtifact(built, await signerOf(identity), {
          signingTime: now - 30_000,
          expiry: now - 10_000,
        }),
      }),
      'an untrusted key with the same subject': async (identity) => ({
        envelope: await signArtifact(built, await signerOf(await fresh()), { signingTime: now }),
        trusted: identity,
      }),
      'a chain without its root': async () => {
        const issued = await fresh({}, await newAuthority())
        const complete = await signArtifact(built, await signerOf(issued), { signingTime: now })
        const json = JSON.parse(Buffer.from(complete).toString())
        json.header.x5c = json.header.x5c.slice(0, 1)
        return { envelope: encodeUtf8(JSON.stringify(json)), trusted: issued }
      },
    }
    for (const [attack, prepare] of Object.entries(attacks)) {
      test(`refuses, as verifyArtifact() does, ${attack}`, async () => {
        const identity = await fresh()
        const { envelope, trusted = identity } = await prepare(identity)
        const directory = await trust(trusted)
        const [reason, code] = REASONS[attack]!
        expect(await notation(directory, envelope)).toContain(reason)
        expect(await ours(directory, envelope)).toBe(code)
      })
    }
  },
)

describe.skipIf(reason !== undefined)('verifyArtifact() accepts what notation-go signed', () => {
  const kinds: Readonly<Record<string, () => Promise<Identity>>> = {
    'with a self-signed RSA-2048 certificate': () => fresh(),
    'with a self-signed RSA-3072 certificate': () => fresh({ bits: 3072 }),
    'with an issued certificate': async () => fresh({}, await newAuthority()),
  }
  for (const [kind, create] of Object.entries(kinds)) {
    test(kind, async () => {
      const identity = await create()
      const key = await writeTemporary(formatPem('PRIVATE KEY', identity.pkcs8))
      const chain = await writeTemporary(
        identity.chainDer.map((der) => formatPem('CERTIFICATE', der)).join(''),
      )
      const out = join(directory, `signed-${files++}`)
      const target = await writeTemporary(built.manifestBytes)
      expect(execFileSync(oracle, ['sign', key, chain, target, out], { encoding: 'utf8' })).toBe(
        'accepted\n',
      )
      expect(await ours(await trust(identity), await readFile(out))).toBe('accepted')
    })
  }
})
