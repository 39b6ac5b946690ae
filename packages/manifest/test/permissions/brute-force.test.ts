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

const label = fc.constantFrom('a', 'b', 'api')
const host = fc.oneof(
  fc.tuple(label, fc.constantFrom('acme.com', 'acme.org')).map(([sub, base]) => `${sub}.${base}`),
  fc.tuple(label, label).map(([one, two]) => `${one}.${two}.acme.com`),
  fc.constant('acme.com'),
)
const segments = fc.array(fc.constantFrom('x', 'y', 'z'), { maxLength: 3 })
const port = fc.constantFrom('', '', ':8443')
const url = fc
  .tuple(host, port, segments)
  .map(([h, p, path]) => `https://${h}${p}/${path.join('/')}`)
const urlPattern = fc
  .tuple(
    fc.oneof(host, fc.constantFrom('*.acme.com', '*.a.acme.com')),
    port,
    fc.array(fc.constantFrom('x', 'y', '*'), { maxLength: 3 }),
    fc.boolean(),
  )
  .map(
    ([h, p, path, tail]) =>
      `https://${h}${p}/${path.join('/')}${tail ? `${path.length > 0 ? '/' : ''}**` : ''}`,
  )
const name = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((all) => all.join('.'))
const namePattern = fc
  .array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 3 })
  .map((all) => all.join('.'))
const fields = fc.uniqueArray(fc.constantFrom('me', 'team', 'issue'), {
  minLength: 1,
  maxLength: 3,
})
const operation: fc.Arbitrary<HttpOperation> = fc.oneof(
  urlPattern.map((pattern) => ({ method: 'POST' as const, url: pattern })),
  fc.tuple(urlPattern, fc.option(fields, { nil: undefined })).map(([pattern, some]) => ({
    method: 'POST' as const,
    url: pattern,
    graphql: 'query' as const,
    ...(some === undefined ? {} : { fields: some }),
  })),
)
const several = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: 1, maxLength: 3 })
const permission: fc.Arbitrary<Permission> = fc.oneof(
  fc.record({
    kind: fc.constant('http:read' as const),
    urls: several(urlPattern),
    operations: fc.array(operation, { maxLength: 2 }),
  }),
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
const graphql = fc.record({
  operation: fc.constantFrom('query' as const, 'query' as const, 'mutation' as const),
  fields,
})
const request: fc.Arbitrary<Made> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('GET', 'HEAD'), url)
      .map(([method, to]) => httpOf(method, to, 'http:read')),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(url, fc.option(graphql, { nil: undefined }))
      .map(([to, body]) => httpOf('POST', to, 'http:read', body)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('POST', 'PUT', 'DELETE'), url)
      .map(([method, to]) => httpOf(method, to, 'http:write')),
  },
  fc
    .constantFrom('read' as const, 'write' as const)
    .map((access): Made => ({ kind: 'storage', access, under: `storage:${access}` })),
  fc.constant<Made>({ kind: 'guest-auth', under: 'guest-auth' }),
  fc
    .tuple(fc.constantFrom('read' as const, 'write' as const), name)
    .map(([access, one]): Made => ({ kind: 'vault', access, name: one, under: `vault:${access}` })),
  fc.tuple(fc.constantFrom('read' as const, 'write' as const), name).map(([access, one]): Made => ({
    kind: 'data',
    access,
    collection: one,
    under: `data:${access}`,
  })),
  fc
    .tuple(fc.constantFrom('emit' as const, 'subscribe' as const), name)
    .map(([access, one]): Made => ({
      kind: 'event',
      access,
      topic: one,
      under: `event:${access}`,
    })),
)
const requests = fc.array(request, { minLength: 10, maxLength: 30 })

function httpOf(
  method: string,
  to: string,
  through: 'http:read' | 'http:write',
  body?: { readonly operation: 'query' | 'mutation'; readonly fields: readonly string[] },
): Made {
  const read = body === undefined ? {} : { graphql: body }
  return { kind: 'http', method, url: to, through, ...read, under: through }
}

function urlMatches(pattern: string, to: string): boolean {
  const text = pattern
    .replace(/\/\*\*$/, '/<tail>')
    .replaceAll(/[.?+^$()[\]{}|\\]/g, String.raw`\$&`)
    .replace('://*', '://[^./:]+')
    .replaceAll(/\/\*(?=\/|$)/g, '/[^/]+')
    .replace('/<tail>', '(?:/.*)?')
  return new RegExp(`^${text}$`).test(to)
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

const byHand = (set: readonly Permission[], made: Made): boolean =>
  set.some((held) => allowsByHand(held, made))

describe('for generated permissions and requests of every kind', () => {
  it('permissionsAllow() says what the loop says', () => {
    fc.assert(
      fc.property(permissions, requests, (set, all) => {
        for (const made of all) expect(permissionsAllow(set, made)).toBe(byHand(set, made))
      }),
      { numRuns: 300 },
    )
  })

  it('intersectPermissions() allows what both allow, and nothing else', () => {
    fc.assert(
      fc.property(permissions, permissions, requests, (a, b, all) => {
        const both = intersectPermissions(a, b)
        for (const made of all)
          expect(permissionsAllow(both, made)).toBe(byHand(a, made) && byHand(b, made))
      }),
      { numRuns: 300 },
    )
  })

  it('permissionsCover() is never true where one request of the smaller is refused by the larger', () => {
    fc.assert(
      fc.property(permissions, permissions, requests, (larger, smaller, all) => {
        // A part of the larger is covered by it, so that the answer is yes often enough to say something.
        for (const less of [smaller, intersectPermissions(larger, smaller), larger.slice(0, 1)]) {
          if (!permissionsCover(larger, less)) continue
          for (const made of all) if (byHand(less, made)) expect(byHand(larger, made)).toBe(true)
        }
        expect(permissionsCover(larger, intersectPermissions(larger, smaller))).toBe(true)
        expect(permissionsCover(larger, larger)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('subtractPermissions() names a region for each request that is new, and is empty exactly when nothing is', () => {
    fc.assert(
      fc.property(permissions, permissions, requests, (from, less, all) => {
        const regions = subtractPermissions(from, less)
        expect(regions.length === 0).toBe(permissionsCover(less, from))
        for (const made of all) {
          const inRegion = regions.some(
            ({ permission: held, except }) =>
              allowsByHand(held, made) && !byHand(exceptOf(held, except), made),
          )
          if (byHand(from, made) && !byHand(less, made)) expect(inRegion).toBe(true)
          // A region of an operation is the whole operation; of anything else it is exactly what is new.
          const isOperation =
            made.under === 'http:read' && made.kind === 'http' && made.method === 'POST'
          if (!isOperation && inRegion) expect(byHand(less, made)).toBe(false)
        }
      }),
      { numRuns: 300 },
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

/** The decision by hand: each layer in turn, the first no wins, and of the grant's answers the strictest. */
function decideByHand({ manifest, action, grant, now }: DecisionLayers, made: Made): string {
  if (!byHand(manifest, made)) return 'deny by manifest'
  if (action.effect === 'read' && NEVER_IN_READ.has(made.under)) return 'deny by action'
  if (action.uses !== undefined && !action.uses.includes(made.under)) return 'deny by action'
  const answers = grant.entries
    .filter(
      ({ permission: held, expiresAt }) =>
        allowsByHand(held, made) && !(expiresAt !== undefined && expiresAt <= now),
    )
    .map(({ answer }) => answer)
  const ofAction = grant.actions?.['act']
  if (answers.length === 0 || answers.includes('deny') || ofAction === 'deny')
    return 'deny by grant'
  const asks = (ofAction ?? (action.effect === 'destructive' ? 'ask' : 'allow')) === 'ask'
  return answers.includes('ask') || (asks && NEVER_IN_READ.has(made.under))
    ? 'ask by grant'
    : 'allow'
}

it('decide() says what the loop says: effective permission is manifest and action and grant', () => {
  const seen: Record<string, number> = {}
  fc.assert(
    fc.property(layers, requests, (held, all) => {
      for (const made of all) {
        const { kind, refusedBy } = decide(made, held)
        const decided = refusedBy === undefined ? kind : `${kind} by ${refusedBy}`
        expect(decided).toBe(decideByHand(held, made))
        seen[decided] = (seen[decided] ?? 0) + 1
      }
    }),
    { numRuns: 500 },
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
