import type { Clock } from '@morphee/core'
import type { Row, SqlValue, Store, Transaction } from '../store/store.ts'
import { appendRecords } from './append.ts'
import { readRecord } from './chain-verifier.ts'
import type { AuditHash } from './audit-hash.ts'
import { type SignedCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { AuditError } from './errors.ts'
import { type AuditQuery, listRecords } from './list.ts'
import {
  commitmentTo,
  type PreparedRecord,
  prepareRecord,
  type RecordFrame,
} from './prepared-record.ts'
import type {
  AuditDecision,
  AuditEntry,
  AuditPosition,
  AuditRecord,
  IntentHandle,
  ListedAuditRecord,
} from './record.ts'
import { type Refusal, RefusalCounter } from './refusal-counter.ts'
import type { Signer } from './signer.ts'
import { type AuditWriter, createLocalWriter } from './writer.ts'

const MAX_BATCH = 256
const RECOVERY_BATCH = 256

/** How an intended effect ended. */
export interface AuditOutcome {
  readonly decision: Extract<AuditDecision, 'done' | 'failed' | 'refused' | 'unknown'>
  readonly refusedBy?: string | undefined
  readonly bytes?: number | undefined
  readonly duration?: number | undefined
  readonly target?: string | undefined
  readonly details?: AuditEntry['details']
  readonly commit?: AuditEntry['commit']
  readonly personal?: AuditEntry['personal']
}

/** What was refused, and how often in this invocation. */
export interface RecordedRefusal {
  /** 1 for the first. The caller traps a guest that goes on. */
  readonly repeated: number
}

/** Whose personal data to erase: all that the given members have in common. */
export interface ErasureRequest {
  readonly workspace: string
  readonly principal?: string
  readonly seq?: number
  /** Only what was recorded before this time, in milliseconds since 1970-01-01T00:00:00Z. */
  readonly before?: number
}

/** The one writer of the audit trail. */
export interface AuditLog {
  /**
   * Writes down what is about to happen. Resolves once it is durable; when it rejects, the effect must not happen.
   *
   * Calls that arrive together share one transaction.
   *
   * @throws AuditError `ERR_AUDIT_RECORD`
   */
  intent(entry: AuditEntry): Promise<IntentHandle>
  /** Writes down how it ended, once for each intent. @throws AuditError `ERR_AUDIT_RECORD` */
  outcome(handle: IntentHandle, outcome: AuditOutcome): Promise<AuditPosition>
  /** Writes down something that needs no outcome. @throws AuditError `ERR_AUDIT_RECORD` */
  event(entry: AuditEntry): Promise<AuditPosition>
  /** As {@link AuditLog.event}, committed together with the caller's own change or not at all. */
  eventIn(transaction: Transaction, entry: AuditEntry): Promise<AuditPosition>
  /**
   * Writes down a refusal. The first of its kind in an invocation is written at once; identical ones are counted and
   * written as one record with `repeated` by {@link AuditLog.settle}, {@link AuditLog.close}, or when many have come together.
   *
   * @throws AuditError `ERR_AUDIT_RECORD`
   */
  refusal(entry: AuditEntry): Promise<RecordedRefusal>
  /** Writes the counted refusals of an invocation that is over. @throws AuditError `ERR_AUDIT_RECORD` */
  settle(workspace: string, invocation: string): Promise<void>
  /** Gives the open intents of writers that are gone the outcome `unknown`, and says how many. Call it on start. @throws AuditError `ERR_AUDIT_BROKEN` */
  recover(): Promise<number>
  /** Records of a workspace, newest first. @throws AuditError `ERR_AUDIT_BROKEN` */
  list(query: AuditQuery): Promise<ListedAuditRecord[]>
  /** Erases personal data beside the chain, which stays verifiable. Says how many pieces are gone. */
  erase(request: ErasureRequest): Promise<number>
  /** The commitment that a record holds for `value`: to find or prove it later. */
  commitment(workspace: string, name: string, value: string): Promise<string>
  /** Signs all heads. Keep a copy elsewhere: it proves the tail. A `TypeError` without a signer. */
  checkpoint(): Promise<SignedCheckpoint>
  /** Writes what is pending. Records after that are refused. */
  close(): Promise<void>
}

/** Options of {@link createAuditLog}. */
export interface AuditLogOptions {
  /** With the tables of `auditMigrations`. */
  readonly store: Store
  readonly clock: Clock
  readonly hash: AuditHash
  /** Signs checkpoints. */
  readonly signer?: Signer
  /** The key of a workspace's commitments, such as `vault.deriveKey(workspace, 'audit')`. */
  readonly commitmentKey?: (workspace: string) => Promise<Uint8Array>
  /** Who else writes. @default the logs of this process */
  readonly writer?: AuditWriter
  /** When to write what has arrived. @default queueMicrotask */
  readonly schedule?: (flush: () => void) => void
}

interface Pending {
  readonly record: PreparedRecord
  readonly resolve: (position: AuditPosition) => void
  readonly reject: (error: unknown) => void
}

/** An {@link AuditLog} in a {@link Store}. */
export function createAuditLog(options: AuditLogOptions): AuditLog {
  return new StoredAuditLog(options)
}

class StoredAuditLog implements AuditLog {
  readonly #store: Store
  readonly #clock: Clock
  readonly #hash: AuditHash
  readonly #signer: Signer | undefined
  readonly #writer: AuditWriter
  readonly #schedule: (flush: () => void) => void
  readonly #commitmentKey: ((workspace: string) => Promise<Uint8Array>) | undefined
  readonly #commitmentKeys = new Map<string, Uint8Array>()
  readonly #refusals = new RefusalCounter()
  readonly #ended = new WeakSet<IntentHandle>()
  #pending: Pending[] = []
  #flushing = false
  #flushed: Promise<void> = Promise.resolve()
  #closed = false

  constructor(options: AuditLogOptions) {
    this.#store = options.store
    this.#clock = options.clock
    this.#hash = options.hash
    this.#signer = options.signer
    this.#writer = options.writer ?? createLocalWriter()
    this.#schedule = options.schedule ?? ((flush) => queueMicrotask(flush))
    this.#commitmentKey = options.commitmentKey
  }

  async intent(entry: AuditEntry): Promise<IntentHandle> {
    const { seq } = await this.#append(entry, { kind: 'intent', time: this.#now() })
    const { workspace, principal, extension, digest, invocation, capability } = entry
    return { workspace, seq, principal, extension, digest, invocation, capability }
  }

  async outcome(handle: IntentHandle, outcome: AuditOutcome): Promise<AuditPosition> {
    if (this.#ended.has(handle)) throw new TypeError('This intent has its outcome already')
    this.#ended.add(handle)
    const { seq, ...entry } = handle
    try {
      return await this.#append(
        { ...entry, ...outcome },
        { kind: 'outcome', time: this.#now(), intent: seq },
      )
    } catch (error) {
      this.#ended.delete(handle)
      throw error
    }
  }

  event(entry: AuditEntry): Promise<AuditPosition> {
    return this.#append(entry, { kind: 'event', time: this.#now() })
  }

  async eventIn(transaction: Transaction, entry: AuditEntry): Promise<AuditPosition> {
    const key = entry.commit && (await this.#keyOf(entry.workspace))
    const record = prepareRecord(entry, { kind: 'event', time: this.#now() }, this.#hash, key)
    const [position] = await appendRecords(transaction, [record], this.#hash, this.#writer.id)
    return position as AuditPosition
  }

  async refusal(entry: AuditEntry): Promise<RecordedRefusal> {
    const refused: AuditEntry = { ...entry, decision: 'refused' }
    const { repeated, due } = this.#refusals.count(refused)
    if (repeated === 1) {
      try {
        await this.event(refused)
      } catch (error) {
        this.#refusals.forget(refused)
        throw error
      }
    }
    await this.#writeRefusals(due)
    return { repeated }
  }

  settle(workspace: string, invocation: string): Promise<void> {
    return this.#writeRefusals(this.#refusals.take(workspace, invocation))
  }

  async recover(): Promise<number> {
    let recovered = 0
    for (;;) {
      const batch = await this.#store.transaction((transaction) => this.#recoverBatch(transaction))
      recovered += batch
      if (batch < RECOVERY_BATCH) return recovered
    }
  }

  list(query: AuditQuery): Promise<ListedAuditRecord[]> {
    return listRecords(this.#store, query)
  }

  async erase({ workspace, principal, seq, before }: ErasureRequest): Promise<number> {
    const conditions = ['workspace = ?']
    const params: SqlValue[] = [workspace]
    for (const [condition, value] of [
      ['principal = ?', principal],
      ['seq = ?', seq],
      ['time < ?', before],
    ] as const) {
      if (value === undefined) continue
      conditions.push(condition)
      params.push(value)
    }
    return this.#store.transaction(async (transaction) => {
      const { changes } = await transaction.run(
        `DELETE FROM audit_personal WHERE ${conditions.join(' AND ')}`,
        params,
      )
      return changes
    })
  }

  async commitment(workspace: string, name: string, value: string): Promise<string> {
    return commitmentTo(this.#hash, await this.#keyOf(workspace), name, value)
  }

  async checkpoint(): Promise<SignedCheckpoint> {
    if (this.#signer === undefined)
      throw new TypeError('Checkpoints need the option `signer` of createAuditLog()')
    return writeCheckpoint(this.#store, this.#signer, this.#hash, this.#now())
  }

  async close(): Promise<void> {
    if (this.#closed) return
    try {
      await this.#writeRefusals(this.#refusals.takeAll())
    } finally {
      this.#closed = true
      await this.#flushed
      this.#writer.release()
    }
  }

  async #append(entry: AuditEntry, frame: RecordFrame): Promise<AuditPosition> {
    if (this.#closed) {
      throw new AuditError('ERR_AUDIT_RECORD', 'Cannot record this: the audit log is closed', {
        reason: 'closed',
      })
    }
    const key =
      entry.commit &&
      (this.#commitmentKeys.get(entry.workspace) ?? (await this.#keyOf(entry.workspace)))
    const record = prepareRecord(entry, frame, this.#hash, key)
    return new Promise((resolve, reject) => {
      this.#pending.push({ record, resolve, reject })
      if (this.#flushing) return
      this.#flushing = true
      this.#flushed = new Promise((done) => {
        this.#schedule(() => {
          void this.#flush().finally(done)
        })
      })
    })
  }

  async #flush(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, MAX_BATCH)
      this.#pending = this.#pending.slice(MAX_BATCH)
      try {
        const positions = await this.#store.transaction((transaction) =>
          appendRecords(
            transaction,
            batch.map(({ record }) => record),
            this.#hash,
            this.#writer.id,
          ),
        )
        for (const [index, { resolve }] of batch.entries())
          resolve(positions[index] as AuditPosition)
      } catch (cause) {
        for (const { reject } of batch) {
          reject(
            new AuditError(
              'ERR_AUDIT_RECORD',
              'Cannot write the audit record',
              { reason: 'not-written' },
              { cause },
            ),
          )
        }
      }
    }
    this.#flushing = false
  }

  async #writeRefusals(refusals: readonly Refusal[]): Promise<void> {
    await Promise.all(
      refusals.map(({ entry, repeated }) =>
        this.#append(entry, { kind: 'event', time: this.#now(), repeated }),
      ),
    )
  }

  async #recoverBatch(transaction: Transaction): Promise<number> {
    const writers = await transaction.all<{ writer: string } & Row>(
      'SELECT DISTINCT writer FROM audit_open_intent',
    )
    let left = RECOVERY_BATCH
    for (const { writer } of writers) {
      if (left === 0 || writer === this.#writer.id || this.#writer.isAlive(writer)) continue
      const intents = await transaction.all<{ workspace: string; seq: number; body: string } & Row>(
        `SELECT audit_open_intent.workspace, audit_open_intent.seq, body FROM audit_open_intent
         JOIN audit_record ON audit_record.workspace = audit_open_intent.workspace AND audit_record.seq = audit_open_intent.seq
         WHERE writer = ? ORDER BY audit_open_intent.workspace, audit_open_intent.seq LIMIT ?`,
        [writer, left],
      )
      // The place is the row's, so that this ends whatever somebody wrote into a body.
      const outcomes = intents.map(({ workspace, seq, body }) =>
        this.#unknownOutcome({ ...readRecord(workspace, seq, body), workspace, seq }),
      )
      await appendRecords(transaction, outcomes, this.#hash, this.#writer.id)
      left -= outcomes.length
    }
    return RECOVERY_BATCH - left
  }

  #unknownOutcome(intent: AuditRecord): PreparedRecord {
    const { workspace, principal, extension, digest, invocation, capability, target, seq } = intent
    return prepareRecord(
      {
        workspace,
        principal,
        extension,
        digest,
        invocation,
        capability,
        target,
        decision: 'unknown',
      },
      { kind: 'outcome', time: this.#now(), intent: seq },
      this.#hash,
      undefined,
    )
  }

  async #keyOf(workspace: string): Promise<Uint8Array> {
    if (this.#commitmentKey === undefined) {
      throw new TypeError('Commitments need the option `commitmentKey` of createAuditLog()')
    }
    const key = this.#commitmentKeys.get(workspace) ?? (await this.#commitmentKey(workspace))
    this.#commitmentKeys.set(workspace, key)
    return key
  }

  #now(): number {
    return Math.trunc(this.#clock.now())
  }
}
