import type { JsonObject } from '@morphee/core'

/** How it went: `allowed` for an intent; `done`, `failed` or `unknown` for an outcome; any for an event. */
export type AuditDecision = 'allowed' | 'refused' | 'done' | 'failed' | 'unknown'

/** What a caller says about something that happens. Texts stand in the chain for ever: what a person may want erased goes to `personal`. */
export interface AuditEntry {
  readonly workspace: string
  /** Who is behind it: an id, never a name. */
  readonly principal?: string | undefined
  /** `acme/jira`. */
  readonly extension?: string | undefined
  /** Of the artifact that ran. */
  readonly digest?: string | undefined
  readonly invocation?: string | undefined
  /** What was asked: `http.write`, `storage.set`; for the host's own events `install`, `grant`, `login`. */
  readonly capability: string
  /** To what: a URL without its query, a key, a name. */
  readonly target?: string | undefined
  readonly decision?: AuditDecision | undefined
  /** Who refused: `manifest`, `action`, `grant`, `policy`, `limit`. */
  readonly refusedBy?: string | undefined
  readonly bytes?: number | undefined
  /** Milliseconds. */
  readonly duration?: number | undefined
  /** Further plain facts. */
  readonly details?: JsonObject | undefined
  /** Values that could be guessed, such as a body: the chain holds a keyed commitment to each. */
  readonly commit?: Readonly<Record<string, string>> | undefined
  /** Personal data: kept beside the chain and erasable; the chain holds a salted hash of each. */
  readonly personal?: Readonly<Record<string, string>> | undefined
}

/** One record of a chain, as it is hashed. Absent members are not written. */
export interface AuditRecord {
  readonly kind: 'intent' | 'outcome' | 'event'
  /** 1, 2, 3, … in its workspace. */
  readonly seq: number
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly time: number
  readonly workspace: string
  readonly principal?: string
  readonly extension?: string
  readonly digest?: string
  readonly invocation?: string
  readonly capability: string
  readonly target?: string
  readonly decision: AuditDecision
  readonly refusedBy?: string
  readonly bytes?: number
  readonly duration?: number
  /** In an outcome: the `seq` of its intent. */
  readonly intent?: number
  /** In a refusal: how many more of the same this record stands for. */
  readonly repeated?: number
  readonly details?: JsonObject
  readonly commitments?: Readonly<Record<string, string>>
  readonly personal?: Readonly<Record<string, string>>
  /** The hash of the record before, or 64 zeros. */
  readonly prev: string
}

/** A record with its hash, and what is left of its personal data. */
export interface ListedAuditRecord extends AuditRecord {
  /** SHA-256 of the record's canonical JSON (RFC 8785), in hexadecimal. */
  readonly hash: string
  /** The personal data that has not been erased. */
  readonly personalData: Readonly<Record<string, string>>
}

/** Where a record stands. */
export interface AuditPosition {
  readonly workspace: string
  readonly seq: number
}

/** An intent that is written and waits for its outcome. */
export interface IntentHandle extends AuditPosition {
  readonly principal?: string | undefined
  readonly extension?: string | undefined
  readonly digest?: string | undefined
  readonly invocation?: string | undefined
  readonly capability: string
}

/** What the first record of a chain names as the one before. */
export const AUDIT_GENESIS: string = '0'.repeat(64)
