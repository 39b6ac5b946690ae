import { cleanLine, PlatformError } from '@morphee/core'

/** What each error code of the host carries. */
export interface HostErrorDetails {
  /** No extension of this name is installed in the workspace. */
  ERR_HOST_NOT_INSTALLED: { extension: string }
  /** The installation exists and does not run: disabled, quarantined, or waiting for a yes. */
  ERR_HOST_NOT_ACTIVE: { extension: string; state: string }
  /** The extension has no action of this name. */
  ERR_HOST_ACTION_UNKNOWN: { extension: string; action: string; actions: readonly string[] }
  /** The input does not match the action's schema. */
  ERR_HOST_INPUT_INVALID: { issues: readonly { path: string; message: string }[] }
  /** The extension returned something that its own schema refuses. */
  ERR_HOST_OUTPUT_INVALID: { issues: readonly { path: string; message: string }[] }
  /** A person, the manifest, the action or the operator's policy does not allow it. */
  ERR_HOST_PERMISSION_DENIED: {
    permission: string
    refusedBy: 'manifest' | 'action' | 'grant' | 'policy'
    target: string
  }
  /** The operator's policy refuses the extension or its publisher. */
  ERR_HOST_POLICY: {
    extension: string
    reason: string
    rule?: { readonly file: string; readonly line: number }
  }
  /** A limit of the invocation or the installation was reached. */
  ERR_HOST_LIMIT: { limit: string; value: number; unit: string; retryAfterMs?: number }
  /** The guest trapped: its own fault, not a limit. */
  ERR_HOST_TRAPPED: { reason: string }
  /** The extension answered with a failure of its own. */
  ERR_HOST_EXTENSION_FAILED: { code: string; details?: string; retryAfterMs?: number }
  /** The caller took the invocation back. */
  ERR_HOST_CANCELLED: { invocation: string }
  /** The component does not fit the contract: an unknown import, other types, a missing export, or more than its manifest asks for. */
  ERR_HOST_CONTRACT: { problems: readonly string[] }
  /** A setting is missing or does not match the manifest's config schema. */
  ERR_HOST_CONFIG_INVALID: { issues: readonly { path: string; message: string }[] }
  /** The extension uses a credential that nobody has entered. */
  ERR_HOST_CREDENTIAL_MISSING: { credential: string }
  /** There are only connections of other people; automation uses shared ones. */
  ERR_HOST_CREDENTIAL_PERSONAL: { credential: string; caller: string; accepted: string }
  /** The manifest declares no credential of this name, or not for this address. */
  ERR_HOST_CREDENTIAL_UNKNOWN: { credential: string }
  /** Nobody has said yes to what this version may do. */
  ERR_HOST_CONSENT_REQUIRED: { extension: string; reason: string }
  /** Unsigned code outside a development host. */
  ERR_HOST_UNSIGNED: { extension: string }
  /** The stored bytes no longer are what was installed. */
  ERR_HOST_ARTIFACT_CORRUPT: { digest: string }
  /** The data directory belongs to the other kind of host, or is no data directory. */
  ERR_HOST_HOME: { expected: string; found: string }
  /** An older version than one that was installed before. */
  ERR_HOST_DOWNGRADE: { version: string; floor: string }
  /** There is no earlier version of this installation to go back to. */
  ERR_HOST_NO_EARLIER_VERSION: { extension: string; version: string }
  /** Another publisher's key signed it than the one this installation was made with. */
  ERR_HOST_PUBLISHER_CHANGED: { extension: string; publisher: string; installedPublisher: string }
  /** The extension crashed repeatedly and is stopped until a person looks. */
  ERR_HOST_QUARANTINED: { extension: string; crashes: number }
  /** The application has no collection of this name. */
  ERR_HOST_DATA_COLLECTION: { collection: string; accepted: readonly string[] }
  /** The application's rules refuse this entry. */
  ERR_HOST_DATA_INVALID: {
    collection: string
    issues: readonly { path: string; message: string }[]
  }
  /** There is no entry with this id. */
  ERR_HOST_DATA_NOT_FOUND: { collection: string; id: string }
  /** The entry has changed since it was read; `revision` is the one it has now. */
  ERR_HOST_DATA_CONFLICT: { collection: string; id: string; revision: string }
  /** There is no such question or standing answer in the workspace. */
  ERR_HOST_APPROVAL_UNKNOWN: { approval: string }
  /** What was shown to the person is not what is asked. */
  ERR_HOST_APPROVAL_CHANGED: { approval: string }
  /** The question has an answer already, or its call is over. */
  ERR_HOST_APPROVAL_OVER: { approval: string; state: string }
  /** The question is for somebody else. */
  ERR_HOST_APPROVER: { accepted: string }
  /** There is no such dead letter of this extension. */
  ERR_HOST_EVENT_UNKNOWN: { extension: string; event: string }
  /** The conversation is unknown, over, or another caller's. */
  ERR_HOST_CONVERSATION: { reason: string }
  /** The grant is wider than what is asked for, or names what is not there. */
  ERR_HOST_GRANT_INVALID: { problem: string; accepted: readonly string[] }
  /** An argument from outside (a name, a workspace, a cursor) is not what it must be. */
  ERR_HOST_ARGUMENT: { argument: string; accepted: string }
}

/** The host refused or failed; see {@link HostErrorDetails} for the codes. */
export class HostError<
  Code extends keyof HostErrorDetails = keyof HostErrorDetails,
> extends PlatformError<Code, HostErrorDetails[Code]> {
  override readonly name = 'HostError'
}

/** The refusal of an action that an extension does not have. */
export function actionUnknown(
  extension: string,
  action: string,
  actions: readonly string[],
): HostError<'ERR_HOST_ACTION_UNKNOWN'> {
  const shown = cleanLine(action, 100)
  return new HostError(
    'ERR_HOST_ACTION_UNKNOWN',
    `Cannot call "${extension}": it has no action "${shown}"; it has ${actions.join(', ')}`,
    { extension, action: shown, actions },
  )
}

/** {@link HostError} as a union that narrows `details` when you switch on `code`. */
export type AnyHostError = {
  [Code in keyof HostErrorDetails]: HostError<Code>
}[keyof HostErrorDetails]
