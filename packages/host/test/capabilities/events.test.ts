import { systemClock } from '@morphee/core'
import type { EmittedEvent, Question } from '@morphee/host'
import { expect, it } from 'vitest'
import type { CapabilityContext } from '../../src/capabilities/capability.ts'
import { createMeters } from '../../src/invocation/meters.ts'
import { eventsEmit } from '../../src/capabilities/events.ts'

/** A door whose grant says "ask", with somebody who always says yes. */
function createDoor(): { context: CapabilityContext; asked: Question[]; emitted: EmittedEvent[] } {
  const asked: Question[] = []
  const emitted: EmittedEvent[] = []
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
      meters: createMeters(systemClock),
      counts: { hostCalls: 0, httpRequests: 0, networkBytes: 0, refusals: 0 },
    },
    authority: { decide: () => ({ kind: 'ask', permission: 'event:emit', message: 'May it' }) },
    approvals: {
      ask: async ({ question }: { question: Question }) => {
        asked.push(question)
        return { kind: 'allowed' }
      },
    },
    audit: { intent: async () => ({}), outcome: async () => ({}) },
    events: { emit: async (event: EmittedEvent) => void emitted.push(event) },
  }
  return { context: context as unknown as CapabilityContext, asked, emitted }
}

it('a prompt shows what is announced, and not the text of a guest that names a member twice', async () => {
  const { context, asked, emitted } = createDoor()
  await eventsEmit(context, ['notes.added', '{"text":"harmless","text":"what is announced"}'])
  const effect = asked[0]?.effect
  const shown = effect?.kind === 'event' ? new TextDecoder().decode(effect.content) : undefined
  expect(shown).toBe('{"text":"what is announced"}')
  expect(emitted).toMatchObject([{ payload: shown, source: 'acme/notes', workspace: 'home' }])
})

it('what is no JSON is refused before anybody is asked', async () => {
  for (const payload of ['', '{"a":', '"\\ud800"', `${'['.repeat(500)}${']'.repeat(500)}`]) {
    const { context, asked, emitted } = createDoor()
    await expect(eventsEmit(context, ['notes.added', payload])).rejects.toThrowCode(
      'ERR_HOST_ARGUMENT',
    )
    expect([asked.length, emitted.length]).toEqual([0, 0])
  }
})
