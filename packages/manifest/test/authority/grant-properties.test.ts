// Grants against brute force: every request of a small world, at every time, under random grants.
import {
  type AccessRequest,
  decide,
  type Grant,
  type GrantAnswer,
  type GrantEntry,
  grantForUpdate,
  type HttpOperation,
  isGrantWider,
  meetGrants,
  type Permission,
  type PermissionSet,
} from '@morphee/manifest'
import fc from 'fast-check'
import { it } from 'vitest'

const SITE = 'https://acme.example.com'
const PATTERNS = [`${SITE}/**`, `${SITE}/a/**`, `${SITE}/a/*`, `${SITE}/*/b`, `${SITE}/a/b`]
const OPERATIONS: readonly HttpOperation[] = [
  { method: 'POST', url: `${SITE}/a/**` },
  { method: 'POST', url: `${SITE}/a/b` },
  { method: 'POST', url: `${SITE}/c/b`, graphql: 'query' },
  { method: 'POST', url: `${SITE}/*/b`, graphql: 'query', fields: ['me'] },
  { method: 'POST', url: `${SITE}/c/b`, graphql: 'query', fields: ['me', 'team'] },
]
const WORLD: PermissionSet = [
  { kind: 'http:read', urls: PATTERNS, operations: OPERATIONS },
  { kind: 'http:write', urls: PATTERNS },
  { kind: 'data:write', collections: ['x', 'y', '*'] },
]
const REQUESTS = [
  ...['', '/a', '/a/b', '/c/b', '/a/b/c'].map(
    (path) => ({ kind: 'http', method: 'PUT', url: `${SITE}${path}` }) as const,
  ),
  ...['', '/a/b', '/c/b'].flatMap((path) => [reading(path, 'GET'), reading(path, 'POST')]),
  ...[['me'], ['team'], ['me', 'team']].map((fields) => reading('/c/b', 'POST', fields)),
  ...['x', 'z'].map((collection) => ({ kind: 'data', access: 'write', collection }) as const),
]

function reading(path: string, method: string, fields?: readonly string[]): AccessRequest {
  const graphql = fields && { graphql: { operation: 'query' as const, fields } }
  return { kind: 'http', method, url: `${SITE}${path}`, through: 'http:read', ...graphql }
}

const TIMES = [5, 10, 15, 20, 25]
const EFFECTS = ['write', 'destructive'] as const

const readPermission: fc.Arbitrary<Permission> = fc
  .tuple(fc.subarray(PATTERNS, { maxLength: 2 }), fc.subarray([...OPERATIONS], { maxLength: 2 }))
  .filter(([urls, operations]) => urls.length + operations.length > 0)
  .map(([urls, operations]): Permission => ({ kind: 'http:read', urls, operations }))
const permission: fc.Arbitrary<Permission> = fc.oneof(
  fc.constantFrom(...PATTERNS).map((url): Permission => ({ kind: 'http:write', urls: [url] })),
  { weight: 2, arbitrary: readPermission },
  fc
    .constantFrom('x', 'y', '*')
    .map((one): Permission => ({ kind: 'data:write', collections: [one] })),
)
const answer = fc.constantFrom<GrantAnswer>('allow', 'ask', 'deny')
const time = fc.constantFrom(10, 20)
const entry: fc.Arbitrary<GrantEntry> = fc.record(
  { permission, answer, expiresAt: time },
  { requiredKeys: ['permission', 'answer'] },
)
const grant: fc.Arbitrary<Grant> = fc.record(
  {
    entries: fc.array(entry, { maxLength: 4 }),
    actions: fc.record({ go: answer }, { requiredKeys: [] }),
    expiresAt: time,
  },
  { requiredKeys: ['entries'] },
)

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const

/** How strict `granted` is to each request, with each effect, at each time. */
function answers(granted: Grant, asked = WORLD): number[] {
  return REQUESTS.flatMap((request) =>
    EFFECTS.flatMap((effect) =>
      TIMES.map(
        (now) =>
          STRICTNESS[
            decide(request, {
              manifest: asked,
              action: { name: 'go', effect },
              grant: granted,
              now,
            }).kind
          ],
      ),
    ),
  )
}

it('what isGrantWider() calls no wider is nowhere looser', () => {
  fc.assert(
    fc.property(grant, grant, (before, after) => {
      if (isGrantWider(before, after)) return true
      const old = answers(before)
      return answers(after).every((strictness, i) => strictness >= (old[i] as number))
    }),
    { numRuns: 2000 },
  )
})

it('isGrantWider() says no to a grant and itself, and to one with less in it', () => {
  fc.assert(
    fc.property(
      grant,
      (one) =>
        !isGrantWider(one, one) &&
        !isGrantWider(one, {
          ...one,
          entries: one.entries.map((each) => ({ ...each, answer: 'deny' as const })),
        }),
    ),
    { numRuns: 300 },
  )
})

it('meetGrants() is as strict as the stricter of both, everywhere', () => {
  fc.assert(
    fc.property(grant, grant, (a, b) => {
      const [first, second] = [answers(a), answers(b)]
      return answers(meetGrants(a, b)).every(
        (strictness, i) => strictness === Math.max(first[i] as number, second[i] as number),
      )
    }),
    { numRuns: 500 },
  )
})

it('grantForUpdate() allows nothing that was asked about or denied before', () => {
  const asked = fc.array(permission, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(asked, asked, grant, (previous, next, before) => {
      const after = answers(grantForUpdate(before, previous, next, ['go']), next)
      const old = answers(before, previous)
      const everything: Grant = {
        entries: WORLD.map((one) => ({ permission: one, answer: 'allow' })),
        actions: { go: 'allow' },
      }
      const wasAsked = answers(everything, previous)
      return after.every(
        (strictness, i) => strictness > 0 || old[i] === 0 || wasAsked[i] === STRICTNESS.deny,
      )
    }),
    { numRuns: 1000 },
  )
})
