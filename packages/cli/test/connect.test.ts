import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, HANG_UP, type Morphee } from './morphee.ts'

let morphee: Morphee
beforeAll(async () => {
  morphee = await createMorphee()
  const jira = resolve(import.meta.dirname, '../../../extensions/jira')
  expect((await morphee('build', jira, '--out', 'jira.wasm')).code).toBe(0)
  const installed = await morphee('--dev', 'install', 'jira.wasm', '--set', 'site=acme', '--yes')
  expect(installed.code, installed.stderr).toBe(0)
}, 60_000)
afterAll(() => morphee.close())

const CONNECT = ['--dev', 'connect', 'acme/jira'] as const

it('a prompt stands on stderr, so that stdout holds the result alone', async () => {
  const typing = morphee.with({ keys: 'canary\r' })
  const { code, stdout, stderr } = await typing(...CONNECT, '--field', 'username=ada')
  expect(stderr).toContain('API token')
  expect(stdout).toMatch(/^\S*✓\S* acme\/jira is connected with credential "jira" \(yours\)\n$/)
  expect(stdout + stderr).not.toContain('canary')
  expect(code).toBe(0)
})

for (const [what, keys] of [
  ['a terminal that is closed', HANG_UP],
  ['Ctrl+D', '\u0004'],
  ['Ctrl+C', '\u0003'],
] as const)
  it(`${what} in the middle of a prompt is a no`, async () => {
    const { code, stderr } = await morphee.with({ keys })(...CONNECT)
    expect(stderr).toContain('Nothing was stored')
    expect(code).toBe(1)
  })

describe('morphee connect refuses with 2', () => {
  const rows: [name: string, args: string[], stdin: string, says: string][] = [
    ['a secret as an argument', ['--field', 'password=canary'], '', '"password" is a secret'],
    ['a field that there is not', ['--field', 'user=ada'], '', 'it has username, password'],
    [
      'nothing on stdin',
      ['--field', 'username=ada', '--stdin'],
      '\n',
      'Standard input held nothing',
    ],
    ['a credential that there is not', ['jria'], '', 'it declares jira'],
    ['nobody to ask', [], '', 'no terminal to ask for username, password'],
  ]
  it.each(rows)('%s', async (_name, args, stdin, says) => {
    const { code, stderr } = await morphee.with({ stdin })(...CONNECT, ...args)
    expect(stderr).toContain(says)
    expect(stderr).not.toContain('canary')
    expect(code).toBe(2)
  })
})

it('a setting that there is not is one fault', async () => {
  const { code, stderr } = await morphee('--dev', 'configure', 'acme/jira', 'nope=1')
  expect(stderr.match(/\/nope/g)).toHaveLength(1)
  expect(code).toBe(1)
})
