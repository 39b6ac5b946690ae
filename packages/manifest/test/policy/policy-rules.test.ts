import { decide, type DecisionLayers, type PolicyRule, type PolicyRules } from '@morphee/manifest'
import { expect, it } from 'vitest'

const SEARCH = 'https://a.example/search'
const GRAPHQL = 'https://a.example/graphql'
const manifest: DecisionLayers['manifest'] = [
  {
    kind: 'http:read',
    urls: ['https://a.example/**'],
    operations: [
      { method: 'POST', url: SEARCH },
      { method: 'POST', url: GRAPHQL, graphql: 'query' },
    ],
  },
  { kind: 'http:write', urls: ['https://a.example/items/**'] },
  { kind: 'storage:write' },
  { kind: 'data:read', collections: ['tasks'] },
]
const layers = (policy: PolicyRules): DecisionLayers => ({
  manifest,
  action: { name: 'act', effect: 'write' },
  grant: { entries: manifest.map((permission) => ({ permission, answer: 'allow' })) },
  policy,
  now: 0,
})
const get = { kind: 'http', method: 'GET', url: SEARCH } as const
const declared = { kind: 'http', method: 'POST', url: SEARCH } as const
const query = {
  kind: 'http',
  method: 'POST',
  url: GRAPHQL,
  graphql: { operation: 'query', fields: ['me'] },
} as const
const write = { kind: 'http', method: 'POST', url: 'https://a.example/items/1' } as const
const rule = (permission: PolicyRule['permission'], line: number): PolicyRule => ({
  permission,
  place: { file: 'policy.yaml', line },
})

it('a policy denies a whole permission by its name, and names the line', () => {
  expect(decide(write, layers({ deny: [rule('http:write', 7)] }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'policy',
    rule: { file: 'policy.yaml', line: 7 },
  })
  expect(
    decide({ kind: 'storage', access: 'write' }, layers({ deny: [rule('storage:write', 8)] })),
  ).toMatchObject({ kind: 'deny', rule: { line: 8 } })
  expect(decide(get, layers({ deny: [rule('http:write', 7)] })).kind).toBe('allow')
})

it('of several rules the one that matches is named', () => {
  const deny = [
    rule({ kind: 'http:write', urls: ['https://b.example/**'] }, 3),
    rule({ kind: 'http:write', urls: ['https://a.example/items/**'] }, 4),
  ]
  expect(decide(write, layers({ deny })).rule?.line).toBe(4)
})

it('what the operator denies at an address is denied for a POST that is declared as reading', () => {
  const deny = [rule({ kind: 'http:read', urls: ['https://a.example/search'] }, 3)]
  expect(decide(declared, layers({ deny }))).toMatchObject({ kind: 'deny', rule: { line: 3 } })
})

it('a POST that is only declared as reading is held against the rules for writes', () => {
  expect(decide(declared, layers({ deny: [rule('http:write', 3)] })).rule?.line).toBe(3)
  expect(decide(declared, layers({ ask: [rule('http:write', 4)] }))).toMatchObject({
    kind: 'ask',
    refusedBy: 'policy',
    rule: { line: 4 },
  })
})

it('a GraphQL query that the host has read counts as reading', () => {
  expect(decide(query, layers({ deny: [rule('http:write', 3)] })).kind).toBe('allow')
  expect(decide(query, layers({ deny: [rule('http:read', 3)] })).kind).toBe('deny')
})

it('a ceiling of reads takes a POST only where the operator lists it as an operation', () => {
  const urls = ['https://a.example/**']
  const narrow = [rule({ kind: 'http:read', urls }, 3)]
  expect(decide(get, layers({ ceiling: narrow })).kind).toBe('allow')
  expect(decide(declared, layers({ ceiling: narrow }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'policy',
    accepted: urls,
  })
  const listed = [
    rule({ kind: 'http:read', urls, operations: [{ method: 'POST', url: SEARCH }] }, 3),
  ]
  expect(decide(declared, layers({ ceiling: listed })).kind).toBe('allow')
})

it('deny is stronger than a ceiling that allows, and ask comes after both', () => {
  const ceiling = [rule('http:write', 1)]
  expect(decide(write, layers({ ceiling, deny: [rule('http:write', 2)] })).rule?.line).toBe(2)
  expect(decide(write, layers({ ceiling, ask: [rule('http:write', 3)] })).kind).toBe('ask')
  expect(decide(write, layers({ ceiling: [], ask: [rule('http:write', 3)] })).kind).toBe('deny')
})

const OTHER_SPELLINGS = [
  '%61dmin',
  '%2561dmin',
  '%25%36%31dmin',
  'Admin',
  'admin;v=1',
  'admin%3Bv=1',
  'admin%253Bv=1',
  'admin.',
  'admin%20',
  '%EF%BD%81dmin',
]

it('an address that is denied or asked about is so in every spelling that a service may take for it', () => {
  const permission = { kind: 'http:write', urls: ['https://a.example/items/admin/**'] } as const
  for (const spelling of OTHER_SPELLINGS) {
    const url = `https://a.example/items/${spelling}/1`
    const request = { kind: 'http', method: 'DELETE', url } as const
    expect([spelling, decide(request, layers({})).kind]).toEqual([spelling, 'allow'])
    const denied = decide(request, layers({ deny: [rule(permission, 3)] }))
    expect([spelling, denied.kind, denied.rule?.line]).toEqual([spelling, 'deny', 3])
    const asked = decide(request, layers({ ask: [rule(permission, 4)] }))
    expect([spelling, asked.kind]).toEqual([spelling, 'ask'])
    for (const answer of ['deny', 'ask'] as const) {
      const granted = layers({})
      const entries = [...granted.grant.entries, { permission, answer }]
      const decision = decide(request, { ...granted, grant: { entries } })
      expect([spelling, decision.kind, decision.refusedBy]).toEqual([spelling, answer, 'grant'])
    }
  }
})

it('what allows takes one spelling only', () => {
  const ceiling = [rule({ kind: 'http:write', urls: ['https://a.example/items/admin/**'] }, 3)]
  for (const spelling of OTHER_SPELLINGS) {
    const url = `https://a.example/items/${spelling}/1`
    const decision = decide({ kind: 'http', method: 'DELETE', url }, layers({ ceiling }))
    expect([spelling, decision.kind]).toEqual([spelling, 'deny'])
  }
})

it('a ceiling of the name http:read takes no POST of which only the author says that it reads', () => {
  expect(decide(get, layers({ ceiling: [rule('http:read', 3)] })).kind).toBe('allow')
  expect(decide(query, layers({ ceiling: [rule('http:read', 3)] })).kind).toBe('allow')
  expect(decide(declared, layers({ ceiling: [rule('http:read', 3)] }))).toMatchObject({
    kind: 'deny',
    refusedBy: 'policy',
  })
  const both = [rule('http:read', 3), rule('http:write', 4)]
  expect(decide(declared, layers({ ceiling: both })).kind).toBe('allow')
})

it('where the operator and the grant both want a question it is the operator who asks', () => {
  const asking = layers({ ask: [rule('http:write', 5)] })
  const destructive = { ...asking, action: { name: 'act', effect: 'destructive' } as const }
  expect(decide(write, destructive)).toMatchObject({ kind: 'ask', refusedBy: 'policy' })
})
