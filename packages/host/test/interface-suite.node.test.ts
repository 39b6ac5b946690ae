import { buildExtension } from '@morphee/authoring'
import { type BuiltinDefinition, BuiltinFailure, createTasks } from '@morphee/host'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { manifestOf, tinyExtension } from './fixture/guest.ts'
import { createTestHost } from './fixture/test-host.ts'
import { testInterface } from './interface-suite.ts'

const homes: string[] = []
afterAll(async () => {
  for (const home of homes) await rm(home, { recursive: true, force: true })
})

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'morphee-interface-'))
  homes.push(folder)
  return folder
}

const LIES = { type: 'object', properties: { promised: { type: 'string' } } }

testInterface('the built-in tasks', async () => {
  const more: BuiltinDefinition = {
    manifest: manifestOf({
      name: 'morphee/odd',
      actions: {
        lie: { title: 'Lie', effect: 'read', input: { type: 'object' }, output: LIES },
        wait: { title: 'Wait', effect: 'read', input: { type: 'object' }, output: {} },
        fail: { title: 'Fail', effect: 'read', input: { type: 'object' }, output: {} },
      },
    }),
    actions: {
      lie: async () => ({ promised: 42 }),
      wait: () => new Promise(() => {}),
      fail: async () => {
        throw new BuiltinFailure({ code: 'not-found', message: 'It is not there' })
      },
    },
  }
  const { host } = await createTestHost({
    home: await newFolder(),
    builtins: [createTasks(), more],
  })
  return {
    host,
    good: {
      extension: 'morphee/tasks',
      action: 'create-task',
      input: { title: 'Water the plants' },
      output: { title: 'Water the plants', done: false },
      refused: [
        { input: {}, pointer: '' },
        { input: { title: '' }, pointer: '/title' },
        { input: { title: 1 }, pointer: '/title' },
        { input: { title: 'x', more: 1 }, pointer: '/more' },
        { input: [], pointer: '' },
      ],
    },
    failing: { extension: 'morphee/odd', action: 'fail', input: {} },
    liar: { extension: 'morphee/odd', action: 'lie', input: {}, pointer: '/promised' },
    endless: { extension: 'morphee/odd', action: 'wait', input: {} },
    concurrency: 4,
  }
})

testInterface('installed extensions', async () => {
  const folder = await newFolder()
  const { bytes } = await buildExtension(
    resolve(import.meta.dirname, '../../../extensions/word-count'),
    { out: join(folder, 'word-count.wasm') },
  )
  const test = await createTestHost({ home: folder })
  const { host } = test
  const actions = { go: { title: 'Go', effect: 'read', input: { type: 'object' }, output: LIES } }
  await test.install(bytes)
  await test.install(
    tinyExtension(
      { kind: 'fail', code: 'not-found', message: 'It is not there' },
      { name: 'acme/fails' },
    ),
  )
  await test.install(
    tinyExtension({ kind: 'answer', text: '{"promised":42}' }, { name: 'acme/lies', actions }),
  )
  await test.install(tinyExtension({ kind: 'loop' }, { name: 'acme/loops' }))
  return {
    host,
    good: {
      extension: 'acme/word-count',
      action: 'count',
      input: { text: 'one two\nthree' },
      output: { words: 3, lines: 2, characters: 13, longest: 'three' },
      refused: [
        { input: {}, pointer: '' },
        { input: { text: 1 }, pointer: '/text' },
        { input: { text: 'x', more: 1 }, pointer: '/more' },
        { input: [], pointer: '' },
      ],
    },
    failing: { extension: 'acme/fails', action: 'go', input: {} },
    liar: { extension: 'acme/lies', action: 'go', input: {}, pointer: '/promised' },
    endless: { extension: 'acme/loops', action: 'go', input: {} },
    concurrency: 4,
  }
})
