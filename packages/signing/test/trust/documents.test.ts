import { encodeUtf8 } from '@morphee/core'
import {
  formatPolicy,
  formatPublishers,
  parsePublishers,
  parseTrustPolicy,
  type SigningError,
} from '@morphee/signing'
import { expect, test } from 'vitest'

const KEY = { keyId: 'a'.repeat(64), status: 'active', addedAt: '2026-01-01T00:00:00Z' }
const REVOKED = {
  ...KEY,
  status: 'revoked',
  revokedAt: '2026-11-01T00:00:00Z',
  reason: 'keyCompromise',
}
const publisher = (changes: object = {}): object => ({
  id: 'acme',
  name: 'Acme GmbH',
  keys: [KEY],
  ...changes,
})
const list = (changes: object = {}): object => ({
  version: 7,
  expires: '2026-11-29T00:00:00Z',
  publishers: [publisher()],
  ...changes,
})
const withKey = (key: object): object => list({ publishers: [publisher({ keys: [key] })] })

const statement = (changes: object = {}): object => ({
  name: 'default',
  registryScopes: ['*'],
  signatureVerification: { level: 'strict' },
  trustStores: ['ca:acme'],
  trustedIdentities: ['x509.subject: C=DE, ST=Berlin, O=Acme GmbH'],
  ...changes,
})
const policy = (...statements: readonly object[]): object => ({
  version: '1.0',
  trustPolicies: statements,
})

function problemsOf(parse: (bytes: Uint8Array) => unknown, document: unknown): readonly string[] {
  const text = typeof document === 'string' ? document : JSON.stringify(document)
  let error: unknown
  try {
    parse(encodeUtf8(text))
  } catch (thrown) {
    error = thrown
  }
  const { code, details } = error as SigningError<'ERR_SIGNING_TRUST_INVALID'>
  expect(code).toBe('ERR_SIGNING_TRUST_INVALID')
  return details.diagnostics.map(({ path, message }) => `${path}: ${message}`)
}

test('parsePublishers() reads what formatPublishers() writes', () => {
  const read = parsePublishers(
    encodeUtf8(
      JSON.stringify(
        list({
          publishers: [
            publisher(),
            publisher({ id: 'old', keys: [{ ...REVOKED, keyId: 'b'.repeat(64) }] }),
          ],
        }),
      ),
    ),
  )
  expect(read.publishers.map(({ id }) => id)).toEqual(['acme', 'old'])
  expect(parsePublishers(encodeUtf8(formatPublishers(read)))).toEqual(read)
})

test('parseTrustPolicy() reads what formatPolicy() writes', () => {
  const read = parseTrustPolicy(
    encodeUtf8(
      JSON.stringify(
        policy(
          statement(),
          statement({
            name: 'narrow',
            registryScopes: ['ghcr.io/acme/jira', 'localhost:5000/a/b'],
            trustedIdentities: ['*'],
          }),
        ),
      ),
    ),
  )
  expect(read.statements).toHaveLength(2)
  expect(parseTrustPolicy(encodeUtf8(formatPolicy(read)))).toEqual(read)
})

test('parsePublishers() names everything that is wrong at once', () => {
  const document = list({
    version: 0,
    extra: 1,
    publishers: [publisher({ id: 'Acme', keys: [{ ...KEY, status: 'paused' }] })],
  })
  expect(problemsOf(parsePublishers, document)).toEqual([
    'extra: Is not a known member',
    'publishers[0].id: Expected lower-case letters, digits and single hyphens',
    'publishers[0].keys[0].status: Expected one of active, revoked',
    'version: Expected a whole number from 1',
  ])
})

const badLists: Readonly<Record<string, unknown>> = {
  'what is not JSON': '{',
  'doubled members': '{"version":1,"version":2,"expires":"2026-11-29T00:00:00Z","publishers":[]}',
  'a member named __proto__':
    '{"__proto__":{},"version":2,"expires":"2026-11-29T00:00:00Z","publishers":[]}',
  'an array': [],
  null: null,
  'a version that is a text': list({ version: '7' }),
  'no expiry': list({ expires: undefined }),
  'an expiry that is no time': list({ expires: 'never' }),
  'an expiry on no day': list({ expires: '2026-13-40T00:00:00Z' }),
  'publishers as an object': list({ publishers: {} }),
  'a publisher twice': list({ publishers: [publisher(), publisher({ keys: [] })] }),
  'a key of two publishers': list({ publishers: [publisher(), publisher({ id: 'other' })] }),
  'a key twice, once revoked': list({ publishers: [publisher({ keys: [KEY, REVOKED] })] }),
  'a key id in upper case': withKey({ ...KEY, keyId: 'A'.repeat(64) }),
  'a revoked key without a day': withKey({ ...KEY, status: 'revoked', reason: 'keyCompromise' }),
  'an active key with a revocation': withKey({ ...REVOKED, status: 'active' }),
  'an unknown reason': withKey({ ...REVOKED, reason: 'bored' }),
  'an id that climbs': list({ publishers: [publisher({ id: '../x' })] }),
  'an id with a slash': list({ publishers: [publisher({ id: 'a/b' })] }),
  'a name of two lines': list({ publishers: [publisher({ name: 'A\nB' })] }),
  'a name with a bidi control': list({ publishers: [publisher({ name: 'A\u202eB' })] }),
}
for (const [what, document] of Object.entries(badLists)) {
  test(`parsePublishers() refuses ${what}`, () => {
    expect(problemsOf(parsePublishers, document)).not.toEqual([])
  })
}

const badPolicies: Readonly<Record<string, unknown>> = {
  'level skip': policy(statement({ signatureVerification: { level: 'skip' } })),
  'level permissive': policy(statement({ signatureVerification: { level: 'permissive' } })),
  'level audit': policy(statement({ signatureVerification: { level: 'audit' } })),
  'an override': policy(
    statement({ signatureVerification: { level: 'strict', override: { revocation: 'skip' } } }),
  ),
  'timestamp rules': policy(
    statement({ signatureVerification: { level: 'strict', verifyTimestamp: 'always' } }),
  ),
  'another version': { version: '2.0', trustPolicies: [statement()] },
  'a store of timestamps': policy(statement({ trustStores: ['tsa:acme'] })),
  'a store that climbs': policy(statement({ trustStores: ['ca:../../etc'] })),
  'a store named ..': policy(statement({ trustStores: ['ca:..'] })),
  'no scope': policy(statement({ registryScopes: [] })),
  'the scope * beside another': policy(statement({ registryScopes: ['*', 'ghcr.io/a/b'] })),
  'a scope with a wildcard inside': policy(statement({ registryScopes: ['ghcr.io/acme/*'] })),
  'a scope without a path': policy(statement({ registryScopes: ['ghcr.io'] })),
  'a scope twice': policy(statement(), statement({ name: 'second' })),
  'a name twice': policy(statement(), statement({ registryScopes: ['ghcr.io/a/b'] })),
  'nobody to trust': policy(statement({ trustedIdentities: [] })),
  'everybody beside somebody': policy(
    statement({ trustedIdentities: ['*', 'x509.subject: C=DE, ST=B, O=A'] }),
  ),
  'an identity without an organization': policy(
    statement({ trustedIdentities: ['x509.subject: C=DE, ST=B'] }),
  ),
  'an identity of another kind': policy(statement({ trustedIdentities: ['did:web:acme'] })),
  'an identity that is no name': policy(statement({ trustedIdentities: ['x509.subject: Acme'] })),
}
for (const [what, document] of Object.entries(badPolicies)) {
  test(`parseTrustPolicy() refuses ${what}`, () => {
    expect(problemsOf(parseTrustPolicy, document)).not.toEqual([])
  })
}
