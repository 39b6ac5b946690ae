// Makes envelopes that signDescriptor would never make.
import { encodeUtf8 } from '@morphee/core'
import type { Identity } from '@morphee/signing'
import { type BuiltArtifact, signArtifact, signerOf } from './signed-extension.ts'

export const SCHEME = 'io.cncf.notary.signingScheme'
export const TIME = 'io.cncf.notary.signingTime'
export const EXPIRY = 'io.cncf.notary.expiry'

export interface Forgery {
  /** Changes the protected header before it is signed. */
  readonly header?: (header: Record<string, unknown>) => void
  /** The protected header's text, when an object cannot say it. */
  readonly headerText?: (text: string) => string
  /** The payload's text before it is signed. */
  readonly payloadText?: (text: string) => string
  /** Changes the envelope after it was signed. */
  readonly envelope?: (envelope: ForgedEnvelope) => unknown
  /** How it is signed. @default RSA-PSS with a salt of 32 bytes */
  readonly salt?: number
  readonly v15?: boolean
  /** Whose key signs and whose chain is named instead. */
  readonly signAs?: Identity
}

export interface ForgedEnvelope {
  payload: string
  protected: string
  header: { x5c: string[]; [name: string]: unknown }
  signature: string
}

export async function forge(
  built: BuiltArtifact,
  identity: Identity,
  forgery: Forgery,
): Promise<Uint8Array<ArrayBuffer>> {
  const envelope = readEnvelope(await signArtifact(built, await signerOf(identity)))
  const header = JSON.parse(fromBase64Url(envelope.protected)) as Record<string, unknown>
  forgery.header?.(header)
  const headerText = JSON.stringify(header)
  envelope.protected = toBase64Url(forgery.headerText?.(headerText) ?? headerText)
  const payloadText = fromBase64Url(envelope.payload)
  envelope.payload = toBase64Url(forgery.payloadText?.(payloadText) ?? payloadText)
  const signer = forgery.signAs ?? identity
  envelope.header.x5c = signer.chainDer.map((der) => Buffer.from(der).toString('base64'))
  const name = forgery.v15 === true ? 'RSASSA-PKCS1-v1_5' : 'RSA-PSS'
  const key = await crypto.subtle.importKey(
    'pkcs8',
    signer.pkcs8,
    { name, hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const input = encodeUtf8(`${envelope.protected}.${envelope.payload}`)
  const signature = await crypto.subtle.sign({ name, saltLength: forgery.salt ?? 32 }, key, input)
  envelope.signature = Buffer.from(signature).toString('base64url')
  return encodeUtf8(JSON.stringify(forgery.envelope?.(envelope) ?? envelope))
}

export function readEnvelope(bytes: Uint8Array): ForgedEnvelope {
  return JSON.parse(new TextDecoder().decode(bytes)) as ForgedEnvelope
}

export function flipBit(base64url: string, at = 10): string {
  const bytes = Buffer.from(base64url, 'base64url')
  bytes[at]! ^= 1
  return bytes.toString('base64url')
}

export function toBase64Url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

export function fromBase64Url(text: string): string {
  return Buffer.from(text, 'base64url').toString()
}
