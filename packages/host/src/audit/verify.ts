import { encodeUtf8, toHex } from '@morphee/core'
import type { Row, Store } from '../store/store.ts'
import { ChainVerifier, type FoundRecord, type Sha256 } from './chain-verifier.ts'
import { readWorkspaces, type SignedCheckpoint } from './checkpoint.ts'
import { type ProvenCheckpoints, verifyCheckpoints } from './checkpoint-verifier.ts'
import { type PersonalDatum, personalHash } from './prepared-record.ts'
import type { AuditRecord } from './record.ts'

const PAGE = 1000

/** Options of {@link verifyAudit}. */
export interface VerifyAuditOptions {
  readonly store: Store
  /** The raw Ed25519 keys that checkpoints may be signed with. Without one, nothing is proven: only damage shows. */
  readonly publicKeys?: readonly Uint8Array<ArrayBuffer>[]
  /** Checkpoints that were kept elsewhere. They prove the tail up to them, even against whoever dropped the stored ones. */
  readonly copies?: readonly SignedCheckpoint[]
  /** @default WebCrypto */
  readonly sha256?: Sha256
}

/** What verification found to be in order. */
export interface AuditVerification {
  readonly workspaces: readonly VerifiedChain[]
  readonly checkpoints: number
  /** The last checkpoint that was proven: nothing up to its heads was changed, dropped or reordered by anyone without its key. */
  readonly proven: { readonly checkpoint: number; readonly time: number } | undefined
  /** Pieces of personal data that are there and fit, and that were erased. */
  readonly personal: { readonly kept: number; readonly erased: number }
}

/** One chain that holds together. */
export interface VerifiedChain {
  readonly workspace: string
  readonly records: number
  /** Hash of the last record. */
  readonly head: string
  /** The last record that a proven checkpoint vouches for; 0 when none does. Later ones are chained, not yet signed. */
  readonly provenThrough: number
}

/**
 * Proves that the audit trail of a database is what was written, as far as its checkpoints reach.
 *
 * Works on a copy of the database, without the host and without the network.
 *
 * @throws AuditError `ERR_AUDIT_BROKEN` with the first record that is not right, `ERR_AUDIT_CHECKPOINT`
 */
export async function verifyAudit(options: VerifyAuditOptions): Promise<AuditVerification> {
  const { store, publicKeys, copies = [], sha256 = webSha256 } = options
  // Read before the records: a writer at work may add to both, and records come first there.
  const stored = await store.read<SignedCheckpoint & Row>(
    'SELECT number, body, signature FROM audit_checkpoint ORDER BY number',
  )
  const proven = await provenCheckpoints(stored, copies, publicKeys, sha256)
  const chains: VerifiedChain[] = []
  const personal = { kept: 0, erased: 0 }
  for await (const workspace of readWorkspaces(store)) {
    const chain = new ChainVerifier(workspace, proven.heads.get(workspace) ?? [], sha256)
    proven.heads.delete(workspace)
    for await (const page of readPages(store, workspace)) {
      for (const row of page.records) {
        const record = await chain.take({ ...row, columns: row })
        await verifyPersonal(chain, record, page.personal.get(row.seq) ?? [], personal, sha256)
      }
    }
    chain.end()
    chains.push(verifiedChain(chain))
  }
  assertNoneMissing(proven, sha256)
  return { workspaces: chains, checkpoints: stored.length, proven: toProven(proven), personal }
}

/** Checkpoints without a key to prove them prove nothing, and are not looked at. */
export async function provenCheckpoints(
  stored: readonly SignedCheckpoint[],
  copies: readonly SignedCheckpoint[],
  publicKeys: readonly Uint8Array<ArrayBuffer>[] | undefined,
  sha256: Sha256,
): Promise<ProvenCheckpoints> {
  if (publicKeys === undefined) return { count: stored.length, last: undefined, heads: new Map() }
  return verifyCheckpoints(stored, copies, publicKeys, sha256)
}

/** A workspace that a checkpoint names and that is not there at all lost its whole chain. */
export function assertNoneMissing(proven: ProvenCheckpoints, sha256: Sha256): void {
  for (const [workspace, heads] of proven.heads) new ChainVerifier(workspace, heads, sha256).end()
}

export function toProven({ last }: ProvenCheckpoints): AuditVerification['proven'] {
  return last === undefined ? undefined : { checkpoint: last.number, time: last.time }
}

export function verifiedChain(chain: ChainVerifier): VerifiedChain {
  return {
    workspace: chain.workspace,
    records: chain.seq,
    head: chain.hash,
    provenThrough: chain.provenThrough,
  }
}

/** Compares what lies beside the chain with the hashes in it. */
export async function verifyPersonal(
  chain: ChainVerifier,
  record: AuditRecord,
  found: readonly PersonalDatum[],
  count: { kept: number; erased: number },
  sha256: Sha256,
): Promise<void> {
  const expected = new Map(Object.entries(record.personal ?? {}))
  for (const datum of found) {
    if (expected.get(datum.name) !== (await personalHash(async (text) => sha256(text), datum))) {
      throw chain.broken(record.seq, 'changed')
    }
    expected.delete(datum.name)
    count.kept++
  }
  count.erased += expected.size
}

/** SHA-256 of the platform. */
export async function webSha256(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', encodeUtf8(text))))
}

type RecordRow = FoundRecord & { extension: string | null; invocation: string | null } & Row

interface Page {
  readonly records: readonly RecordRow[]
  readonly personal: ReadonlyMap<number, readonly PersonalDatum[]>
}

/** The chain of a workspace in pages, each with the personal data of its records. */
export async function* readPages(store: Store, workspace: string): AsyncGenerator<Page> {
  // From below 1, so that rows which the chain cannot have are found too.
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const records = await store.read<RecordRow>(
      'SELECT workspace, seq, hash, body, extension, invocation FROM audit_record WHERE workspace = ? AND seq > ? ORDER BY seq LIMIT ?',
      [workspace, after, PAGE],
    )
    const last = records.at(-1)
    if (last === undefined) return
    const rows = await store.read<PersonalDatum & { seq: number } & Row>(
      'SELECT seq, name, salt, content FROM audit_personal WHERE workspace = ? AND seq > ? AND seq <= ? ORDER BY seq, name',
      [workspace, after, last.seq],
    )
    yield { records, personal: Map.groupBy(rows, ({ seq }) => seq) }
    if (records.length < PAGE) return
    after = last.seq
  }
}
