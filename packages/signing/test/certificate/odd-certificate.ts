// Makes certificates that generateIdentity would never make: takes a good one, edits what is signed, and signs it again.
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  Certificate,
  Extension,
  SubjectPublicKeyInfo,
  type TBSCertificate,
} from '@peculiar/asn1-x509'
import type { Identity } from '@morphee/signing'

export interface OddOptions {
  readonly edit?: (tbs: TBSCertificate) => void
  /** Edits what stands around the signed part. */
  readonly editOuter?: (certificate: Certificate) => void
  /** Another key for the certificate. */
  readonly key?: { readonly bits?: number; readonly exponent?: readonly number[] }
  readonly hash?: 'SHA-1' | 'SHA-256'
}

/** A variant of `identity`'s signing certificate, signed by itself, or by `issuer` when its certificate was issued. */
export async function oddIdentity(
  identity: Identity,
  options: OddOptions,
  issuer?: Identity,
): Promise<Identity> {
  const hash = options.hash ?? 'SHA-256'
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash }
  const certificate = AsnConvert.parse(identity.chainDer[0], Certificate)
  const tbs = certificate.tbsCertificate
  let { pkcs8 } = identity
  if (options.key !== undefined) {
    const publicExponent = new Uint8Array(options.key.exponent ?? [1, 0, 1])
    const keys = await crypto.subtle.generateKey(
      { ...algorithm, modulusLength: options.key.bits ?? 2048, publicExponent },
      true,
      ['sign', 'verify'],
    )
    pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
    tbs.subjectPublicKeyInfo = AsnConvert.parse(
      await crypto.subtle.exportKey('spki', keys.publicKey),
      SubjectPublicKeyInfo,
    )
  }
  const oid = hash === 'SHA-1' ? '1.2.840.113549.1.1.5' : '1.2.840.113549.1.1.11'
  const identifier = new AlgorithmIdentifier({
    algorithm: oid,
    parameters: new Uint8Array([5, 0]).buffer,
  })
  tbs.signature = identifier
  options.edit?.(tbs)
  const key = await crypto.subtle.importKey('pkcs8', issuer?.pkcs8 ?? pkcs8, algorithm, false, [
    'sign',
  ])
  const signatureValue = await crypto.subtle.sign(algorithm, key, AsnConvert.serialize(tbs))
  const odd = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: identifier,
    signatureValue,
  })
  options.editOuter?.(odd)
  const spki = AsnConvert.serialize(tbs.subjectPublicKeyInfo)
  const keyId = Buffer.from(await crypto.subtle.digest('SHA-256', spki)).toString('hex')
  return {
    pkcs8,
    keyId,
    chainDer: [new Uint8Array(AsnConvert.serialize(odd)), ...identity.chainDer.slice(1)],
  }
}

export function withExtension(
  tbs: TBSCertificate,
  extnID: string,
  critical: boolean,
  value: object | Uint8Array<ArrayBuffer>,
): void {
  const der = value instanceof Uint8Array ? value : new Uint8Array(AsnConvert.serialize(value))
  const at = tbs.extensions!.findIndex((extension) => extension.extnID === extnID)
  const extension = new Extension({ extnID, critical, extnValue: new OctetString(der) })
  if (at === -1) tbs.extensions!.push(extension)
  else tbs.extensions![at] = extension
}

export function withoutExtension(tbs: TBSCertificate, extnID: string): void {
  const at = tbs.extensions!.findIndex((extension) => extension.extnID === extnID)
  if (at !== -1) tbs.extensions!.splice(at, 1)
}
