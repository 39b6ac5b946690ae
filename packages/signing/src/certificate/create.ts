import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate as AsnCertificate,
  CRLDistributionPoints,
  DistributionPoint,
  DistributionPointName,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_cRLDistributionPoints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectKeyIdentifier,
  id_kp_codeSigning,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
} from '@peculiar/asn1-x509'
import { cleanLine } from '@morphee/core'
import { SigningError } from '../errors.ts'
import { ATTRIBUTE_NAMES, type DistinguishedName, type NameAttribute } from './name.ts'

const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const DER_NULL = new Uint8Array([5, 0]).buffer
const DAY_MS = 86_400_000
// Clocks differ: a certificate that begins a little in the past is valid at once on a machine that is late.
const BACKDATE_MS = 60_000

/** Whom a certificate names. Country, state and organization are what trust policies identify a signer by. */
export interface CertificateSubject {
  /** Two capital letters (ISO 3166-1). */
  readonly country: string
  readonly state: string
  readonly organization: string
  readonly commonName: string
}

/** What a certificate says beside its key; everything else follows from the profile. */
export interface CertificateRequest {
  readonly subject: CertificateSubject
  /** Milliseconds since 1970; the certificate begins a minute before. */
  readonly now: number
  /** How long it is valid. @default 365 */
  readonly days?: number
  /** Where the issuer publishes its revocation list; an `http` URL. */
  readonly crlUrl?: string
}

/** Who signs a certificate: its name in DER, its public key, and its private key for RSASSA-PKCS1-v1_5 with SHA-256. */
export interface Issuer {
  readonly subjectDer: Uint8Array<ArrayBuffer>
  readonly spki: Uint8Array<ArrayBuffer>
  readonly privateKey: CryptoKey
}

/** What a certificate is for. */
export type CertificatePurpose = 'signer' | 'authority'

/**
 * Writes and signs a certificate of the profile in spec/signing.md section 2.
 *
 * @param issuer absent for a self-signed one
 * @throws {@link SigningError} `ERR_SIGNING_KEY_INVALID` when the subject or the period cannot be written
 */
export async function createCertificate(
  purpose: CertificatePurpose,
  spki: Uint8Array<ArrayBuffer>,
  request: CertificateRequest,
  issuer: Issuer,
): Promise<Uint8Array<ArrayBuffer>> {
  const days = request.days ?? 365
  if (!Number.isInteger(days) || days < 1 || days > 3650) {
    throw invalid(
      `Cannot issue a certificate for ${days} days: whole days from 1 to 3650 are accepted`,
    )
  }
  const notBefore = wholeSeconds(request.now - BACKDATE_MS)
  const algorithm = new AlgorithmIdentifier({ algorithm: SHA256_WITH_RSA, parameters: DER_NULL })
  const subject = toAsnName(toName(request.subject))
  const tbs = new TBSCertificate({
    version: 2,
    serialNumber: randomSerial(),
    signature: algorithm,
    issuer: isSelf(spki, issuer) ? subject : AsnConvert.parse(issuer.subjectDer, Name),
    validity: new Validity({
      notBefore: new Date(notBefore),
      notAfter: new Date(notBefore + days * DAY_MS),
    }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(spki, SubjectPublicKeyInfo),
    extensions: new Extensions(await extensionsFor(purpose, spki, request, issuer)),
  })
  const signature = await crypto.subtle.sign(
    'RSASSA-PKCS1-v1_5',
    issuer.privateKey,
    AsnConvert.serialize(tbs),
  )
  const certificate = new AsnCertificate({
    tbsCertificate: tbs,
    signatureAlgorithm: algorithm,
    signatureValue: signature,
  })
  return new Uint8Array(AsnConvert.serialize(certificate))
}

async function extensionsFor(
  purpose: CertificatePurpose,
  spki: Uint8Array<ArrayBuffer>,
  request: CertificateRequest,
  issuer: Issuer,
): Promise<Extension[]> {
  const isSigner = purpose === 'signer'
  const usage = isSigner
    ? KeyUsageFlags.digitalSignature
    : KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign
  const constraints = isSigner ? { cA: false } : { cA: true, pathLenConstraint: 0 }
  const subjectKey = new SubjectKeyIdentifier(await keyIdentifier(spki))
  const list = [
    extension(id_ce_basicConstraints, true, new BasicConstraints(constraints)),
    extension(id_ce_keyUsage, true, new KeyUsage(usage)),
    extension(id_ce_subjectKeyIdentifier, false, subjectKey),
  ]
  if (isSigner) {
    list.push(extension(id_ce_extKeyUsage, false, new ExtendedKeyUsage([id_kp_codeSigning])))
  }
  if (!isSelf(spki, issuer)) {
    const authority = new KeyIdentifier(await keyIdentifier(issuer.spki))
    const value = new AuthorityKeyIdentifier({ keyIdentifier: authority })
    list.push(extension(id_ce_authorityKeyIdentifier, false, value))
  }
  if (request.crlUrl !== undefined) {
    list.push(extension(id_ce_cRLDistributionPoints, false, toDistributionPoints(request.crlUrl)))
  }
  return list
}

function toDistributionPoints(url: string): CRLDistributionPoints {
  // A list fetched over TLS would need another certificate checked first (RFC 5280 section 8).
  if (!/^http:\/\/[\x21-\x7e]{1,512}$/.test(url)) {
    throw invalid('Cannot name this revocation list: an http URL is accepted')
  }
  const fullName = [new GeneralName({ uniformResourceIdentifier: url })]
  const distributionPoint = new DistributionPointName({ fullName })
  return new CRLDistributionPoints([new DistributionPoint({ distributionPoint })])
}

function extension(extnID: string, critical: boolean, value: object): Extension {
  return new Extension({
    extnID,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  })
}

function toName(subject: CertificateSubject): DistinguishedName {
  const { country, state, organization, commonName } = subject
  if (!/^[A-Z]{2}$/.test(country)) {
    throw invalid('Cannot name this country: two capital letters are accepted, such as DE')
  }
  const name: NameAttribute[] = [
    { type: 'C', value: country },
    { type: 'ST', value: state },
    { type: 'O', value: organization },
    { type: 'CN', value: commonName },
  ]
  for (const { type, value } of name) {
    // RFC 5280 appendix A.1 bounds organization and common name at 64 characters.
    if (value === '' || cleanLine(value, 64) !== value) {
      throw invalid(
        `Cannot write ${type} of the certificate: 1 to 64 visible characters are accepted`,
      )
    }
  }
  return name
}

function toAsnName(name: DistinguishedName): Name {
  return new Name(
    name.map(({ type, value }) => {
      const [id] = Object.entries(ATTRIBUTE_NAMES).find(([, short]) => short === type) as [
        string,
        string,
      ]
      // X.520 gives the country a PrintableString; everything else is UTF-8.
      const text = new AttributeValue(
        type === 'C' ? { printableString: value } : { utf8String: value },
      )
      return new RelativeDistinguishedName([new AttributeTypeAndValue({ type: id, value: text })])
    }),
  )
}

/** Method 1 of RFC 5280 section 4.2.1.2: SHA-1 of the key's bits. A name for the key, not a protection of it. */
async function keyIdentifier(spki: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer> {
  const { subjectPublicKey } = AsnConvert.parse(spki, SubjectPublicKeyInfo)
  return crypto.subtle.digest('SHA-1', subjectPublicKey)
}

function isSelf(spki: Uint8Array, issuer: Issuer): boolean {
  return spki === issuer.spki
}

/** 16 random bytes as a positive integer in its shortest form. */
function randomSerial(): ArrayBuffer {
  const serial = crypto.getRandomValues(new Uint8Array(16))
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial.buffer
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

function invalid(message: string): SigningError {
  return new SigningError('ERR_SIGNING_KEY_INVALID', message, { reason: message })
}
