import { encodeUtf8, toBase64 } from '@morphee/core'
import { createEgress, type EgressResponse } from '@morphee/egress'
import { createDnsResolver, createUndiciTransport } from '@morphee/egress/node'
import { type JiraDouble, type Loopback, startJiraDouble, startLoopback } from '@morphee/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

const EMAIL = 'ada@acme.example'
const TOKEN = 'ATATT3-not-a-real-token'
const ADF = {
  type: 'doc',
  version: 1,
  content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Boom' }] }],
}

let loopback: Loopback
let jira: JiraDouble
let egress: ReturnType<typeof createEgress>

beforeAll(async () => {
  loopback = await startLoopback()
  egress = createEgress({
    transport: createUndiciTransport({ roots: loopback.roots, dial: loopback.dial }),
    resolver: createDnsResolver({ servers: [loopback.dns.address] }),
    allowedPrivate: [{ host: 'acme.atlassian.net', cidr: '127.66.0.0/16' }],
  })
})
beforeEach(async () => {
  await jira?.close()
  jira = await startJiraDouble({ loopback, site: 'acme', email: EMAIL, token: TOKEN })
})
afterAll(async () => {
  await egress.close()
  await loopback.close()
})

async function call(
  method: string,
  path: string,
  body?: unknown,
  token: string = TOKEN,
): Promise<EgressResponse & { json: any }> {
  const response = await egress.fetch(
    {
      url: `https://acme.atlassian.net${path}`,
      method,
      ...(body === undefined
        ? {}
        : {
            body: encodeUtf8(JSON.stringify(body)),
            headers: [{ name: 'content-type', value: 'application/json' }],
          }),
    },
    {
      partition: 'test',
      permit: () => ({ allowed: true }),
      credential: () => ({
        audience: ['https://acme.atlassian.net'],
        headers: [
          { name: 'authorization', value: `Basic ${toBase64(encodeUtf8(`${EMAIL}:${token}`))}` },
        ],
        secrets: [token],
      }),
    },
  )
  const text = new TextDecoder().decode(response.body)
  return { ...response, json: text === '' ? undefined : JSON.parse(text) }
}
const create = (fields: object): ReturnType<typeof call> =>
  call('POST', '/rest/api/3/issue', { fields })
const task = (summary: string): object => ({
  project: { key: 'DEMO' },
  issuetype: { name: 'Task' },
  summary,
})

describe('startJiraDouble()', () => {
  test('keeps what was created and finds it again by key and by search', async () => {
    const created = await create({ ...task('Printer on fire'), description: ADF })
    expect(created.status).toBe(201)
    expect(created.json).toMatchObject({ key: 'DEMO-1', id: '10001' })
    const got = await call('GET', '/rest/api/3/issue/DEMO-1')
    expect(got.json.fields).toMatchObject({ summary: 'Printer on fire', description: ADF })
    const query = new URLSearchParams({
      jql: 'project = DEMO AND text ~ "fire"',
      fields: 'summary,status',
    })
    const found = await call('GET', `/rest/api/3/search/jql?${query}`)
    expect(found.json).toEqual({
      isLast: true,
      issues: [
        {
          expand: '',
          id: '10001',
          key: 'DEMO-1',
          self: 'https://acme.atlassian.net/rest/api/3/issue/10001',
          fields: { summary: 'Printer on fire', status: { id: '10000', name: 'To Do' } },
        },
      ],
    })
    expect(jira.violations).toEqual([])
  })

  test('gives only ids when a search names no fields, as Jira does', async () => {
    jira.addIssue('DEMO', { summary: 'One' })
    const found = await call('GET', '/rest/api/3/search/jql?jql=project%3DDEMO')
    expect(found.json.issues).toEqual([{ id: '10001' }])
  })

  test('pages by nextPageToken until isLast', async () => {
    for (let i = 1; i <= 5; i++) jira.addIssue('DEMO', { summary: `Issue ${i}` })
    const keys: string[] = []
    let token = ''
    for (let page = 0; page < 5; page++) {
      const query = new URLSearchParams({
        jql: 'project = DEMO ORDER BY key ASC',
        maxResults: '2',
        fields: 'summary',
      })
      if (token !== '') query.set('nextPageToken', token)
      const { json } = await call('GET', `/rest/api/3/search/jql?${query}`)
      keys.push(...json.issues.map((issue: { key: string }) => issue.key))
      if (json.isLast) break
      token = json.nextPageToken
    }
    expect(keys).toEqual(['DEMO-1', 'DEMO-2', 'DEMO-3', 'DEMO-4', 'DEMO-5'])
    expect(jira.violations).toEqual([])
  })

  test('knows who asks', async () => {
    const { json } = await call('GET', '/rest/api/3/myself')
    expect(json).toMatchObject({ emailAddress: EMAIL, active: true })
  })

  test('answers 401 in its own shape to a wrong token', async () => {
    const answer = await call('GET', '/rest/api/3/myself', undefined, 'wrong-token')
    expect(answer.status).toBe(401)
    expect(answer.json).toEqual({
      errorMessages: ['Client must be authenticated to access this resource.'],
      errors: {},
    })
  })

  test('answers 404 for an issue that is not there', async () => {
    const answer = await call('GET', '/rest/api/3/issue/DEMO-99')
    expect(answer.status).toBe(404)
    expect(answer.json.errorMessages).toEqual([
      'Issue does not exist or you do not have permission to see it.',
    ])
    expect(jira.violations).toEqual([])
  })

  const WRONG_FIELDS: [string, object, string][] = [
    ['no summary', { project: { key: 'DEMO' }, issuetype: { name: 'Task' } }, 'summary'],
    ['a summary of two lines', task('a\nb'), 'summary'],
    ['a summary of 256 characters', task('x'.repeat(256)), 'summary'],
    ['an unknown project', { ...task('x'), project: { key: 'NOPE' } }, 'project'],
    ['an unknown issue type', { ...task('x'), issuetype: { name: 'Saga' } }, 'issuetype'],
    ['a description in plain text', { ...task('x'), description: 'plain' }, 'description'],
    [
      'a description of another version',
      { ...task('x'), description: { ...ADF, version: 2 } },
      'description',
    ],
    ['a label with a space', { ...task('x'), labels: ['a b'] }, 'labels'],
  ]
  for (const [what, fields, field] of WRONG_FIELDS) {
    test(`refuses ${what} with an error for ${field}`, async () => {
      const answer = await create(fields)
      expect(answer.status).toBe(400)
      expect(Object.keys(answer.json.errors)).toEqual([field])
      expect(jira.issues).toEqual([])
    })
  }

  const BREACHES: [string, string, string, unknown?][] = [
    ['an unknown parameter', 'GET', '/rest/api/3/search/jql?jql=project%3DDEMO&startAt=0'],
    [
      'a parameter of the wrong type',
      'GET',
      '/rest/api/3/search/jql?jql=project%3DDEMO&maxResults=many',
    ],
    ['a body of the wrong type', 'POST', '/rest/api/3/issue', { fields: 'x' }],
    ['a missing body', 'POST', '/rest/api/3/issue'],
  ]
  for (const [what, method, path, body] of BREACHES) {
    test(`records ${what} as a violation of the request and answers 400`, async () => {
      const answer = await call(method, path, body)
      expect(answer.status).toBe(400)
      expect(jira.violations).toMatchObject([{ side: 'request' }])
    })
  }

  test('says that the old search is gone', async () => {
    expect((await call('GET', '/rest/api/3/search?jql=x')).status).toBe(410)
    expect(jira.violations).toHaveLength(1)
  })

  test('refuses to answer what breaks its own contract', async () => {
    // `fields` may hold anything, so only an issue that is no object at all breaks the description.
    jira.addIssue('DEMO', { summary: 'One' })
    Object.assign(jira.issues[0] as object, { id: 7 })
    const answer = await call('GET', '/rest/api/3/issue/DEMO-1')
    expect(answer.status).toBe(500)
    expect(jira.violations).toMatchObject([{ side: 'response', operation: 'getIssue' }])
  })

  test('fails on demand, with the headers of a rate limit, once', async () => {
    jira.failNext({ status: 429, retryAfterSeconds: 7 })
    const limited = await call('GET', '/rest/api/3/myself')
    expect(limited.status).toBe(429)
    expect(
      Object.fromEntries(limited.headers.map(({ name, value }) => [name, value])),
    ).toMatchObject({
      'retry-after': '7',
      'ratelimit-reason': 'jira-burst-based',
    })
    expect((await call('GET', '/rest/api/3/myself')).status).toBe(200)
  })
})
