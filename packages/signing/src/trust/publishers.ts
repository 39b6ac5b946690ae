import { type JsonValue, tryParseStrictJson } from '@morphee/core'
import { cleanLine } from '@morphee/core'
import { ShapeReader, type TrustDiagnostic } from '../json/shape.ts'
import type { KeyId } from '../key/rsa.ts'

/** Why a key was revoked (names of RFC 5280 section 5.3.1). */
export const REVOCATION_REASONS = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
] as const

/** One of {@link REVOCATION_REASONS}. */
export type RevocationReason = (typeof REVOCATION_REASONS)[number]

/** A key of a publisher. */
export interface PublisherKey {
  readonly keyId: KeyId
  readonly status: 'active' | 'revoked'
  /** RFC 3339, as every time in this document. */
  readonly addedAt: string
  readonly revokedAt?: string
  readonly reason?: RevocationReason
}

/** Who may sign extensions whose name begins with `id` and a slash. */
export interface Publisher {
  /** The first part of the names this publisher may sign: `acme` for `acme/jira`. */
  readonly id: string
  /** For people. */
  readonly name: string
  readonly keys: readonly PublisherKey[]
}

/** The list of publishers, `publishers.json` (spec/signing.md section 4). */
export interface PublisherList {
  /** Goes up with every change; a smaller one than was seen before is a replay. */
  readonly version: number
  /** Until when installs may rely on this list. */
  readonly expires: string
  readonly publishers: readonly Publisher[]
}

/** The file that holds it. */
export const PUBLISHERS_FILE = 'publishers.json'

/** What a publisher id looks like. */
export const PUBLISHER_ID: RegExp = /^(?=.{1,39}$)[a-z0-9]+(?:-[a-z0-9]+)*$/

const MAX_PUBLISHERS = 10_000
const MAX_KEYS = 100

/** A key with the publisher it belongs to. */
export interface FoundKey {
  readonly publisher: Publisher
  readonly key: PublisherKey
}

/** The publisher whose key this is. */
export function findKey(list: PublisherList, keyId: KeyId): FoundKey | undefined {
  for (const publisher of list.publishers) {
    const key = publisher.keys.find((candidate) => candidate.keyId === keyId)
    if (key !== undefined) return { publisher, key }
  }
  return undefined
}

/** Reads `publishers.json`; every problem goes to `problems`, and nothing is returned when there is one. */
export function readPublishers(
  bytes: Uint8Array,
  problems: TrustDiagnostic[],
): PublisherList | undefined {
  const reader = new ShapeReader(PUBLISHERS_FILE)
  const json = tryParseStrictJson(bytes)
  if (json === undefined) {
    reader.problem('', 'Is not JSON without doubled members')
  } else {
    const list = readList(reader, json)
    if (reader.problems.length === 0) return list
  }
  problems.push(...reader.problems)
  return undefined
}

/** The text of a list, as {@link readPublishers} takes it. */
export function formatPublishers(list: PublisherList): string {
  return `${JSON.stringify(list, undefined, 2)}\n`
}

function readList(reader: ShapeReader, json: JsonValue): PublisherList {
  const root = reader.object(json, '', ['version', 'expires', 'publishers'])
  const publishers = reader.array(root['publishers'], 'publishers', MAX_PUBLISHERS, (item, path) =>
    readPublisher(reader, item, path),
  )
  refuseDoubles(
    reader,
    publishers.map(({ id }) => id),
    'publishers',
    'publisher id',
  )
  // A key of two publishers would leave open who signed.
  const keyIds = publishers.flatMap(({ keys }) => keys.map(({ keyId }) => keyId))
  refuseDoubles(reader, keyIds, 'publishers', 'key')
  return {
    version: reader.count(root['version'], 'version'),
    expires: reader.time(root['expires'], 'expires'),
    publishers,
  }
}

function readPublisher(reader: ShapeReader, value: JsonValue, path: string): Publisher {
  const object = reader.object(value, path, ['id', 'name', 'keys'])
  const name = reader.string(
    object['name'],
    `${path}.name`,
    /^.{1,200}$/su,
    'a name of 1 to 200 characters',
  )
  if (cleanLine(name, 200) !== name) {
    reader.problem(`${path}.name`, 'Is not one line of visible characters')
  }
  return {
    id: reader.string(
      object['id'],
      `${path}.id`,
      PUBLISHER_ID,
      'lower-case letters, digits and single hyphens',
    ),
    name,
    keys: reader.array(object['keys'], `${path}.keys`, MAX_KEYS, (item, at) =>
      readKey(reader, item, at),
    ),
  }
}

function readKey(reader: ShapeReader, value: JsonValue, path: string): PublisherKey {
  const object = reader.object(value, path, ['keyId', 'status', 'addedAt'], ['revokedAt', 'reason'])
  const key: PublisherKey = {
    keyId: reader.string(
      object['keyId'],
      `${path}.keyId`,
      /^[0-9a-f]{64}$/,
      '64 lower-case hexadecimal digits',
    ),
    status: reader.choice(object['status'], `${path}.status`, ['active', 'revoked']),
    addedAt: reader.time(object['addedAt'], `${path}.addedAt`),
  }
  const isRevoked = key.status === 'revoked'
  for (const name of ['revokedAt', 'reason']) {
    if (Object.hasOwn(object, name) !== isRevoked) {
      reader.problem(`${path}.${name}`, isRevoked ? 'Is missing' : 'Belongs to a revoked key only')
    }
  }
  if (!isRevoked) return key
  return {
    ...key,
    revokedAt: reader.time(object['revokedAt'], `${path}.revokedAt`),
    reason: reader.choice(object['reason'], `${path}.reason`, REVOCATION_REASONS),
  }
}

function refuseDoubles(
  reader: ShapeReader,
  values: readonly string[],
  path: string,
  what: string,
): void {
  const seen = new Set<string>()
  for (const value of values) {
    if (value !== '' && seen.has(value)) reader.problem(path, `The ${what} ${value} stands twice`)
    seen.add(value)
  }
}
