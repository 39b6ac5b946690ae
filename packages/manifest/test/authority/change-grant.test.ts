import {
  changeGrant,
  decide,
  type Grant,
  type GrantAnswer,
  type GrantChange,
  grantFaults,
  grantForUpdate,
  grantOf,
  isGrantWider,
  meetGrants,
  type PermissionSet,
} from '@morphee/manifest'
import { describe, expect, it } from 'vitest'

const SITE = 'https://acme.atlassian.net/rest/api/3'
const ASKED: PermissionSet = [
  {
    kind: 'http:read',
    urls: [`${SITE}/**`],
    operations: [{ method: 'POST', url: 'https://acme.atlassian.net/graphql', graphql: 'query' }],
  },
  { kind: 'http:write', urls: [`${SITE}/issue/**`] },
  { kind: 'data:write', collections: ['tasks', 'notes.*'] },
  { kind: 'event:emit', topics: ['jira.issue.*'] },
  { kind: 'storage:write' },
]
const FULL = grantOf(ASKED)
const NOW = 1_000_000

const change = (what: GrantChange, grant = FULL): Grant => {
  const changed = changeGrant(grant, ASKED, what)
  if (typeof changed === 'string') throw new Error(changed)
  return changed
}
const put = (grant: Grant, url: string, now = NOW): string =>
  decide(
    { kind: 'http', method: 'PUT', url },
    { manifest: ASKED, action: { name: 'x', effect: 'write' }, grant, now },
  ).kind

describe('changeGrant()', () => {
  it('narrows to one project, and refuses the rest', () => {
    const grant = change({
      kind: 'http:write',
      answer: 'allow',
      only: [`${SITE}/issue/DEMO-7`],
    })
    expect(put(grant, `${SITE}/issue/DEMO-7`)).toBe('allow')
    expect(put(grant, `${SITE}/issue/OTHER-1`)).toBe('deny')
    expect(put(FULL, `${SITE}/issue/OTHER-1`)).toBe('allow')
  })

  it('asks about one part, and denies one part, beside what is allowed', () => {
    const only = [`${SITE}/issue/DEMO-7`]
    const asks = change({ kind: 'http:write', answer: 'ask', only })
    const denies = change({ kind: 'http:write', answer: 'deny', only })
    expect([put(asks, only[0] as string), put(asks, `${SITE}/issue/DEMO-8`)]).toEqual([
      'ask',
      'allow',
    ])
    expect([put(denies, only[0] as string), put(denies, `${SITE}/issue/DEMO-8`)]).toEqual([
      'deny',
      'allow',
    ])
  })

  it('narrows collections and topics', () => {
    const { entries } = change({ kind: 'data:write', answer: 'allow', only: ['tasks'] })
    expect(entries.find(({ permission }) => permission.kind === 'data:write')?.permission).toEqual({
      kind: 'data:write',
      collections: ['tasks'],
    })
    expect(
      change({ kind: 'event:emit', answer: 'allow', only: ['jira.issue.created'] }).entries,
    ).toContainEqual({
      permission: { kind: 'event:emit', topics: ['jira.issue.created'] },
      answer: 'allow',
    })
  })

  it('keeps a declared POST when it is narrowed to that', () => {
    const url = 'https://acme.atlassian.net/graphql'
    expect(change({ kind: 'http:read', answer: 'allow', only: [url] }).entries).toContainEqual({
      permission: {
        kind: 'http:read',
        urls: [],
        operations: [{ method: 'POST', url, graphql: 'query' }],
      },
      answer: 'allow',
    })
  })

  it('ends at its time', () => {
    const grant = change({ kind: 'http:write', answer: 'allow', expiresAt: NOW + 10 })
    expect(put(grant, `${SITE}/issue/1`, NOW + 9)).toBe('allow')
    expect(put(grant, `${SITE}/issue/1`, NOW + 10)).toBe('deny')
  })

  const REFUSED: readonly (readonly [string, GrantChange, string])[] = [
    ['more of a path', { kind: 'http:write', answer: 'allow', only: [`${SITE}/**`] }, 'more than'],
    [
      'another host',
      { kind: 'http:write', answer: 'allow', only: ['https://evil.example/**'] },
      'more than',
    ],
    [
      'one scope that is asked for and one that is not',
      { kind: 'http:write', answer: 'ask', only: [`${SITE}/issue/1`, 'https://evil.example/'] },
      'more than',
    ],
    ['another collection', { kind: 'data:write', answer: 'allow', only: ['mail'] }, 'more than'],
    ['more topics', { kind: 'event:emit', answer: 'allow', only: ['jira.*.*'] }, 'more than'],
    ['what has no scope', { kind: 'storage:write', answer: 'allow', only: ['x'] }, 'whole or not'],
    ['what is not asked for', { kind: 'vault:read', answer: 'allow' }, 'does not ask'],
    ['nothing', { kind: 'http:write', answer: 'allow', only: [] }, 'narrowed to'],
  ]
  for (const [what, asked, reason] of REFUSED) {
    it(`refuses ${what}`, () => {
      expect(changeGrant(FULL, ASKED, asked)).toContain(reason)
    })
  }
})

describe('grantFaults()', () => {
  it('finds none in what is asked for or less', () => {
    expect(grantFaults(FULL, ASKED, ['x'])).toEqual([])
    expect(grantFaults({ entries: [] }, ASKED, [])).toEqual([])
    const grant: Grant = { entries: [], actions: { x: 'ask' }, expiresAt: 1 }
    expect(grantFaults(grant, ASKED, ['x'])).toEqual([])
  })
  const FAULTS: readonly (readonly [string, Grant])[] = [
    [
      'an allowed scope beyond',
      { entries: [{ permission: { kind: 'http:write', urls: [`${SITE}/**`] }, answer: 'allow' }] },
    ],
    [
      'an asked permission beyond',
      { entries: [{ permission: { kind: 'storage:read' }, answer: 'ask' }] },
    ],
    ['an unknown action', { entries: [], actions: { gone: 'allow' } }],
    ['an expiry that is no time', { entries: [], expiresAt: Number.NaN }],
    [
      'an expiry of an entry that is no time',
      { entries: [{ permission: { kind: 'storage:write' }, answer: 'allow', expiresAt: -1 }] },
    ],
  ]
  for (const [what, grant] of FAULTS) {
    it(`finds ${what}`, () => {
      expect(grantFaults(grant, ASKED, ['x'])).toHaveLength(1)
    })
  }
})

describe('isGrantWider()', () => {
  const only = [`${SITE}/issue/1`]
  const NARROW = change({ kind: 'http:write', answer: 'allow', only })
  const ASKS = change({ kind: 'http:write', answer: 'ask' })
  const DENIES = change({ kind: 'http:write', answer: 'deny' })
  const DENIES_ONE = change({ kind: 'http:write', answer: 'deny', only })
  const EXPIRES = change({ kind: 'http:write', answer: 'allow', expiresAt: NOW })
  const actions = (x: GrantAnswer): Grant => ({ ...FULL, actions: { x } })
  const steps: readonly (readonly [string, Grant, Grant])[] = [
    ['a narrower scope', FULL, NARROW],
    ['a question', FULL, ASKS],
    ['a no', FULL, DENIES],
    ['a no after a question', ASKS, DENIES],
    ['a no to a part', FULL, DENIES_ONE],
    ['an expiry', FULL, EXPIRES],
    ['an earlier expiry', EXPIRES, change({ kind: 'http:write', answer: 'allow', expiresAt: 1 })],
    ['an end of all', FULL, { ...FULL, expiresAt: NOW }],
    ['a question about an action', FULL, actions('ask')],
    ['a no to an action', actions('allow'), actions('deny')],
  ]
  for (const [what, before, after] of steps) {
    it(`${what} is not wider, and back again is`, () => {
      expect(isGrantWider(before, after)).toBe(false)
      expect(isGrantWider(after, before)).toBe(true)
      expect(isGrantWider(before, before)).toBe(false)
    })
  }
})

describe('meetGrants()', () => {
  const only = [`${SITE}/issue/1`]
  const NARROW = change({ kind: 'http:write', answer: 'allow', only })
  const ASKS = change({ kind: 'http:write', answer: 'ask' })
  const DENIES = change({ kind: 'http:write', answer: 'deny' })
  it('allows what both allow, asks where one asks, denies where one denies', () => {
    const url = only[0] as string
    const other = `${SITE}/issue/2`
    for (const [one, two, first, second] of [
      [FULL, FULL, 'allow', 'allow'],
      [FULL, NARROW, 'allow', 'deny'],
      [NARROW, ASKS, 'ask', 'deny'],
      [FULL, DENIES, 'deny', 'deny'],
    ] as const) {
      for (const met of [meetGrants(one, two), meetGrants(two, one)]) {
        expect([put(met, url), put(met, other)]).toEqual([first, second])
        expect(grantFaults(met, ASKED, [])).toEqual([])
      }
    }
  })
  it('ends with the first, and answers an action as the stricter does', () => {
    const named = (x: GrantAnswer): Grant => ({ ...FULL, actions: { x } })
    expect(meetGrants(FULL, { ...FULL, expiresAt: NOW }).expiresAt).toBe(NOW)
    expect(meetGrants(named('allow'), named('ask')).actions).toEqual({ x: 'ask' })
    expect(meetGrants(named('allow'), FULL).actions).toBeUndefined()
    expect(meetGrants(named('deny'), FULL).actions).toEqual({ x: 'deny' })
  })
})

describe('grantForUpdate()', () => {
  const NEXT: PermissionSet = [
    { kind: 'http:write', urls: [`${SITE}/**`, 'https://new.example/**'] },
    { kind: 'storage:write' },
    { kind: 'storage:read' },
  ]
  const answers = (grant: Grant, url: string): string =>
    decide(
      { kind: 'http', method: 'PUT', url },
      { manifest: NEXT, action: { name: 'x', effect: 'write' }, grant, now: NOW },
    ).kind
  const update = (grant: Grant): Grant => grantForUpdate(grant, ASKED, NEXT, ['x'])

  it('allows what is new where everything was allowed', () => {
    const grant = update(FULL)
    expect(grantFaults(grant, NEXT, ['x'])).toEqual([])
    for (const url of [`${SITE}/issue/1`, `${SITE}/project/1`, 'https://new.example/'])
      expect(answers(grant, url)).toBe('allow')
    expect(grant.entries).toContainEqual({ permission: { kind: 'storage:read' }, answer: 'allow' })
  })

  it('keeps a narrowing, and asks where the new cannot be told from it', () => {
    const narrowed = change({ kind: 'http:write', answer: 'allow', only: [`${SITE}/issue/1`] })
    const grant = update(narrowed)
    expect(answers(grant, `${SITE}/issue/2`)).toBe('ask')
    expect(answers(grant, 'https://new.example/')).toBe('allow')
  })

  it('keeps a no and a question', () => {
    const denied = update(change({ kind: 'http:write', answer: 'deny' }))
    expect(answers(denied, `${SITE}/issue/1`)).toBe('deny')
    expect(answers(denied, 'https://new.example/')).toBe('deny')
    const asked = update(change({ kind: 'http:write', answer: 'ask' }))
    expect(answers(asked, 'https://new.example/')).toBe('ask')
  })

  it('forgets answers to actions that are gone', () => {
    expect(update({ ...FULL, actions: { x: 'ask', gone: 'allow' } }).actions).toEqual({ x: 'ask' })
  })
})
