import { canonicalJson, type JsonValue } from '@morphee/core'
import { type AuditBreak, AuditError } from './errors.ts'
import { AUDIT_GENESIS, type AuditRecord } from './record.ts'

/** A record as it was found. */
export interface FoundRecord {
  readonly workspace: string
  readonly seq: number
  readonly hash: string
  readonly body: string
  /** The searchable copies, where the place has them. */
  readonly columns?: { readonly extension: string | null; readonly invocation: string | null }
}

/** A head that a signed checkpoint vouches for. */
export interface VouchedHead {
  readonly seq: number
  readonly hash: string
}

/** Hashing for verification; waiting is allowed there. */
export type Sha256 = (text: string) => string | Promise<string>

/**
 * Follows one chain from its first record.
 *
 * Each record must be at the next place, be canonical, hash to its hash and name the one before. That alone shows
 * damage, not malice: whoever can write the database can hash again. What a checkpoint vouches for cannot be hashed again.
 */
export class ChainVerifier {
  readonly workspace: string
  readonly #sha256: Sha256
  readonly #heads: Map<number, Set<string>>
  #seq = 0
  #hash = AUDIT_GENESIS
  #provenThrough = 0

  constructor(workspace: string, heads: readonly VouchedHead[], sha256: Sha256) {
    this.workspace = workspace
    this.#sha256 = sha256
    this.#heads = new Map()
    for (const { seq, hash } of heads)
      this.#heads.set(seq, (this.#heads.get(seq) ?? new Set()).add(hash))
  }

  get seq(): number {
    return this.#seq
  }

  get hash(): string {
    return this.#hash
  }

  /** The last record that a checkpoint vouches for; it vouches for all before it too. */
  get provenThrough(): number {
    return this.#provenThrough
  }

  /**
   * Takes the next record.
   *
   * @throws AuditError `ERR_AUDIT_BROKEN`
   */
  async take(found: FoundRecord): Promise<AuditRecord> {
    const seq = this.#seq + 1
    if (found.seq < seq) throw this.broken(found.seq, 'forked')
    if (found.seq > seq) throw this.broken(seq, 'dropped')
    if ((await this.#sha256(found.body)) !== found.hash) throw this.broken(seq, 'changed')
    const record = parseBody(found.body)
    if (record === undefined) throw this.broken(seq, 'changed')
    if (record.seq !== seq || record.workspace !== this.workspace)
      throw this.broken(seq, 'reordered')
    if (record.prev !== this.#hash) throw this.broken(seq, 'forked')
    if (found.columns !== undefined && !columnsAgree(found.columns, record))
      throw this.broken(seq, 'changed')
    const vouched = this.#heads.get(seq)
    if (vouched !== undefined) {
      if (vouched.size !== 1 || !vouched.has(found.hash)) throw this.broken(seq, 'forked')
      this.#provenThrough = seq
      this.#heads.delete(seq)
    }
    this.#seq = seq
    this.#hash = found.hash
    return record
  }

  /** Says that there is no more. @throws AuditError `ERR_AUDIT_BROKEN` when a checkpoint names more. */
  end(): void {
    if (this.#heads.size > 0) throw this.broken(this.#seq + 1, 'tail-missing')
  }

  broken(seq: number, reason: AuditBreak): AuditError<'ERR_AUDIT_BROKEN'> {
    return brokenError(this.workspace, seq, reason)
  }
}

function brokenError(
  workspace: string,
  seq: number,
  reason: AuditBreak,
): AuditError<'ERR_AUDIT_BROKEN'> {
  return new AuditError(
    'ERR_AUDIT_BROKEN',
    `The audit trail of workspace "${workspace}" is broken at record ${seq}: ${EXPLANATIONS[reason]}`,
    { workspace, seq, reason },
  )
}

/** The record in a stored body, not proven. @throws AuditError `ERR_AUDIT_BROKEN` when it is no record */
export function readRecord(workspace: string, seq: number, body: string): AuditRecord {
  const record = parseBody(body)
  if (record === undefined) throw brokenError(workspace, seq, 'changed')
  return record
}

const EXPLANATIONS: Readonly<Record<AuditBreak, string>> = {
  changed: 'its content is not what was recorded',
  dropped: 'it is missing',
  reordered: 'another record stands in its place',
  forked: 'it is not the one that was signed or that the chain goes on from',
  'tail-missing': 'a checkpoint names it, and the chain ends before it',
}

function parseBody(body: string): AuditRecord | undefined {
  try {
    const value = JSON.parse(body) as JsonValue
    // Two spellings of one value would let two readers see two records under one hash.
    return value !== null &&
      typeof value === 'object' &&
      !Array.isArray(value) &&
      canonicalJson(value) === body
      ? (value as unknown as AuditRecord)
      : undefined
  } catch {
    return undefined
  }
}

function columnsAgree(columns: NonNullable<FoundRecord['columns']>, record: AuditRecord): boolean {
  return (
    columns.extension === (record.extension ?? null) &&
    columns.invocation === (record.invocation ?? null)
  )
}
