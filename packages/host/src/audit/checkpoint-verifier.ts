import { canonicalJson, encodeUtf8, type JsonValue, tryFromBase64 } from '@morphee/core'
import type { Sha256, VouchedHead } from './chain-verifier.ts'
import { type Checkpoint, CHECKPOINT_TYPE, type SignedCheckpoint } from './checkpoint.ts'
import { AuditError, type AuditErrorDetails } from './errors.ts'
import { AUDIT_GENESIS } from './record.ts'
import { signerKeyId } from './signer.ts'

/** What a series of checkpoints proves. */
export interface ProvenCheckpoints {
  readonly count: number
  readonly last: { readonly number: number; readonly time: number } | undefined
  /** By workspace. */
  readonly heads: Map<string, VouchedHead[]>
}

/**
 * Proves stored checkpoints, which must be complete and in order, and copies from elsewhere, which need not be.
 *
 * @throws AuditError `ERR_AUDIT_CHECKPOINT`
 */
export async function verifyCheckpoints(
  stored: readonly SignedCheckpoint[],
  copies: readonly SignedCheckpoint[],
  publicKeys: readonly Uint8Array<ArrayBuffer>[],
  sha256: Sha256,
): Promise<ProvenCheckpoints> {
  const keys = await importKeys(publicKeys)
  const heads = new Map<string, VouchedHead[]>()
  let prev = AUDIT_GENESIS
  let last: ProvenCheckpoints['last']
  for (const [index, signed] of stored.entries()) {
    const checkpoint = await verifyCheckpoint(signed, keys)
    const number = index + 1
    if (signed.number !== number || checkpoint.checkpoint !== number)
      throw refusal(number, 'dropped')
    if (checkpoint.prev !== prev) throw refusal(number, 'changed')
    addHeads(heads, checkpoint)
    prev = await sha256(signed.body)
    last = { number, time: checkpoint.time }
  }
  for (const copy of copies) {
    const checkpoint = await verifyCheckpoint(copy, keys)
    addHeads(heads, checkpoint)
    const own = stored[checkpoint.checkpoint - 1]
    if (own !== undefined && own.body !== copy.body) throw refusal(checkpoint.checkpoint, 'changed')
    if (last === undefined || checkpoint.checkpoint > last.number) {
      last = { number: checkpoint.checkpoint, time: checkpoint.time }
    }
  }
  return { count: stored.length, last, heads }
}

async function importKeys(
  publicKeys: readonly Uint8Array<ArrayBuffer>[],
): Promise<Map<string, CryptoKey>> {
  const keys = new Map<string, CryptoKey>()
  for (const publicKey of publicKeys) {
    keys.set(
      await signerKeyId(publicKey),
      await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']),
    )
  }
  return keys
}

async function verifyCheckpoint(
  signed: SignedCheckpoint,
  keys: ReadonlyMap<string, CryptoKey>,
): Promise<Checkpoint> {
  const checkpoint = parseCheckpoint(signed.body)
  if (checkpoint === undefined) throw refusal(signed.number, 'changed')
  const key = keys.get(checkpoint.key)
  if (key === undefined) throw refusal(signed.number, 'unknown-key')
  const signature = tryFromBase64(signed.signature)
  const proven =
    signature !== undefined &&
    (await crypto.subtle.verify('Ed25519', key, signature, encodeUtf8(signed.body)))
  if (!proven) throw refusal(signed.number, 'signature')
  return checkpoint
}

function parseCheckpoint(body: string): Checkpoint | undefined {
  try {
    const value = JSON.parse(body) as JsonValue
    const checkpoint = value as unknown as Partial<Checkpoint>
    const heads: unknown = checkpoint.heads
    return canonicalJson(value) === body &&
      checkpoint.type === CHECKPOINT_TYPE &&
      Number.isSafeInteger(checkpoint.checkpoint) &&
      Number.isSafeInteger(checkpoint.time) &&
      typeof checkpoint.key === 'string' &&
      Array.isArray(heads) &&
      heads.every(isHead)
      ? (checkpoint as Checkpoint)
      : undefined
  } catch {
    return undefined
  }
}

function isHead(head: unknown): boolean {
  return (
    Array.isArray(head) &&
    head.length === 3 &&
    typeof head[0] === 'string' &&
    Number.isSafeInteger(head[1]) &&
    typeof head[2] === 'string'
  )
}

function addHeads(heads: Map<string, VouchedHead[]>, checkpoint: Checkpoint): void {
  for (const [workspace, seq, hash] of checkpoint.heads) {
    const vouched = heads.get(workspace)
    const last = vouched?.at(-1)
    // A workspace where nothing happened has the same head in every checkpoint.
    if (last?.seq === seq && last.hash === hash) continue
    if (vouched === undefined) heads.set(workspace, [{ seq, hash }])
    else vouched.push({ seq, hash })
  }
}

function refusal(
  checkpoint: number,
  reason: AuditErrorDetails['ERR_AUDIT_CHECKPOINT']['reason'],
): AuditError<'ERR_AUDIT_CHECKPOINT'> {
  const why = {
    signature: 'its signature does not fit',
    'unknown-key': 'it is signed with a key that was not given',
    changed: 'it is not the one that was written',
    dropped: 'it is missing',
  }[reason]
  return new AuditError(
    'ERR_AUDIT_CHECKPOINT',
    `Cannot trust audit checkpoint ${checkpoint}: ${why}`,
    {
      checkpoint,
      reason,
    },
  )
}
