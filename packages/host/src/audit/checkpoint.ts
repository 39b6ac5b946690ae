import { canonicalJson, encodeUtf8, toBase64 } from '@morphee/core'
import { StoreError } from '../store/errors.ts'
import type { Row, Store } from '../store/store.ts'
import type { AuditHash } from './audit-hash.ts'
import { AUDIT_GENESIS } from './record.ts'
import type { Signer } from './signer.ts'

/** What a checkpoint's body says it is. */
export const CHECKPOINT_TYPE = 'morphee/audit-checkpoint/1'

/** What a checkpoint vouches for. */
export interface Checkpoint {
  readonly type: typeof CHECKPOINT_TYPE
  /** 1, 2, 3, … */
  readonly checkpoint: number
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
  /** The last record of each workspace: id, seq, hash. */
  readonly heads: readonly (readonly [workspace: string, seq: number, hash: string])[]
  /** Which key signs. */
  readonly key: string
  /** SHA-256 of the body of the checkpoint before, or 64 zeros. */
  readonly prev: string
}

/** A checkpoint as it is stored, exported and kept elsewhere. */
export interface SignedCheckpoint {
  readonly number: number
  /** Canonical JSON of a {@link Checkpoint}. */
  readonly body: string
  /** Ed25519 over the UTF-8 of `body`, in base64. */
  readonly signature: string
}

const MAX_ATTEMPTS = 5

/** Signs the heads of all chains. The signature is made outside of the transaction: a key service may take its time. */
export async function writeCheckpoint(
  store: Store,
  signer: Signer,
  hash: AuditHash,
  time: number,
): Promise<SignedCheckpoint> {
  for (let attempt = 1; ; attempt++) {
    const [last] = await store.read<{ number: number; body: string } & Row>(
      'SELECT number, body FROM audit_checkpoint ORDER BY number DESC LIMIT 1',
    )
    const checkpoint: Checkpoint = {
      type: CHECKPOINT_TYPE,
      checkpoint: (last?.number ?? 0) + 1,
      time,
      heads: await readHeads(store),
      key: signer.keyId,
      prev: last === undefined ? AUDIT_GENESIS : hash.sha256(last.body),
    }
    const body = canonicalJson(checkpoint as unknown as Parameters<typeof canonicalJson>[0])
    const signature = toBase64(await signer.sign(encodeUtf8(body)))
    const signed = { number: checkpoint.checkpoint, body, signature }
    try {
      await store.transaction((transaction) =>
        transaction.run('INSERT INTO audit_checkpoint (number, body, signature) VALUES (?, ?, ?)', [
          signed.number,
          signed.body,
          signed.signature,
        ]),
      )
      return signed
    } catch (error) {
      // Another process wrote the checkpoint of this number: the next one continues from it.
      const taken = error instanceof StoreError && error.code === 'ERR_STORE_CONFLICT'
      if (!taken || attempt === MAX_ATTEMPTS) throw error
    }
  }
}

/** Every workspace that has a chain, in the database's order. */
export async function* readWorkspaces(store: Store): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const [row] = await store.read<{ workspace: string | null } & Row>(
      'SELECT MIN(workspace) AS workspace FROM audit_record WHERE workspace > ?',
      [after],
    )
    if (row === undefined || row.workspace === null) return
    yield row.workspace
    after = row.workspace
  }
}

async function readHeads(store: Store): Promise<[string, number, string][]> {
  const heads: [string, number, string][] = []
  for await (const workspace of readWorkspaces(store)) {
    const [head] = await store.read<{ seq: number; hash: string } & Row>(
      'SELECT seq, hash FROM audit_record WHERE workspace = ? ORDER BY seq DESC LIMIT 1',
      [workspace],
    )
    if (head !== undefined) heads.push([workspace, head.seq, head.hash])
  }
  return heads.sort(([a], [b]) => (a < b ? -1 : 1))
}
