import { type DecisionLayers, explainDecision } from '@morphee/manifest'
import { expect, it } from 'vitest'

const place = { file: 'policy.yaml', line: 12 }
const layers: DecisionLayers = {
  manifest: [
    { kind: 'http:read', urls: ['https://a.example/**'] },
    { kind: 'http:write', urls: ['https://a.example/items/**'] },
  ],
  action: { name: 'find', effect: 'read' },
  grant: {
    entries: [
      { permission: { kind: 'http:write', urls: ['https://a.example/items/**'] }, answer: 'ask' },
    ],
  },
  policy: { deny: [{ permission: 'http:write', place }] },
  now: 0,
}

it('explainDecision() says what each layer says on its own, and decides as decide() does', () => {
  const url = 'https://a.example/items/1'
  const {
    decision,
    permission,
    layers: said,
  } = explainDecision({ kind: 'http', method: 'POST', url }, layers)
  expect(decision).toMatchObject({ kind: 'deny', refusedBy: 'action' })
  expect(permission).toBe('http:write')
  expect(said).toEqual([
    { layer: 'manifest', kind: 'allow', message: 'asks for http:write there' },
    {
      layer: 'action',
      kind: 'deny',
      message: `The action "find" is declared to read only, so it cannot POST ${url}`,
    },
    { layer: 'grant', kind: 'ask', message: `A person is to be asked: POST ${url}` },
    {
      layer: 'policy',
      kind: 'deny',
      message: `The operator's policy forbids POST ${url}`,
      rule: place,
    },
  ])
})

it('explainDecision() asks the others about the permission that the manifest lacks', () => {
  const { layers: said } = explainDecision({ kind: 'storage', access: 'write' }, layers)
  expect(said.map(({ kind }) => kind)).toEqual(['deny', 'allow', 'deny', 'allow'])
})

it('explainDecision() asks nobody about what can never be sent', () => {
  const said = explainDecision({ kind: 'http', method: 'TRACE', url: 'https://a.example/' }, layers)
  expect(said.layers).toEqual([])
  expect(said.decision.kind).toBe('deny')
})
