// A call that waits in one run of the command, and the person who answers in another.
import { readArtifact } from '@morphee/manifest'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, type Morphee, type Run } from '../../packages/cli/test/morphee.ts'
import { buildProbe } from '../security/probe.ts'

const PROBE = 'acme/probe'
const STEPS = JSON.stringify({ steps: [{ do: 'set', key: 'k', value: 'a value to read' }] })
const DOWN = '\u001b[B'
/** A machine may be busy; nothing here depends on how fast it is. */
const PATIENTLY = { timeout: 30_000 }
let morphee: Morphee

beforeAll(async () => {
  morphee = await createMorphee()
  const probe = await buildProbe()
  await writeFile(join(morphee.home, 'probe.wasm'), probe.wasm)
  const { permissions } = readArtifact(probe.wasm).manifest
  const more = [
    ...permissions.map(({ kind, reason, ...scope }) => ({ [kind]: { ...scope, reason } })),
    { 'data:read': { collections: ['tasks'], reason: 'Reads tasks' } },
  ]
  const wider = probe.with({ version: '1.1.0', permissions: more })
  await writeFile(join(morphee.home, 'wider.wasm'), wider)
  const options = ['--set', 'site=acme', '--yes', '--ask', 'storage:write']
  const { code, stderr } = await morphee('--dev', 'install', 'probe.wasm', ...options)
  expect(code, stderr).toBe(0)
})
afterAll(() => morphee.close())

/** Calls the probe in a run that waits, and gives the id of its question. */
async function waiting(): Promise<{ readonly id: string; readonly run: Promise<Run> }> {
  const run = morphee('--dev', 'run', PROBE, 'write', STEPS, '--wait', '--json')
  let id: string | undefined
  await expect
    .poll(async () => {
      const { stdout } = await morphee('--dev', 'approvals', 'list', '--json')
      id = (JSON.parse(stdout) as { waiting: { id: string }[] }).waiting[0]?.id
      return id
    }, PATIENTLY)
    .toBeDefined()
  return { id: id as string, run }
}
const outputOf = async (run: Promise<Run>): Promise<unknown> =>
  (JSON.parse((await run).stdout) as { output: unknown }).output
const REFUSED = { results: [{ failure: { code: 'permission-denied' } }] }
const DONE = { results: [{ ok: null }] }

describe('morphee approvals', () => {
  it('without a terminal and without --wait there is nobody to ask', async () => {
    const { stdout } = await morphee('--dev', 'run', PROBE, 'write', STEPS)
    expect(stdout).toContain('there is nobody to ask')
  })

  it('shows what would be stored, takes no yes without a terminal, and a no always', async () => {
    const { id, run } = await waiting()
    const shown = await morphee('--dev', 'approvals', 'show', id)
    expect(shown.stdout).toContain('  key k\n  content, 17 B:\n    "a value to read"\n')
    for (const flags of [[], ['--always'], ['--json']]) {
      const allowed = await morphee('--dev', 'approvals', 'allow', id, ...flags)
      expect([allowed.code, allowed.stderr + allowed.stdout]).toEqual([
        1,
        expect.stringContaining('no terminal'),
      ])
    }
    const unknown = await morphee('--dev', 'approvals', 'allow', id, '--yes')
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--yes')])
    expect((await morphee('--dev', 'approvals', 'deny', id)).code).toBe(0)
    expect(await outputOf(run)).toMatchObject(REFUSED)
    expect((await morphee('--dev', 'approvals', 'deny', id)).code).toBe(1)
  })

  it('a yes on a terminal lets the waiting call go on; Enter alone is a no', async () => {
    const first = await waiting()
    const yes = await morphee.with({ keys: `${DOWN}\r` })('--dev', 'approvals', 'allow', first.id)
    expect([yes.code, yes.stdout]).toEqual([0, expect.stringMatching(/allowed\n$/)])
    expect(await outputOf(first.run)).toMatchObject(DONE)
    const second = await waiting()
    const no = await morphee.with({ keys: '\r' })('--dev', 'approvals', 'allow', second.id)
    expect(no.code).toBe(1)
    expect(await outputOf(second.run)).toMatchObject(REFUSED)
  })

  it('a yes for a while counts until it is revoked', async () => {
    const { id, run } = await waiting()
    const person = morphee.with({ keys: `${DOWN}\r` })
    expect((await person('--dev', 'approvals', 'allow', id, '--for', '8h')).code).toBe(0)
    await run
    const again = ['--dev', 'run', PROBE, 'write', STEPS, '--json']
    expect(await outputOf(morphee(...again))).toMatchObject(DONE)
    expect((await morphee('--dev', 'approvals')).stdout).toContain('Stays allowed')
    expect((await morphee('--dev', 'approvals', 'revoke', id)).code).toBe(0)
    expect(await outputOf(morphee(...again))).toMatchObject(REFUSED)
  })

  it('the terminal of the call itself asks too', async () => {
    const asked = ['--dev', 'run', PROBE, 'write', STEPS]
    const allowed = await morphee.with({ keys: 'y' })(...asked)
    expect(allowed.stderr).toContain('"a value to read"')
    expect(allowed.stdout).toContain('"ok": null')
    expect((await morphee.with({ keys: 'n' })(...asked)).stdout).toContain('permission-denied')
  })
})

describe('morphee grant', () => {
  const grant = (...args: readonly string[]): Promise<Run> =>
    morphee('--dev', 'grant', PROBE, ...args)

  it('shows before and after, narrows at once, and allows more only after a yes', async () => {
    const url = 'https://acme.services.example/api/write/demo/**'
    const narrowed = await grant('http:write', 'allow', '--only', url, '--expires', '30d')
    expect(narrowed.code, narrowed.stderr).toBe(0)
    expect(narrowed.stderr).toMatch(/Until now\n(.*\n)*.*http:write {2}allowed\n/)
    expect(narrowed.stderr).toMatch(/From now on\n(.*\n)*.*http:write {2}allowed, until \d{4}-/)
    const wider = await grant('http:write', 'allow')
    expect([wider.code, wider.stderr]).toEqual([2, expect.stringContaining('no terminal')])
    expect((await grant()).stdout).toContain('write/demo/**')
    const no = await morphee.with({ keys: 'n' })('--dev', 'grant', PROBE, 'http:write', 'allow')
    expect(no.code).toBe(1)
    const yes = await morphee.with({ keys: 'y' })('--dev', 'grant', PROBE, 'http:write', 'allow')
    expect(yes.code, yes.stderr).toBe(0)
    expect((await grant()).stdout).not.toContain('write/demo/**')
  })

  const REFUSALS: readonly (readonly [readonly string[], number, string])[] = [
    [['http:write', 'allow', '--only', 'https://evil.example/**'], 1, 'more than it asks for'],
    [['vault:read', 'allow'], 1, 'does not ask for vault:read'],
    [['http:write', 'maybe'], 2, 'allow, ask, deny'],
    [['http:write', 'allow', '--expires', 'soon'], 2, 'no duration'],
    [['http:write', 'deny', '--expires', '1h'], 2, '--expires'],
    [['nothing', 'deny'], 2, 'none of its permissions and actions'],
    [['write', 'ask', '--only', 'x'], 2, '--only'],
  ]
  for (const [args, code, said] of REFUSALS) {
    it(`${args.join(' ')} is refused`, async () => {
      const run = await grant(...args)
      expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(said)])
    })
  }

  it('denies an action', async () => {
    expect((await grant('destroy', 'deny')).code).toBe(0)
    expect((await grant()).stdout).toContain('action destroy  denied')
  })
})

describe('morphee install, in a workspace of its own,', () => {
  const inSpace = (...args: readonly string[]): Promise<Run> =>
    morphee('--dev', '--workspace', 'other', ...args)
  const install = (...args: readonly string[]): Promise<Run> =>
    inSpace('install', 'probe.wasm', '--set', 'site=acme', '--yes', ...args)
  const demo = 'https://acme.services.example/api/write/demo/**'

  for (const [args, code, said] of [
    [['--only', 'http:write=https://evil.example/**'], 1, 'more than it asks for'],
    [['--only', 'http:write'], 2, 'narrows nothing'],
    [['--ask', 'vault:read'], 2, 'does not ask for vault:read'],
    [['--expires', 'tomorrow'], 2, 'no duration'],
  ] as const) {
    it(`refuses ${args.join(' ')}`, async () => {
      const run = await install(...args)
      expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(said)])
      expect((await inSpace('show', PROBE)).code).toBe(1)
    })
  }

  it('narrows, asks, denies and lets expire; an update keeps all of it', async () => {
    const options = ['--only', `http:write=${demo}`, '--ask', 'storage:write']
    const run = await install(...options, '--deny', 'storage:read', '--expires', '30d')
    expect(run.code, run.stderr).toBe(0)
    expect(run.stderr).toContain('A yes allows only this')
    const granted = (await inSpace('grant', PROBE)).stdout
    for (const line of [
      `http:write  allowed\n  ${demo}\n`,
      'storage:write  asked about each time\n',
      'storage:read  denied\n',
      'all of it until ',
    ])
      expect(granted).toContain(line)

    const waits = await inSpace('update', PROBE, 'wider.wasm')
    expect([waits.code, waits.stderr]).toEqual([2, expect.stringContaining('Read your records')])
    expect((await inSpace('grant', PROBE)).stdout).toBe(granted)
    expect((await inSpace('update', PROBE, '--yes')).code).toBe(0)
    const after = (await inSpace('grant', PROBE)).stdout
    expect(after).toContain('data:read  allowed\n  tasks\n')
    for (const line of granted.split('\n')) expect(after).toContain(line)
  })
})
