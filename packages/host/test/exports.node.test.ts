import * as host from '@morphee/host'
import * as node from '@morphee/host/node'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('exports of @morphee/host', () => {
  expect(Object.keys(host).sort()).toMatchInlineSnapshot(`
    [
      "APPROVAL_MIGRATIONS",
      "AUDIT_EXPORT_FORMAT",
      "AuditError",
      "BuiltinFailure",
      "CONNECTION_MIGRATIONS",
      "CONTRACT_RULES",
      "DATA_MIGRATIONS",
      "DevelopmentHost",
      "EVENT_MIGRATIONS",
      "Host",
      "HostError",
      "INSTALLATION_MIGRATIONS",
      "MAX_EVENTS_PER_MINUTE",
      "MAX_EVENT_BYTES",
      "MAX_EVENT_HOPS",
      "MAX_SECRET_BYTES",
      "MAX_STORAGE_KEY_BYTES",
      "MAX_STORAGE_VALUE_BYTES",
      "STORAGE_QUOTA_BYTES",
      "SignedHost",
      "StoreError",
      "TASKS_COLLECTION",
      "VaultError",
      "auditMigrations",
      "createAuditLog",
      "createExtensionStorage",
      "createMasterKey",
      "createSigner",
      "createStoreDataProvider",
      "createStoreEventLog",
      "createTasks",
      "createVault",
      "exportAudit",
      "extensionStorageMigrations",
      "fixedPolicy",
      "formatPrincipal",
      "signerKeyId",
      "usedPermissions",
      "vaultMigrations",
      "verifyAudit",
      "verifyAuditLines",
    ]
  `)
})

it('exports of @morphee/host/node', () => {
  expect(Object.keys(node).sort()).toMatchInlineSnapshot(`
    [
      "MASTER_KEY_VARIABLE",
      "createDevelopmentHost",
      "createHost",
      "createProcessWriter",
      "nodeAuditHash",
      "openCheckpointSigner",
      "openMasterKey",
      "openPolicyFile",
      "openSqliteStore",
    ]
  `)
})

it('error codes of the host', async () => {
  const source = await readFile(join(import.meta.dirname, '../src/errors.ts'), 'utf8')
  expect([...source.matchAll(/^ {2}(ERR_[A-Z0-9_]+):/gm)].map((match) => match[1]))
    .toMatchInlineSnapshot(`
      [
        "ERR_HOST_NOT_INSTALLED",
        "ERR_HOST_NOT_ACTIVE",
        "ERR_HOST_ACTION_UNKNOWN",
        "ERR_HOST_INPUT_INVALID",
        "ERR_HOST_OUTPUT_INVALID",
        "ERR_HOST_PERMISSION_DENIED",
        "ERR_HOST_POLICY",
        "ERR_HOST_LIMIT",
        "ERR_HOST_TRAPPED",
        "ERR_HOST_EXTENSION_FAILED",
        "ERR_HOST_CANCELLED",
        "ERR_HOST_CONTRACT",
        "ERR_HOST_CONFIG_INVALID",
        "ERR_HOST_CREDENTIAL_MISSING",
        "ERR_HOST_CREDENTIAL_PERSONAL",
        "ERR_HOST_CREDENTIAL_UNKNOWN",
        "ERR_HOST_CONSENT_REQUIRED",
        "ERR_HOST_UNSIGNED",
        "ERR_HOST_ARTIFACT_CORRUPT",
        "ERR_HOST_HOME",
        "ERR_HOST_DOWNGRADE",
        "ERR_HOST_NO_EARLIER_VERSION",
        "ERR_HOST_PUBLISHER_CHANGED",
        "ERR_HOST_QUARANTINED",
        "ERR_HOST_DATA_COLLECTION",
        "ERR_HOST_DATA_INVALID",
        "ERR_HOST_DATA_NOT_FOUND",
        "ERR_HOST_DATA_CONFLICT",
        "ERR_HOST_APPROVAL_UNKNOWN",
        "ERR_HOST_APPROVAL_CHANGED",
        "ERR_HOST_APPROVAL_OVER",
        "ERR_HOST_APPROVER",
        "ERR_HOST_EVENT_UNKNOWN",
        "ERR_HOST_CONVERSATION",
        "ERR_HOST_GRANT_INVALID",
        "ERR_HOST_ARGUMENT",
      ]
    `)
})
