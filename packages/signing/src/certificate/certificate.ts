import { equalBytes, toHex } from '@morphee/core'
import { AsnConvert } from '@peculiar/asn1-schema'
import { Certificate as AsnCertificate, type Name } from '@peculiar/asn1-x509'
import { type RsaKey, tryReadRsaKey } from '../key/rsa.ts'
import { ATTRIBUTE_NAMES, type DistinguishedName } from './name.ts'

/** One extension of a certificate, its value still in DER. */
export interface CertificateExtension {
  readonly critical: boolean
  readonly value: Uint8Array<ArrayBuffer>
}

/** A parsed X.509 v3 certificate over an RSA key. Nothing about it is proven yet: see `verifyChain`. */
export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>
  /** The signed part, byte for byte. */
  readonly tbs: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  /** Object identifier of the algorithm the issuer signed with. */
  readonly signatureAlgorithm: string
  readonly subject: DistinguishedName
  readonly subjectDer: Uint8Array<ArrayBuffer>
  readonly issuerDer: Uint8Array<ArrayBuffer>
  /** Lower-case hexadecimal. */
  readonly serialNumber: string
  /** Milliseconds since 1970. */
  readonly notBefore: number
  readonly notAfter: number
  readonly key: RsaKey
  readonly extensions: ReadonlyMap<string, CertificateExtension>
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'
const MAX_BYTES = 16 * 1024

/**
 * Reads a certificate, or `undefined` when it is not X.509 v3 in DER over an RSA key that this package takes.
 *
 * The bytes must be exactly the DER of what was read: no trailing bytes, no other spelling of the same certificate.
 */
export async function tryParseCertificate(
  der: Uint8Array<ArrayBuffer>,
): Promise<Certificate | undefined> {
  if (der.length > MAX_BYTES) return undefined
  try {
    return await readCertificate(der)
  } catch {
    // The ASN.1 reader is not total: a stranger's certificate may be anything.
    return undefined
  }
}

async function readCertificate(der: Uint8Array<ArrayBuffer>): Promise<Certificate | undefined> {
  const parsed = AsnConvert.parse(der, AsnCertificate)
  if (!equalBytes(bytesOf(AsnConvert.serialize(parsed)), der)) return undefined
  const { tbsCertificate: tbs, tbsCertificateRaw, signatureAlgorithm, signatureValue } = parsed
  if (tbs.version !== 2 || tbsCertificateRaw === undefined) return undefined
  // The algorithm is written twice, once signed; if they differ somebody edited the outer one.
  if (!tbs.signature.isEqual(signatureAlgorithm)) return undefined
  if (tbs.subjectPublicKeyInfo.algorithm.algorithm !== RSA_ENCRYPTION) return undefined
  const key = await tryReadRsaKey(bytesOf(AsnConvert.serialize(tbs.subjectPublicKeyInfo)))
  if (key === undefined) return undefined
  const extensions = new Map<string, CertificateExtension>()
  for (const { extnID, critical, extnValue } of tbs.extensions ?? []) {
    if (extensions.has(extnID)) return undefined
    extensions.set(extnID, { critical, value: bytesOf(extnValue.buffer) })
  }
  const notBefore = tbs.validity.notBefore.getTime().getTime()
  const notAfter = tbs.validity.notAfter.getTime().getTime()
  // Also false for a time on no day, which would be neither past nor future.
  if (!(notBefore <= notAfter)) return undefined
  return {
    der,
    tbs: bytesOf(tbsCertificateRaw),
    signature: bytesOf(signatureValue),
    signatureAlgorithm: signatureAlgorithm.algorithm,
    subject: readName(tbs.subject),
    subjectDer: bytesOf(AsnConvert.serialize(tbs.subject)),
    issuerDer: bytesOf(AsnConvert.serialize(tbs.issuer)),
    serialNumber: toHex(bytesOf(tbs.serialNumber)),
    notBefore,
    notAfter,
    key,
    extensions,
  }
}

function readName(name: Name): DistinguishedName {
  return name.flatMap((attributes) =>
    attributes.map(({ type, value }) => ({
      type: ATTRIBUTE_NAMES[type] ?? type,
      value: value.toString(),
    })),
  )
}

function bytesOf(buffer: ArrayBuffer): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer)
}
