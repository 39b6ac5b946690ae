import { createEgress } from '@morphee/egress'
import { createUndiciTransport } from '@morphee/egress/node'
import { rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, type Morphee } from './morphee.ts'

const API = 'https://acme.atlassian.net/rest/api/3'
const POLICY = `policy: 1
limits: { memory: 100 MiB }
permissions:
  deny:
    - http:read: { urls: ["${API}/myself"] }
  ask:
    - http:write: { urls: ["${API}/issue/**"] }
extensions:
  acme/other: { isolation: process }
`

let morphee: Morphee
const setPolicy = (text: string): Promise<void> =>
  writeFile(join(morphee.home, 'policy.yaml'), text)
beforeAll(async () => {
  morphee = await createMorphee()
  const jira = resolve(import.meta.dirname, '../../../extensions/jira')
  expect((await morphee('build', jira, '--out', 'jira.wasm')).code).toBe(0)
  const installed = await morphee('--dev', 'install', 'jira.wasm', '--set', 'site=acme', '--yes')
  expect(installed.code, installed.stderr).toBe(0)
  await setPolicy(POLICY)
}, 60_000)
afterAll(() => morphee.close())

describe('policy check', () => {
  const check = (...args: string[]): ReturnType<Morphee> =>
    morphee('--dev', 'policy', 'check', 'acme/jira', ...args)

  it('names the layer and the line that decided', async () => {
    const asked = await check('create-issue', 'post', `${API}/issue`)
    expect(asked.code).toBe(0)
    expect(asked.stdout).toMatch(/ {2}policy +ask .*policy\.yaml, line 7\)/)
    expect(asked.stdout).toContain('→ a person is asked, because of the policy')

    const refused = await check('get-issue', 'GET', `${API}/myself`)
    expect(refused.code).toBe(1)
    expect(refused.stdout).toMatch(/→ refused by the policy .*policy\.yaml, line 5\)/)

    const read = await check('search-issues', 'POST', `${API}/issue`)
    expect(read.code).toBe(1)
    expect(read.stdout).toMatch(/ {2}action +no .*declared to read only/)
    expect(read.stdout).toContain('→ refused by the action')
  })

  it('is one object with --json, and the same exit code', async () => {
    const { code, stdout } = await check('create-issue', 'DELETE', `${API}/myself`, '--json')
    expect(code).toBe(1)
    const told = JSON.parse(stdout) as { allowed: boolean; decision: { refusedBy: string } }
    expect(told).toMatchObject({ allowed: false, decision: { refusedBy: 'manifest' } })
  })

  for (const [what, args, says] of [
    ['a URL that is missing', ['create-issue', 'POST'], 'a method and a URL'],
    ['an unknown word', ['create-issue', 'http:reed', 'x'], 'a method and a URL'],
    ['a name that is missing', ['create-issue', 'data:read'], 'needs the name'],
  ] as const) {
    it(`says what is wrong with ${what}`, async () => {
      const { code, stderr } = await check(...args)
      expect(code).toBe(2)
      expect(stderr).toContain(says)
    })
  }

  it('knows the actions of the extension', async () => {
    const { code, stderr } = await check('burn', 'GET', API)
    expect(code).toBe(2)
    expect(stderr).toContain('it has no action "burn"; it has')
  })
})

it('policy show has the rules with their lines, and those of one extension', async () => {
  const { stdout } = await morphee('policy', 'show')
  expect(stdout).toMatch(/deny +http:read .*\/myself +line 5\n/)
  expect(stdout).toMatch(/limit +memory 100 MiB/)
  expect(stdout).toContain('Rules of their own: acme/other')
  expect((await morphee('policy', 'show', 'acme/other')).stdout).toMatch(/isolation +process/)
})

it('a policy with a fault stops every command that would act under it, with its place', async () => {
  await setPolicy('policy: 1\nisolation: vm\n')
  try {
    for (const args of [
      ['policy', 'validate'],
      ['--dev', 'list'],
      ['policy', 'show'],
    ]) {
      const { code, stderr } = await morphee(...args)
      expect(code).toBe(1)
      expect(stderr).toContain('line 2: $.isolation must be one of thread, worker, process')
    }
  } finally {
    await setPolicy(POLICY)
  }
})

it('a policy that was named has to be there; the one in the data directory may be missing', async () => {
  const { code, stderr } = await morphee('--policy', 'gone.yaml', 'policy', 'show')
  expect(code).toBe(2)
  expect(stderr).toContain('There is no file or folder')
  await rm(join(morphee.home, 'policy.yaml'))
  expect((await morphee('policy', 'show')).stdout).toContain('No rules')
  await setPolicy(POLICY)
})

describe('permissions minimise', () => {
  it('says so when nothing was used yet', async () => {
    const { code, stdout } = await morphee('--dev', 'permissions', 'minimise', 'acme/jira')
    expect(code).toBe(0)
    expect(stdout).toMatch(/http:read +http\.read, http\.read-all +never/)
    expect(stdout).toContain('Nothing was used yet')
  })

  it('proposes what would have sufficed, from the record', async () => {
    // What was tried counts: nobody answers here, and the record has the address all the same.
    const offline = morphee.with({
      createEgress: () =>
        createEgress({
          transport: createUndiciTransport(),
          resolver: { resolve: async () => ['127.0.0.1'] },
          allowedPrivate: [{ host: 'acme.atlassian.net', cidr: '127.0.0.1/32' }],
        }),
    })
    const connected = await offline.with({ stdin: 'canary' })(
      ...['--dev', 'connect', 'acme/jira', 'jira'],
      ...['--stdin', '--field', 'username=ada@acme.example'],
    )
    expect(connected.code, connected.stderr).toBe(0)
    for (const key of ['ACME-1', 'ACME-2'])
      await offline('--dev', 'run', 'acme/jira', 'get-issue', JSON.stringify({ key }))
    const { code, stdout } = await morphee('--dev', 'permissions', 'minimise', 'acme/jira')
    expect(code).toBe(0)
    expect(stdout).toMatch(/http:read +http\.read, http\.read-all +2 times/)
    expect(stdout).toMatch(/http:write +http\.write +never/)
    expect(stdout).toContain(
      `  permissions:\n    - http:read:\n        urls:\n          - ${API}/issue/*\n`,
    )
  })
})
