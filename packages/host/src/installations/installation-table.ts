import { createId, type Digest, type Id, type JsonObject } from '@morphee/core'
import type { Row, SqlValue, Store, Transaction } from '../store/index.ts'
import type {
  Consent,
  Installation,
  InstallationState,
  InstalledVersion,
  Provenance,
} from './installation.ts'

/** Reading side of the installations; every query names its workspace. */
export interface InstallationReader {
  all<T extends Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>
}

interface InstallationRow extends Row {
  readonly id: string
  readonly workspace: string
  readonly extension: string
  readonly state: string
  readonly active_digest: string
  readonly pending_digest: string | null
  readonly config: string
  readonly publisher: string | null
  readonly created_at: number
  readonly updated_at: number
}

interface VersionRow extends Row {
  readonly digest: string
  readonly version: string
  readonly provenance: string
  readonly consent: string | null
  readonly installed_at: number
}

const COLUMNS =
  'id, workspace, extension, state, active_digest, pending_digest, config, publisher, created_at, updated_at'

/** A reader outside a transaction. */
export function committed(store: Store): InstallationReader {
  return { all: (sql, params) => store.read(sql, params) }
}

export async function findInstallation(
  from: InstallationReader,
  workspace: string,
  extension: string,
): Promise<Installation | undefined> {
  const rows = await from.all<InstallationRow>(
    `SELECT ${COLUMNS} FROM installation WHERE workspace = ? AND extension = ?`,
    [workspace, extension],
  )
  return rows[0] && toInstallation(rows[0])
}

export async function listInstallations(
  from: InstallationReader,
  workspace: string,
): Promise<Installation[]> {
  const rows = await from.all<InstallationRow>(
    `SELECT ${COLUMNS} FROM installation WHERE workspace = ? ORDER BY extension`,
    [workspace],
  )
  return rows.map(toInstallation)
}

/** Every version of an installation, the newest installation first. */
export async function listVersions(
  from: InstallationReader,
  installation: Installation,
): Promise<InstalledVersion[]> {
  const rows = await from.all<VersionRow>(
    'SELECT digest, version, provenance, consent, installed_at FROM installed_version WHERE installation = ? ORDER BY installed_at DESC, digest',
    [installation.id],
  )
  return rows.map(toVersion)
}

export async function readArtifactBytes(
  from: InstallationReader,
  digest: Digest,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const rows = await from.all<{ bytes: Uint8Array<ArrayBuffer> }>(
    'SELECT bytes FROM artifact WHERE digest = ?',
    [digest],
  )
  return rows[0]?.bytes
}

/** Keeps verified bytes under their digest; damaged ones that are there already are mended by it. */
export async function writeArtifact(
  tx: Transaction,
  digest: Digest,
  bytes: Uint8Array,
): Promise<void> {
  await tx.run(
    'INSERT INTO artifact (digest, bytes) VALUES (?, ?) ON CONFLICT (digest) DO UPDATE SET bytes = excluded.bytes',
    [digest, bytes],
  )
}

/** Removes artifacts that no version names any more. */
export async function dropUnusedArtifacts(tx: Transaction): Promise<void> {
  await tx.run('DELETE FROM artifact WHERE digest NOT IN (SELECT digest FROM installed_version)')
}

export async function insertInstallation(
  tx: Transaction,
  values: Omit<Installation, 'id' | 'createdAt' | 'updatedAt'> & { readonly now: number },
): Promise<Installation> {
  const installation: Installation = {
    id: createId('installation'),
    workspace: values.workspace,
    extension: values.extension,
    state: values.state,
    activeDigest: values.activeDigest,
    pendingDigest: values.pendingDigest,
    config: values.config,
    publisher: values.publisher,
    createdAt: values.now,
    updatedAt: values.now,
  }
  await tx.run(`INSERT INTO installation (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    installation.id,
    installation.workspace,
    installation.extension,
    installation.state,
    installation.activeDigest,
    installation.pendingDigest ?? null,
    JSON.stringify(installation.config),
    installation.publisher ?? null,
    installation.createdAt,
    installation.updatedAt,
  ])
  return installation
}

export async function updateInstallation(
  tx: Transaction,
  installation: Installation,
  change: Partial<Pick<Installation, 'state' | 'activeDigest' | 'config'>> & {
    readonly pendingDigest?: Digest | null
  },
  now: number,
): Promise<void> {
  await tx.run(
    'UPDATE installation SET state = ?, active_digest = ?, pending_digest = ?, config = ?, updated_at = ? WHERE id = ?',
    [
      change.state ?? installation.state,
      change.activeDigest ?? installation.activeDigest,
      change.pendingDigest === undefined
        ? (installation.pendingDigest ?? null)
        : change.pendingDigest,
      JSON.stringify(change.config ?? installation.config),
      now,
      installation.id,
    ],
  )
}

export async function writeVersion(
  tx: Transaction,
  installation: Id<'installation'>,
  version: InstalledVersion,
): Promise<void> {
  await tx.run(
    `INSERT INTO installed_version (installation, digest, version, provenance, consent, installed_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (installation, digest) DO UPDATE SET provenance = excluded.provenance, consent = excluded.consent, installed_at = excluded.installed_at`,
    [
      installation,
      version.digest,
      version.version,
      JSON.stringify(version.provenance),
      version.consent === undefined ? null : JSON.stringify(version.consent),
      version.installedAt,
    ],
  )
}

export async function readFloor(
  from: InstallationReader,
  workspace: string,
  extension: string,
  publisher: string,
): Promise<string | undefined> {
  const rows = await from.all<{ version: string }>(
    'SELECT version FROM version_floor WHERE workspace = ? AND extension = ? AND publisher = ?',
    [workspace, extension, publisher],
  )
  return rows[0]?.version
}

export async function writeFloor(
  tx: Transaction,
  workspace: string,
  extension: string,
  publisher: string,
  version: string,
): Promise<void> {
  await tx.run(
    `INSERT INTO version_floor (workspace, extension, publisher, version) VALUES (?, ?, ?, ?)
     ON CONFLICT (workspace, extension, publisher) DO UPDATE SET version = excluded.version`,
    [workspace, extension, publisher, version],
  )
}

function toInstallation(row: InstallationRow): Installation {
  return {
    id: row.id as Id<'installation'>,
    workspace: row.workspace,
    extension: row.extension,
    state: row.state as InstallationState,
    activeDigest: row.active_digest as Digest,
    pendingDigest: (row.pending_digest ?? undefined) as Digest | undefined,
    config: JSON.parse(row.config) as JsonObject,
    publisher: row.publisher ?? undefined,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  }
}

function toVersion(row: VersionRow): InstalledVersion {
  return {
    digest: row.digest as Digest,
    version: row.version,
    provenance: JSON.parse(row.provenance) as Provenance,
    consent: row.consent === null ? undefined : (JSON.parse(row.consent) as Consent),
    installedAt: Number(row.installed_at),
  }
}
