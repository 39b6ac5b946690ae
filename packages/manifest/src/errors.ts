import { PlatformError } from '@morphee/core'
import type { Diagnostic } from './document/diagnostics.ts'
import type { SchemaIssue } from './schema/issue.ts'

/** What each error code of this package carries. Adding a line here is the whole of declaring a code. */
export interface ManifestErrorDetails {
  /** A manifest says something it must not; every fault is listed. */
  ERR_MANIFEST_INVALID: { diagnostics: readonly Diagnostic[] }
  /** A manifest, schema file or asset is larger than anyone needs. */
  ERR_MANIFEST_TOO_LARGE: { limit: number; actual: number }
  /** The embedded manifest is not the canonical JSON of what it says. */
  ERR_MANIFEST_NOT_CANONICAL: Record<never, never>
  /** A file is not a component with exactly one manifest in its place. */
  ERR_ARTIFACT_MALFORMED: { offset: number | null }
  /** An asset is missing, unreferenced, or not what its name says. */
  ERR_ARTIFACT_ASSET: { asset: string }
  /** The operator's policy says something it must not; every fault is listed. */
  ERR_POLICY_INVALID: { diagnostics: readonly Diagnostic[] }
  /** A text is no URL pattern. */
  ERR_URL_PATTERN_INVALID: { pattern: string }
  /** A text is no URL that the host would send a request to. */
  ERR_URL_REFUSED: { url: string }
  /** A setting that a permission needs is missing or cannot stand where it is used. */
  ERR_CONFIG_UNUSABLE: { setting: string }
  /** A JSON Schema is not one, or uses what this host does not run. */
  ERR_SCHEMA_INVALID: { issues: readonly SchemaIssue[] }
  /** Checking a value against a JSON Schema took more steps or levels than allowed. */
  ERR_SCHEMA_BUDGET: { limit: number }
}

/** A manifest, artifact, permission or schema was refused. */
export class ManifestError<
  Code extends keyof ManifestErrorDetails = keyof ManifestErrorDetails,
> extends PlatformError<Code, ManifestErrorDetails[Code]> {
  override readonly name = 'ManifestError'
}

/** {@link ManifestError} as a union that narrows `details` when you switch on `code`. */
export type AnyManifestError = {
  [Code in keyof ManifestErrorDetails]: ManifestError<Code>
}[keyof ManifestErrorDetails]
