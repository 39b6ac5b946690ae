// The certificates against Node's own X.509 reader, which is OpenSSL's.
import { createHash, X509Certificate } from 'node:crypto'
import {
  createSigners,
  generateAuthority,
  generateIdentity,
  tryParseCertificate,
} from '@morphee/signing'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DAY, NOW, SUBJECT } from '../signed-extension.ts'

const request = { subject: { ...SUBJECT, organization: 'Ünïcode GmbH' }, now: NOW + 999 }

test('generateIdentity() writes a self-signed certificate of the profile', async () => {
  const identity = await generateIdentity(request)
  const certificate = new X509Certificate(identity.chainDer[0])
  expect(certificate.subject).toBe('C=DE\nST=Berlin\nO=Ünïcode GmbH\nCN=acme')
  expect(certificate.issuer).toBe(certificate.subject)
  expect(certificate.verify(certificate.publicKey)).toBe(true)
  expect(certificate.ca).toBe(false)
  // Node calls the extended key usage so.
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.3'])
  expect(certificate.publicKey.asymmetricKeyType).toBe('rsa')
  expect(certificate.publicKey.asymmetricKeyDetails).toMatchObject({
    modulusLength: 2048,
    publicExponent: 65537n,
  })
  expect(certificate.validFromDate).toEqual(new Date(NOW - 60_000))
  expect(certificate.validToDate).toEqual(new Date(NOW - 60_000 + 365 * DAY))
  expect(BigInt(`0x${certificate.serialNumber}`) > 2n ** 120n).toBe(true)
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' })
  expect(identity.keyId).toBe(createHash('sha256').update(spki).digest('hex'))
})

test('generateIdentity() writes a certificate that its authority issued', async () => {
  const authority = await generateAuthority({
    subject: { ...SUBJECT, organization: 'Platform' },
    now: NOW,
  })
  const identity = await generateIdentity(
    { ...request, crlUrl: 'http://crl.example/ca.crl' },
    authority,
  )
  const [leaf, root] = identity.chainDer.map((der) => new X509Certificate(der))
  expect(leaf!.checkIssued(root!)).toBe(true)
  expect(leaf!.verify(root!.publicKey)).toBe(true)
  expect(root!.ca).toBe(true)
  expect(root!.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072)
})

test('generateIdentity() and generateAuthority() give every certificate another serial number', async () => {
  const authority = await generateAuthority(request)
  const identities = await Promise.all([
    generateIdentity(request, authority),
    generateIdentity(request, authority),
  ])
  const serials = identities.map(({ chainDer }) => new X509Certificate(chainDer[0]).serialNumber)
  expect(new Set(serials).size).toBe(2)
})

test('tryParseCertificate() reads what Node reads', async () => {
  const { chainDer, keyId } = await generateIdentity(request)
  const own = await tryParseCertificate(chainDer[0])
  const nodes = new X509Certificate(chainDer[0])
  expect(own).toMatchObject({
    notBefore: nodes.validFromDate.getTime(),
    notAfter: nodes.validToDate.getTime(),
  })
  expect(own?.serialNumber).toBe(nodes.serialNumber.toLowerCase())
  expect(own?.key).toMatchObject({ bits: 2048, keyId })
  expect(own?.subject.map(({ type, value }) => `${type}=${value}`).join('\n')).toBe(nodes.subject)
})

test('tryParseCertificate() reads nothing else than the exact bytes of a certificate', async () => {
  const { chainDer } = await generateIdentity(request)
  const der = chainDer[0]
  expect(await tryParseCertificate(new Uint8Array([...der, 0]))).toBeUndefined()
  expect(await tryParseCertificate(der.slice(0, -1))).toBeUndefined()
  expect(await tryParseCertificate(new Uint8Array())).toBeUndefined()
  // The same certificate with a length in long form, as BER would have it.
  const long = new Uint8Array([0x30, 0x83, 0, ...der.slice(2)])
  expect(await tryParseCertificate(long)).toBeUndefined()
})

test('tryParseCertificate() gives a certificate or nothing, whatever bytes are changed', async () => {
  const { chainDer } = await generateIdentity(request)
  const size = chainDer[0].length
  const change = fc.record({ at: fc.nat(size - 1), to: fc.nat(255) })
  const changes = fc.array(change, { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      const der = chainDer[0].slice()
      for (const { at, to } of list) der[at] = to
      await tryParseCertificate(der)
    }),
    { numRuns: 500 },
  )
})

test('tryParseCertificate() refuses a certificate whose time is on no day', async () => {
  const { chainDer } = await generateIdentity(request)
  const text = Buffer.from(chainDer[0]).toString('latin1')
  const der = Buffer.from(text.replace('261122115900Z', '269922115900Z'), 'latin1')
  expect(der).not.toEqual(Buffer.from(chainDer[0]))
  expect(await tryParseCertificate(new Uint8Array(der))).toBeUndefined()
})

for (const [what, subject] of [
  ['a long country', { country: 'DEU' }],
  ['an empty state', { state: '' }],
  ['an organization with a line break', { organization: 'A\nB' }],
  ['a common name with a bidi control', { commonName: 'a\u202eb' }],
  ['blanks around', { organization: ' Acme' }],
  ['65 characters', { commonName: 'x'.repeat(65) }],
] as const) {
  test(`generateIdentity() refuses a subject with ${what}`, async () => {
    const refused = generateIdentity({ ...request, subject: { ...SUBJECT, ...subject } })
    await expect(refused).rejects.toThrowCode('ERR_SIGNING_KEY_INVALID')
  })
}

test('generateIdentity() refuses periods and revocation lists that it cannot write', async () => {
  for (const change of [
    { days: 0 },
    { days: 1.5 },
    { days: 4000 },
    { crlUrl: 'https://crl.example/' },
    { crlUrl: 'http://a b' },
  ]) {
    await expect(generateIdentity({ ...request, ...change })).rejects.toThrowCode(
      'ERR_SIGNING_KEY_INVALID',
    )
  }
})

test('createSigners() refuses what is no key, and a certificate that is none', async () => {
  const { pkcs8, chainDer } = await generateIdentity(request)
  await expect(createSigners({ pkcs8: new Uint8Array(10), chainDer })).rejects.toThrowCode(
    'ERR_SIGNING_KEY_INVALID',
  )
  await expect(createSigners({ pkcs8, chainDer: [new Uint8Array(10)] })).rejects.toThrowCode(
    'ERR_SIGNING_KEY_INVALID',
  )
})
