import { AsnConvert } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  Certificate,
  CertificateList,
  CRLDistributionPoints,
  DistributionPoint,
  DistributionPointName,
  Extension,
  GeneralName,
  id_ce_cRLDistributionPoints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
  Reason,
  ReasonFlags,
  RevokedCertificate,
  TBSCertList,
  Time,
  Version,
} from '@peculiar/asn1-x509'
import { type FetchCrl, generateAuthority, type Identity, verifyArtifact } from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import { oddIdentity, withExtension } from '../certificate/odd-certificate.ts'
import { forge } from '../forge.ts'
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
  readonly outerAlgorithm?: string
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
      new CertificateList({
        tbsCertList: tbs,
        signatureAlgorithm: new AlgorithmIdentifier({
          algorithm: options.outerAlgorithm ?? algorithm.algorithm,
          parameters: new Uint8Array([5, 0]).buffer,
        }),
        signature,
      }),
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
  'whose outer algorithm is another': () =>
    revocationList({ outerAlgorithm: '1.2.840.113549.1.1.12' }),
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

const point = (url: string, changes: Partial<DistributionPoint> = {}): DistributionPoint =>
  new DistributionPoint({
    distributionPoint: new DistributionPointName({
      fullName: [new GeneralName({ uniformResourceIdentifier: url })],
    }),
    ...changes,
  })

const points: Readonly<Record<string, () => readonly DistributionPoint[]>> = {
  'at an https URL': () => [point('https://crl.example/ca.crl')],
  'for some reasons only': () => [
    point(CRL_URL, { reasons: new Reason(ReasonFlags.keyCompromise) }),
  ],
  'by another issuer': () => [point(CRL_URL, { cRLIssuer: [new GeneralName({ dNSName: 'x' })] })],
  'at no place': () => [],
}
for (const [kind, list] of Object.entries(points)) {
  test(`verifyArtifact() refuses a certificate that names a list ${kind}`, async () => {
    const odd = await oddIdentity(
      issued,
      {
        edit: (tbs) =>
          withExtension(
            tbs,
            id_ce_cRLDistributionPoints,
            false,
            new CRLDistributionPoints([...list()]),
          ),
      },
      authority,
    )
    const envelopes = [await forge(built, issued, { signAs: odd })]
    const fetchCrl = (): Promise<Uint8Array<ArrayBuffer>> => revocationList()
    const refused = verifyArtifact(toVerify(built, envelopes, trustIn([odd]), { fetchCrl }))
    await expect(refused).rejects.toThrowCode('ERR_SIGNING_REVOCATION_UNKNOWN')
  })
}

test('verifyArtifact() refuses to rely on the list of an issuer that may not sign lists', async () => {
  const mute = await oddIdentity(authority, {
    edit: (tbs) =>
      withExtension(tbs, id_ce_keyUsage, true, new KeyUsage(KeyUsageFlags.keyCertSign)),
  })
  const odd = { ...issued, chainDer: [issued.chainDer[0], mute.chainDer[0]] as const }
  const identity: Identity = { ...odd, chainDer: [...odd.chainDer] }
  const envelopes = [await forge(built, issued, { signAs: identity })]
  const fetchCrl = (): Promise<Uint8Array<ArrayBuffer>> => revocationList()
  const refused = verifyArtifact(toVerify(built, envelopes, trustIn([identity]), { fetchCrl }))
  await expect(refused).rejects.toThrowCode('ERR_SIGNING_REVOCATION_UNKNOWN')
})
