import { type JsonValue, tryParseStrictJson } from '@morphee/core'
import {
  type DistinguishedName,
  formatName,
  nameIncludes,
  tryParseName,
} from '../certificate/name.ts'
import { ShapeReader, type TrustDiagnostic } from '../json/shape.ts'

/** Which certificates are trusted for some registry paths: one statement of a Notary Project trust policy. */
export interface TrustStatement {
  readonly name: string
  /** Exact `host/repository` paths, or `*` alone. */
  readonly registryScopes: readonly string[]
  /** Names of trust stores of type `ca`. */
  readonly stores: readonly string[]
  /** Subjects a signing certificate may have; `*` for any that the stores lead to. */
  readonly identities: '*' | readonly DistinguishedName[]
}

/** A Notary Project trust policy, of which only level `strict` is taken. */
export interface TrustPolicy {
  readonly statements: readonly TrustStatement[]
}

/** The files a policy is read from: the first is what notation 2 reads, the second what notation 1 reads. */
export const POLICY_FILES = ['trustpolicy.oci.json', 'trustpolicy.json'] as const

const MAX_STATEMENTS = 1000
const SCOPE = /^(\*|[a-z0-9.-]+(?::\d{1,5})?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+)$/
const STORE_NAME = /^[A-Za-z0-9_.-]{1,64}$/
const SUBJECT_PREFIX = 'x509.subject:'

/** The statement for a registry path: the one that names it, else the one for `*`. Without a path, the one for `*`. */
export function findStatement(policy: TrustPolicy, scope?: string): TrustStatement | undefined {
  const named = policy.statements.find(
    ({ registryScopes }) => scope !== undefined && registryScopes.includes(scope),
  )
  return named ?? policy.statements.find(({ registryScopes }) => registryScopes.includes('*'))
}

/** Whether a statement trusts signers of this subject. */
export function trustsSubject(statement: TrustStatement, subject: DistinguishedName): boolean {
  return (
    statement.identities === '*' ||
    statement.identities.some((identity) => nameIncludes(subject, identity))
  )
}

/** Reads a trust policy document; every problem goes to `problems`, and nothing is returned when there is one. */
export function readPolicy(
  bytes: Uint8Array,
  file: string,
  problems: TrustDiagnostic[],
): TrustPolicy | undefined {
  const reader = new ShapeReader(file)
  const json = tryParseStrictJson(bytes)
  if (json === undefined) reader.problem('', 'Is not JSON without doubled members')
  const statements = json === undefined ? [] : readStatements(reader, json)
  problems.push(...reader.problems)
  return reader.problems.length === 0 ? { statements } : undefined
}

/** The text of a policy, as {@link readPolicy} and notation take it. */
export function formatPolicy(policy: TrustPolicy): string {
  const trustPolicies = policy.statements.map(({ name, registryScopes, stores, identities }) => ({
    name,
    registryScopes,
    signatureVerification: { level: 'strict' },
    trustStores: stores.map((store) => `ca:${store}`),
    trustedIdentities:
      identities === '*'
        ? ['*']
        : identities.map((identity) => `${SUBJECT_PREFIX} ${formatName(identity)}`),
  }))
  return `${JSON.stringify({ version: '1.0', trustPolicies }, undefined, 2)}\n`
}

function readStatements(reader: ShapeReader, json: JsonValue): readonly TrustStatement[] {
  const root = reader.object(json, '', ['version', 'trustPolicies'])
  reader.choice(root['version'], 'version', ['1.0'])
  const statements = reader.array(
    root['trustPolicies'],
    'trustPolicies',
    MAX_STATEMENTS,
    (item, path) => readStatement(reader, item, path),
  )
  const names = new Set<string>()
  const scopes = new Set<string>()
  for (const [i, { name, registryScopes }] of statements.entries()) {
    if (names.has(name))
      reader.problem(`trustPolicies[${i}].name`, 'Is the name of another policy too')
    names.add(name)
    for (const scope of registryScopes) {
      if (scopes.has(scope))
        reader.problem(`trustPolicies[${i}].registryScopes`, `${scope} stands twice`)
      scopes.add(scope)
    }
  }
  return statements
}

function readStatement(reader: ShapeReader, value: JsonValue, path: string): TrustStatement {
  const members = [
    'name',
    'registryScopes',
    'signatureVerification',
    'trustStores',
    'trustedIdentities',
  ]
  const object = reader.object(value, path, members)
  const verification = reader.object(
    object['signatureVerification'],
    `${path}.signatureVerification`,
    ['level'],
  )
  const { level } = verification
  if (level !== undefined && level !== 'strict') {
    // `permissive`, `audit` and `skip` all run what nobody vouches for.
    reader.problem(
      `${path}.signatureVerification.level`,
      'Only strict is supported: nothing runs unverified',
    )
  }
  const registryScopes = reader.array(
    object['registryScopes'],
    `${path}.registryScopes`,
    1000,
    (item, at) => reader.string(item, at, SCOPE, 'host/repository, or * alone'),
  )
  if (registryScopes.length === 0) reader.problem(`${path}.registryScopes`, 'Names nothing')
  if (registryScopes.includes('*') && registryScopes.length > 1) {
    reader.problem(`${path}.registryScopes`, '* stands alone')
  }
  const stores = reader.array(object['trustStores'], `${path}.trustStores`, 1000, (item, at) =>
    readStore(reader, item, at),
  )
  return {
    name: reader.string(object['name'], `${path}.name`, /^[\x20-\x7e]{1,200}$/, 'a name'),
    registryScopes,
    stores,
    identities: readIdentities(reader, object['trustedIdentities'], `${path}.trustedIdentities`),
  }
}

function readStore(reader: ShapeReader, value: JsonValue, path: string): string {
  const text = reader.string(
    value,
    path,
    /^ca:./,
    'ca: and the name of a trust store; other types are not supported',
  )
  const name = text.slice('ca:'.length)
  // The name becomes a directory: it must not climb.
  if (name !== '' && (!STORE_NAME.test(name) || /^\.+$/.test(name))) {
    reader.problem(path, 'Expected letters, digits, hyphens, underscores and dots')
  }
  return name
}

function readIdentities(
  reader: ShapeReader,
  value: JsonValue | undefined,
  path: string,
): '*' | readonly DistinguishedName[] {
  const texts = reader.array(value, path, 10_000, (item, at) =>
    reader.string(item, at, /^(\*$|x509\.subject:)/, '* or x509.subject: and a name'),
  )
  if (texts.length === 0) reader.problem(path, 'Names nobody')
  if (texts.includes('*')) {
    if (texts.length > 1) reader.problem(path, '* stands alone')
    return '*'
  }
  return texts.map((text, i) => {
    const name = tryParseName(text.slice(SUBJECT_PREFIX.length))
    if (name === undefined) {
      if (text !== '') reader.problem(`${path}[${i}]`, 'Is not a distinguished name')
      return []
    }
    for (const type of ['C', 'ST', 'O']) {
      if (!name.some((attribute) => attribute.type === type))
        reader.problem(`${path}[${i}]`, `Lacks ${type}`)
    }
    return name
  })
}
