import { AsnConvert } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  Certificate,
  CertificateList,
  Extension,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from '@peculiar/asn1-x509'
import { type FetchCrl, generateAuthority, type Identity, verifyArtifact } from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import {
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

const CRL_URL = 'http://crl.example/ca.crl'
const PLATFORM = { ...SUBJECT, organization: 'Platform' }

let authority: Identity
let lookAlike: Identity
let issued: Identity
let built: BuiltArtifact
let envelope: Uint8Array

beforeAll(async () => {
  authority = await generateAuthority({ subject: PLATFORM, now: NOW })
  lookAlike = await generateAuthority({ subject: PLATFORM, now: NOW })
  issued = await newIdentity({ crlUrl: CRL_URL }, authority)
  built = await buildArtifact()
  envelope = await signArtifact(built, await signerOf(issued))
})

interface ListOptions {
  readonly by?: Identity
  readonly revoked?: readonly Identity[]
  readonly from?: number
  readonly until?: number
  readonly criticalExtension?: boolean
  readonly edit?: (der: Uint8Array<ArrayBuffer>) => void
}

async function revocationList(options: ListOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
  const by = options.by ?? authority
  const algorithm = new AlgorithmIdentifier({
    algorithm: '1.2.840.113549.1.1.11',
    parameters: new Uint8Array([5, 0]).buffer,
  })
  const tbs = new TBSCertList({
    version: Version.v2,
    signature: algorithm,
    issuer: AsnConvert.parse(by.chainDer[0], Certificate).tbsCertificate.subject,
    thisUpdate: new Time(new Date(options.from ?? NOW - DAY)),
    nextUpdate: new Time(new Date(options.until ?? NOW + DAY)),
  })
  if (options.revoked !== undefined) {
    tbs.revokedCertificates = options.revoked.map(({ chainDer }) => {
      const userCertificate = AsnConvert.parse(chainDer[0], Certificate).tbsCertificate.serialNumber
      return new RevokedCertificate({
        userCertificate,
        revocationDate: new Time(new Date(NOW - DAY)),
      })
    })
  }
  if (options.criticalExtension === true) {
    tbs.crlExtensions = [new Extension({ extnID: '2.5.29.27', critical: true })]
  }
  const key = await crypto.subtle.importKey(
    'pkcs8',
    by.pkcs8,
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key, AsnConvert.serialize(tbs))
  const der = new Uint8Array(
    AsnConvert.serialize(
      new CertificateList({ tbsCertList: tbs, signatureAlgorithm: algorithm, signature }),
    ),
  )
  options.edit?.(der)
  return der
}

const verify = (fetchCrl?: FetchCrl): Promise<unknown> =>
  verifyArtifact(
    toVerify(built, [envelope], trustIn([issued]), fetchCrl === undefined ? {} : { fetchCrl }),
  )

test('verifyArtifact() takes an issued certificate that its list does not name', async () => {
  const asked: string[] = []
  const list = await revocationList({ revoked: [authority] })
  await verify(async (url) => {
    asked.push(url)
    return list
  })
  expect(asked).toEqual([CRL_URL])
})

test('verifyArtifact() refuses a certificate that its list revokes', async () => {
  const list = await revocationList({ revoked: [issued] })
  await expect(verify(async () => list)).rejects.toThrowCode('ERR_SIGNING_REVOKED')
})

test('verifyArtifact() refuses a certificate with a list, when nothing fetches lists', async () => {
  await expect(verify()).rejects.toThrowCode('ERR_SIGNING_REVOCATION_UNKNOWN')
})

const unreliable: Readonly<Record<string, () => Promise<Uint8Array<ArrayBuffer>>>> = {
  'that cannot be fetched': () => Promise.reject(new Error('ECONNREFUSED')),
  'that is not one': async () => new Uint8Array([1, 2, 3]),
  'by a look-alike authority': () => revocationList({ by: lookAlike }),
  'past its time': () => revocationList({ until: NOW }),
  'of the future': () => revocationList({ from: NOW + 1000 }),
  'with a critical extension': () => revocationList({ criticalExtension: true }),
  'with a flipped bit in its signature': () =>
    revocationList({
      edit: (der) => {
        der[der.length - 1]! ^= 1
      },
    }),
}
for (const [kind, list] of Object.entries(unreliable)) {
  test(`verifyArtifact() refuses to rely on a revocation list ${kind}`, async () => {
    await expect(verify(list)).rejects.toThrowCode('ERR_SIGNING_REVOCATION_UNKNOWN')
  })
}
