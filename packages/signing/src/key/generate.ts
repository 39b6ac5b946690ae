import { type CertificateRequest, createCertificate, type Issuer } from '../certificate/create.ts'
import { type Certificate, tryParseCertificate } from '../certificate/certificate.ts'
import { SigningError } from '../errors.ts'
import type { KeyBits } from './algorithm.ts'
import { type KeyId, keyIdOf } from './rsa.ts'

/** A private key with the certificate over it. The key is in the clear: hand it to a key file or a key store at once. */
export interface Identity {
  /** PKCS#8 in DER, not encrypted. */
  readonly pkcs8: Uint8Array<ArrayBuffer>
  /** Leaf first, root last; one certificate when it is self-signed. */
  readonly chainDer: readonly [leaf: Uint8Array<ArrayBuffer>, ...issuers: Uint8Array<ArrayBuffer>[]]
  readonly keyId: KeyId
}

/** What {@link generateIdentity} makes. */
export interface IdentityRequest extends CertificateRequest {
  /** 2048 is the one size for which PS256 is the Notary Project's algorithm too; larger keys sign twice. @default 2048 */
  readonly bits?: KeyBits
}

const CERTIFICATE_ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/**
 * A new RSA key with a certificate for signing code, self-signed or issued by `authority`.
 *
 * @throws {@link SigningError} `ERR_SIGNING_KEY_INVALID` when the subject or the period cannot be written, or `authority` is no authority
 */
export async function generateIdentity(
  request: IdentityRequest,
  authority?: Identity,
): Promise<Identity> {
  const keys = await generateKeys(request.bits ?? 2048)
  const self: Issuer = { ...keys, subjectDer: new Uint8Array() }
  const issuer = authority === undefined ? self : await toIssuer(authority)
  const der = await createCertificate('signer', keys.spki, request, issuer)
  return toIdentity(keys, [der, ...(authority?.chainDer ?? [])])
}

/** A new certificate authority: an RSA-3072 key whose self-signed certificate may issue signing certificates and nothing else. */
export async function generateAuthority(request: CertificateRequest): Promise<Identity> {
  const keys = await generateKeys(3072)
  const self: Issuer = { ...keys, subjectDer: new Uint8Array() }
  const der = await createCertificate('authority', keys.spki, { days: 3650, ...request }, self)
  return toIdentity(keys, [der])
}

interface Keys {
  readonly privateKey: CryptoKey
  readonly spki: Uint8Array<ArrayBuffer>
}

async function generateKeys(bits: KeyBits): Promise<Keys> {
  const publicExponent = new Uint8Array([1, 0, 1])
  const algorithm = { ...CERTIFICATE_ALGORITHM, modulusLength: bits, publicExponent }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, [
    'sign',
    'verify',
  ])
  return { privateKey, spki: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey)) }
}

async function toIdentity(keys: Keys, chainDer: Identity['chainDer']): Promise<Identity> {
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  return { pkcs8, chainDer, keyId: await keyIdOf(keys.spki) }
}

async function toIssuer(authority: Identity): Promise<Issuer> {
  const certificate: Certificate | undefined = await tryParseCertificate(authority.chainDer[0])
  if (certificate === undefined) {
    const message = 'Cannot issue a certificate: the authority has none that can be read'
    throw new SigningError('ERR_SIGNING_KEY_INVALID', message, { reason: message })
  }
  const privateKey = await crypto.subtle.importKey(
    'pkcs8',
    authority.pkcs8,
    CERTIFICATE_ALGORITHM,
    false,
    ['sign'],
  )
  return { privateKey, subjectDer: certificate.subjectDer, spki: certificate.key.spki }
}
