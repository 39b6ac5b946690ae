import { startJiraDouble, startLoopback, type JiraDouble, type Loopback } from '@morphee/testing'
import { createEgress } from '@morphee/egress'
import { createDnsResolver, createUndiciTransport } from '@morphee/egress/node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let loopback: Loopback
let jira: JiraDouble
let egress: ReturnType<typeof createEgress>

beforeAll(async () => {
  loopback = await startLoopback({ hosts: ['acme.atlassian.net'] })
  const projects = ['DEMO', 'OPS'].map((key) => ({ key, name: key, issueTypes: ['Task'] }))
  jira = await startJiraDouble({
    loopback,
    site: 'acme',
    email: 'a@b.example',
    token: 'secret-token',
    projects,
  })
  const adf = {
    type: 'doc',
    version: 1,
    content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Smoke in the hall' }] }],
  }
  jira.addIssue('DEMO', {
    summary: 'Printer on fire',
    description: adf,
    labels: ['urgent', 'office'],
  })
  jira.addIssue('DEMO', { summary: 'Order "good" paper', status: { name: 'Done' } })
  jira.addIssue('OPS', { summary: 'Restart', assignee: { accountId: '5b10a2844c20165700ede21g' } })
  egress = createEgress({
    transport: createUndiciTransport({ roots: loopback.roots, dial: loopback.dial }),
    resolver: createDnsResolver({ servers: [loopback.dns.address] }),
    allowedPrivate: loopback.allowedPrivate,
  })
})
afterAll(async () => {
  await egress.close()
  await loopback.close()
})

async function search(jql: string): Promise<any> {
  const query = new URLSearchParams({ jql, fields: 'summary' })
  const response = await egress.fetch(
    { url: `https://acme.atlassian.net/rest/api/3/search/jql?${query}` },
    {
      partition: 'test',
      permit: () => ({ allowed: true }),
      credential: () => ({
        audience: ['https://acme.atlassian.net'],
        headers: [{ name: 'authorization', value: `Basic ${btoa('a@b.example:secret-token')}` }],
      }),
    },
  )
  const body = JSON.parse(new TextDecoder().decode(response.body))
  return response.status === 200
    ? body.issues.map((issue: { key: string }) => issue.key)
    : body.errorMessages
}

describe('the Jira double finds by JQL', () => {
  const ROWS: [jql: string, keys: string[]][] = [
    ['project = DEMO', ['DEMO-1', 'DEMO-2']],
    ['project = demo', ['DEMO-1', 'DEMO-2']],
    ['project != DEMO', ['OPS-1']],
    ['project in (DEMO, OPS) ORDER BY key DESC', ['OPS-1', 'DEMO-2', 'DEMO-1']],
    ['project not in (DEMO)', ['OPS-1']],
    ['text ~ smoke', ['DEMO-1']],
    ['summary ~ "\\"good\\" paper"', ['DEMO-2']],
    ['summary !~ fire AND project = DEMO', ['DEMO-2']],
    ["status = 'Done'", ['DEMO-2']],
    ['labels = urgent', ['DEMO-1']],
    ['issuekey = OPS-1', ['OPS-1']],
    ['assignee = currentUser()', ['OPS-1']],
    ['project = OPS ORDER BY created DESC, key', ['OPS-1']],
    ['project=DEMO and status="To Do"', ['DEMO-1']],
  ]
  for (const [jql, keys] of ROWS) {
    test(jql, async () => {
      expect(await search(jql)).toEqual(keys)
      expect(jira.violations).toEqual([])
    })
  }
})

describe('the Jira double refuses', () => {
  const ROWS: [jql: string, message: RegExp][] = [
    ['', /^Unbounded/],
    ['order by created', /^Unbounded/],
    ['project', /ends unexpectedly|Expecting/],
    ['project =', /ends unexpectedly/],
    ['project = DEMO AND', /ends unexpectedly/],
    ['project = DEMO OR project = OPS', /got 'OR'/],
    ['project in (DEMO', /ends unexpectedly/],
    ['nonsense = 1', /Field 'nonsense' does not exist/],
    ['assignee = membersOf("x")', /JQL function 'membersOf\(\)'/],
    ['summary ~ "open', /got '"'/],
    ['project = DEMO ORDER BY nonsense', /Field 'nonsense' does not exist/],
  ]
  for (const [jql, message] of ROWS) {
    test(jql === '' ? 'an empty query' : jql, async () => {
      expect((await search(jql))[0]).toMatch(message)
    })
  }
})
