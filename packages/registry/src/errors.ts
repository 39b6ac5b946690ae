import { PlatformError } from '@morphee/core'

/** What each registry error code carries. */
export interface RegistryErrorDetails {
  /** The text is no reference, or not one that can be used here. */
  ERR_REGISTRY_REFERENCE: { reason: string }
  /** The registry has no such manifest, blob, repository or upload. */
  ERR_REGISTRY_NOT_FOUND: { registry: string; repository: string }
  /** The registry wants another account, or the account may not do this. */
  ERR_REGISTRY_UNAUTHORIZED: { registry: string; repository: string; status: number }
  /** The logins kept on this machine cannot be used. */
  ERR_REGISTRY_CREDENTIALS: { reason: string }
  /** The registry sends its callers to a token server that must not be asked. */
  ERR_REGISTRY_REALM: { registry: string; realm: string }
  /** No answer came: name, connection, TLS, or the answer broke off. */
  ERR_REGISTRY_UNREACHABLE: { registry: string }
  /** The registry did not answer, or did not go on answering, in time. */
  ERR_REGISTRY_TIMEOUT: { registry: string; timeoutMs: number }
  /** The registry asks for patience, and went on asking. */
  ERR_REGISTRY_RATE_LIMITED: { registry: string }
  /** The registry refused, with a status and the specification's error codes. */
  ERR_REGISTRY_REFUSED: { registry: string; status: number; codes: readonly string[] }
  /** The registry's answer is not what the specification allows. */
  ERR_REGISTRY_RESPONSE: { registry: string; reason: string }
  /** The bytes are not the ones that their digest and size name. */
  ERR_REGISTRY_CONTENT: { digest: string; reason: 'digest' | 'too-long' | 'too-short' }
  /** The content is larger than the caller allowed; nothing, or no more than that, was read. */
  ERR_REGISTRY_TOO_LARGE: { what: string; limit: number }
  /** The manifest is not that of one WebAssembly extension. */
  ERR_REGISTRY_ARTIFACT: { reason: string }
  /** There is no signature at all for the artifact. */
  ERR_REGISTRY_UNSIGNED: { digest: string; skipped: readonly string[] }
  /** The version is published already, and a version never changes. */
  ERR_REGISTRY_VERSION_EXISTS: { reference: string; digest: string }
  /** Other writers kept overwriting the list of referrers. */
  ERR_REGISTRY_CONFLICT: { registry: string; repository: string }
}

/** A registry, or what came from one, was refused. */
export class RegistryError<
  Code extends keyof RegistryErrorDetails = keyof RegistryErrorDetails,
> extends PlatformError<Code, RegistryErrorDetails[Code]> {
  override readonly name = 'RegistryError'
}

/** {@link RegistryError} as a union that narrows `details` when you switch on `code`. */
export type AnyRegistryError = {
  [Code in keyof RegistryErrorDetails]: RegistryError<Code>
}[keyof RegistryErrorDetails]
