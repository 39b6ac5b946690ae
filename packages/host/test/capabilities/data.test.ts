import { tryDecodeUtf8 } from '@morphee/core'
import type { Question } from '@morphee/host'
import { expect, it } from 'vitest'
import type { CapabilityContext } from '../../src/capabilities/capability.ts'
import { dataCreate, dataDelete } from '../../src/capabilities/data.ts'

interface Door {
  readonly context: CapabilityContext
  readonly asked: Question[]
  readonly stored: unknown[]
}

/** A door whose grant says "ask", with somebody who always says yes. */
function createDoor(): Door {
  const asked: Question[] = []
  const stored: unknown[] = []
  const context = {
    invocation: {
      id: 'inv_x',
      workspace: 'home',
      principal: { kind: 'person', id: 'ada' },
      extension: 'acme/notes',
      digest: 'builtin',
      action: 'add',
      signal: new AbortController().signal,
      remainingMs: () => 1000,
      counts: { hostCalls: 0, httpRequests: 0, networkBytes: 0, refusals: 0 },
    },
    authority: {
      decide: () => ({ kind: 'ask', permission: 'data:write', message: 'A person is to be asked' }),
    },
    approvals: {
      ask: async ({ question }: { question: Question }) => {
        asked.push(question)
        return { kind: 'allowed' }
      },
    },
    audit: { intent: async () => ({}), outcome: async () => ({}) },
    data: {
      create: async (_workspace: string, _collection: string, value: unknown) => {
        stored.push(value)
        return { id: 'tsk_x', revision: '1', value }
      },
      delete: async () => ({ value: undefined, bytes: 0 }),
    },
  }
  return { context: context as unknown as CapabilityContext, asked, stored }
}

it('a prompt shows the entry that is stored, and not the text of a guest that names a member twice', async () => {
  const { context, asked, stored } = createDoor()
  await dataCreate(context, ['notes', '{"text":"harmless","text":"what is kept"}'])
  const effect = asked[0]?.effect
  const shown = effect?.kind === 'data' ? tryDecodeUtf8(effect.content as Uint8Array) : undefined
  expect(shown).toBe(JSON.stringify(stored[0]))
  expect(shown).toBe('{"text":"what is kept"}')
})

it('what is no JSON object is refused before anybody is asked', async () => {
  for (const json of [
    '',
    '[]',
    'null',
    '{"a":',
    '{"a":"\\ud800"}',
    `${'['.repeat(500)}${']'.repeat(500)}`,
  ]) {
    const { context, asked, stored } = createDoor()
    await expect(dataCreate(context, ['notes', json])).rejects.toThrowCode('ERR_HOST_ARGUMENT')
    expect([asked.length, stored.length]).toEqual([0, 0])
  }
})

it('entries whose ids begin alike, or differ in what is not seen, are different questions', async () => {
  const { context, asked } = createDoor()
  for (const id of [`${'x'.repeat(300)}1`, `${'x'.repeat(300)}2`, 'a b', 'a  b', 'a\u200b b'])
    await dataDelete(context, ['notes', id, '1'])
  const targets = asked.map(({ effect }) => (effect.kind === 'http' ? effect.url : effect.target))
  expect(new Set(targets).size).toBe(5)
})
