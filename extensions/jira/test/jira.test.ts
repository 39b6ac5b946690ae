import { join } from 'node:path'
import { buildExtension, type Invoke, openComponent } from '@morphee/authoring'
import { ComponentError } from '@morphee/component'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'

interface Request {
  method: string
  url: string
  body?: Uint8Array
  credential?: string
}
interface Answer {
  status?: number
  headers?: { name: string; value: string }[]
  body: unknown
}

let invoke: Invoke
let answers: Answer[]
const sent: Request[] = []

const send = (request: Request): object => {
  sent.push(request)
  const { status = 200, headers = [], body } = answers.shift() as Answer
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { status, headers, body: new TextEncoder().encode(text), url: request.url }
}

beforeAll(async () => {
  const { bytes, imports } = await buildExtension(join(import.meta.dirname, '..'))
  expect(imports.filter((name) => name.startsWith('http.'))).toEqual([
    'http.read',
    'http.read-all',
    'http.write',
  ])
  invoke = await openComponent(bytes, {
    'morphee:extension/config@0.9.0': { get: () => '"acme"' },
    'morphee:extension/http@0.9.0': { read: send, write: send, readAll: () => [] },
  })
})
beforeEach(() => {
  sent.length = 0
  answers = []
})

const issue = (n: number): object => ({
  key: `P-${n}`,
  fields: { summary: `S${n}`, status: { name: 'Done' }, assignee: null },
})
const summary = (n: number): object => ({
  key: `P-${n}`,
  summary: `S${n}`,
  status: 'Done',
  url: `https://acme.atlassian.net/browse/P-${n}`,
})
const fail = async (action: string, input: unknown): Promise<unknown> =>
  invoke(action, input).catch((error: unknown) => (error as ComponentError).payload)

describe('search-issues', () => {
  test('asks page after page until there is no further one', async () => {
    answers = [
      { body: { issues: [issue(1)], nextPageToken: 't/1', isLast: false } },
      { body: { issues: [issue(2)], isLast: true } },
    ]
    expect(await invoke('search-issues', { jql: 'project = "Ü" & x' })).toEqual({
      issues: [summary(1), summary(2)],
      complete: true,
    })
    const [first, second] = sent.map(({ url }) => new URL(url))
    expect(first?.pathname).toBe('/rest/api/3/search/jql')
    expect(first?.searchParams.get('jql')).toBe('project = "Ü" & x')
    expect(second?.searchParams.get('nextPageToken')).toBe('t/1')
    expect(sent.every(({ credential, method }) => credential === 'jira' && method === 'GET')).toBe(
      true,
    )
  })

  test('stops when there are enough, and says that there are more', async () => {
    answers = [{ body: { issues: [issue(1), issue(2), issue(3)], nextPageToken: 't' } }]
    expect(await invoke('search-issues', { jql: 'x', limit: 2 })).toEqual({
      issues: [summary(1), summary(2)],
      complete: false,
    })
  })

  test('ends, when the service gives the same page for ever', async () => {
    answers = Array.from({ length: 9 }, () => ({ body: { issues: [], nextPageToken: 'same' } }))
    expect(await invoke('search-issues', { jql: 'x' })).toEqual({ issues: [], complete: false })
    expect(sent).toHaveLength(2)
  })
})

describe('get-issue', () => {
  test('gives the description as text', async () => {
    const description = {
      type: 'doc',
      content: [
        {
          type: 'paragraph',
          content: [
            { type: 'text', text: 'Hi ' },
            { type: 'mention', attrs: { text: '@Ada' } },
            { type: 'hardBreak' },
            { type: 'text', text: 'there' },
          ],
        },
        {
          type: 'bulletList',
          content: [
            {
              type: 'listItem',
              content: [{ type: 'paragraph', content: [{ type: 'text', text: 'one' }] }],
            },
          ],
        },
      ],
    }
    answers = [{ body: { key: 'P-1', fields: { summary: 'S', description } } }]
    expect(await invoke('get-issue', { key: 'P-1' })).toMatchObject({
      key: 'P-1',
      description: 'Hi @Ada\nthere\none',
    })
  })
})

describe('create-issue', () => {
  test('sends the description as a document', async () => {
    answers = [{ status: 201, body: { id: '1', key: 'P-7', self: 'x' } }]
    const input = { project: 'P', summary: 'S', description: 'a\nb\n\nc', labels: ['x'] }
    expect(await invoke('create-issue', input)).toEqual({
      key: 'P-7',
      url: 'https://acme.atlassian.net/browse/P-7',
    })
    expect(sent[0]?.method).toBe('POST')
    expect(JSON.parse(new TextDecoder().decode(sent[0]?.body))).toEqual({
      fields: {
        project: { key: 'P' },
        issuetype: { name: 'Task' },
        summary: 'S',
        labels: ['x'],
        description: {
          type: 'doc',
          version: 1,
          content: [
            {
              type: 'paragraph',
              content: [
                { type: 'text', text: 'a' },
                { type: 'hardBreak' },
                { type: 'text', text: 'b' },
              ],
            },
            { type: 'paragraph', content: [{ type: 'text', text: 'c' }] },
          ],
        },
      },
    })
  })
})

describe('a refusal of Jira', () => {
  for (const [status, code] of [
    [400, 'invalid-input'],
    [401, 'unauthenticated'],
    [403, 'permission-denied'],
    [404, 'not-found'],
    [429, 'rate-limited'],
    [500, 'unreachable'],
    [302, 'internal'],
  ] as const) {
    test(`is ${code} for ${status}`, async () => {
      answers = [
        {
          status,
          body: { errorMessages: ['No.'], errors: { summary: 'Too long' } },
          headers: [{ name: 'Retry-After', value: '3' }],
        },
      ]
      expect(await fail('get-issue', { key: 'P-1' })).toEqual({
        code,
        message: 'Jira refused: No. summary: Too long',
        details: JSON.stringify({ status, fields: { summary: 'Too long' } }),
        retryAfterMs: 3000,
      })
    })
  }

  test('that is no JSON is told by its status', async () => {
    answers = [{ status: 502, body: '<html>' }]
    expect(await fail('get-issue', { key: 'P-1' })).toMatchObject({
      code: 'unreachable',
      message: 'Jira answered 502',
    })
  })

  test('an answer that is no JSON is no crash', async () => {
    answers = [{ body: '<html>login</html>' }]
    expect(await fail('get-issue', { key: 'P-1' })).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('no JSON'),
    })
  })
})
