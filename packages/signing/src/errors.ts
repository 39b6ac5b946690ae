import { PlatformError } from '@morphee/core'
import type { TrustDiagnostic } from './json/shape.ts'
import type { VerifyStep } from './verify/step.ts'

/** What every refusal of a verification carries. */
export interface VerifyErrorDetails {
  /** The step of the verification that refused; see {@link VerifyStep}. */
  readonly step: VerifyStep
  /** One line for the log: what exactly was wrong. Never a key, never a path. */
  readonly reason: string
  /** With several signatures: why each was refused, in the order they were tried. The error itself is the one that came furthest. */
  readonly rejected?: readonly { readonly step: VerifyStep; readonly code: string }[]
}

/** What each signing error code carries. */
export interface SigningErrorDetails {
  /** Nothing signs these bytes. */
  ERR_SIGNING_UNSIGNED: VerifyErrorDetails
  /** Bytes do not hash to the digest that names them. */
  ERR_SIGNING_INTEGRITY: VerifyErrorDetails & { readonly expected: string; readonly actual: string }
  /** The OCI manifest is not that of one WebAssembly extension. */
  ERR_SIGNING_ARTIFACT: VerifyErrorDetails
  /** The envelope is not a Notary Project JWS envelope that this package takes. */
  ERR_SIGNING_ENVELOPE: VerifyErrorDetails
  /** The signature does not verify with the key of its certificate. */
  ERR_SIGNING_SIGNATURE: VerifyErrorDetails
  /** A good signature of something else. */
  ERR_SIGNING_TARGET_MISMATCH: VerifyErrorDetails
  /** The certificates do not form a chain that may sign code. */
  ERR_SIGNING_CHAIN: VerifyErrorDetails
  /** A certificate or the signature is past its time, or before it. */
  ERR_SIGNING_EXPIRED: VerifyErrorDetails
  /** The chain does not lead to a certificate of the trust store, or its subject is not a trusted identity. */
  ERR_SIGNING_UNTRUSTED: VerifyErrorDetails
  /** No publisher has this key, or not the publisher whose name the extension bears. */
  ERR_SIGNING_PUBLISHER: VerifyErrorDetails
  /** The key or a certificate was revoked. */
  ERR_SIGNING_REVOKED: VerifyErrorDetails
  /** A certificate names a revocation list that could not be read, or is not valid now. */
  ERR_SIGNING_REVOCATION_UNKNOWN: VerifyErrorDetails
  /** The list of publishers is past its time, or older than one seen before. */
  ERR_SIGNING_STALE_TRUST: VerifyErrorDetails
  /** The manifest inside the WebAssembly file cannot be read, or says something else than the signed OCI manifest. */
  ERR_SIGNING_MANIFEST_MISMATCH: VerifyErrorDetails
  /** It is another extension than the one asked for. */
  ERR_SIGNING_NAME_MISMATCH: VerifyErrorDetails
  /** It is another version than the one asked for. */
  ERR_SIGNING_VERSION_MISMATCH: VerifyErrorDetails
  /** It is older than what is, or was, installed. */
  ERR_SIGNING_ROLLBACK: VerifyErrorDetails
  /** The trust files are missing, malformed, or ask for what this package does not do. */
  ERR_SIGNING_TRUST_INVALID: { readonly diagnostics: readonly TrustDiagnostic[] }
  /** Another process is changing the trust files. */
  ERR_SIGNING_TRUST_BUSY: Record<string, never>
  /** A key or certificate cannot be used for signing. */
  ERR_SIGNING_KEY_INVALID: { readonly reason: string }
  /** A key file may be read or changed by others than its owner. */
  ERR_SIGNING_KEY_EXPOSED: { readonly mode: string }
  /** The passphrase of a key file is missing or wrong. */
  ERR_SIGNING_PASSPHRASE: { readonly reason: 'missing' | 'wrong' }
  /** A file that would be written is there already. */
  ERR_SIGNING_FILE_EXISTS: { readonly file: string }
}

/** A refusal of this package; switch on `code`. */
export class SigningError<
  Code extends keyof SigningErrorDetails = keyof SigningErrorDetails,
> extends PlatformError<Code, SigningErrorDetails[Code]> {
  override readonly name = 'SigningError'
}

/** The codes a verification can refuse with. */
export type VerifyErrorCode = {
  [Code in keyof SigningErrorDetails]: SigningErrorDetails[Code] extends VerifyErrorDetails
    ? Code
    : never
}[keyof SigningErrorDetails]
