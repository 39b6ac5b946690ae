// Generated from spec/errors by `npm run generate`. Do not edit.

/** What the edges make of an error code. */
export interface ErrorRow {
  /** The code in a guest's `failure`, or `null` when no guest sees this error. */
  readonly guest: string | null
  /** Status of the HTTP API. */
  readonly http: number
  /** Exit code of the CLI: 1 refused or failed, 2 usage, 3 could not tell. */
  readonly exit: 0 | 1 | 2 | 3
  /** What a person can do. */
  readonly next: string
}

/** Every error code of the project, pinned: a code never changes its meaning. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
  ERR_ARTIFACT_ASSET: {"guest":null,"http":422,"exit":1,"next":"Mend the asset, then build again"},
  ERR_ARTIFACT_MALFORMED: {"guest":null,"http":422,"exit":1,"next":"Build the extension again with `morphee build`"},
  ERR_AUDIT_BROKEN: {"guest":null,"http":500,"exit":1,"next":"Keep the database as evidence; compare it with an exported copy"},
  ERR_AUDIT_CHECKPOINT: {"guest":null,"http":500,"exit":1,"next":"Verify with the key that the host had then"},
  ERR_AUDIT_FORMAT: {"guest":null,"http":400,"exit":1,"next":"Export again"},
  ERR_AUDIT_KEY: {"guest":null,"http":500,"exit":3,"next":"Make the key file readable by its owner only"},
  ERR_AUDIT_RECORD: {"guest":"internal","http":500,"exit":3,"next":"See the host log; make room or repair the database"},
  ERR_AUTHORING_ACTIONS_DIFFER: {"guest":null,"http":400,"exit":1,"next":"Give both the same names"},
  ERR_AUTHORING_FOLDER_TAKEN: {"guest":null,"http":409,"exit":1,"next":"Choose another folder"},
  ERR_AUTHORING_IMPORT_FOREIGN: {"guest":null,"http":400,"exit":1,"next":"Remove the library that brings the import, or replace it by one that needs no system"},
  ERR_AUTHORING_LANGUAGE_UNKNOWN: {"guest":null,"http":400,"exit":1,"next":"Put the source at src/main.ts or assembly/index.ts"},
  ERR_AUTHORING_MANIFEST_MISSING: {"guest":null,"http":400,"exit":1,"next":"Run the command in the folder of an extension, or make one with `morphee new`"},
  ERR_AUTHORING_NAME_INVALID: {"guest":null,"http":400,"exit":2,"next":"Use lower-case letters, digits and hyphens: acme/jira"},
  ERR_AUTHORING_PERMISSION_MISSING: {"guest":null,"http":400,"exit":1,"next":"Ask for the permission in extension.yaml, or remove the call"},
  ERR_AUTHORING_PERMISSION_UNUSED: {"guest":null,"http":400,"exit":1,"next":"Remove the permission from extension.yaml"},
  ERR_AUTHORING_SDK_MISSING: {"guest":null,"http":400,"exit":1,"next":"Run `npm install` in the extension's folder"},
  ERR_AUTHORING_SOURCE_INVALID: {"guest":null,"http":400,"exit":1,"next":"Mend what the diagnostics name by file, line and column"},
  ERR_AUTHORING_TOOL_FAILED: {"guest":null,"http":500,"exit":3,"next":"Try again; if it stays, report it with the tool's message"},
  ERR_AUTHORING_TOO_LARGE: {"guest":null,"http":400,"exit":1,"next":"Look at the size report by section, and leave out what is large"},
  ERR_COMPONENT_ASYNC_UNSUPPORTED: {"guest":null,"http":501,"exit":1,"next":"Use Node 26 or a browser with JSPI, or let the host run the extension in a worker"},
  ERR_COMPONENT_INVALID: {"guest":null,"http":422,"exit":1,"next":"Build the extension with a current toolchain; the message names the rule and the byte"},
  ERR_COMPONENT_LIMIT: {"guest":null,"http":422,"exit":1,"next":"Make the component smaller, or raise the limit that the message names"},
  ERR_COMPONENT_LINK: {"guest":null,"http":422,"exit":1,"next":"Build the extension for this host's version, or update the host"},
  ERR_COMPONENT_MALFORMED: {"guest":null,"http":422,"exit":1,"next":"Build the extension again, or fetch it again"},
  ERR_COMPONENT_REENTERED: {"guest":null,"http":409,"exit":1,"next":"Wait for the running call, or use another instance"},
  ERR_COMPONENT_TRAPPED: {"guest":null,"http":502,"exit":1,"next":"Call again: the next call gets a fresh instance. Report it to the extension's author if it stays"},
  ERR_COMPONENT_UNSUPPORTED: {"guest":null,"http":422,"exit":1,"next":"Build the extension without the feature that the message names"},
  ERR_COMPONENT_VALUE_MALFORMED: {"guest":null,"http":500,"exit":3,"next":"Report it: host and worker disagree"},
  ERR_CONFIG_UNUSABLE: {"guest":null,"http":422,"exit":1,"next":"Set it with `morphee configure NAME`"},
  ERR_EGRESS_ADDRESS: {"guest":"permission-denied","http":403,"exit":1,"next":"An operator can allow this host and address range in the policy"},
  ERR_EGRESS_AUDIENCE: {"guest":"permission-denied","http":403,"exit":1,"next":"Send the request to the credential's own service, or name another credential"},
  ERR_EGRESS_DENIED: {"guest":"permission-denied","http":403,"exit":1,"next":"Compare the URL with the permissions of the extension; refusedBy names who refused"},
  ERR_EGRESS_HEADER: {"guest":"permission-denied","http":403,"exit":1,"next":"Declare a credential in the manifest and name it in the request"},
  ERR_EGRESS_METHOD: {"guest":"invalid-input","http":400,"exit":1,"next":"Use another method; a GET or HEAD has no body"},
  ERR_EGRESS_RATE: {"guest":"rate-limited","http":429,"exit":1,"next":"Try again after the time that is given"},
  ERR_EGRESS_REDIRECT: {"guest":"unreachable","http":502,"exit":1,"next":"Ask for the final URL directly"},
  ERR_EGRESS_RESPONSE: {"guest":"unreachable","http":502,"exit":1,"next":"Report it to the service; try again later"},
  ERR_EGRESS_RESPONSE_TOO_LARGE: {"guest":"limit-exceeded","http":502,"exit":1,"next":"Ask for less at a time, or raise the limit in the policy"},
  ERR_EGRESS_TIMEOUT: {"guest":"timeout","http":504,"exit":1,"next":"Try again later; a write that was sent may have happened"},
  ERR_EGRESS_TLS: {"guest":"unreachable","http":502,"exit":1,"next":"Check the host's name and its certificate"},
  ERR_EGRESS_UNREACHABLE: {"guest":"unreachable","http":502,"exit":1,"next":"Check the host's name and the network; a write that was sent may have happened"},
  ERR_EGRESS_URL: {"guest":"invalid-input","http":400,"exit":1,"next":"Write the URL plainly: https, host, path and query"},
  ERR_HOST_ACTION_UNKNOWN: {"guest":null,"http":404,"exit":2,"next":"Choose one of the actions named in the message"},
  ERR_HOST_APPROVAL_CHANGED: {"guest":null,"http":409,"exit":1,"next":"Read the question again and answer that one"},
  ERR_HOST_APPROVAL_OVER: {"guest":null,"http":409,"exit":1,"next":"Call again if it is still wanted"},
  ERR_HOST_APPROVAL_UNKNOWN: {"guest":null,"http":404,"exit":1,"next":"Look at `morphee approvals`"},
  ERR_HOST_APPROVER: {"guest":null,"http":403,"exit":1,"next":"Let the person answer whom the message names"},
  ERR_HOST_ARGUMENT: {"guest":"invalid-input","http":400,"exit":2,"next":"Give what the message says is accepted"},
  ERR_HOST_ARTIFACT_CORRUPT: {"guest":null,"http":500,"exit":1,"next":"Install the extension again"},
  ERR_HOST_CANCELLED: {"guest":"cancelled","http":499,"exit":1,"next":"Call again if it was not meant"},
  ERR_HOST_CONFIG_INVALID: {"guest":null,"http":422,"exit":1,"next":"Give it with --set name=value when installing, or with `morphee configure NAME` afterwards"},
  ERR_HOST_CONSENT_REQUIRED: {"guest":null,"http":409,"exit":1,"next":"Read what it asks for and say yes, or keep the version you have"},
  ERR_HOST_CONTRACT: {"guest":null,"http":422,"exit":1,"next":"Rebuild it with `morphee build`"},
  ERR_HOST_CONVERSATION: {"guest":null,"http":403,"exit":1,"next":"Open a conversation of your own"},
  ERR_HOST_CREDENTIAL_MISSING: {"guest":"unauthenticated","http":409,"exit":1,"next":"Enter it with `morphee connect NAME CREDENTIAL`"},
  ERR_HOST_CREDENTIAL_PERSONAL: {"guest":"unauthenticated","http":403,"exit":1,"next":"Connect your own account with `morphee connect NAME CREDENTIAL`, or one for everybody with `--shared`"},
  ERR_HOST_CREDENTIAL_UNKNOWN: {"guest":"permission-denied","http":404,"exit":1,"next":"Use a credential that `morphee permissions NAME` shows"},
  ERR_HOST_DATA_COLLECTION: {"guest":"not-found","http":404,"exit":1,"next":"Use one of the collections named in the message"},
  ERR_HOST_DATA_CONFLICT: {"guest":"conflict","http":409,"exit":1,"next":"Read it again and repeat the change"},
  ERR_HOST_DATA_INVALID: {"guest":"invalid-input","http":422,"exit":1,"next":"Mend the fields named in the message"},
  ERR_HOST_DATA_NOT_FOUND: {"guest":"not-found","http":404,"exit":1,"next":"Query the collection for what is there"},
  ERR_HOST_DOWNGRADE: {"guest":null,"http":409,"exit":1,"next":"Use `morphee rollback NAME` to go back within this installation's history"},
  ERR_HOST_EVENT_UNKNOWN: {"guest":null,"http":404,"exit":1,"next":"Look at `morphee events dead`"},
  ERR_HOST_EXTENSION_FAILED: {"guest":null,"http":502,"exit":1,"next":"Read its message"},
  ERR_HOST_GRANT_INVALID: {"guest":null,"http":422,"exit":2,"next":"Allow what it asks for, or less"},
  ERR_HOST_HOME: {"guest":null,"http":500,"exit":2,"next":"Use another MORPHEE_HOME"},
  ERR_HOST_INPUT_INVALID: {"guest":null,"http":422,"exit":2,"next":"Mend the fields named in the message"},
  ERR_HOST_LIMIT: {"guest":"limit-exceeded","http":429,"exit":1,"next":"Ask for less at once, or have the limit raised up to its ceiling"},
  ERR_HOST_NOT_ACTIVE: {"guest":null,"http":409,"exit":1,"next":"Let it run again with `morphee enable NAME`"},
  ERR_HOST_NOT_INSTALLED: {"guest":null,"http":404,"exit":1,"next":"Install it, or look at `morphee list`; unsigned extensions are under `morphee --dev`"},
  ERR_HOST_NO_EARLIER_VERSION: {"guest":null,"http":409,"exit":1,"next":"Look at `morphee show NAME`"},
  ERR_HOST_OUTPUT_INVALID: {"guest":null,"http":502,"exit":1,"next":"Tell the extension's author"},
  ERR_HOST_PERMISSION_DENIED: {"guest":"permission-denied","http":403,"exit":1,"next":"Look at `morphee permissions NAME` for what is allowed and by whom"},
  ERR_HOST_POLICY: {"guest":null,"http":403,"exit":1,"next":"Ask the operator; `morphee policy show` has the rules"},
  ERR_HOST_PUBLISHER_CHANGED: {"guest":null,"http":409,"exit":1,"next":"Remove the installation first if the change of hands is known to you"},
  ERR_HOST_QUARANTINED: {"guest":null,"http":409,"exit":1,"next":"Look at `morphee audit`, then enable it again with `morphee enable NAME`"},
  ERR_HOST_TRAPPED: {"guest":null,"http":502,"exit":1,"next":"Try again; if it stays, tell the extension's author"},
  ERR_HOST_UNSIGNED: {"guest":null,"http":422,"exit":1,"next":"Sign it, or run it with --dev in a home of its own"},
  ERR_INTERNAL: {"guest":"internal","http":500,"exit":3,"next":"Report it with the request id"},
  ERR_MANIFEST_INVALID: {"guest":null,"http":422,"exit":1,"next":"Mend the manifest at the places named, then build again"},
  ERR_MANIFEST_NOT_CANONICAL: {"guest":null,"http":422,"exit":1,"next":"Build the extension again with `morphee build`"},
  ERR_MANIFEST_TOO_LARGE: {"guest":null,"http":413,"exit":1,"next":"Shorten texts and schemas, or move schemas into files"},
  ERR_POLICY_INVALID: {"guest":null,"http":422,"exit":1,"next":"Mend the policy at the places named; `morphee policy validate` checks it"},
  ERR_REGISTRY_ARTIFACT: {"guest":null,"http":422,"exit":1,"next":"Check the reference; extensions are published with `morphee publish`"},
  ERR_REGISTRY_CONFLICT: {"guest":null,"http":409,"exit":3,"next":"Try again"},
  ERR_REGISTRY_CONTENT: {"guest":null,"http":502,"exit":1,"next":"Do not use this registry until it is known why; a mirror by digest is safe"},
  ERR_REGISTRY_CREDENTIALS: {"guest":null,"http":500,"exit":1,"next":"Log in to the registry again"},
  ERR_REGISTRY_NOT_FOUND: {"guest":null,"http":404,"exit":1,"next":"Check the repository and the version; a private repository may answer the same without a login"},
  ERR_REGISTRY_RATE_LIMITED: {"guest":null,"http":503,"exit":3,"next":"Wait, or log in: accounts often have higher limits"},
  ERR_REGISTRY_REALM: {"guest":null,"http":502,"exit":1,"next":"If the token server belongs to the registry, add it to the registry's realms"},
  ERR_REGISTRY_REFERENCE: {"guest":null,"http":400,"exit":2,"next":"Write it as registry.example/publisher/name:version, with the registry's host"},
  ERR_REGISTRY_REFUSED: {"guest":null,"http":502,"exit":1,"next":"See the status and the codes it gave"},
  ERR_REGISTRY_RESPONSE: {"guest":null,"http":502,"exit":1,"next":"Tell the registry's operator, or use another registry"},
  ERR_REGISTRY_TIMEOUT: {"guest":null,"http":504,"exit":3,"next":"Try again later"},
  ERR_REGISTRY_TOO_LARGE: {"guest":null,"http":413,"exit":1,"next":"Publish something smaller, or raise the limit in the policy"},
  ERR_REGISTRY_UNAUTHORIZED: {"guest":null,"http":403,"exit":1,"next":"Log in to the registry with an account that has the right"},
  ERR_REGISTRY_UNREACHABLE: {"guest":null,"http":502,"exit":3,"next":"Check the registry's name and the network, then try again"},
  ERR_REGISTRY_UNSIGNED: {"guest":null,"http":403,"exit":1,"next":"Ask the publisher for a signed version"},
  ERR_REGISTRY_VERSION_EXISTS: {"guest":null,"http":409,"exit":1,"next":"Publish under a new version"},
  ERR_SCHEMA_BUDGET: {"guest":"limit-exceeded","http":422,"exit":1,"next":"Simplify the schema, or send a smaller value"},
  ERR_SCHEMA_INVALID: {"guest":null,"http":422,"exit":1,"next":"Mend the schema at the places named"},
  ERR_SIGNING_ARTIFACT: {"guest":null,"http":422,"exit":1,"next":"Check the reference; publish extensions with `morphee publish`"},
  ERR_SIGNING_CHAIN: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher to sign with a code-signing certificate"},
  ERR_SIGNING_ENVELOPE: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher for a properly signed version; nothing was installed"},
  ERR_SIGNING_EXPIRED: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher for a version signed with a current certificate; what is installed goes on"},
  ERR_SIGNING_FILE_EXISTS: {"guest":null,"http":409,"exit":1,"next":"Choose another name, or move the file away"},
  ERR_SIGNING_INTEGRITY: {"guest":null,"http":422,"exit":1,"next":"Get it again; if it stays so, the registry or the cache was changed"},
  ERR_SIGNING_KEY_EXPOSED: {"guest":null,"http":422,"exit":1,"next":"Make it yours alone (chmod 600) and, if it was exposed, revoke the key"},
  ERR_SIGNING_KEY_INVALID: {"guest":null,"http":422,"exit":1,"next":"Make a new one with `morphee keygen PUBLISHER --organization NAME`"},
  ERR_SIGNING_MANIFEST_MISMATCH: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher to build and publish it again"},
  ERR_SIGNING_NAME_MISMATCH: {"guest":null,"http":422,"exit":1,"next":"Check the reference; the registry may have been tampered with"},
  ERR_SIGNING_PASSPHRASE: {"guest":null,"http":422,"exit":1,"next":"Give the passphrase, or set MORPHEE_KEY_PASSPHRASE"},
  ERR_SIGNING_PUBLISHER: {"guest":null,"http":422,"exit":1,"next":"Check the name; only the publisher's own key may sign it"},
  ERR_SIGNING_REVOCATION_UNKNOWN: {"guest":null,"http":503,"exit":3,"next":"Try again when its revocation list can be reached"},
  ERR_SIGNING_REVOKED: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher for a version signed with a new key"},
  ERR_SIGNING_ROLLBACK: {"guest":null,"http":409,"exit":1,"next":"Use `morphee rollback NAME` to go back to a version you had"},
  ERR_SIGNING_SIGNATURE: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher for a properly signed version; nothing was installed"},
  ERR_SIGNING_STALE_TRUST: {"guest":null,"http":503,"exit":3,"next":"Update the trust data, or look through it and renew it"},
  ERR_SIGNING_TARGET_MISMATCH: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher for a properly signed version; nothing was installed"},
  ERR_SIGNING_TRUST_BUSY: {"guest":null,"http":503,"exit":3,"next":"Try again"},
  ERR_SIGNING_TRUST_INVALID: {"guest":null,"http":500,"exit":1,"next":"Correct what the diagnostics name"},
  ERR_SIGNING_UNSIGNED: {"guest":null,"http":422,"exit":1,"next":"Ask the publisher to sign it; your own code installs unsigned with `morphee --dev install`"},
  ERR_SIGNING_UNTRUSTED: {"guest":null,"http":422,"exit":1,"next":"If you know the publisher, trust their certificate with `morphee trust add CERTIFICATE --publisher NAME`"},
  ERR_SIGNING_VERSION_MISMATCH: {"guest":null,"http":422,"exit":1,"next":"Check the reference; the tag may have been moved"},
  ERR_STORAGE_CURSOR: {"guest":"invalid-input","http":400,"exit":1,"next":"List from the beginning"},
  ERR_STORAGE_KEY: {"guest":"invalid-input","http":400,"exit":1,"next":"Use a shorter or plainer key"},
  ERR_STORAGE_QUOTA: {"guest":"limit-exceeded","http":413,"exit":1,"next":"Delete what is not needed, or raise the limit in the policy"},
  ERR_STORAGE_VALUE_TOO_LARGE: {"guest":"limit-exceeded","http":413,"exit":1,"next":"Split the value over several keys"},
  ERR_STORE_BUSY: {"guest":"internal","http":503,"exit":3,"next":"Try again; see which process keeps it"},
  ERR_STORE_CLOSED: {"guest":"internal","http":503,"exit":3,"next":"Try again once the host runs"},
  ERR_STORE_CONFLICT: {"guest":"conflict","http":409,"exit":1,"next":"Read what is there and try again"},
  ERR_STORE_CORRUPT: {"guest":"internal","http":500,"exit":3,"next":"Put a backup in its place, or recover the file with sqlite3"},
  ERR_STORE_FULL: {"guest":"internal","http":507,"exit":3,"next":"Make room on the disk"},
  ERR_STORE_MIGRATION: {"guest":null,"http":500,"exit":3,"next":"Use the release that wrote the database"},
  ERR_STORE_NEWER: {"guest":null,"http":500,"exit":3,"next":"Use that program, or a backup from before it"},
  ERR_STORE_UNAVAILABLE: {"guest":"internal","http":500,"exit":3,"next":"Check that the data directory is there and belongs to this user"},
  ERR_URL_PATTERN_INVALID: {"guest":null,"http":422,"exit":1,"next":"Write it as `spec/permissions.md` says"},
  ERR_URL_REFUSED: {"guest":"invalid-input","http":422,"exit":1,"next":"Write the URL in its plain form: https, a host, a path without dots and percent tricks"},
  ERR_VAULT_KEY: {"guest":"internal","http":500,"exit":3,"next":"Give the earlier master key, then rotate"},
  ERR_VAULT_KEY_SOURCE: {"guest":"internal","http":500,"exit":3,"next":"Make the key file readable by its owner only, or set MORPHEE_MASTER_KEY to 32 bytes in base64"},
  ERR_VAULT_NAME: {"guest":"invalid-input","http":400,"exit":1,"next":"Use another name"},
  ERR_VAULT_TAMPERED: {"guest":"internal","http":500,"exit":3,"next":"Find out who can write the database; then connect the account again"},
  ERR_VAULT_TOO_LARGE: {"guest":"limit-exceeded","http":413,"exit":1,"next":"Keep only the secret itself in the vault"},
}

/** Every error code of the project. */
export type ErrorCode =
  | 'ERR_ARTIFACT_ASSET'
  | 'ERR_ARTIFACT_MALFORMED'
  | 'ERR_AUDIT_BROKEN'
  | 'ERR_AUDIT_CHECKPOINT'
  | 'ERR_AUDIT_FORMAT'
  | 'ERR_AUDIT_KEY'
  | 'ERR_AUDIT_RECORD'
  | 'ERR_AUTHORING_ACTIONS_DIFFER'
  | 'ERR_AUTHORING_FOLDER_TAKEN'
  | 'ERR_AUTHORING_IMPORT_FOREIGN'
  | 'ERR_AUTHORING_LANGUAGE_UNKNOWN'
  | 'ERR_AUTHORING_MANIFEST_MISSING'
  | 'ERR_AUTHORING_NAME_INVALID'
  | 'ERR_AUTHORING_PERMISSION_MISSING'
  | 'ERR_AUTHORING_PERMISSION_UNUSED'
  | 'ERR_AUTHORING_SDK_MISSING'
  | 'ERR_AUTHORING_SOURCE_INVALID'
  | 'ERR_AUTHORING_TOOL_FAILED'
  | 'ERR_AUTHORING_TOO_LARGE'
  | 'ERR_COMPONENT_ASYNC_UNSUPPORTED'
  | 'ERR_COMPONENT_INVALID'
  | 'ERR_COMPONENT_LIMIT'
  | 'ERR_COMPONENT_LINK'
  | 'ERR_COMPONENT_MALFORMED'
  | 'ERR_COMPONENT_REENTERED'
  | 'ERR_COMPONENT_TRAPPED'
  | 'ERR_COMPONENT_UNSUPPORTED'
  | 'ERR_COMPONENT_VALUE_MALFORMED'
  | 'ERR_CONFIG_UNUSABLE'
  | 'ERR_EGRESS_ADDRESS'
  | 'ERR_EGRESS_AUDIENCE'
  | 'ERR_EGRESS_DENIED'
  | 'ERR_EGRESS_HEADER'
  | 'ERR_EGRESS_METHOD'
  | 'ERR_EGRESS_RATE'
  | 'ERR_EGRESS_REDIRECT'
  | 'ERR_EGRESS_RESPONSE'
  | 'ERR_EGRESS_RESPONSE_TOO_LARGE'
  | 'ERR_EGRESS_TIMEOUT'
  | 'ERR_EGRESS_TLS'
  | 'ERR_EGRESS_UNREACHABLE'
  | 'ERR_EGRESS_URL'
  | 'ERR_HOST_ACTION_UNKNOWN'
  | 'ERR_HOST_APPROVAL_CHANGED'
  | 'ERR_HOST_APPROVAL_OVER'
  | 'ERR_HOST_APPROVAL_UNKNOWN'
  | 'ERR_HOST_APPROVER'
  | 'ERR_HOST_ARGUMENT'
  | 'ERR_HOST_ARTIFACT_CORRUPT'
  | 'ERR_HOST_CANCELLED'
  | 'ERR_HOST_CONFIG_INVALID'
  | 'ERR_HOST_CONSENT_REQUIRED'
  | 'ERR_HOST_CONTRACT'
  | 'ERR_HOST_CONVERSATION'
  | 'ERR_HOST_CREDENTIAL_MISSING'
  | 'ERR_HOST_CREDENTIAL_PERSONAL'
  | 'ERR_HOST_CREDENTIAL_UNKNOWN'
  | 'ERR_HOST_DATA_COLLECTION'
  | 'ERR_HOST_DATA_CONFLICT'
  | 'ERR_HOST_DATA_INVALID'
  | 'ERR_HOST_DATA_NOT_FOUND'
  | 'ERR_HOST_DOWNGRADE'
  | 'ERR_HOST_EVENT_UNKNOWN'
  | 'ERR_HOST_EXTENSION_FAILED'
  | 'ERR_HOST_GRANT_INVALID'
  | 'ERR_HOST_HOME'
  | 'ERR_HOST_INPUT_INVALID'
  | 'ERR_HOST_LIMIT'
  | 'ERR_HOST_NOT_ACTIVE'
  | 'ERR_HOST_NOT_INSTALLED'
  | 'ERR_HOST_NO_EARLIER_VERSION'
  | 'ERR_HOST_OUTPUT_INVALID'
  | 'ERR_HOST_PERMISSION_DENIED'
  | 'ERR_HOST_POLICY'
  | 'ERR_HOST_PUBLISHER_CHANGED'
  | 'ERR_HOST_QUARANTINED'
  | 'ERR_HOST_TRAPPED'
  | 'ERR_HOST_UNSIGNED'
  | 'ERR_INTERNAL'
  | 'ERR_MANIFEST_INVALID'
  | 'ERR_MANIFEST_NOT_CANONICAL'
  | 'ERR_MANIFEST_TOO_LARGE'
  | 'ERR_POLICY_INVALID'
  | 'ERR_REGISTRY_ARTIFACT'
  | 'ERR_REGISTRY_CONFLICT'
  | 'ERR_REGISTRY_CONTENT'
  | 'ERR_REGISTRY_CREDENTIALS'
  | 'ERR_REGISTRY_NOT_FOUND'
  | 'ERR_REGISTRY_RATE_LIMITED'
  | 'ERR_REGISTRY_REALM'
  | 'ERR_REGISTRY_REFERENCE'
  | 'ERR_REGISTRY_REFUSED'
  | 'ERR_REGISTRY_RESPONSE'
  | 'ERR_REGISTRY_TIMEOUT'
  | 'ERR_REGISTRY_TOO_LARGE'
  | 'ERR_REGISTRY_UNAUTHORIZED'
  | 'ERR_REGISTRY_UNREACHABLE'
  | 'ERR_REGISTRY_UNSIGNED'
  | 'ERR_REGISTRY_VERSION_EXISTS'
  | 'ERR_SCHEMA_BUDGET'
  | 'ERR_SCHEMA_INVALID'
  | 'ERR_SIGNING_ARTIFACT'
  | 'ERR_SIGNING_CHAIN'
  | 'ERR_SIGNING_ENVELOPE'
  | 'ERR_SIGNING_EXPIRED'
  | 'ERR_SIGNING_FILE_EXISTS'
  | 'ERR_SIGNING_INTEGRITY'
  | 'ERR_SIGNING_KEY_EXPOSED'
  | 'ERR_SIGNING_KEY_INVALID'
  | 'ERR_SIGNING_MANIFEST_MISMATCH'
  | 'ERR_SIGNING_NAME_MISMATCH'
  | 'ERR_SIGNING_PASSPHRASE'
  | 'ERR_SIGNING_PUBLISHER'
  | 'ERR_SIGNING_REVOCATION_UNKNOWN'
  | 'ERR_SIGNING_REVOKED'
  | 'ERR_SIGNING_ROLLBACK'
  | 'ERR_SIGNING_SIGNATURE'
  | 'ERR_SIGNING_STALE_TRUST'
  | 'ERR_SIGNING_TARGET_MISMATCH'
  | 'ERR_SIGNING_TRUST_BUSY'
  | 'ERR_SIGNING_TRUST_INVALID'
  | 'ERR_SIGNING_UNSIGNED'
  | 'ERR_SIGNING_UNTRUSTED'
  | 'ERR_SIGNING_VERSION_MISMATCH'
  | 'ERR_STORAGE_CURSOR'
  | 'ERR_STORAGE_KEY'
  | 'ERR_STORAGE_QUOTA'
  | 'ERR_STORAGE_VALUE_TOO_LARGE'
  | 'ERR_STORE_BUSY'
  | 'ERR_STORE_CLOSED'
  | 'ERR_STORE_CONFLICT'
  | 'ERR_STORE_CORRUPT'
  | 'ERR_STORE_FULL'
  | 'ERR_STORE_MIGRATION'
  | 'ERR_STORE_NEWER'
  | 'ERR_STORE_UNAVAILABLE'
  | 'ERR_URL_PATTERN_INVALID'
  | 'ERR_URL_REFUSED'
  | 'ERR_VAULT_KEY'
  | 'ERR_VAULT_KEY_SOURCE'
  | 'ERR_VAULT_NAME'
  | 'ERR_VAULT_TAMPERED'
  | 'ERR_VAULT_TOO_LARGE'
