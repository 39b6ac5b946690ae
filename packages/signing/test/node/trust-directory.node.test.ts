import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeUtf8 } from '@morphee/core'
import {
  formatPem,
  generateAuthority,
  type Identity,
  type SigningError,
  tryParseName,
  verifyArtifact,
} from '@morphee/signing'
import {
  addTrustedCertificate,
  createFileTrustSource,
  readTrustDirectory,
  renewPublishers,
  revokeKey,
} from '@morphee/signing/node'
import { beforeAll, expect, test } from 'vitest'
import {
  buildArtifact,
  DAY,
  newIdentity,
  NOW,
  signArtifact,
  signerOf,
  SUBJECT,
  toVerify,
} from '../signed-extension.ts'
import { temporaryDirectory } from './temporary-directory.ts'

let acme: Identity
let other: Identity

beforeAll(async () => {
  acme = await newIdentity()
  other = await newIdentity({ subject: { ...SUBJECT, organization: 'Other' } })
})

const pem = ({ chainDer }: Identity): Uint8Array =>
  encodeUtf8(chainDer.map((der) => formatPem('CERTIFICATE', der)).join(''))
const add = (
  directory: string,
  identity: Identity,
  id = 'acme',
): ReturnType<typeof addTrustedCertificate> =>
  addTrustedCertificate(directory, {
    certificate: pem(identity),
    publisher: { id, name: `${id} GmbH` },
    now: NOW,
  })

async function trusted(...identities: readonly Identity[]): Promise<string> {
  const directory = join(await temporaryDirectory(), 'trust')
  for (const identity of identities) await add(directory, identity)
  return directory
}

async function messages(directory: string): Promise<readonly string[]> {
  const error = (await readTrustDirectory(directory).then(
    () => expect.unreachable('read'),
    (thrown: unknown) => thrown,
  )) as SigningError<'ERR_SIGNING_TRUST_INVALID'>
  expect(error.code).toBe('ERR_SIGNING_TRUST_INVALID')
  return error.details.diagnostics.map(({ file, path, message }) => `${file} ${path}: ${message}`)
}

test('addTrustedCertificate() makes what verifyArtifact() verifies with', async () => {
  const directory = join(await temporaryDirectory(), 'new', 'trust')
  const added = await add(directory, acme)
  expect(added).toMatchObject({
    keyId: acme.keyId,
    wasKnown: false,
    publisher: { id: 'acme', name: 'acme GmbH' },
  })
  const built = await buildArtifact()
  const envelope = await signArtifact(built, await signerOf(acme))
  const trust = await createFileTrustSource(directory).read()
  expect(await verifyArtifact(toVerify(built, [envelope], trust))).toMatchObject({
    publisher: 'acme',
    trustVersion: 1,
  })
})

test('addTrustedCertificate() takes the root of an issued certificate as anchor and its own key as the publisher', async () => {
  const authority = await generateAuthority({
    subject: { ...SUBJECT, organization: 'Platform' },
    now: NOW,
  })
  const issued = await newIdentity({}, authority)
  const trust = await readTrustDirectory(await trusted(issued))
  expect(trust.stores.get('acme')).toEqual([authority.chainDer[0]])
  expect(trust.publishers.publishers[0]?.keys[0]?.keyId).toBe(issued.keyId)
})

test('addTrustedCertificate() writes both policy files alike, with one identity a subject', async () => {
  const second = await newIdentity({ subject: { ...SUBJECT, commonName: 'second' } })
  const directory = await trusted(acme, second)
  await add(directory, other, 'other')
  const text = await readFile(join(directory, 'trustpolicy.json'), 'utf8')
  expect(await readFile(join(directory, 'trustpolicy.oci.json'), 'utf8')).toBe(text)
  expect(JSON.parse(text)).toEqual({
    version: '1.0',
    trustPolicies: [
      {
        name: 'default',
        registryScopes: ['*'],
        signatureVerification: { level: 'strict' },
        trustStores: ['ca:acme', 'ca:other'],
        trustedIdentities: [
          'x509.subject: C=DE, ST=Berlin, O=Acme GmbH',
          'x509.subject: C=DE, ST=Berlin, O=Other',
        ],
      },
    ],
  })
})

test('addTrustedCertificate() adds a key once, and goes up a version each time', async () => {
  const directory = await trusted(acme)
  expect(await add(directory, acme)).toMatchObject({ wasKnown: true })
  const { publishers } = await readTrustDirectory(directory)
  expect(publishers.version).toBe(2)
  expect(publishers.publishers[0]?.keys).toHaveLength(1)
})

test("addTrustedCertificate() refuses a revoked key and another publisher's", async () => {
  const directory = await trusted(acme)
  await expect(add(directory, acme, 'thief')).rejects.toThrowCode('ERR_SIGNING_PUBLISHER')
  await revokeKey(directory, { keyId: acme.keyId, reason: 'keyCompromise', now: NOW })
  await expect(add(directory, acme)).rejects.toThrowCode('ERR_SIGNING_REVOKED')
})

const unusable: Readonly<Record<string, () => Promise<Uint8Array>>> = {
  'an authority as a signer': async () =>
    pem(await generateAuthority({ subject: SUBJECT, now: NOW })),
  'an issued certificate without its root': async () => {
    const issued = await newIdentity({}, await generateAuthority({ subject: SUBJECT, now: NOW }))
    return encodeUtf8(formatPem('CERTIFICATE', issued.chainDer[0]))
  },
  'an expired certificate': async () => pem(await newIdentity({ now: NOW - 400 * DAY })),
  'what is no certificate': async () => encodeUtf8('hello'),
}
for (const [what, certificate] of Object.entries(unusable)) {
  test(`addTrustedCertificate() refuses ${what}, and writes nothing`, async () => {
    const directory = join(await temporaryDirectory(), 'trust')
    const refused = addTrustedCertificate(directory, {
      certificate: await certificate(),
      publisher: { id: 'acme' },
      now: NOW,
    })
    await expect(refused).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
    await expect(readFile(join(directory, 'publishers.json'))).rejects.toThrowCode('ENOENT')
  })
}

for (const id of ['', 'Acme', '../acme', 'a/b', 'acme-', 'a'.repeat(40)]) {
  test(`addTrustedCertificate() refuses the publisher id ${JSON.stringify(id)}`, async () => {
    const directory = join(await temporaryDirectory(), 'trust')
    await expect(add(directory, acme, id)).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
  })
}

test('revokeKey() counts at once, keeps what else is there, and is refused for a key nobody has', async () => {
  const directory = await trusted(acme)
  await add(directory, other, 'other')
  const source = createFileTrustSource(directory)
  await source.read()
  await revokeKey(directory, { keyId: acme.keyId, reason: 'keyCompromise', now: NOW })
  await revokeKey(directory, { keyId: acme.keyId, reason: 'superseded', now: NOW + DAY })
  const { publishers } = (await source.read()).publishers
  expect(
    publishers.map(({ id, keys }) => [id, keys[0]?.status, keys[0]?.reason, keys[0]?.revokedAt]),
  ).toEqual([
    ['acme', 'revoked', 'keyCompromise', '2026-11-22T12:00:00.000Z'],
    ['other', 'active', undefined, undefined],
  ])
  const nobodys = revokeKey(directory, { keyId: '0'.repeat(64), reason: 'unspecified', now: NOW })
  await expect(nobodys).rejects.toThrowCode('ERR_SIGNING_PUBLISHER')
})

test('revokeKey() and addTrustedCertificate() at once lose nothing', async () => {
  const directory = await trusted(acme)
  const more = await Promise.all(Array.from({ length: 3 }, () => newIdentity()))
  await Promise.all([
    ...more.map((identity) => add(directory, identity)),
    revokeKey(directory, { keyId: acme.keyId, reason: 'keyCompromise', now: NOW }),
  ])
  const { publishers } = await readTrustDirectory(directory)
  expect(publishers.version).toBe(5)
  expect(publishers.publishers[0]?.keys.map(({ status }) => status).sort()).toEqual([
    'active',
    'active',
    'active',
    'revoked',
  ])
})

test('addTrustedCertificate() takes over the lock of a process that is gone', async () => {
  const directory = await trusted(acme)
  // The largest process id of Linux is 2^22.
  await writeFile(join(directory, '.lock'), String(2 ** 22 + 1))
  await add(directory, other, 'other')
})

test('lock race: whoever sees a dead owner does not remove the lock while another is taking it over', async () => {
  const directory = await trusted(acme)
  await writeFile(join(directory, '.lock'), String(2 ** 22 + 1))
  await writeFile(join(directory, '.lock.takeover'), String(process.pid))
  await expect(add(directory, other, 'other')).rejects.toThrowCode('ERR_SIGNING_TRUST_BUSY')
}, 15_000)

test('renewPublishers() moves the end, and nothing else', async () => {
  const directory = await trusted(acme)
  const before = (await readTrustDirectory(directory)).publishers
  const after = await renewPublishers(directory, NOW + 30 * DAY)
  expect(after).toEqual({ ...before, version: 2, expires: '2026-12-22T12:00:00.000Z' })
})

test('createFileTrustSource() refuses to go back to an older list of publishers', async () => {
  const directory = await trusted(acme)
  const file = join(directory, 'publishers.json')
  const old = await readFile(file)
  await revokeKey(directory, { keyId: acme.keyId, reason: 'keyCompromise', now: NOW })
  const source = createFileTrustSource(directory)
  await source.read()
  await writeFile(file, old)
  await expect(source.read()).rejects.toThrowCode('ERR_SIGNING_STALE_TRUST')
})

test('readTrustDirectory() says everything that is missing', async () => {
  expect(await messages(await temporaryDirectory())).toEqual([
    'trustpolicy.oci.json : Is missing',
    'publishers.json : Is missing',
  ])
})

test('readTrustDirectory() takes a directory with either policy file, as notation 1 and 2 do', async () => {
  for (const file of ['trustpolicy.json', 'trustpolicy.oci.json']) {
    const directory = await trusted(acme)
    await rm(join(directory, file))
    await readTrustDirectory(directory)
  }
})

test('readTrustDirectory() refuses two policies that differ', async () => {
  const directory = await trusted(acme)
  const file = join(directory, 'trustpolicy.json')
  await writeFile(file, (await readFile(file, 'utf8')).replace('Acme', 'Evil'))
  expect(await messages(directory)).toEqual([
    'trustpolicy.json : Differs from trustpolicy.oci.json',
  ])
})

for (const path of [
  'publishers.json',
  'trustpolicy.json',
  'trustpolicy.oci.json',
  'truststore',
  'truststore/x509',
  'truststore/x509/ca',
  'truststore/x509/ca/acme',
]) {
  test(`readTrustDirectory() refuses a symbolic link at ${path}`, async () => {
    const directory = await trusted(acme)
    const real = join(directory, 'moved')
    await rename(join(directory, path), real)
    await symlink(real, join(directory, path))
    expect((await messages(directory)).join('\n')).toContain('Is a symbolic link')
  })
}

test('readTrustDirectory() refuses a linked certificate, and one that is none', async () => {
  const directory = await trusted(acme)
  const store = join(directory, 'truststore/x509/ca/acme')
  await writeFile(join(directory, 'elsewhere'), pem(other))
  await symlink(join(directory, 'elsewhere'), join(store, 'a.pem'))
  await writeFile(join(store, 'b.crt'), 'hello')
  await mkdir(join(store, 'c.cer'))
  await writeFile(join(store, 'README'), 'left alone')
  expect(await messages(directory)).toEqual([
    'ca:acme/a.pem : Is a symbolic link',
    'ca:acme/b.crt : Holds no certificate over an RSA key of 2048, 3072 or 4096 bits',
    'ca:acme/c.cer : Is not a regular file',
  ])
})

test('readTrustDirectory() reads a certificate in DER', async () => {
  const directory = await trusted(acme)
  await writeFile(join(directory, 'truststore/x509/ca/acme/other.cer'), other.chainDer[0])
  const { stores } = await readTrustDirectory(directory)
  expect(stores.get('acme')).toHaveLength(2)
})

test('readTrustDirectory() refuses a file that everybody may change', async () => {
  const directory = await trusted(acme)
  await chmod(join(directory, 'publishers.json'), 0o666)
  expect(await messages(directory)).toEqual([
    'publishers.json : May be changed by everybody on this machine',
  ])
})

test('addTrustedCertificate() does not write through a linked store', async () => {
  const directory = await trusted(acme)
  const elsewhere = await temporaryDirectory()
  await symlink(elsewhere, join(directory, 'truststore/x509/ca/other'))
  await expect(add(directory, other, 'other')).rejects.toThrowCode('ERR_SIGNING_TRUST_INVALID')
})

test('a subject of the trust directory is what was in the certificate', async () => {
  const odd = await newIdentity({
    subject: { ...SUBJECT, organization: 'Acme, "Inc." + <Sons> = ; \\ #' },
  })
  const { policy } = await readTrustDirectory(await trusted(odd))
  expect(policy.statements[0]?.identities).toEqual([
    [
      { type: 'C', value: 'DE' },
      { type: 'ST', value: 'Berlin' },
      { type: 'O', value: 'Acme, "Inc." + <Sons> = ; \\ #' },
    ],
  ])
  expect(tryParseName('CN=a,')).toBeUndefined()
})
