// POSTs that only read: what passes under `http:read`, byte for byte, and every way to smuggle something else through.
import type { JsonObject } from '@morphee/core'
import type { GrantEntry } from '@morphee/manifest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Attack, openAttack, SITE } from './attack.ts'
import { installWith } from './install-with.ts'

const EXTENSION = 'acme/reader'
const GRAPHQL = `https://${SITE}/api/graphql`
const SEARCH = `https://${SITE}/api/search`

let a: Attack
beforeAll(async () => {
  a = await openAttack()
  await a.install(
    a.probe.with({
      name: EXTENSION,
      permissions: [
        {
          'http:read': {
            urls: [`https://{config.site}.services.example/api/plain/**`],
            operations: [
              {
                method: 'POST',
                url: 'https://{config.site}.services.example/api/graphql',
                graphql: 'query',
                fields: ['me', 'team'],
              },
              { method: 'POST', url: 'https://{config.site}.services.example/api/search' },
            ],
          },
        },
        { 'http:write': { urls: [`https://{config.site}.services.example/api/write/**`] } },
        'storage:read',
        'storage:write',
      ],
    }),
    { config: { site: 'acme' } },
  )
})
afterAll(() => a.close())
beforeEach(() => {
  a.seen.length = 0
  a.seenElsewhere.length = 0
  a.answer = (_request, response) => void response.end('{}')
})

const post = async (url: string, request: JsonObject, action = 'read'): Promise<any> => {
  const [result] = await a.steps(
    action,
    [{ do: 'fetch', url, method: 'POST', effect: 'read', ...request }],
    { extension: EXTENSION },
  )
  return result
}
const query = (text: string, more: JsonObject = {}): JsonObject => ({
  body: JSON.stringify({ query: text, ...more }),
})
const JSON_TYPE = { 'content-type': 'application/json' }

describe('GraphQL', () => {
  it('a query arrives in a read action as the host printed it', async () => {
    const result = await post(GRAPHQL, {
      ...query('query  Q{ who:me{id} } # and no mutation', { variables: { b: 1, a: [] } }),
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-http-method': 'DELETE' },
    })
    expect(result).toMatchObject({ ok: { status: 200 } })
    expect(a.seen).toMatchObject([
      {
        method: 'POST',
        url: '/api/graphql',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          operationName: 'Q',
          query: 'query Q {\n  who: me {\n    id\n  }\n}',
          variables: { a: [], b: 1 },
        }),
      },
    ])
    expect(a.seen[0]?.headers).not.toHaveProperty('x-http-method')
    const records = await a.host.audit.list({
      workspace: 'personal',
      extension: EXTENSION,
      limit: 5,
    })
    expect(
      records.find(({ kind, capability }) => kind === 'intent' && capability === 'http:read'),
    ).toMatchObject({
      target: `POST ${GRAPHQL}`,
      details: { fields: ['me'] },
    })
  })

  const REFUSED: readonly (readonly [what: string, JsonObject, why: string, url?: string])[] = [
    ['a mutation', query('mutation { me { id } }'), 'mutation'],
    ['a field that is not named', query('{ admin { id } }'), 'does not cover'],
    ['such a field behind an alias', query('{ me: admin { id } }'), 'query: admin'],
    [
      'such a field in a fragment',
      query('{ me { id } ...F } fragment F on Query { admin { id } }'),
      'query: me, admin',
    ],
    ['such a field beside a named one', query('{ me { id } admin { id } }'), 'query: me, admin'],
    ['introspection', query('{ __schema { types { name } } }'), 'query: __schema'],
    [
      'a stored document',
      { body: '{"extensions":{"persistedQuery":{"sha256Hash":"ab"}}}' },
      'extensions',
    ],
    ['a batch', { body: '[{"query":"{me{id}}"}]' }, 'batch'],
    ['a doubled member', { body: '{"query":"{me{id}}","query":"mutation{drop}"}' }, 'named once'],
    ['a query in the URL', query('{ me { id } }'), 'URL', `${GRAPHQL}?query=mutation%7Bdrop%7D`],
    ['any other parameter of the URL', query('{ me { id } }'), 'URL', `${GRAPHQL}?id=1`],
    [
      'a form',
      { body: 'query={me{id}}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'urlencoded',
    ],
    [
      'multipart',
      { ...query('{ me { id } }'), headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      'multipart',
    ],
    [
      'application/graphql',
      { body: '{ me { id } }', headers: { 'content-type': 'application/graphql' } },
      'application/graphql',
    ],
    [
      'a body that is said to be compressed',
      { ...query('{ me { id } }'), headers: { 'content-encoding': 'gzip' } },
      'encoded',
    ],
    [
      'the same under another spelling',
      { ...query('{ me { id } }'), headers: { content_encoding: 'gzip' } },
      'encoded',
    ],
    ['a document of 100,000 tokens', query(`{ me { ${'id '.repeat(100_000)} } }`), 'tokens'],
    ['no body', {}, 'no body'],
  ]
  it('a body is not even read where the person left the permission out', async () => {
    const permissions = [
      { 'http:read': { operations: [{ method: 'POST', url: GRAPHQL, graphql: 'query' }] } },
      { 'http:write': { urls: [`https://${SITE}/api/write/**`] } },
      'storage:read',
      'storage:write',
    ]
    const wasm = a.probe.with({ name: 'acme/unread', permissions })
    await installWith(a.host, wasm, { site: 'acme' }, ({ kind }) =>
      kind === 'http:read' ? undefined : 'allow',
    )
    const step = { do: 'fetch', url: GRAPHQL, method: 'POST', effect: 'read', body: 'no GraphQL' }
    const [result] = await a.steps('read', [step], { extension: 'acme/unread' })
    expect(result?.failure).toMatchObject({ details: { refusedBy: 'grant' } })
    expect(a.seen).toEqual([])
  })

  it('a person denies an address, and neither a query nor a declared POST arrives there', async () => {
    const permissions = [
      {
        'http:read': {
          urls: [`https://${SITE}/api/plain/**`],
          operations: [
            { method: 'POST', url: GRAPHQL, graphql: 'query' },
            { method: 'POST', url: SEARCH },
          ],
        },
      },
      { 'http:write': { urls: [`https://${SITE}/api/write/**`] } },
      'storage:read',
      'storage:write',
    ]
    const denied: GrantEntry[] = [
      { permission: { kind: 'http:read', urls: [GRAPHQL, SEARCH] }, answer: 'deny' },
    ]
    const wasm = a.probe.with({ name: 'acme/held', permissions })
    await installWith(a.host, wasm, { site: 'acme' }, (permission) => [
      { permission, answer: 'allow' },
      ...(permission.kind === 'http:read' ? denied : []),
    ])
    const step = { do: 'fetch', method: 'POST', effect: 'read' }
    const steps = [
      { ...step, url: GRAPHQL, ...query('{ me { id } }') },
      { ...step, url: SEARCH, body: '{}', headers: JSON_TYPE },
    ]
    for (const { failure } of await a.steps('read', steps, { extension: 'acme/held' }))
      expect(failure).toMatchObject({ details: { refusedBy: 'grant' } })
    expect(a.seen).toEqual([])
  })

  it('a query never arrives at its URL in a spelling that a parser mends', async () => {
    for (const url of [`https://${SITE}/api/./graphql`, `https://${SITE}/x/../api/graphql`]) {
      const result = await post(url, { headers: JSON_TYPE, ...query('{ me { id } }') })
      expect(result.failure).toMatchObject({ code: 'permission-denied' })
    }
    expect(a.seen).toEqual([])
  })

  for (const [what, request, why, url = GRAPHQL] of REFUSED) {
    it(`${what} never arrives, and the refusal is recorded`, async () => {
      const result = await post(url, { headers: JSON_TYPE, ...request })
      expect(result.failure).toMatchObject({
        code: 'permission-denied',
        message: expect.stringContaining(why) as string,
        details: { refusedBy: 'manifest', permission: 'http:read' },
      })
      expect([...a.seen, ...a.seenElsewhere]).toEqual([])
      const [last] = (
        await a.host.audit.list({ workspace: 'personal', extension: EXTENSION, limit: 5 })
      ).filter(({ capability }) => capability === 'http:read')
      expect(last).toMatchObject({ decision: 'refused', refusedBy: 'manifest' })
    })
  }

  it('a GET never passes at a URL that is declared as GraphQL, and a query is no way into a write', async () => {
    for (const step of [
      { do: 'fetch', url: `${GRAPHQL}?query=%7Bme%7Bid%7D%7D` },
      { do: 'fetch', url: GRAPHQL },
      { do: 'fetch', url: GRAPHQL, method: 'POST', effect: 'write', ...query('{ me { id } }') },
    ]) {
      const [result] = await a.steps('write', [step], { extension: EXTENSION })
      expect(result?.failure).toMatchObject({ code: 'permission-denied' })
    }
    expect(a.seen).toEqual([])
  })

  it('a redirect of a query is an answer, and is sent nowhere else', async () => {
    a.answer = (_request, response) =>
      void response.writeHead(307, { location: 'https://collector.example/' }).end()
    expect(await post(GRAPHQL, { headers: JSON_TYPE, ...query('{ me { id } }') })).toMatchObject({
      ok: { status: 307 },
    })
    expect(a.seenElsewhere).toEqual([])
  })
})

describe('a POST that is declared as reading', () => {
  it('arrives in a read action as it was written, through read and among many reads', async () => {
    const body = '{ "text":  "x" }'
    expect(await post(SEARCH, { body, headers: JSON_TYPE })).toMatchObject({ ok: { status: 200 } })
    const [many] = await a.steps(
      'read',
      [
        {
          do: 'together',
          requests: [
            { url: SEARCH, method: 'POST', effect: 'read', body },
            { url: `https://${SITE}/api/plain/x` },
          ],
        },
      ],
      { extension: EXTENSION },
    )
    expect(many?.ok).toMatchObject([{ status: 200 }, { status: 200 }])
    expect(a.seen.filter(({ method }) => method === 'POST').map((seen) => seen.body)).toEqual([
      body,
      body,
    ])
  })

  for (const [what, url, request] of [
    ['at another URL', `https://${SITE}/api/search/all`, { body: '{}' }],
    ['at a URL that is only read by GET', `https://${SITE}/api/plain/x`, { body: '{}' }],
    ['at a URL that is only written', `https://${SITE}/api/write/x`, { body: '{}' }],
    ['by PUT', SEARCH, { method: 'PUT', body: '{}' }],
    ['by DELETE', SEARCH, { method: 'DELETE' }],
    ['through http.write', SEARCH, { effect: 'write', body: '{}' }],
    ['with a method in a form', SEARCH, { body: 'a=1&_method=DELETE' }],
    ['with a method in a form, escaped', SEARCH, { body: 'a=1&%5Fmethod=DELETE' }],
    ['with a method as PHP names it, with a dot', SEARCH, { body: '.method=DELETE' }],
    ['with a method as PHP names it, with a bracket', SEARCH, { body: 'a=1&[method=DELETE' }],
    ['with a method as PHP names it, up to a NUL', SEARCH, { body: '_method%00x=DELETE' }],
    ['with a method as Rack names it', SEARCH, { body: 'a=1;_method=DELETE' }],
    ['with a method behind white space', SEARCH, { body: 'a=1& _method=DELETE' }],
    [
      'in a charset that hides a method',
      SEARCH,
      { body: '+AF8-method=DELETE', headers: { 'content-type': 'text/plain; charset=utf-7' } },
    ],
    [
      'with two content types',
      SEARCH,
      {
        body: '--x',
        headers: { 'content-type': 'text/plain', content_type: 'multipart/form-data' },
      },
    ],
    ['with a method in JSON', SEARCH, { body: '{"_method":"DELETE"}', headers: JSON_TYPE }],
    ['with a doubled member', SEARCH, { body: '{"a":1,"a":2}', headers: JSON_TYPE }],
    [
      'as multipart',
      SEARCH,
      { body: '--x', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    ],
    [
      'at its URL in a spelling that a parser mends, with a method in JSON',
      `https://${SITE}/api/./search`,
      { body: '{"_method":"DELETE"}', headers: JSON_TYPE },
    ],
    ['compressed', SEARCH, { body: 'x', headers: { 'content-encoding': 'br' } }],
  ] as const) {
    it(`${what} never arrives from a read action`, async () => {
      const result = await post(url, request as JsonObject)
      expect(result.failure).toMatchObject({ code: 'permission-denied' })
      expect(a.seen).toEqual([])
    })
  }

  it('a method override in the URL or a header is taken out', async () => {
    await post(`${SEARCH}?_method=DELETE&q=1`, {
      body: '{}',
      headers: { ...JSON_TYPE, 'X-HTTP-Method-Override': 'DELETE' },
    })
    expect(a.seen).toMatchObject([{ method: 'POST', url: '/api/search?q=1' }])
    expect(a.seen[0]?.headers).not.toHaveProperty('x-http-method-override')
  })
})
