import { equalBytes, toHex } from '@morphee/core'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  CertificateList,
  CRLDistributionPoints,
  type DistributionPoint,
  id_ce_cRLDistributionPoints,
  id_ce_keyUsage,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509'
import type { Certificate } from './certificate.ts'
import { readExtension } from './extension.ts'
import { isSignedBy } from './issuer-signature.ts'

/** What a revocation list says of a certificate; `unknown` when there is none that can be relied on. */
export type RevocationStatus =
  | { readonly kind: 'good' }
  | { readonly kind: 'revoked'; readonly at: number }
  | { readonly kind: 'unknown'; readonly reason: string }

/** The largest list that is read, in bytes. */
const MAX_CRL_BYTES = 16 * 1024 * 1024

const GOOD: RevocationStatus = { kind: 'good' }

/**
 * Asks the revocation lists that a certificate names (RFC 5280 section 6.3); one that names none is good.
 *
 * A list counts when its issuer is the certificate's, it is signed by that issuer, its time is now, and nothing critical in it is unknown. Delta lists
 * and lists by others than the issuer are not supported and make the answer `unknown`.
 */
export async function readRevocation(
  certificate: Certificate,
  issuer: Certificate,
  now: number,
  fetchCrl: ((url: string) => Promise<Uint8Array<ArrayBuffer>>) | undefined,
): Promise<RevocationStatus> {
  if (!certificate.extensions.has(id_ce_cRLDistributionPoints)) return GOOD
  const points = readExtension(certificate, id_ce_cRLDistributionPoints, CRLDistributionPoints)
  if (points === undefined || points.length === 0)
    return unknown('its distribution points cannot be read')
  if (fetchCrl === undefined) return unknown('nothing fetches revocation lists here')
  for (const point of points) {
    const status = await askPoint(point, certificate, issuer, now, fetchCrl)
    if (status.kind !== 'good') return status
  }
  return GOOD
}

/** The names of one point are mirrors of one list: the first that can be relied on decides. */
async function askPoint(
  { distributionPoint, reasons, cRLIssuer }: DistributionPoint,
  certificate: Certificate,
  issuer: Certificate,
  now: number,
  fetchCrl: (url: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<RevocationStatus> {
  if (reasons !== undefined || cRLIssuer !== undefined)
    return unknown('its lists are split or by another issuer')
  let last = unknown('it names no list at an http URL')
  for (const { uniformResourceIdentifier: url } of distributionPoint?.fullName ?? []) {
    if (url === undefined || !/^http:\/\//i.test(url)) continue
    try {
      last = await readList(await fetchCrl(url), certificate, issuer, now)
    } catch {
      last = unknown('its list cannot be fetched or read')
    }
    if (last.kind !== 'unknown') return last
  }
  return last
}

async function readList(
  bytes: Uint8Array<ArrayBuffer>,
  certificate: Certificate,
  issuer: Certificate,
  now: number,
): Promise<RevocationStatus> {
  if (bytes.length > MAX_CRL_BYTES) return unknown('its list is too large')
  const {
    tbsCertList: list,
    tbsCertListRaw,
    signatureAlgorithm,
    signature,
  } = AsnConvert.parse(bytes, CertificateList)
  if (tbsCertListRaw === undefined || !list.signature.isEqual(signatureAlgorithm)) {
    return unknown('its list cannot be read')
  }
  const usage = readExtension(issuer, id_ce_keyUsage, KeyUsage)?.toNumber() ?? 0
  const isByIssuer =
    (usage & KeyUsageFlags.cRLSign) !== 0 &&
    equalBytes(new Uint8Array(AsnConvert.serialize(list.issuer)), issuer.subjectDer) &&
    (await isSignedBy(
      {
        tbs: new Uint8Array(tbsCertListRaw),
        signature: new Uint8Array(signature),
        signatureAlgorithm: signatureAlgorithm.algorithm,
      },
      issuer,
    ))
  if (!isByIssuer) return unknown('its list is not by its issuer')
  const from = list.thisUpdate.getTime().getTime()
  const until = list.nextUpdate?.getTime().getTime() ?? Number.NEGATIVE_INFINITY
  if (!(from <= now && now < until)) return unknown('its list is out of date')
  const entries = list.revokedCertificates ?? []
  const extensions = [list.crlExtensions, ...entries.map((entry) => entry.crlEntryExtensions)]
  if (extensions.some((some) => some?.some(({ critical }) => critical) === true)) {
    return unknown('its list restricts itself in a way that is not supported')
  }
  const hit = entries.find(
    (entry) => toHex(new Uint8Array(entry.userCertificate)) === certificate.serialNumber,
  )
  return hit === undefined ? GOOD : { kind: 'revoked', at: hit.revocationDate.getTime().getTime() }
}

function unknown(reason: string): RevocationStatus {
  return { kind: 'unknown', reason }
}
