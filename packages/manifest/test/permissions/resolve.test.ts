import {
  defaultsOf,
  type Manifest,
  parseManifestYaml,
  resolveAudience,
  resolvePermissions,
} from '@morphee/manifest'
import { expect, it } from 'vitest'
import { JIRA, JIRA_FILES } from '../fixture.ts'

const jira = parseManifestYaml(JIRA, { readFile: (path) => JIRA_FILES[path] })
const manifestFor = (url: string, schema = 'type: string'): Manifest =>
  parseManifestYaml(`manifest: 1
name: acme/demo
version: 1.0.0
title: Demo
permissions: [{ http:read: { urls: ["${url}"] } }]
config: { type: object, properties: { x: { ${schema} } } }
actions: { go: { title: Go, effect: read } }
`)

it('resolvePermissions() fills settings in and leaves the author out', () => {
  expect(resolvePermissions(jira, { site: 'acme' })).toEqual([
    { kind: 'http:read', urls: ['https://acme.atlassian.net/rest/api/3/**'] },
    { kind: 'http:write', urls: ['https://acme.atlassian.net/rest/api/3/issue/**'] },
    { kind: 'storage:read' },
    { kind: 'storage:write' },
  ])
  expect(resolveAudience(jira, 'jira', { site: 'acme' })).toEqual(['https://acme.atlassian.net'])
  expect(resolveAudience(jira, 'constructor', { site: 'acme' })).toEqual([])
})

for (const site of [
  '',
  'a.b',
  'evil.example/',
  'evil.example#',
  'evil.example?',
  'evil@x',
  'x:1',
  '*',
  '-a',
  'a-',
  'A',
  'ä',
  'a b',
  'a\n',
  '{config.site}',
  'x'.repeat(64),
  '%61',
  1,
  null,
  ['a'],
] as const) {
  it(`a setting that breaks out of its label: ${JSON.stringify(site).slice(0, 40)} is refused`, () => {
    expect(() => resolvePermissions(jira, { site })).toThrowCode('ERR_CONFIG_UNUSABLE')
    expect(() => resolveAudience(jira, 'jira', { site })).toThrowCode('ERR_CONFIG_UNUSABLE')
  })
}

it('a setting that is not set is refused', () => {
  expect(() => resolvePermissions(jira, {})).toThrow(
    'Cannot use the setting "site" in a permission: it is not set',
  )
  expect(() => resolvePermissions(manifestFor('https://a.example/{config.x}'), {})).toThrowCode(
    'ERR_CONFIG_UNUSABLE',
  )
})

for (const host of ['acme.com', 'a.b.acme.co.uk']) {
  it(`a whole host: ${host} is taken where the schema says hostname`, () => {
    expect(
      resolvePermissions(manifestFor('https://{config.x}/**', 'type: string, format: hostname'), {
        x: host,
      }),
    ).toEqual([{ kind: 'http:read', urls: [`https://${host}/**`] }])
  })
}
for (const host of [
  'localhost',
  '127.0.0.1',
  '127.1',
  '0x7f.1',
  '1.0x7f',
  '[::1]',
  'acme.com:8443',
  'acme.com/x',
  '*.acme.com',
  'ACME.com',
  'acme..com',
  'acme.com.',
  'u@acme.com',
  '1.2.3.04',
]) {
  it(`a whole host: ${host} is refused`, () => {
    expect(() =>
      resolvePermissions(manifestFor('https://{config.x}/**', 'type: string, format: hostname'), {
        x: host,
      }),
    ).toThrowCode('ERR_CONFIG_UNUSABLE')
  })
}

for (const segment of ['..', '.', 'a/b', '*', '**', '', 'a?b', 'a#b', '%2e', 'a b']) {
  it(`a path segment: ${JSON.stringify(segment)} is refused`, () => {
    expect(() =>
      resolvePermissions(manifestFor('https://a.example/{config.x}/**'), { x: segment }),
    ).toThrowCode('ERR_CONFIG_UNUSABLE')
  })
}

it('resolvePermissions() falls back to the default of the schema', () => {
  expect(
    resolvePermissions(
      manifestFor('https://{config.x}.acme.com/', 'type: string, default: eu'),
      {},
    ),
  ).toEqual([{ kind: 'http:read', urls: ['https://eu.acme.com/'] }])
})

it('defaultsOf() reads own top-level defaults, whatever they are called', () => {
  expect(
    defaultsOf(
      JSON.parse('{"properties":{"a":{"default":1},"b":{},"__proto__":{"default":2},"c":true}}'),
    ),
  ).toEqual(JSON.parse('{"a":1,"__proto__":2}'))
  expect(defaultsOf(undefined)).toEqual({})
  expect(defaultsOf({ properties: [] })).toEqual({})
})

it('a setting that leads another permission to a URL that takes GraphQL only is refused', () => {
  const manifest = parseManifestYaml(`manifest: 1
name: acme/demo
version: 1.0.0
title: Demo
permissions:
  - http:read:
      urls: ["https://{config.x}.acme.com/**"]
      operations: [{ method: POST, url: "https://api.acme.com/graphql", graphql: query }]
config: { type: object, properties: { x: { type: string } } }
actions: { go: { title: Go, effect: read } }
`)
  expect(() => resolvePermissions(manifest, { x: 'api' })).toThrowCode('ERR_URL_PATTERN_INVALID')
  expect(resolvePermissions(manifest, { x: 'files' })).toHaveLength(1)
})
