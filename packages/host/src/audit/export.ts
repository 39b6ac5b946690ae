import { canonicalJson, type JsonObject, type JsonValue } from '@morphee/core'
import type { Row, Store } from '../store/store.ts'
import { ChainVerifier, readRecord, type Sha256 } from './chain-verifier.ts'
import { readWorkspaces, type SignedCheckpoint } from './checkpoint.ts'
import { AuditError } from './errors.ts'
import type { PersonalDatum } from './prepared-record.ts'
import type { AuditRecord } from './record.ts'
import {
  assertNoneMissing,
  type AuditVerification,
  provenCheckpoints,
  readPages,
  toProven,
  type VerifiedChain,
  verifiedChain,
  verifyPersonal,
  webSha256,
} from './verify.ts'

/** What the first line of an export says it is. */
export const AUDIT_EXPORT_FORMAT = 'morphee/audit-export/1'
const MAX_LINE_LENGTH = 16 * 1024 * 1024

/** Options of {@link exportAudit}. */
export interface ExportAuditOptions {
  /** Only this one; checkpoints name the ids of others all the same. @default all */
  readonly workspace?: string
  /** Whether the personal data beside the chain goes with it. @default false */
  readonly personal?: boolean
}

/**
 * The audit trail as JSON lines, to be proven elsewhere with {@link verifyAuditLines}.
 *
 * One line each, in the form of spec/audit.md: the header, the checkpoints, then each chain in order.
 *
 * @throws AuditError `ERR_AUDIT_BROKEN` at a record that is no record any more
 */
export async function* exportAudit(
  store: Store,
  options: ExportAuditOptions = {},
): AsyncGenerator<string> {
  const { workspace: only, personal = false } = options
  yield canonicalJson({
    line: 'header',
    format: AUDIT_EXPORT_FORMAT,
    ...(only !== undefined && { workspace: only }),
  })
  const checkpoints = await store.read<SignedCheckpoint & Row>(
    'SELECT number, body, signature FROM audit_checkpoint ORDER BY number',
  )
  for (const { number, body, signature } of checkpoints) {
    yield canonicalJson({ line: 'checkpoint', number, body, signature })
  }
  for await (const workspace of readWorkspaces(store)) {
    if (only !== undefined && workspace !== only) continue
    for await (const page of readPages(store, workspace)) {
      for (const { seq, hash, body } of page.records) {
        const record = readRecord(workspace, seq, body)
        const data = personal
          ? (page.personal.get(seq) ?? []).map(({ name, salt, content }) => ({
              name,
              salt,
              content,
            }))
          : []
        yield canonicalJson({
          line: 'record',
          hash,
          record: record as unknown as JsonObject,
          personal: data,
        })
      }
    }
  }
}

/** Options of {@link verifyAuditLines}. */
export interface VerifyAuditLinesOptions {
  /** As in `verifyAudit()`. */
  readonly publicKeys?: readonly Uint8Array<ArrayBuffer>[]
  /** As in `verifyAudit()`. */
  readonly copies?: readonly SignedCheckpoint[]
  /** @default WebCrypto */
  readonly sha256?: Sha256
}

/** What an export proves. */
export interface AuditLinesVerification extends AuditVerification {
  /** The one workspace the export says it is of, or `undefined` when it says it has all. */
  readonly workspace: string | undefined
}

/**
 * Proves an export as `verifyAudit()` proves a database.
 *
 * @throws AuditError `ERR_AUDIT_BROKEN`, `ERR_AUDIT_CHECKPOINT`, `ERR_AUDIT_FORMAT` with the number of the line
 */
export async function verifyAuditLines(
  lines: AsyncIterable<string> | Iterable<string>,
  options: VerifyAuditLinesOptions = {},
): Promise<AuditLinesVerification> {
  const { publicKeys, copies = [], sha256 = webSha256 } = options
  const reader = readLines(lines)
  try {
    const first = await reader.next()
    if (first.done === true || first.value.line !== 'header') throw formatError(1)
    const only = first.value.workspace
    const stored: SignedCheckpoint[] = []
    let next = await reader.next()
    for (; next.done !== true && next.value.line === 'checkpoint'; next = await reader.next())
      stored.push(next.value)
    const proven = await provenCheckpoints(stored, copies, publicKeys, sha256)
    if (only !== undefined) keepOnly(proven.heads, only)

    const chains: VerifiedChain[] = []
    const seen = new Set<string>()
    const personal = { kept: 0, erased: 0 }
    let chain: ChainVerifier | undefined
    for (; next.done !== true; next = await reader.next()) {
      const line = next.value
      if (line.line !== 'record') throw formatError(line.number)
      const { record, hash } = line
      if (only !== undefined && record.workspace !== only) throw formatError(line.number)
      if (chain?.workspace !== record.workspace) {
        if (chain !== undefined) endChain(chain, chains)
        chain = new ChainVerifier(
          record.workspace,
          proven.heads.get(record.workspace) ?? [],
          sha256,
        )
        proven.heads.delete(record.workspace)
        // Lines of one chain stand together; one that comes later stands in another's place.
        if (seen.has(record.workspace)) throw chain.broken(record.seq, 'reordered')
        seen.add(record.workspace)
      }
      const expected = chain.seq + 1
      if (record.seq > expected && (await comesLater(reader, record.workspace, expected))) {
        throw chain.broken(expected, 'reordered')
      }
      const body = canonicalJson(record as unknown as JsonValue)
      await chain.take({ workspace: record.workspace, seq: record.seq, hash, body })
      await verifyPersonal(chain, record, line.personal, personal, sha256)
    }
    if (chain !== undefined) endChain(chain, chains)
    assertNoneMissing(proven, sha256)
    return {
      workspace: only,
      workspaces: chains,
      checkpoints: stored.length,
      proven: toProven(proven),
      personal,
    }
  } finally {
    await reader.return(undefined)
  }
}

type Line =
  | { readonly line: 'header'; readonly number: number; readonly workspace: string | undefined }
  | ({ readonly line: 'checkpoint' } & SignedCheckpoint)
  | {
      readonly line: 'record'
      readonly number: number
      readonly hash: string
      readonly record: AuditRecord
      readonly personal: readonly PersonalDatum[]
    }

async function* readLines(
  lines: AsyncIterable<string> | Iterable<string>,
): AsyncGenerator<Line, undefined> {
  let number = 0
  for await (const text of lines) {
    number++
    if (text === '') continue
    const line = parseLine(text, number)
    if (line === undefined) throw formatError(number)
    yield line
  }
}

function parseLine(text: string, number: number): Line | undefined {
  if (text.length > MAX_LINE_LENGTH) return undefined
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
    if (canonicalJson(value) !== text) return undefined
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  switch (value['line']) {
    case 'header': {
      const workspace = value['workspace']
      return value['format'] === AUDIT_EXPORT_FORMAT &&
        (workspace === undefined || typeof workspace === 'string')
        ? { line: 'header', number, workspace }
        : undefined
    }
    case 'checkpoint': {
      const { number: checkpoint, body, signature } = value
      return typeof checkpoint === 'number' &&
        typeof body === 'string' &&
        typeof signature === 'string'
        ? { line: 'checkpoint', number: checkpoint, body, signature }
        : undefined
    }
    case 'record': {
      const { hash, record, personal } = value
      return typeof hash === 'string' &&
        isObject(record) &&
        isRecord(record) &&
        Array.isArray(personal) &&
        personal.every(isDatum)
        ? {
            line: 'record',
            number,
            hash,
            record: record as unknown as AuditRecord,
            personal: personal as unknown as PersonalDatum[],
          }
        : undefined
    }
    default:
      return undefined
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRecord(record: JsonObject): boolean {
  return typeof record['workspace'] === 'string' && Number.isSafeInteger(record['seq'])
}

function isDatum(datum: JsonValue): boolean {
  return (
    isObject(datum) &&
    typeof datum['name'] === 'string' &&
    typeof datum['salt'] === 'string' &&
    typeof datum['content'] === 'string'
  )
}

async function comesLater(
  reader: AsyncGenerator<Line, undefined>,
  workspace: string,
  seq: number,
): Promise<boolean> {
  for await (const line of reader) {
    if (line.line === 'record' && line.record.workspace === workspace && line.record.seq === seq)
      return true
  }
  return false
}

function endChain(chain: ChainVerifier, chains: VerifiedChain[]): void {
  chain.end()
  chains.push(verifiedChain(chain))
}

function keepOnly(heads: Map<string, unknown>, workspace: string): void {
  for (const other of heads.keys()) if (other !== workspace) heads.delete(other)
}

function formatError(line: number): AuditError<'ERR_AUDIT_FORMAT'> {
  return new AuditError(
    'ERR_AUDIT_FORMAT',
    `Cannot read the audit export: line ${line} is not in its form`,
    { line },
  )
}
