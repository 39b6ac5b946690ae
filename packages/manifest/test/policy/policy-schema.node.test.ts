import { readFileSync } from 'node:fs'
import type { JsonValue } from '@morphee/core'
import { compileJsonSchema, LIMIT_KEYS, LIMITS, parsePolicyYaml } from '@morphee/manifest'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const read = (path: string): string =>
  readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')
const schemaText = read('spec/policy.schema.json')
const schema = await compileJsonSchema(JSON.parse(schemaText) as JsonValue)
const options = { isAddressRange: (text: string) => text.includes('/') }

it('spec/policy.schema.json and parsePolicyYaml() take the example', () => {
  const text = read('docs/examples/policy.yaml')
  expect(schema.validate(parse(text) as JsonValue)).toEqual([])
  expect(Object.keys(parsePolicyYaml(text, options).extensions ?? {})).toEqual([
    'acme/jira',
    'globex/scraper',
  ])
})

it('spec/policy.schema.json knows every limit', () => {
  const limits = (
    JSON.parse(schemaText) as { $defs: { limits: { properties: Record<string, unknown> } } }
  ).$defs.limits.properties
  expect(Object.keys(limits)).toEqual(LIMIT_KEYS.map((key) => LIMITS[key].name))
})

for (const text of [
  'policy: 2',
  'publishers: {}',
  '{ policy: 1, provider: {} }',
  '{ policy: 1, publishers: { only: [acme] } }',
  '{ policy: 1, publishers: { allow: [Acme] } }',
  '{ policy: 1, limits: { memory: 64 } }',
  '{ policy: 1, limits: { ram: 64 MiB } }',
  '{ policy: 1, isolation: vm }',
  '{ policy: 1, permissions: { allow: [http:read] } }',
  '{ policy: 1, permissions: { deny: [http] } }',
  '{ policy: 1, permissions: { deny: [{ http:write: {} }] } }',
  '{ policy: 1, permissions: { deny: [{ storage:read: { names: [a] } }] } }',
  '{ policy: 1, network: { private: [{ host: a }] } }',
  '{ policy: 1, extensions: { jira: {} } }',
  '{ policy: 1, extensions: { acme/jira: { run: never } } }',
  '{ policy: 1, extensions: { acme/jira: { publishers: {} } } }',
]) {
  it(`spec/policy.schema.json and parsePolicyYaml() refuse ${text}`, () => {
    expect(schema.validate(parse(text) as JsonValue)).not.toEqual([])
    expect(() => parsePolicyYaml(text, options)).toThrowCode('ERR_POLICY_INVALID')
  })
}
