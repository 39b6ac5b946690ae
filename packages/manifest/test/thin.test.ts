import {
  compileJsonSchema,
  decide,
  embedArtifact,
  parseManifestYaml,
  readArtifact,
  resolvePermissions,
} from '@morphee/manifest'
import { expect, it } from 'vitest'
import { EMPTY_COMPONENT, JIRA, JIRA_ASSETS, JIRA_FILES } from './fixture.ts'

it('the manifest of the design is parsed, embedded, read back and enforced', async () => {
  const manifest = parseManifestYaml(JIRA, { readFile: (path) => JIRA_FILES[path] })
  const artifact = readArtifact(embedArtifact(EMPTY_COMPONENT, manifest, JIRA_ASSETS))
  expect(artifact.manifest).toEqual(manifest)
  const permissions = resolvePermissions(manifest, { site: 'acme' })
  const layers = {
    manifest: permissions,
    action: { name: 'search-issues', effect: 'read' as const },
    grant: { entries: permissions.map((permission) => ({ permission, answer: 'allow' as const })) },
    now: 0,
  }
  const url = 'https://acme.atlassian.net/rest/api/3/issue/X-1'
  expect(decide({ kind: 'http', method: 'GET', url }, layers).kind).toBe('allow')
  expect(decide({ kind: 'http', method: 'POST', url }, layers)).toMatchObject({
    kind: 'deny',
    refusedBy: 'action',
  })
  expect(
    decide({ kind: 'http', method: 'GET', url: 'https://evil.example/' }, layers),
  ).toMatchObject({ kind: 'deny', refusedBy: 'manifest' })
  const input = await compileJsonSchema(manifest.actions['search-issues']!.input)
  expect(input.validate({ jql: 'x' })).toEqual([])
  expect(input.validate({ jql: 1, __proto__x: 2, constructor: 3 })).toEqual([
    { pointer: '/jql', message: 'must be text' },
    { pointer: '/__proto__x', message: 'is not allowed' },
    { pointer: '/constructor', message: 'is not allowed' },
  ])
})
