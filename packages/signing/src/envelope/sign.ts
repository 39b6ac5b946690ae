import { digestOf, encodeUtf8, toBase64, toHex } from '@morphee/core'
import { toBase64Url } from '../bytes/base64url.ts'
import { type Certificate, tryParseCertificate } from '../certificate/certificate.ts'
import { type Chain, findChainFault } from '../certificate/chain.ts'
import { SigningError } from '../errors.ts'
import { isPssSignature } from '../key/rsa.ts'
import type { Signer } from '../signer.ts'
import { AGENT_HEADER, EXPIRY_HEADER, SCHEME_HEADER, TIME_HEADER, X509_SCHEME } from './headers.ts'
import { PAYLOAD_TYPE, THUMBPRINTS_ANNOTATION, WASM_TYPE } from './media-types.ts'

/** What is signed: the OCI descriptor of a manifest or a file. */
export interface TargetDescriptor {
  readonly mediaType: string
  readonly digest: string
  /** Bytes. */
  readonly size: number
}

/** How to sign. */
export interface SignOptions {
  /** Milliseconds since 1970; written in whole seconds. */
  readonly signingTime: number
  /** When the signature ends, milliseconds since 1970; never, when absent. */
  readonly expiry?: number
  /** Said with the target, under the signature. Keys that start with `io.cncf.notary` are reserved. */
  readonly annotations?: Readonly<Record<string, string>>
}

/**
 * Signs a descriptor: the bytes of a Notary Project JWS envelope (media type `application/jose+json`).
 *
 * The signature is checked before it is returned, and so is the chain: what comes out verifies wherever the chain is trusted.
 *
 * @throws {@link SigningError} `ERR_SIGNING_KEY_INVALID` when the chain may not sign code, is not valid at `signingTime`, or is not over the signer's key
 * @throws TypeError for a reserved annotation, RangeError for an expiry before the signing time
 */
export async function signDescriptor(
  target: TargetDescriptor,
  signer: Signer,
  options: SignOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { signingTime, expiry, annotations } = options
  for (const name of Object.keys(annotations ?? {})) {
    if (name.startsWith('io.cncf.notary')) throw new TypeError(`The annotation ${name} is reserved`)
  }
  if (expiry !== undefined && expiry <= signingTime) {
    throw new RangeError('A signature cannot end before it is made')
  }
  const leaf = await checkSigner(signer, signingTime)
  const { mediaType, digest, size } = target
  const payload = {
    targetArtifact: {
      mediaType,
      digest,
      size,
      ...(annotations === undefined ? {} : { annotations }),
    },
  }
  const header = {
    alg: signer.algorithm,
    crit: expiry === undefined ? [SCHEME_HEADER] : [SCHEME_HEADER, EXPIRY_HEADER],
    cty: PAYLOAD_TYPE,
    [SCHEME_HEADER]: X509_SCHEME,
    [TIME_HEADER]: formatTime(signingTime),
    ...(expiry === undefined ? {} : { [EXPIRY_HEADER]: formatTime(expiry) }),
  }
  const encodedHeader = toBase64Url(encodeUtf8(JSON.stringify(header)))
  const encodedPayload = toBase64Url(encodeUtf8(JSON.stringify(payload)))
  const input = encodeUtf8(`${encodedHeader}.${encodedPayload}`)
  const signature = await signer.sign(input)
  if (!(await isPssSignature(leaf.key, signer.algorithm, signature, input))) {
    throw invalid('the signer does not hold the key of its certificate')
  }
  const envelope = {
    payload: encodedPayload,
    protected: encodedHeader,
    header: { x5c: signer.chainDer.map((der) => toBase64(der)), [AGENT_HEADER]: 'morphee' },
    signature: toBase64Url(signature),
  }
  return encodeUtf8(JSON.stringify(envelope))
}

/**
 * Signs a file: the envelope that is kept beside it as `<file>.jws.sig`.
 *
 * @param mediaType of the file. @default 'application/wasm'
 * @throws as {@link signDescriptor}
 */
export async function signBlob(
  bytes: Uint8Array<ArrayBuffer>,
  signer: Signer,
  options: SignOptions,
  mediaType: string = WASM_TYPE,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = { mediaType, digest: await digestOf(bytes), size: bytes.length }
  return signDescriptor(target, signer, options)
}

/** The annotations of the signature manifest that carries envelopes of this signer, by which verifiers find their own. */
export async function signatureAnnotations(
  signer: Pick<Signer, 'chainDer'>,
): Promise<Readonly<Record<string, string>>> {
  const hashes = await Promise.all(
    signer.chainDer.map(async (der) =>
      toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
    ),
  )
  return { [THUMBPRINTS_ANNOTATION]: JSON.stringify(hashes) }
}

async function checkSigner(signer: Signer, signingTime: number): Promise<Certificate> {
  const chain: Certificate[] = []
  for (const der of signer.chainDer) {
    const certificate = await tryParseCertificate(der)
    if (certificate === undefined) throw invalid('a certificate of its chain cannot be read')
    if (signingTime < certificate.notBefore || signingTime > certificate.notAfter) {
      throw invalid('a certificate of its chain is not valid at the signing time')
    }
    chain.push(certificate)
  }
  const [leaf, ...issuers] = chain
  if (leaf === undefined) throw invalid('it has no certificate')
  const fault = await findChainFault([leaf, ...issuers] satisfies Chain)
  if (fault !== undefined) throw invalid(fault)
  return leaf
}

/** RFC 3339 in whole seconds, the form the Notary Project writes. */
function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

function invalid(reason: string): SigningError {
  return new SigningError('ERR_SIGNING_KEY_INVALID', `Cannot sign with this key: ${reason}`, {
    reason,
  })
}
