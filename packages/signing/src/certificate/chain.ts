import { equalBytes } from '@morphee/core'
import {
  BasicConstraints,
  ExtendedKeyUsage,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_certificatePolicies,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_nameConstraints,
  id_ce_subjectKeyIdentifier,
  id_kp_codeSigning,
  id_kp_emailProtection,
  id_kp_OCSPSigning,
  id_kp_serverAuth,
  id_kp_timeStamping,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509'
import type { Certificate } from './certificate.ts'
import { readExtension } from './extension.ts'
import { isIssuerAlgorithm, isSignedBy } from './issuer-signature.ts'

/** Certificates of one signature, leaf first, root last. */
export type Chain = readonly [leaf: Certificate, ...issuers: Certificate[]]

/** How many certificates a chain may have. */
export const MAX_CHAIN = 8

const ANY_PURPOSE = '2.5.29.37.0'

/** Purposes a signing certificate must not have beside code signing: servers, mail, timestamps, OCSP, everything. */
const FOREIGN_PURPOSES: readonly string[] = [
  ANY_PURPOSE,
  id_kp_serverAuth,
  id_kp_emailProtection,
  id_kp_timeStamping,
  id_kp_OCSPSigning,
]

/** Extensions whose meaning is enforced here, or that restrict nothing. Another one that is critical refuses the certificate (RFC 5280 section 4.2). */
const UNDERSTOOD: readonly string[] = [
  id_ce_basicConstraints,
  id_ce_keyUsage,
  id_ce_extKeyUsage,
  id_ce_subjectKeyIdentifier,
  id_ce_authorityKeyIdentifier,
  id_ce_cRLDistributionPoints,
  id_ce_certificatePolicies,
]

/**
 * Why these certificates may not sign code together, or `undefined` when they may.
 *
 * The rules are the Notary Project's certificate requirements: every certificate signed by the next, the last by itself; a leaf for digital
 * signatures and code signing only; issuers that are critical CAs within their path length. Validity periods and trust are not
 * looked at here. A self-signed leaf is a chain of one, under the leaf's rules.
 */
export async function findChainFault(chain: Chain): Promise<string | undefined> {
  for (const [i, certificate] of chain.entries()) {
    const fault = i === 0 ? findLeafFault(certificate) : findIssuerFault(certificate, i - 1)
    if (fault !== undefined) return fault
    const isLast = i === chain.length - 1
    const issuer = isLast ? certificate : (chain[i + 1] as Certificate)
    if (!equalBytes(certificate.issuerDer, issuer.subjectDer)) {
      return isLast
        ? 'the chain does not end in its root'
        : 'a certificate does not name the next as its issuer'
    }
    if (!isLast && equalBytes(certificate.subjectDer, certificate.issuerDer)) {
      return 'a self-signed certificate stands before the end'
    }
    if (!(await isSignedBy(certificate, issuer))) return 'a certificate is not signed by its issuer'
  }
  return undefined
}

/** Why this certificate may not be a signer's, or `undefined`. */
export function findLeafFault(certificate: Certificate): string | undefined {
  const fault = findCommonFault(certificate)
  if (fault !== undefined) return fault
  if (readExtension(certificate, id_ce_basicConstraints, BasicConstraints)?.cA === true) {
    return 'the signing certificate is a certificate authority'
  }
  const usage = readExtension(certificate, id_ce_keyUsage, KeyUsage)?.toNumber() ?? 0
  if ((usage & ~KeyUsageFlags.nonRepudiation) !== KeyUsageFlags.digitalSignature) {
    return 'the signing certificate is not for digital signatures only'
  }
  const purposes = readExtension(certificate, id_ce_extKeyUsage, ExtendedKeyUsage)
  if (purposes !== undefined && !isForCode(purposes)) {
    return 'the signing certificate is not for code signing'
  }
  return undefined
}

/** @param below how many intermediate issuers stand between this certificate and the leaf */
function findIssuerFault(certificate: Certificate, below: number): string | undefined {
  const fault = findCommonFault(certificate)
  if (fault !== undefined) return fault
  const constraints = readExtension(certificate, id_ce_basicConstraints, BasicConstraints)
  if (constraints?.cA !== true || !isCritical(certificate, id_ce_basicConstraints)) {
    return 'an issuer is not a certificate authority'
  }
  if (constraints.pathLenConstraint !== undefined && constraints.pathLenConstraint < below) {
    return 'an issuer may not have that many certificates below it'
  }
  const usage = readExtension(certificate, id_ce_keyUsage, KeyUsage)?.toNumber() ?? 0
  if ((usage & KeyUsageFlags.keyCertSign) === 0) return 'an issuer may not sign certificates'
  const purposes = readExtension(certificate, id_ce_extKeyUsage, ExtendedKeyUsage)
  if (
    purposes !== undefined &&
    ![id_kp_codeSigning, ANY_PURPOSE].some((p) => purposes.includes(p))
  ) {
    return 'an issuer is not for code signing'
  }
  return undefined
}

function findCommonFault(certificate: Certificate): string | undefined {
  if (!isIssuerAlgorithm(certificate.signatureAlgorithm)) {
    return 'a certificate is signed with an algorithm that is not taken'
  }
  if (!isCritical(certificate, id_ce_keyUsage)) return 'a key usage is absent or not critical'
  for (const [id, { critical }] of certificate.extensions) {
    if (critical && !UNDERSTOOD.includes(id)) return 'a critical extension is not understood'
  }
  // Constraints that would not be enforced must not look as if they were, critical or not.
  if (certificate.extensions.has(id_ce_nameConstraints)) return 'name constraints are not supported'
  for (const [id, type] of READABLE) {
    if (
      certificate.extensions.has(id) &&
      readExtension<object>(certificate, id, type) === undefined
    ) {
      return 'an extension cannot be read'
    }
  }
  return undefined
}

const READABLE: readonly (readonly [string, new () => object])[] = [
  [id_ce_basicConstraints, BasicConstraints],
  [id_ce_keyUsage, KeyUsage],
  [id_ce_extKeyUsage, ExtendedKeyUsage],
]

function isForCode(purposes: ExtendedKeyUsage): boolean {
  return purposes.includes(id_kp_codeSigning) && !FOREIGN_PURPOSES.some((p) => purposes.includes(p))
}

function isCritical(certificate: Certificate, id: string): boolean {
  return certificate.extensions.get(id)?.critical === true
}
