import { PlatformError } from '@morphee/core'
import type { SourceDiagnostic } from './toolchains/diagnostic.ts'

/** What each error code of this package carries. Adding a line here is the whole of declaring a code. */
export interface AuthoringErrorDetails {
  /** A folder has no `extension.yaml`. */
  ERR_AUTHORING_MANIFEST_MISSING: { file: string }
  /** A folder has no source that a build knows, or says a language that it does not know. */
  ERR_AUTHORING_LANGUAGE_UNKNOWN: { language: string | null; known: readonly string[] }
  /** The author's source does not compile. */
  ERR_AUTHORING_SOURCE_INVALID: { diagnostics: readonly SourceDiagnostic[] }
  /** The actions of the source are not those of the manifest. */
  ERR_AUTHORING_ACTIONS_DIFFER: { missing: readonly string[]; undeclared: readonly string[] }
  /** The code calls what the manifest does not ask for. */
  ERR_AUTHORING_PERMISSION_MISSING: { permissions: readonly string[]; imports: readonly string[] }
  /** The manifest asks for what the code never calls. */
  ERR_AUTHORING_PERMISSION_UNUSED: { permissions: readonly string[] }
  /** The component imports what no host of this contract has. */
  ERR_AUTHORING_IMPORT_FOREIGN: { imports: readonly string[] }
  /** The built file is larger than hosts take. */
  ERR_AUTHORING_TOO_LARGE: { limit: number; actual: number }
  /** A compiler or tool failed in a way that is no fault of the source. */
  ERR_AUTHORING_TOOL_FAILED: { tool: string }
  /** The SDK of the language is not installed in the folder. */
  ERR_AUTHORING_SDK_MISSING: { package: string }
  /** A name is no `publisher/name`. */
  ERR_AUTHORING_NAME_INVALID: { name: string }
  /** The folder for a new extension is there and not empty. */
  ERR_AUTHORING_FOLDER_TAKEN: { folder: string }
}

/** Building or making an extension was refused. */
export class AuthoringError<
  Code extends keyof AuthoringErrorDetails = keyof AuthoringErrorDetails,
> extends PlatformError<Code, AuthoringErrorDetails[Code]> {
  override readonly name = 'AuthoringError'
}

/** {@link AuthoringError} as a union that narrows `details` when you switch on `code`. */
export type AnyAuthoringError = {
  [Code in keyof AuthoringErrorDetails]: AuthoringError<Code>
}[keyof AuthoringErrorDetails]
