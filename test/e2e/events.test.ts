// From source to a handler that runs: an extension in AssemblyScript hears of a task that a person makes with the application.
import { buildExtension } from '@morphee/authoring'
import type { JsonValue } from '@morphee/core'
import { createDevelopmentHost } from '@morphee/host/node'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMorphee, type Morphee } from '../../packages/cli/test/morphee.ts'
import { WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'

const MANIFEST = `
manifest: 1
name: acme/ears
version: 1.0.0
title: Ears
permissions:
  - event:subscribe: { topics: [task.*], reason: Counts what you do }
  - storage:read
  - storage:write
actions:
  heard: { title: What it heard, effect: read, input: {}, output: {} }
`
const SOURCE = `
import { Event, fail, storage } from "@morphee/sdk-assemblyscript";

@eventHandler export function onEvent(event: Event): void {
  if (event.topic == "task.completed") { fail<i32>("conflict", "completed by " + event.source); return; }
  const heard = event.topic + " by " + event.source + ": " + event.payload;
  storage.set("heard", Uint8Array.wrap(String.UTF8.encode(heard)));
}

@json class Heard { text: string = ""; }

@action export function heard(): Heard {
  const out = new Heard();
  const bytes = storage.get("heard").bytes;
  if (bytes !== null) out.text = String.UTF8.decode(bytes.buffer);
  return out;
}
`

let dir: string
let morphee: Morphee

beforeAll(async () => {
  morphee = await createMorphee()
  dir = await mkdtemp(join(tmpdir(), 'morphee-ears-'))
  await mkdir(join(dir, 'assembly'))
  await mkdir(join(dir, 'node_modules/@morphee'), { recursive: true })
  await symlink(
    resolve(import.meta.dirname, '../../sdks/assemblyscript'),
    join(dir, 'node_modules/@morphee/sdk-assemblyscript'),
  )
  await writeFile(join(dir, 'extension.yaml'), MANIFEST)
  await writeFile(join(dir, 'assembly/index.ts'), SOURCE)
})
afterAll(async () => {
  await morphee.close()
  await rm(dir, { recursive: true, force: true })
})

async function json(...args: readonly string[]): Promise<any> {
  const { code, stdout, stderr } = await morphee('--dev', '--json', ...args)
  expect(code, stderr).toBe(0)
  return JSON.parse(stdout) as JsonValue
}

it('a handler hears of a task that a person makes, and what it cannot handle is a dead letter', async () => {
  const { file } = await buildExtension(dir)
  const installing = await morphee('--dev', 'install', file, '--yes')
  expect(installing.stdout + installing.stderr).toContain('task.*')
  const task = await json('run', 'morphee/tasks', 'create-task', '{"title":"Water the plants"}')
  expect(await json('events', 'list')).toMatchObject({
    events: [{ topic: 'task.created', source: 'morphee/tasks', hops: 0 }],
  })
  expect(await json('events', 'deliver')).toEqual({ handled: 1, failed: 0, dead: 0 })
  const { output } = await json('run', 'acme/ears', 'heard', '{}')
  expect(output.text).toBe(
    `task.created by morphee/tasks: ${JSON.stringify({ done: false, id: task.output.id, title: 'Water the plants' })}`,
  )

  await json('run', 'morphee/tasks', 'complete-task', JSON.stringify({ id: task.output.id }))
  expect(await json('events', 'deliver')).toEqual({ handled: 0, failed: 1, dead: 0 })
  expect((await morphee('--dev', 'events', 'dead')).stdout).toContain('there are no dead letters')
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => performance.now() }
  const host = await createDevelopmentHost({ home: join(morphee.home, 'development'), clock })
  for (let attempt = 2; attempt <= 8; attempt++) {
    now += 3_600_000
    await host.events.deliver()
  }
  expect(await host.events.deadLetters(WORKSPACE)).toHaveLength(1)
  await host.close()
  const { dead } = await json('events', 'dead')
  expect(dead).toMatchObject([
    {
      extension: 'acme/ears',
      attempts: 8,
      code: 'ERR_HOST_EXTENSION_FAILED',
      message: 'Event handler answered: completed by morphee/tasks',
      event: { topic: 'task.completed', payload: { done: true } },
    },
  ])
  const used = await morphee('--dev', 'permissions', 'minimise', 'acme/ears')
  expect(used.stdout).toMatch(/event:subscribe +exports event-handler +9 times/)
  const { id } = dead[0].event
  expect((await morphee('--dev', 'events', 'retry', 'acme/ears', id)).code).toBe(1)
  expect(await json('events', 'drop', 'acme/ears', id)).toEqual({
    extension: 'acme/ears',
    event: id,
    dropped: true,
  })
  expect((await morphee('--dev', 'events', 'drop', 'acme/ears', id)).stderr).toContain(
    'dead letters',
  )
})

it('the build refuses a handler without the permission, and the permission without a handler', async () => {
  await writeFile(join(dir, 'extension.yaml'), MANIFEST.replace(/ {2}- event.*\n/, ''))
  await expect(buildExtension(dir)).rejects.toThrowCode('ERR_AUTHORING_PERMISSION_MISSING')
  await writeFile(join(dir, 'extension.yaml'), MANIFEST)
  await writeFile(join(dir, 'assembly/index.ts'), SOURCE.replace('@eventHandler ', ''))
  await expect(buildExtension(dir)).rejects.toThrowCode('ERR_AUTHORING_PERMISSION_UNUSED')
})
