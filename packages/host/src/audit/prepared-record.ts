import { canonicalJson, type JsonValue, toHex } from '@morphee/core'
import type { AuditHash } from './audit-hash.ts'
import { AuditError } from './errors.ts'
import type { AuditEntry, AuditRecord } from './record.ts'

/** How many characters a record's JSON may have. What is longer belongs into a commitment. */
export const MAX_RECORD_LENGTH: number = 64 * 1024

/** A record that lacks only its place in the chain. */
export interface PreparedRecord {
  readonly kind: AuditRecord['kind']
  readonly workspace: string
  readonly extension: string | undefined
  readonly invocation: string | undefined
  readonly principal: string | undefined
  readonly time: number
  readonly intent: number | undefined
  readonly personal: readonly PersonalDatum[]
  /** The record's canonical JSON once its place is known. */
  body(seq: number, prev: string): string
}

/** One piece of personal data, beside the chain. */
export interface PersonalDatum {
  readonly name: string
  readonly salt: string
  readonly content: string
}

/** What the log adds to an entry. */
export interface RecordFrame {
  readonly kind: AuditRecord['kind']
  readonly time: number
  readonly intent?: number | undefined
  readonly repeated?: number | undefined
}

/**
 * Checks an entry and spells all of it that does not depend on its place.
 *
 * Only `prev` and `seq` are known inside the transaction. Members are sorted, so the text around those two is spelled
 * here, where a value that is no JSON fails alone and not with a whole batch.
 *
 * @throws AuditError `ERR_AUDIT_RECORD`
 */
export function prepareRecord(
  entry: AuditEntry,
  frame: RecordFrame,
  hash: AuditHash,
  commitmentKey: Uint8Array | undefined,
): PreparedRecord {
  const personal = Object.entries(entry.personal ?? {}).map(([name, content]) => ({
    name,
    content,
    salt: toHex(crypto.getRandomValues(new Uint8Array(16))),
  }))
  if (entry.workspace === '') throw new TypeError('A record needs a workspace')
  let before: string
  let between: string
  let after: string
  try {
    // In the order of RFC 8785 and without its general writer: this runs twice for every effect.
    before = join(
      number('bytes', entry.bytes),
      text('capability', entry.capability),
      json('commitments', entry.commit && commitAll(entry.commit, hash, commitmentKey)),
      text('decision', entry.decision ?? (frame.kind === 'intent' ? 'allowed' : 'done')),
      json('details', entry.details),
      text('digest', entry.digest),
      number('duration', entry.duration),
      text('extension', entry.extension),
      number('intent', frame.intent),
      text('invocation', entry.invocation),
      text('kind', frame.kind),
      json('personal', personalHashes(personal, hash)),
    )
    between = join(
      text('principal', entry.principal),
      text('refusedBy', entry.refusedBy),
      number('repeated', frame.repeated),
    )
    after = join(
      text('target', entry.target),
      number('time', frame.time),
      text('workspace', entry.workspace),
    )
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new AuditError(
      'ERR_AUDIT_RECORD',
      'Cannot record this: a value is not JSON',
      { reason: 'not-json' },
      { cause },
    )
  }
  const length = before.length + between.length + after.length
  if (length > MAX_RECORD_LENGTH) {
    throw new AuditError(
      'ERR_AUDIT_RECORD',
      `Cannot record this: it has ${length} characters and a record may have ${MAX_RECORD_LENGTH}`,
      { reason: 'too-large' },
    )
  }
  return {
    kind: frame.kind,
    workspace: entry.workspace,
    extension: entry.extension,
    invocation: entry.invocation,
    principal: entry.principal,
    time: frame.time,
    intent: frame.intent,
    personal,
    body: (seq, prev) =>
      `{${before},"prev":"${prev}"${between === '' ? '' : `,${between}`},"seq":${seq},${after}}`,
  }
}

/** The salted hash of a piece of personal data that stands in the chain. */
export function personalHash<T extends string | Promise<string>>(
  sha256: (text: string) => T,
  { name, salt, content }: PersonalDatum,
): T {
  return sha256(canonicalJson([salt, name, content]))
}

/** The keyed commitment to `value` that stands in the chain. */
export function commitmentTo(
  hash: AuditHash,
  key: Uint8Array,
  name: string,
  value: string,
): string {
  return hash.hmacSha256(key, canonicalJson([name, value]))
}

function commitAll(
  values: Readonly<Record<string, string>>,
  hash: AuditHash,
  key: Uint8Array | undefined,
): Record<string, string> {
  if (key === undefined)
    throw new TypeError('Commitments need the option `commitmentKey` of createAuditLog()')
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, commitmentTo(hash, key, name, value)]),
  )
}

function personalHashes(
  personal: readonly PersonalDatum[],
  hash: AuditHash,
): Record<string, string> | undefined {
  if (personal.length === 0) return undefined
  return Object.fromEntries(
    personal.map((datum) => [datum.name, personalHash((value) => hash.sha256(value), datum)]),
  )
}

function text(name: string, value: string | undefined): string {
  if (value === undefined) return ''
  if (!value.isWellFormed()) throw new RangeError('JSON text holds a lone surrogate')
  return `,"${name}":${JSON.stringify(value)}`
}

function number(name: string, value: number | undefined): string {
  if (value === undefined) return ''
  if (!Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`)
  return `,"${name}":${JSON.stringify(value)}`
}

function json(name: string, value: JsonValue | undefined): string {
  return value === undefined ? '' : `,"${name}":${canonicalJson(value)}`
}

function join(...members: readonly string[]): string {
  return members.join('').slice(1)
}
