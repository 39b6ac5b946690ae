import { type JsonObject, type JsonValue, tryFromBase64, tryParseStrictJson } from '@morphee/core'
import { tryFromBase64Url } from '../bytes/base64url.ts'
import { MAX_CHAIN } from '../certificate/chain.ts'
import type { SignatureAlgorithm } from '../key/algorithm.ts'
import {
  AGENT_HEADER,
  EXPIRY_HEADER,
  SCHEME_HEADER,
  TIME_HEADER,
  TIMESTAMP_HEADER,
  X509_SCHEME,
} from './headers.ts'
import { PAYLOAD_TYPE } from './media-types.ts'
import type { TargetDescriptor } from './sign.ts'

/** Larger envelopes are refused unread; real ones have 2 to 10 KB. */
export const MAX_ENVELOPE_BYTES: number = 128 * 1024

/** An envelope taken apart, nothing about it proven. */
export interface UnverifiedEnvelope {
  /** What the signature covers: `protected.payload` in ASCII. */
  readonly signedBytes: Uint8Array<ArrayBuffer>
  readonly signature: Uint8Array<ArrayBuffer>
  readonly algorithm: SignatureAlgorithm
  readonly payload: Uint8Array<ArrayBuffer>
  /** Leaf first; not protected by the signature. */
  readonly chainDer: readonly Uint8Array<ArrayBuffer>[]
  /** Milliseconds since 1970, as the signer claims. */
  readonly signingTime: number
  readonly expiry: number | undefined
}

/** What was signed, with the annotations that were signed with it. */
export interface SignedTarget extends TargetDescriptor {
  readonly annotations: ReadonlyMap<string, string>
}

const ALGORITHMS: readonly SignatureAlgorithm[] = ['PS256', 'PS384', 'PS512']
const PROTECTED = ['alg', 'crit', 'cty', SCHEME_HEADER, TIME_HEADER]

/**
 * Takes an envelope apart, or says why it is not one that this package takes.
 *
 * Everything is listed that may be there; what is not listed refuses the envelope: no second place for keys (`jwk`, `jku`, `x5u`), no
 * detached payload (`b64`), no extension that nobody here would enforce.
 */
export function parseEnvelope(bytes: Uint8Array): UnverifiedEnvelope | { readonly fault: string } {
  if (bytes.length > MAX_ENVELOPE_BYTES)
    return { fault: `it is larger than ${MAX_ENVELOPE_BYTES} bytes` }
  const whole = toObject(tryParseStrictJson(bytes), ['payload', 'protected', 'header', 'signature'])
  if (whole === undefined) return { fault: 'it is not a JWS in flattened JSON' }
  const { payload: payloadText, protected: headerText, signature: signatureText } = whole
  if (
    typeof payloadText !== 'string' ||
    typeof headerText !== 'string' ||
    typeof signatureText !== 'string'
  ) {
    return { fault: 'it is not a JWS in flattened JSON' }
  }
  const payload = tryFromBase64Url(payloadText)
  const headerBytes = tryFromBase64Url(headerText)
  const signature = tryFromBase64Url(signatureText)
  if (payload === undefined || headerBytes === undefined || signature === undefined) {
    return { fault: 'a part is not base64url' }
  }
  const chainDer = readChain(whole['header'])
  if (chainDer === undefined) return { fault: 'its unprotected header is not a certificate chain' }
  const header = readProtected(tryParseStrictJson(headerBytes))
  if ('fault' in header) return header
  const signedBytes = new TextEncoder().encode(`${headerText}.${payloadText}`)
  return { signedBytes, signature, payload, chainDer, ...header }
}

/** The target of a payload whose signature was verified, read from exactly those bytes; `undefined` when it is not one. */
export function tryParsePayload(payload: Uint8Array): SignedTarget | undefined {
  const whole = toObject(tryParseStrictJson(payload), ['targetArtifact'])
  const target = toObject(
    whole?.['targetArtifact'],
    ['mediaType', 'digest', 'size'],
    ['annotations'],
  )
  if (target === undefined) return undefined
  const { mediaType, digest, size } = target
  if (typeof mediaType !== 'string' || typeof digest !== 'string') return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  const annotations = new Map<string, string>()
  if (Object.hasOwn(target, 'annotations')) {
    const object = toObject(target['annotations'])
    if (object === undefined) return undefined
    for (const [name, value] of Object.entries(object)) {
      if (typeof value !== 'string') return undefined
      annotations.set(name, value)
    }
  }
  return { mediaType, digest, size, annotations }
}

type ProtectedHeader = Pick<UnverifiedEnvelope, 'algorithm' | 'signingTime' | 'expiry'>

function readProtected(value: JsonValue | undefined): ProtectedHeader | { readonly fault: string } {
  const header = toObject(value, PROTECTED, [EXPIRY_HEADER])
  if (header === undefined)
    return { fault: 'its protected header lacks a member or has an unknown one' }
  const algorithm = ALGORITHMS.find((name) => name === header['alg'])
  if (algorithm === undefined) return { fault: 'its algorithm is not RSASSA-PSS' }
  if (header['cty'] !== PAYLOAD_TYPE) return { fault: 'its payload is of another type' }
  if (header[SCHEME_HEADER] !== X509_SCHEME)
    return { fault: 'its signing scheme is not notary.x509' }
  const hasExpiry = Object.hasOwn(header, EXPIRY_HEADER)
  const critical = hasExpiry ? [SCHEME_HEADER, EXPIRY_HEADER] : [SCHEME_HEADER]
  const { crit } = header
  if (
    !Array.isArray(crit) ||
    crit.length !== critical.length ||
    !critical.every((name) => crit.includes(name))
  ) {
    return { fault: 'its critical headers are not exactly those that must be' }
  }
  const signingTime = readTime(header[TIME_HEADER])
  const expiry = hasExpiry ? readTime(header[EXPIRY_HEADER]) : undefined
  if (signingTime === undefined || (hasExpiry && expiry === undefined)) {
    return { fault: 'a time in it cannot be read' }
  }
  return { algorithm, signingTime, expiry }
}

function readChain(value: JsonValue | undefined): Uint8Array<ArrayBuffer>[] | undefined {
  const header = toObject(value, ['x5c'], [AGENT_HEADER, TIMESTAMP_HEADER])
  const list = header?.['x5c']
  if (!Array.isArray(list) || list.length < 1 || list.length > MAX_CHAIN) return undefined
  const chain: Uint8Array<ArrayBuffer>[] = []
  for (const item of list as readonly JsonValue[]) {
    const der = typeof item === 'string' ? tryFromBase64(item) : undefined
    if (der === undefined) return undefined
    chain.push(der)
  }
  return chain
}

/** RFC 3339 without fractions; the Notary Project's writers use UTC or an offset. */
function readTime(value: JsonValue | undefined): number | undefined {
  if (typeof value !== 'string') return undefined
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(value)) return undefined
  const ms = Date.parse(value)
  return Number.isNaN(ms) ? undefined : ms
}

/** An object with all of `required`, perhaps some of `optional`, and nothing else; with no list, any object. */
function toObject(
  value: JsonValue | undefined,
  required?: readonly string[],
  optional: readonly string[] = [],
): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const object = value as JsonObject
  if (required === undefined) return object
  if (!required.every((name) => Object.hasOwn(object, name))) return undefined
  const known = [...required, ...optional]
  return Object.keys(object).every((name) => known.includes(name)) ? object : undefined
}
