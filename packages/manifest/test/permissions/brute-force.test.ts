// The algebra and the decision against a second implementation that is slow, short and shares nothing with the first: patterns as
// regular expressions, sets as loops, one request at a time.
import {
  type AccessRequest,
  decide,
  type DecisionLayers,
  type GrantEntry,
  type HttpOperation,
  intersectPermissions,
  NEVER_IN_READ,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
  permissionsAllow,
  permissionsCover,
  scopesOf,
  subtractPermissions,
} from '@morphee/manifest'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** Every word of at most `most` of `letters`. */
function wordsOf(letters: readonly string[], least: number, most: number): string[][] {
  let words: string[][] = [[]]
  const all: string[][] = []
  for (let length = 0; length <= most; length++) {
    if (length >= least) all.push(...words)
    words = words.flatMap((word) => letters.map((letter) => [...word, letter]))
  }
  return all
}

// A world so small that it can be walked whole, and so close that patterns meet: two hosts, two segments, two parts of names.
const URLS = ['https://a.acme.com', 'https://b.acme.com', 'https://a.acme.com:8443'].flatMap(
  (origin) => wordsOf(['x', 'y'], 0, 3).map((path) => `${origin}/${path.join('/')}`),
)
const NAMES = wordsOf(['a', 'b'], 1, 3).map((parts) => parts.join('.'))
const urlPattern = fc
  .tuple(
    fc.constantFrom(
      'https://a.acme.com',
      'https://*.acme.com',
      'https://*.acme.com',
      'https://a.acme.com:8443',
    ),
    fc.array(fc.constantFrom('x', 'y', '*'), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(
    ([origin, path, tail]) =>
      `${origin}/${path.join('/')}${tail ? `${path.length > 0 ? '/' : ''}**` : ''}`,
  )
const namePattern = fc
  .array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 })
  .map((all) => all.join('.'))
const FIELDS = [['me'], ['team'], ['me', 'team']] as const
// Few addresses, so that operations of two sets are often about the same one and differ in what they look at there.
const operationUrl = fc.constantFrom(
  'https://a.acme.com/x',
  'https://a.acme.com/**',
  'https://*.acme.com/x',
  'https://*.acme.com/**',
)
const operation: fc.Arbitrary<HttpOperation> = fc
  .tuple(operationUrl, fc.constantFrom('declared', 'every field', ...FIELDS))
  .map(([to, read]): HttpOperation => {
    if (read === 'declared') return { method: 'POST', url: to }
    const query = { method: 'POST', url: to, graphql: 'query' } as const
    return typeof read === 'string' ? query : { ...query, fields: read }
  })
const several = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: 1, maxLength: 3 })
const permission: fc.Arbitrary<Permission> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('http:read' as const),
      urls: several(urlPattern),
      operations: fc.array(operation, { maxLength: 3 }),
    }),
  },
  fc.record({ kind: fc.constant('http:write' as const), urls: several(urlPattern) }),
  fc.record({
    kind: fc.constantFrom('storage:read' as const, 'storage:write' as const, 'guest-auth' as const),
  }),
  fc.record({
    kind: fc.constantFrom('vault:read' as const, 'vault:write' as const),
    names: several(namePattern),
  }),
  fc.record({
    kind: fc.constantFrom('data:read' as const, 'data:write' as const),
    collections: several(namePattern),
  }),
  fc.record({
    kind: fc.constantFrom('event:emit' as const, 'event:subscribe' as const),
    topics: several(namePattern),
  }),
)
const permissions = fc.array(permission, { maxLength: 4 })

/** A request with the one permission that it is made under. */
type Made = AccessRequest & { readonly under: PermissionKind }
const READ_BODIES = [
  undefined,
  ...FIELDS.map((some) => ({ operation: 'query' as const, fields: some })),
  { operation: 'mutation' as const, fields: ['me'] },
]
const WORLD: readonly Made[] = [
  ...URLS.flatMap((to) => [
    httpOf('GET', to, 'http:read'),
    httpOf('DELETE', to, 'http:write'),
    httpOf('POST', to, 'http:write'),
    ...READ_BODIES.map((body) => httpOf('POST', to, 'http:read', body)),
  ]),
  ...NAMES.flatMap((one): Made[] => [
    { kind: 'vault', access: 'read', name: one, under: 'vault:read' },
    { kind: 'vault', access: 'write', name: one, under: 'vault:write' },
    { kind: 'data', access: 'read', collection: one, under: 'data:read' },
    { kind: 'data', access: 'write', collection: one, under: 'data:write' },
    { kind: 'event', access: 'emit', topic: one, under: 'event:emit' },
    { kind: 'event', access: 'subscribe', topic: one, under: 'event:subscribe' },
  ]),
  { kind: 'storage', access: 'read', under: 'storage:read' },
  { kind: 'storage', access: 'write', under: 'storage:write' },
  { kind: 'guest-auth', under: 'guest-auth' },
]

function httpOf(
  method: string,
  to: string,
  through: 'http:read' | 'http:write',
  body?: { readonly operation: 'query' | 'mutation'; readonly fields: readonly string[] },
): Made {
  const read = body === undefined ? {} : { graphql: body }
  return { kind: 'http', method, url: to, through, ...read, under: through }
}

const expressions = new Map<string, RegExp>()

function urlMatches(pattern: string, to: string): boolean {
  let expression = expressions.get(pattern)
  if (expression === undefined) expressions.set(pattern, (expression = expressionOf(pattern)))
  return expression.test(to)
}

function expressionOf(pattern: string): RegExp {
  const text = pattern
    .replace(/\/\*\*$/, '/<tail>')
    .replaceAll(/[.?+^$()[\]{}|\\]/g, String.raw`\$&`)
    .replace('://*', '://[^./:]+')
    .replaceAll(/\/\*(?=\/|$)/g, '/[^/]+')
    .replace('/<tail>', '(?:/.*)?')
  return new RegExp(`^${text}$`)
}

function nameMatches(pattern: string, one: string): boolean {
  return new RegExp(`^${pattern.replaceAll('.', String.raw`\.`).replaceAll('*', '[^.]+')}$`).test(
    one,
  )
}

/** Whether one permission allows `made`, by hand. */
function allowsByHand(held: Permission, made: Made): boolean {
  if (held.kind !== made.under) return false
  switch (made.kind) {
    case 'http': {
      const to = String(made.url)
      if (made.under === 'http:write' || made.method !== 'POST')
        return scopesOf(held).some((pattern) => urlMatches(pattern, to))
      const operations = held.kind === 'http:read' ? (held.operations ?? []) : []
      return operations.some((one) => {
        if (!urlMatches(one.url, to)) return false
        if (one.graphql === undefined) return true
        if (made.graphql?.operation !== 'query') return false
        return made.graphql.fields.every((field) => one.fields?.includes(field) ?? true)
      })
    }
    case 'vault':
      return scopesOf(held).some((pattern) => nameMatches(pattern, made.name))
    case 'data':
      return scopesOf(held).some((pattern) => nameMatches(pattern, made.collection))
    case 'event':
      return scopesOf(held).some((pattern) => nameMatches(pattern, made.topic))
    case 'storage':
    case 'guest-auth':
      return true
  }
}

/** `expect`, a thousand times as cheap where nothing is wrong. */
function same(actual: boolean | string, expected: boolean | string, made: Made): void {
  if (actual !== expected) expect({ made, answer: actual }).toEqual({ made, answer: expected })
}

const byHand = (set: readonly Permission[], made: Made): boolean =>
  set.some((held) => allowsByHand(held, made))

describe('for generated permissions and every request of a small world', () => {
  it('permissionsAllow() says what the loop says', () => {
    fc.assert(
      fc.property(permissions, (set) => {
        for (const made of WORLD) same(permissionsAllow(set, made), byHand(set, made), made)
      }),
      { numRuns: 200 },
    )
  })

  it('intersectPermissions() allows what both allow, and nothing else', () => {
    fc.assert(
      fc.property(permissions, permissions, (a, b) => {
        const both = intersectPermissions(a, b)
        for (const made of WORLD)
          same(permissionsAllow(both, made), byHand(a, made) && byHand(b, made), made)
      }),
      { numRuns: 200 },
    )
  })

  it('permissionsCover() is never true where one request of the smaller is refused by the larger', () => {
    fc.assert(
      fc.property(permissions, permissions, (larger, smaller) => {
        // A part of the larger is covered by it, so that the answer is yes often enough to say something.
        for (const less of [smaller, intersectPermissions(larger, smaller), larger.slice(0, 1)]) {
          if (!permissionsCover(larger, less)) continue
          for (const made of WORLD) if (byHand(less, made)) same(byHand(larger, made), true, made)
        }
        expect(permissionsCover(larger, intersectPermissions(larger, smaller))).toBe(true)
        expect(permissionsCover(larger, larger)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('subtractPermissions() names a region for each request that is new, and is empty exactly when nothing is', () => {
    fc.assert(
      fc.property(permissions, permissions, (from, less) => {
        const regions = subtractPermissions(from, less)
        expect(regions.length === 0).toBe(permissionsCover(less, from))
        for (const made of WORLD) {
          const inRegion = regions.some(
            ({ permission: held, except }) =>
              allowsByHand(held, made) && !byHand(exceptOf(held, except), made),
          )
          if (byHand(from, made) && !byHand(less, made)) same(inRegion, true, made)
          // A region of an operation is the whole operation; of anything else it is exactly what is new.
          const isOperation =
            made.under === 'http:read' && made.kind === 'http' && made.method === 'POST'
          if (!isOperation && inRegion) same(byHand(less, made), false, made)
        }
      }),
      { numRuns: 200 },
    )
  })
})

function exceptOf(held: Permission, scopes: readonly string[]): Permission[] {
  if (scopes.length === 0) return []
  switch (held.kind) {
    case 'http:read':
    case 'http:write':
      return [{ kind: held.kind, urls: scopes }]
    case 'vault:read':
    case 'vault:write':
      return [{ kind: held.kind, names: scopes }]
    case 'data:read':
    case 'data:write':
      return [{ kind: held.kind, collections: scopes }]
    case 'event:emit':
    case 'event:subscribe':
      return [{ kind: held.kind, topics: scopes }]
    case 'storage:read':
    case 'storage:write':
    case 'guest-auth':
      return [held]
  }
}

const entry: fc.Arbitrary<GrantEntry> = fc
  .record(
    {
      permission,
      answer: fc.constantFrom('allow' as const, 'allow' as const, 'ask' as const, 'deny' as const),
      expiresAt: fc.constantFrom(5, 10, 15),
    },
    { requiredKeys: ['permission', 'answer'] },
  )
  .map((one) => one as GrantEntry)
const layers: fc.Arbitrary<DecisionLayers> = fc
  .tuple(
    permissions,
    fc.record(
      {
        name: fc.constant('act'),
        effect: fc.constantFrom('read' as const, 'write' as const, 'destructive' as const),
        uses: fc.uniqueArray(fc.constantFrom(...PERMISSION_KINDS), { maxLength: 8 }),
      },
      { requiredKeys: ['name', 'effect'] },
    ),
    fc.array(entry, { maxLength: 6 }),
    fc.option(fc.constantFrom('allow' as const, 'ask' as const, 'deny' as const), {
      nil: undefined,
    }),
  )
  .map(([manifest, action, entries, ofAction]) => ({
    manifest,
    action: action as DecisionLayers['action'],
    // What the manifest asks for is granted by some of the entries, or nothing would ever get past the grant.
    grant: {
      entries: [
        ...manifest.map((held): GrantEntry => ({ permission: held, answer: 'allow' })).slice(1),
        ...entries,
      ],
      ...(ofAction === undefined ? {} : { actions: { act: ofAction } }),
    },
    now: 10,
  }))

/** Whether an `ask` or a `deny` at `held` is about `made`, by hand: at its URLs whatever the method, in its operations whatever they are mixed with. */
function holdsByHand(held: Permission, made: Made): boolean {
  if (allowsByHand(held, made)) return true
  if (made.kind !== 'http' || made.method !== 'POST') return false
  if (held.kind !== 'http:read' || made.under !== 'http:read') return false
  const to = String(made.url)
  if (held.urls.some((pattern) => urlMatches(pattern, to))) return true
  const { graphql } = made
  return (held.operations ?? []).some(
    ({ url, fields }) =>
      urlMatches(url, to) &&
      (graphql?.operation !== 'query' ||
        graphql.fields.some((field) => fields?.includes(field) ?? true)),
  )
}

/** The decision by hand: each layer in turn, the first no wins, and of the grant's answers the strictest. */
function decideByHand({ manifest, action, grant, now }: DecisionLayers, made: Made): string {
  if (!byHand(manifest, made)) return 'deny by manifest'
  if (action.effect === 'read' && NEVER_IN_READ.has(made.under)) return 'deny by action'
  if (action.uses !== undefined && !action.uses.includes(made.under)) return 'deny by action'
  const lasting = grant.entries.filter(({ expiresAt = 99 }) => expiresAt > now)
  const says = (wanted: string): boolean =>
    lasting.some(({ permission: held, answer }) => answer === wanted && holdsByHand(held, made))
  const open = lasting.some(
    ({ permission: held, answer }) => answer !== 'deny' && allowsByHand(held, made),
  )
  const ofAction = grant.actions?.['act']
  if (!open || says('deny') || ofAction === 'deny') return 'deny by grant'
  const asks = (ofAction ?? (action.effect === 'destructive' ? 'ask' : 'allow')) === 'ask'
  return says('ask') || (asks && NEVER_IN_READ.has(made.under)) ? 'ask by grant' : 'allow'
}

it('decide() says what the loop says: effective permission is manifest and action and grant', () => {
  const seen: Record<string, number> = {}
  fc.assert(
    fc.property(layers, (held) => {
      for (const made of WORLD) {
        const { kind, refusedBy } = decide(made, held)
        const decided = refusedBy === undefined ? kind : `${kind} by ${refusedBy}`
        same(decided, decideByHand(held, made), made)
        seen[decided] = (seen[decided] ?? 0) + 1
      }
    }),
    { numRuns: 200 },
  )
  // Every answer came up, so the agreement means something.
  expect(Object.keys(seen).toSorted()).toEqual([
    'allow',
    'ask by grant',
    'deny by action',
    'deny by grant',
    'deny by manifest',
  ])
})
