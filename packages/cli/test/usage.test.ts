import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMorphee, type Morphee } from './morphee.ts'

let morphee: Morphee
beforeAll(async () => {
  morphee = await createMorphee()
})
afterAll(() => morphee.close())

it('morphee --help names every command', async () => {
  const { code, stdout } = await morphee('--help')
  expect(code).toBe(0)
  const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: |$)/gm)].map(([, name]) => name)
  expect(commands.filter((name) => name !== 'morphee')).toMatchInlineSnapshot(`
    [
      "new",
      "build",
      "inspect",
      "types",
      "install",
      "update",
      "configure",
      "connect",
      "grant",
      "run",
      "approvals",
      "events",
      "list",
      "show",
      "permissions",
      "policy",
      "audit",
      "remove",
      "rollback",
      "enable",
      "disable",
      "keygen",
      "sign",
      "publish",
      "verify",
      "trust",
      "help",
    ]
  `)
})

describe('morphee exits with 2 and says what it would accept', () => {
  const rows: [name: string, args: string[], says: RegExp][] = [
    ['an unknown command', ['instal'], /unknown command 'instal'[\s\S]*Did you mean install/],
    ['a missing argument', ['install'], /missing required argument 'source'/],
    ['an unknown option', ['list', '--al'], /unknown option '--al'/],
    ['a setting without a name', ['--dev', 'run', 'a/b', 'c', '{'], /The input is not JSON/],
    [
      'a file that is not there',
      ['--dev', 'install', 'nothing.wasm'],
      /there is none at "nothing.wasm"/,
    ],
    [
      'inspecting a file that is not there',
      ['inspect', 'nothing.wasm'],
      /There is no file or folder ".*nothing.wasm"/,
    ],
    [
      'a language without a template',
      ['new', 'x', '--language', 'cobol'],
      /there are typescript and assemblyscript/,
    ],
    ['a limit that is no number', ['audit', 'list', '--limit', 'many'], /from 1 to 1000/],
    [
      'a key of an odd size',
      ['keygen', 'acme', '--organization', 'Acme', '--bits', '1024'],
      /2048, 3072 or 4096/,
    ],
    ['a publisher with capitals', ['keygen', 'Acme', '--organization', 'Acme'], /is no publisher/],
    [
      'a workspace that is a path',
      ['--dev', '--workspace', '../other', 'run', 'a/b', 'c'],
      /its name is not valid/,
    ],
    [
      'verifying a file that is not there',
      ['verify', 'nothing.wasm'],
      /There is no file "nothing.wasm"/,
    ],
    [
      'a registry for a development host',
      ['--dev', 'install', 'registry.example/acme/jira:1.0.0'],
      /A development host installs files/,
    ],
    ['a reference with a stray character', ['install', 'Registry/../x:1'], /reference/i],
  ]
  it.each(rows)('%s', async (_name, args, says) => {
    const { code, stderr } = await morphee(...args)
    expect(stderr).toMatch(says)
    expect(code).toBe(2)
  })
})

it('morphee list works on a fresh machine and shows what is built in', async () => {
  const { code, stdout } = await morphee('list')
  expect(stdout).toContain('morphee/tasks')
  expect(code).toBe(0)
})

it('morphee --json prints exactly one object, for errors too', async () => {
  for (const args of [
    ['list'],
    ['show', 'acme/none'],
    ['audit', 'verify'],
    ['install', 'nothing.wasm'],
  ]) {
    const { stdout } = await morphee('--json', ...args)
    expect(() => JSON.parse(stdout), `${args.join(' ')}: ${stdout}`).not.toThrow()
  }
})

it('morphee show exits with 1 for what is not installed and says what to do', async () => {
  const { code, stderr } = await morphee('show', 'acme/none')
  expect(code).toBe(1)
  expect(stderr).toContain('ERR_HOST_NOT_INSTALLED')
  expect(stderr).toContain('morphee list')
})

it('morphee run of a built-in prints its result and what it used', async () => {
  const created = await morphee('run', 'morphee/tasks', 'create-task', '{"title":"Write a test"}')
  expect(created.code).toBe(0)
  expect(JSON.parse(created.stdout)).toMatchObject({ title: 'Write a test', done: false })
  const listed = await morphee('run', 'morphee/tasks', 'list-tasks')
  expect(JSON.parse(listed.stdout).tasks).toHaveLength(1)
})

it('morphee run names the field that is wrong', async () => {
  const { code, stderr } = await morphee('run', 'morphee/tasks', 'create-task', '{"title":7}')
  expect(code).toBe(2)
  expect(stderr).toContain('/title')
})

it('morphee install of a file that is no component says so with its code', async () => {
  await writeFile(join(morphee.home, 'junk.wasm'), 'not wasm at all')
  const { code, stderr } = await morphee('--dev', 'install', 'junk.wasm')
  expect(code).toBe(1)
  expect(stderr).toMatch(/ERR_(MANIFEST|ARTIFACT|COMPONENT)_/)
})

it('morphee audit verify finds the chain intact, audit export writes it once', async () => {
  const verified = await morphee('audit', 'verify')
  expect(verified.code).toBe(0)
  expect(verified.stdout).toContain('in one chain')
  expect((await morphee('audit', 'export', 'trail.jsonl')).code).toBe(0)
  expect((await morphee('audit', 'export', 'trail.jsonl')).code).toBe(2)
})

it('hostile names are shown without control characters', async () => {
  const { stderr } = await morphee('show', 'acme/\u001b[31mred\u202e')
  expect(stderr).not.toMatch(/[\u001b\u202e]/)
})
