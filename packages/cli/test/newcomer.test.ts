import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, type Morphee } from './morphee.ts'

let morphee: Morphee
beforeAll(async () => {
  morphee = await createMorphee()
  await morphee('new', 'hello', '--language', 'assemblyscript')
  const { code, stderr } = await morphee('build', 'hello')
  expect(code, stderr).toBe(0)
}, 60_000)
afterAll(() => morphee.close())

const BUILT = 'hello/build/hello.wasm'

describe('a development host', () => {
  for (const [expected, code] of [
    ['me/other', 1],
    ['me/hello@9.9.9', 1],
    ['me/hello@0.1.0', 0],
    ['me/hello', 0],
  ] as const) {
    it(`install --expect ${expected} ends with ${code}`, async () => {
      const run = await morphee('--dev', 'install', BUILT, '--yes', '--expect', expected)
      expect(run.code).toBe(code)
      if (code === 1) expect(run.stderr).toContain('Not installed: this is me/hello 0.1.0, not me/')
    })
  }

  it('install --deny does not pretend to change an earlier answer', async () => {
    await morphee('--dev', 'install', BUILT, '--yes')
    const run = await morphee('--dev', 'install', BUILT, '--yes', '--deny', 'http:read')
    expect(run.code).toBe(2)
    expect(run.stderr).toContain('grant me/hello')
  })
})

it('morphee permissions shows what was refused', async () => {
  const jira = resolve(import.meta.dirname, '../../../extensions/jira')
  expect((await morphee('build', jira, '--out', 'jira.wasm')).code).toBe(0)
  const asked = ['jira.wasm', '--set', 'site=acme', '--yes', '--deny', 'http:write']
  expect((await morphee('--dev', 'install', ...asked)).code).toBe(0)
  const { stdout } = await morphee('--dev', 'permissions', 'acme/jira')
  expect(stdout).toContain('Refused by the same person: http:write\n')
}, 30_000)

describe('a fresh machine, where nobody is trusted,', () => {
  it('trust list says so and is done', async () => {
    const { code, stdout } = await morphee('trust', 'list')
    expect(stdout).toBe('nobody is trusted yet\n')
    expect(code).toBe(0)
  })

  for (const args of [
    ['verify', BUILT],
    ['install', BUILT, '--yes'],
    ['trust', 'revoke', '0123456789'],
  ]) {
    it(`${args.slice(0, 2).join(' ')} says whom to trust first`, async () => {
      await writeFile(join(morphee.home, `${BUILT}.jws.sig`), '{}')
      const { code, stderr } = await morphee(...args)
      expect(stderr).toContain('morphee trust add CERTIFICATE --publisher NAME')
      expect(stderr).not.toContain('publishers.json')
      expect(code).toBe(1)
    })
  }

  it('audit list says that there are no records', async () => {
    const { code, stderr } = await morphee('--workspace', 'empty', 'audit')
    expect(stderr).toBe('no records\n')
    expect(code).toBe(0)
  })
})

it('morphee show of a built-in does not say that it is not installed', async () => {
  const { code, stderr } = await morphee('show', 'morphee/tasks')
  expect(stderr).toBe('"morphee/tasks" is built in: it can be run, and not shown or changed\n')
  expect(code).toBe(1)
})

it('morphee keygen refuses a passphrase that is soon guessed', async () => {
  const weak = morphee.with({ variables: { MORPHEE_KEY_PASSPHRASE: 'short' } })
  const { code, stderr } = await weak('keygen', 'me', '--organization', 'Me')
  expect(stderr).toContain('The passphrase of a key has at least 8 characters')
  expect(code).toBe(2)
})

it('morphee keygen says that there is a key before it asks for a passphrase', async () => {
  expect((await morphee('keygen', 'twice', '--organization', 'Me')).code).toBe(0)
  const asked = morphee.with({ variables: { MORPHEE_KEY_PASSPHRASE: '' } })
  const { code, stderr } = await asked('keygen', 'twice', '--organization', 'Me')
  expect(stderr).toMatch(/No key was made: ".*twice.key" is there already/)
  expect(code).toBe(1)
})

it('morphee new takes its name from a folder with a slash at its end', async () => {
  expect((await morphee('new', 'slashed/')).stdout).toContain('✓ me/slashed in slashed')
})

it('morphee --home with nothing is refused, and does not write into the current folder', async () => {
  const { code, stderr } = await morphee('--home', '', 'list')
  expect(stderr).toContain('--home takes a folder')
  expect(code).toBe(2)
})

it('morphee sign names the key that is missing, and how to make it', async () => {
  const { code, stderr } = await morphee('sign', BUILT, '--key', 'nobody')
  expect(stderr).toContain('There is no key of publisher "nobody"; make one: morphee keygen nobody')
  expect(code).toBe(2)
})

it('morphee build of a file asks for the folder', async () => {
  const { code, stderr } = await morphee('build', 'hello/extension.yaml')
  expect(stderr).toContain('is a file; name the folder that holds extension.yaml')
  expect(code).toBe(2)
})

it('morphee audit export --json without a file is refused, for it would print nothing', async () => {
  const { code, stderr, stdout } = await morphee('audit', 'export', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage' } })
  expect(stderr).toBe('')
  expect(code).toBe(2)
})

it('morphee trust renew says whom to trust first', async () => {
  const { code, stderr } = await morphee('trust', 'renew')
  expect(stderr).toContain('morphee trust add CERTIFICATE --publisher NAME')
  expect(code).toBe(1)
})

describe('a word that is no command of its group is named, with those there are', () => {
  for (const group of ['audit', 'approvals'])
    it(group, async () => {
      const { code, stderr } = await morphee(group, 'verfy')
      expect(stderr).toContain(`"verfy" is no command of morphee ${group}; it has list, `)
      expect(code).toBe(2)
    })
})

it('an error in the arguments of a command leads to the help of that command', async () => {
  expect((await morphee('trust', 'add')).stderr).toContain('(morphee trust add --help says how)')
})

it('a field that is missing in a manifest is named', async () => {
  await mkdir(join(morphee.home, 'nameless'), { recursive: true })
  await writeFile(join(morphee.home, 'nameless/extension.yaml'), 'manifest: 1\nversion: 1.0.0\n')
  const { code, stderr } = await morphee('build', 'nameless')
  expect(stderr).toMatch(/^ {2}extension.yaml:1:1 {2}\$\.name must be/m)
  expect(stderr).toMatch(/^ {2}extension.yaml:1:1 {2}\$\.title must be/m)
  expect(code).toBe(1)
})

it('morphee policy validate without a policy says that nothing is restricted', async () => {
  const { code, stderr } = await morphee('policy', 'validate')
  expect(stderr).toMatch(/There is no policy at ".*policy.yaml", so nothing is restricted/)
  expect(code).toBe(2)
})

it('morphee permissions minimise of an extension that asks for nothing says so', async () => {
  await morphee('--dev', 'install', BUILT, '--yes')
  const { stdout } = await morphee('--dev', 'permissions', 'minimise', 'me/hello')
  expect(stdout).toContain('It asks for nothing, so there is nothing to make smaller.')
  expect(stdout).not.toContain('Nothing was used yet')
})

it('a file without a signature is refused, which is no fault of the command line', async () => {
  const fresh = await createMorphee()
  try {
    await writeFile(join(fresh.home, 'unsigned.wasm'), 'whatever')
    await fresh('keygen', 'own', '--organization', 'Own')
    await fresh('trust', 'add', 'keys/own.crt', '--publisher', 'own', '--yes')
    for (const args of [
      ['install', 'unsigned.wasm', '--yes'],
      ['verify', 'unsigned.wasm'],
    ]) {
      const { code, stderr } = await fresh(...args)
      expect(stderr).toContain('unsigned.wasm.jws.sig')
      expect(code, args[0]).toBe(1)
    }
  } finally {
    await fresh.close()
  }
}, 30_000)

it('morphee --json answers a wrong command line with one object', async () => {
  for (const args of [['lst'], ['list', '--al'], ['install'], []]) {
    const { code, stdout } = await morphee('--json', ...args)
    expect(JSON.parse(stdout), args.join(' ')).toMatchObject({ error: { code: 'usage' } })
    expect(code).toBe(2)
  }
})

it('every --help shows the global options and no default that says nothing', async () => {
  for (const args of [['install'], ['trust', 'add'], ['audit', 'list']]) {
    const { code, stdout } = await morphee(...args, '--help')
    expect(stdout).toMatch(/Global Options:[\s\S]*--json/)
    expect(stdout).not.toMatch(/default: (false|\[\])/)
    expect(code).toBe(0)
  }
})

it('a fault in the source is said once', async () => {
  await mkdir(join(morphee.home, 'broken/src'), { recursive: true })
  const yaml =
    'manifest: 1\nname: me/b\nversion: 1.0.0\ntitle: B\npermissions: []\nactions: { a: { title: A, effect: read, input: {}, output: {} } }\n'
  await writeFile(join(morphee.home, 'broken/extension.yaml'), yaml)
  await writeFile(join(morphee.home, 'broken/src/main.ts'), 'export const x = {{\n')
  const { code, stderr } = await morphee('build', 'broken')
  expect(stderr.match(/Expected identifier/g)).toHaveLength(1)
  expect(code).toBe(1)
  await writeFile(join(morphee.home, 'broken/src/main.ts'), 'export const x = 1\n')
  expect((await morphee('build', 'broken')).stderr).not.toMatch(/^ *:/m)
}, 30_000)

it('a reader that goes away early is no fault', async () => {
  const bin = resolve(import.meta.dirname, '../src/bin.ts')
  const child = spawn(process.execPath, ['--conditions=@morphee/source', bin, 'audit', 'export'], {
    env: { ...process.env, MORPHEE_HOME: morphee.home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stdout.destroy()
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const code = await new Promise((done) => child.once('close', done))
  expect(said).not.toContain('EPIPE')
  expect(code).toBe(0)
}, 30_000)
