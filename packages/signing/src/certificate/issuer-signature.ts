import type { Certificate } from './certificate.ts'

/** Algorithms an issuer may have signed with: RSASSA-PKCS1-v1_5 with SHA-2 (RFC 8017 appendix A.2.4). SHA-1 is not among them. */
const ISSUER_HASHES: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'SHA-256',
  '1.2.840.113549.1.1.12': 'SHA-384',
  '1.2.840.113549.1.1.13': 'SHA-512',
}

/** Something that a certificate's key signed: another certificate or a revocation list. */
export interface IssuerSigned {
  /** The signed part, byte for byte. */
  readonly tbs: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  /** Object identifier. */
  readonly signatureAlgorithm: string
}

/** Whether issuers may sign with this algorithm. */
export function isIssuerAlgorithm(id: string): boolean {
  return Object.hasOwn(ISSUER_HASHES, id)
}

/** Whether the key of `issuer` signed this. */
export async function isSignedBy(signed: IssuerSigned, issuer: Certificate): Promise<boolean> {
  const hash = ISSUER_HASHES[signed.signatureAlgorithm]
  if (hash === undefined) return false
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash }
  const key = await crypto.subtle.importKey('spki', issuer.key.spki, algorithm, false, ['verify'])
  return crypto.subtle.verify(algorithm, key, signed.signature, signed.tbs)
}
