import {
  type AccessRequest,
  decide,
  type DecisionLayers,
  type Effect,
  type Permission,
} from '@morphee/manifest'
import { expect, it } from 'vitest'

const ISSUES = 'https://acme.atlassian.net/rest/api/3/issue/**'
const ISSUE = 'https://acme.atlassian.net/rest/api/3/issue/X-1'
const ALL: Permission[] = [
  {
    kind: 'http:read',
    urls: [ISSUES],
    operations: [{ method: 'POST', url: 'https://slack.com/api/conversations.list' }],
  },
  { kind: 'http:write', urls: [ISSUES] },
  { kind: 'guest-auth' },
  { kind: 'vault:read', names: ['jira.*'] },
  { kind: 'vault:write', names: ['jira.*'] },
  { kind: 'storage:read' },
  { kind: 'storage:write' },
  { kind: 'data:read', collections: ['tasks'] },
  { kind: 'data:write', collections: ['tasks'] },
  { kind: 'event:emit', topics: ['jira.issue.*'] },
  { kind: 'event:subscribe', topics: ['task.created'] },
]
const granted = (permissions: Permission[]): DecisionLayers['grant'] => ({
  entries: permissions.map((permission) => ({ permission, answer: 'allow' })),
})
const layers = (
  change: Partial<DecisionLayers> = {},
  effect: Effect = 'write',
): DecisionLayers => ({
  manifest: ALL,
  action: { name: 'act', effect },
  grant: granted(ALL),
  now: 1000,
  ...change,
})
const POST: AccessRequest = { kind: 'http', method: 'POST', url: ISSUE }
const GET: AccessRequest = { kind: 'http', method: 'GET', url: ISSUE }

it('decide() allows what every layer allows', () => {
  expect(decide(POST, layers())).toEqual({ kind: 'allow', permission: 'http:write', message: '' })
})

it('decide() names the manifest and what it would accept', () => {
  expect(
    decide({ kind: 'http', method: 'GET', url: 'https://evil.example/x?token=secret' }, layers()),
  ).toEqual({
    kind: 'deny',
    refusedBy: 'manifest',
    permission: 'http:read',
    message: `The manifest's http:read does not cover GET https://evil.example/x?…`,
    accepted: [ISSUES],
  })
  expect(decide(POST, layers({ manifest: [{ kind: 'storage:read' }] }))).toMatchObject({
    refusedBy: 'manifest',
    permission: 'http:write',
    message: expect.stringContaining('does not ask for http:write'),
    accepted: ['storage:read'],
  })
})

for (const [permission, request] of [
  ['http:write', POST],
  ['http:write', { kind: 'http', method: 'DELETE', url: ISSUE }],
  ['vault:write', { kind: 'vault', access: 'write', name: 'jira.token' }],
  ['data:write', { kind: 'data', access: 'write', collection: 'tasks' }],
  ['event:emit', { kind: 'event', access: 'emit', topic: 'jira.issue.created' }],
] as const) {
  it(`a read action cannot write: ${permission} is refused by the action, listed under uses or not`, () => {
    expect(decide(request, layers({}, 'read'))).toMatchObject({
      kind: 'deny',
      refusedBy: 'action',
      permission,
    })
    const action = { name: 'act', effect: 'read' as const, uses: [permission] }
    expect(decide(request, layers({ action }))).toMatchObject({
      kind: 'deny',
      refusedBy: 'action',
      permission,
    })
    expect(decide(request, layers())).toMatchObject({ kind: 'allow', permission })
  })
}

for (const [permission, request] of [
  ['http:read', GET],
  ['http:read', { kind: 'http', method: 'POST', url: 'https://slack.com/api/conversations.list' }],
  ['guest-auth', { kind: 'guest-auth' }],
  ['vault:read', { kind: 'vault', access: 'read', name: 'jira.token' }],
  ['storage:read', { kind: 'storage', access: 'read' }],
  ['storage:write', { kind: 'storage', access: 'write' }],
  ['data:read', { kind: 'data', access: 'read', collection: 'tasks' }],
  ['event:subscribe', { kind: 'event', access: 'subscribe', topic: 'task.created' }],
] as const) {
  it(`decide() lets a read action have ${permission}, and nobody without it in the grant`, () => {
    expect(decide(request, layers({}, 'read'))).toMatchObject({ kind: 'allow', permission })
    const grant = granted(ALL.filter(({ kind }) => kind !== permission))
    expect(decide(request, layers({ grant }))).toMatchObject({
      kind: 'deny',
      refusedBy: 'grant',
      permission,
    })
  })
}

it('a declared reading POST does not widen writes to other URLs or methods', () => {
  const url = 'https://slack.com/api/conversations.list'
  expect(decide({ kind: 'http', method: 'PUT', url }, layers())).toMatchObject({
    kind: 'deny',
    refusedBy: 'manifest',
  })
  expect(decide({ kind: 'http', method: 'GET', url }, layers())).toMatchObject({
    kind: 'deny',
    refusedBy: 'manifest',
  })
  expect(
    decide({ kind: 'http', method: 'POST', url: 'https://slack.com/api/chat.delete' }, layers()),
  ).toMatchObject({ kind: 'deny', refusedBy: 'manifest' })
})

it('decide() holds an action to its uses', () => {
  const action = { name: 'act', effect: 'write' as const, uses: ['http:read' as const] }
  expect(decide(POST, layers({ action }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'action',
    accepted: ['http:read'],
  })
  expect(decide(GET, layers({ action })).kind).toBe('allow')
})

it('decide() takes the strictest of the entries that match, and only those', () => {
  const narrow: Permission = {
    kind: 'http:write',
    urls: ['https://acme.atlassian.net/rest/api/3/issue/X-1'],
  }
  const grant = {
    entries: [...granted(ALL).entries, { permission: narrow, answer: 'ask' as const }],
  }
  expect(decide(POST, layers({ grant }))).toMatchObject({ kind: 'ask', refusedBy: 'grant' })
  expect(decide({ ...POST, url: ISSUE.replace('X-1', 'X-2') }, layers({ grant })).kind).toBe(
    'allow',
  )
  const denied = { entries: [...grant.entries, { permission: narrow, answer: 'deny' as const }] }
  expect(decide(POST, layers({ grant: denied }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'grant',
  })
})

it('decide() refuses under a grant narrower than the manifest, and says what is granted', () => {
  const urls = ['https://acme.atlassian.net/rest/api/3/issue/X-2']
  expect(decide(GET, layers({ grant: granted([{ kind: 'http:read', urls }]) }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'grant',
    accepted: urls,
  })
})

it('decide() counts what has expired as absent, from that millisecond on', () => {
  const entry = { permission: ALL[0]!, answer: 'allow' as const, expiresAt: 1000 }
  expect(decide(GET, layers({ grant: { entries: [entry] } }))).toMatchObject({
    kind: 'deny',
    message: expect.stringContaining('expired'),
  })
  expect(decide(GET, layers({ grant: { entries: [entry] }, now: 999 })).kind).toBe('allow')
  expect(decide(GET, layers({ grant: { ...granted(ALL), expiresAt: 1000 } }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'grant',
  })
})

it('decide() asks before a destructive action writes, unless the grant allows that action', () => {
  expect(decide(POST, layers({}, 'destructive'))).toMatchObject({ kind: 'ask', refusedBy: 'grant' })
  expect(decide(GET, layers({}, 'destructive')).kind).toBe('allow')
  expect(
    decide(POST, layers({ grant: { ...granted(ALL), actions: { act: 'allow' } } }, 'destructive'))
      .kind,
  ).toBe('allow')
  expect(
    decide(POST, layers({ grant: { ...granted(ALL), actions: { other: 'allow' } } }, 'destructive'))
      .kind,
  ).toBe('ask')
  expect(
    decide(GET, layers({ grant: { ...granted(ALL), actions: { act: 'deny' } } })),
  ).toMatchObject({ kind: 'deny', refusedBy: 'grant' })
})

it('decide() looks an action up in the grant by its own name only, never an inherited one', () => {
  const action = { name: 'constructor', effect: 'destructive' as const }
  expect(decide(POST, layers({ action, grant: { ...granted(ALL), actions: {} } })).kind).toBe('ask')
})

it('decide() lets the policy forbid, cap and ask', () => {
  expect(
    decide(
      POST,
      layers({
        policy: {
          deny: [{ permission: { kind: 'http:write', urls: ['https://*.atlassian.net/**'] } }],
        },
      }),
    ),
  ).toMatchObject({ kind: 'deny', refusedBy: 'policy' })
  expect(
    decide(
      POST,
      layers({ policy: { ceiling: [{ permission: { kind: 'http:read', urls: [ISSUES] } }] } }),
    ),
  ).toMatchObject({ kind: 'deny', refusedBy: 'policy' })
  expect(
    decide(
      POST,
      layers({ policy: { ask: [{ permission: { kind: 'http:write', urls: [ISSUES] } }] } }),
    ),
  ).toMatchObject({ kind: 'ask', refusedBy: 'policy' })
  expect(
    decide(GET, layers({ policy: { ceiling: ALL.map((permission) => ({ permission })) } })).kind,
  ).toBe('allow')
})

it('decide() names the first that refuses, in the order manifest, action, grant, policy', () => {
  const policy = { ceiling: [] }
  const nothing = { entries: [] }
  const read = { name: 'act', effect: 'read' as const }
  const order = [
    layers({ manifest: [], action: read, grant: nothing, policy }),
    layers({ action: read, grant: nothing, policy }),
    layers({ grant: nothing, policy }),
    layers({ policy }),
  ].map((all) => decide(POST, all).refusedBy)
  expect(order).toEqual(['manifest', 'action', 'grant', 'policy'])
})

it('decide() refuses lies about a URL before it asks anybody', () => {
  for (const url of [
    'https://acme.atlassian.net@evil.example/',
    'https://acme.atlassian.net/rest/api/3/issue/../../x',
    'nonsense',
  ]) {
    const decision = decide({ kind: 'http', method: 'GET', url }, layers())
    expect(decision).toMatchObject({
      kind: 'deny',
      refusedBy: 'manifest',
      message: expect.stringContaining('URL is refused'),
    })
  }
})

it('decide() never asks for what the policy forbids', () => {
  expect(decide(POST, layers({ policy: { ceiling: [] } }, 'destructive'))).toMatchObject({
    kind: 'deny',
    refusedBy: 'policy',
  })
})
