// The effect of an action is enforced: every way to change something that the contract has, tried inside an action that says it
// reads, with everything granted; and each of them once where it is allowed, so that the attack is known to work.
import type { JsonObject } from '@morphee/core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CONTRACT_RULES } from '@morphee/host'
import { NEVER_IN_READ, type PermissionKind } from '@morphee/manifest'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createAnswering, NO, ONCE } from '../../packages/host/test/fixture/answering.ts'
import { ADA, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'
import { installWith } from './install-with.ts'
import { type Attack, openAttack, SITE } from './attack.ts'
import { buildProbe } from './probe.ts'

const DONE = { title: 'x', done: true }
const EXTENSION = 'acme/probe'
const surface = createAnswering()
let a: Attack
let task: { readonly id: string; readonly revision: string }

beforeAll(async () => {
  a = await openAttack({ approvals: surface }, await buildProbe({ everyDoor: true }))
})
afterAll(() => a.close())
beforeEach(async () => {
  a.seen.length = 0
  surface.questions.length = 0
  surface.answer = () => NO
  a.answer = (_request, response) => void response.end('{}')
  const [created, set] = await a.steps('write', [
    { do: 'data-create', collection: 'tasks', value: { title: 'kept', done: false } },
    { do: 'vault-set', name: 'own.kept', value: 'kept' },
    { do: 'set', key: 'kept', value: 'kept' },
  ])
  task = created?.ok
  expect(set?.failure).toBeUndefined()
})

/** Every function of the contract that changes something outside the extension's own storage, as a step of the probe. */
const WRITES: Readonly<Record<string, readonly (readonly [string, () => JsonObject])[]>> = {
  'http#write': [
    [
      'POST',
      () => ({ do: 'fetch', url: `https://${SITE}/api/write/x`, method: 'POST', body: '{}' }),
    ],
    ['DELETE', () => ({ do: 'fetch', url: `https://${SITE}/api/write/x`, method: 'DELETE' })],
    ['PUT', () => ({ do: 'fetch', url: `https://${SITE}/api/write/x`, method: 'PUT', body: '' })],
  ],
  'vault#set': [
    ['a new secret', () => ({ do: 'vault-set', name: 'own.new', value: 'x' })],
    ['another value', () => ({ do: 'vault-set', name: 'own.kept', value: 'changed' })],
  ],
  'vault#delete': [['a secret', () => ({ do: 'vault-delete', name: 'own.kept' })]],
  'data#create': [['an entry', () => ({ do: 'data-create', collection: 'tasks', value: DONE })]],
  'data#update': [
    [
      'an entry',
      () => ({
        do: 'data-update',
        collection: 'tasks',
        entry: task,
        value: DONE,
      }),
    ],
  ],
  'data#delete': [['an entry', () => ({ do: 'data-delete', collection: 'tasks', entry: task })]],
  'events#emit': [['an event', () => ({ do: 'emit', topic: 'probe.happened', payload: {} })]],
}

/** All that a write could have changed. */
async function state(): Promise<unknown> {
  const [tasks, secret, fresh] = await a.steps('read', [
    { do: 'data-query', collection: 'tasks' },
    { do: 'vault-get', name: 'own.kept' },
    { do: 'vault-get', name: 'own.new' },
  ])
  const events = await a.host.events.list(WORKSPACE)
  return { tasks, secret, fresh, events: events.length, requests: a.seen.length }
}

it('the table has every function of the contract that a read action may never have', () => {
  const changing = Object.entries(CONTRACT_RULES)
    .filter(([, { permission }]) => permission !== undefined && NEVER_IN_READ.has(permission))
    .map(([name]) => name)
  expect(Object.keys(WRITES).toSorted()).toEqual(changing.toSorted())
})

for (const [name, ways] of Object.entries(WRITES)) {
  for (const [what, step] of ways) {
    describe(`${name}: ${what}`, () => {
      it('is refused inside a read action by the action, and changes nothing', async () => {
        const before = await state()
        const [result] = await a.steps('read', [step()])
        expect(result?.failure).toMatchObject({
          code: 'permission-denied',
          details: { refusedBy: 'action' },
        })
        expect(await state()).toEqual(before)
        const records = await a.host.audit.list({
          workspace: WORKSPACE,
          extension: EXTENSION,
          limit: 20,
        })
        expect(records.find(({ decision }) => decision === 'refused')).toMatchObject({
          refusedBy: 'action',
          capability: CONTRACT_RULES[name]?.permission,
        })
      })

      it('is refused where the action does not list it under uses', async () => {
        const before = await state()
        const [result] = await a.steps('none', [step()])
        expect(result?.failure).toMatchObject({ details: { refusedBy: 'action' } })
        expect(await state()).toEqual(before)
      })

      it('happens inside a write action', async () => {
        const before = await state()
        const [result] = await a.steps('write', [step()])
        expect(result?.failure).toBeUndefined()
        expect(await state()).not.toEqual(before)
      })
    })
  }
}

for (const kind of NEVER_IN_READ) {
  it(`a manifest whose read action lists ${kind} under uses is refused`, () => {
    const read = { title: 'Read', effect: 'read', uses: [kind], input: {}, output: {} }
    expect(() => a.probe.with({ actions: { read } })).toThrow(`never has ${kind}`)
  })
}

describe('secrets', () => {
  it('are read back as they were set, and forgotten when they are deleted', async () => {
    const results = await a.steps('write', [
      { do: 'vault-set', name: 'own.token', value: 'sécret' },
      { do: 'vault-get', name: 'own.token' },
      { do: 'vault-delete', name: 'own.token' },
      { do: 'vault-get', name: 'own.token' },
    ])
    expect(results.map(({ ok }) => ok)).toEqual([null, 'sécret', null, null])
  })

  it('have the names that were granted, and no others', async () => {
    const results = await a.steps('write', [
      { do: 'vault-get', name: 'other' },
      { do: 'vault-set', name: 'own', value: 'x' },
      { do: 'vault-set', name: 'own.a.b', value: 'x' },
      { do: 'vault-delete', name: 'Own.x' },
      { do: 'vault-get', name: 'own.*' },
      { do: 'vault-get', name: '' },
    ])
    for (const { failure } of results)
      expect(failure).toMatchObject({
        code: 'permission-denied',
        details: { refusedBy: 'manifest' },
      })
  })

  it('are not the credentials that people enter, whatever they are called', async () => {
    const everyName = { 'vault:read': { names: ['*', '*.*'] } }
    const permissions = [
      { 'http:read': { urls: [`https://${SITE}/api/**`] } },
      { 'http:write': { urls: [`https://${SITE}/api/write/**`] } },
      'storage:read',
      'storage:write',
      everyName,
      { 'vault:write': { names: ['*'] } },
      { 'data:read': { collections: ['tasks'] } },
      { 'data:write': { collections: ['tasks'] } },
      { 'event:emit': { topics: ['*'] } },
    ]
    await a.install(a.probe.with({ name: 'acme/nosy', permissions }), { config: { site: 'acme' } })
    await a.host.connect(WORKSPACE, 'acme/nosy', ADA, 'token', { token: 'canary-credential' })
    const results = await a.steps(
      'write',
      [
        { do: 'vault-get', name: 'token' },
        { do: 'vault-set', name: 'token', value: 'mine' },
        { do: 'vault-get', name: 'own.kept' },
      ],
      { extension: 'acme/nosy' },
    )
    expect(results.map(({ ok }) => ok)).toEqual([null, null, null])
    await a.steps('read', [{ do: 'fetch', url: `https://${SITE}/api/x`, credential: 'token' }], {
      extension: 'acme/nosy',
    })
    expect(a.seen.at(-1)?.headers.authorization).toBe('Bearer canary-credential')
  })

  it('are bounded in number and size, and in no record', async () => {
    const results = await a.steps('write', [
      ...Array.from({ length: 101 }, (_, n) => ({
        do: 'vault-set',
        name: `own.n${n}`,
        value: 'canary-value',
      })),
      { do: 'vault-set', name: 'own.kept', value: 'canary-value'.repeat(10_000) },
    ])
    expect(results.at(-2)?.failure).toMatchObject({ code: 'limit-exceeded' })
    expect(results.at(-1)?.failure).toMatchObject({ code: 'limit-exceeded' })
    const records = await a.host.audit.list({ workspace: WORKSPACE, limit: 1000 })
    expect(JSON.stringify(records)).toContain('own.n1')
    expect(JSON.stringify(records)).not.toContain('canary-value')
    const database = new DatabaseSync(join(a.home, 'morphee.db'))
    const sealed = (): unknown =>
      database.prepare('SELECT COUNT(*) AS n FROM vault_secret').get()?.['n']
    expect(sealed()).toBeGreaterThan(100)
    await a.host.installations.remove(WORKSPACE, EXTENSION, ADA, { keepData: true })
    // Left are the credential and the secret of the other extension.
    expect(sealed()).toBe(2)
    database.close()
    await a.install(a.probe.wasm, { config: { site: 'acme' } })
    expect(await a.steps('read', [{ do: 'vault-get', name: 'own.n1' }])).toEqual([{ ok: null }])
  })
})

describe('events', () => {
  it('are recorded with an id, in order, and with the source that the host knows', async () => {
    const [last] = (await a.host.events.list(WORKSPACE, { limit: 1000 })).slice(-1)
    const payload = { b: 1, a: '\u202e', source: 'host' }
    await a.steps('write', [
      { do: 'emit', topic: 'probe.one', payload },
      { do: 'emit', topic: 'probe.two', payload: null },
    ])
    const events = await a.host.events.list(WORKSPACE, { after: last?.seq ?? 0 })
    expect(events).toMatchObject([
      { source: EXTENSION, topic: 'probe.one', payload: '{"a":"\u202e","b":1,"source":"host"}' },
      { source: EXTENSION, topic: 'probe.two', payload: 'null' },
    ])
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
    expect(await a.host.events.list('other')).toEqual([])
  })

  it('have the topics that were granted, and a size', async () => {
    const results = await a.steps('write', [
      { do: 'emit', topic: 'task.created', payload: {} },
      { do: 'emit', topic: 'probe', payload: {} },
      { do: 'emit', topic: 'probe.*', payload: {} },
      { do: 'emit', topic: 'probe.x', payload: 'x'.repeat(70_000) },
    ])
    expect(results.map(({ failure }) => failure?.code)).toEqual([
      'permission-denied',
      'permission-denied',
      'permission-denied',
      'limit-exceeded',
    ])
  })
})

describe('a question', () => {
  const ask = async (name: string, kind: PermissionKind): Promise<string> => {
    const url = 'https://{config.site}.services.example/api/graphql'
    const permissions = a.probe.permissions.map((one) =>
      typeof one === 'object' && one !== null && 'http:read' in one
        ? { 'http:read': { operations: [{ method: 'POST', url, graphql: 'query' }] } }
        : one,
    )
    const wasm = a.probe.with({ name, permissions })
    await installWith(a.host, wasm, { site: 'acme' }, (one) =>
      one.kind === kind ? 'ask' : 'allow',
    )
    surface.answer = () => ONCE
    return name
  }
  const shownBytes = (): string => {
    const effect = surface.questions[0]?.question.effect
    const bytes = effect?.kind === 'http' ? effect.body : effect?.content
    return new TextDecoder().decode(bytes)
  }

  it('about a GraphQL query shows the bytes that are sent', async () => {
    const extension = await ask('acme/asking-read', 'http:read')
    const query = '{ me{id} } # and what nobody is shown'
    const step = {
      do: 'fetch',
      url: `https://${SITE}/api/graphql`,
      method: 'POST',
      effect: 'read',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    }
    const [result] = await a.steps('read', [step], { extension })
    expect(result?.failure).toBeUndefined()
    expect(a.seen).toHaveLength(1)
    expect(shownBytes()).toBe(a.seen[0]?.body)
    expect(shownBytes()).not.toContain('nobody')
  })

  it('about a secret names it and commits to its value, and is kept without it', async () => {
    const extension = await ask('acme/asking-secret', 'vault:write')
    const [set] = await a.steps(
      'write',
      [{ do: 'vault-set', name: 'own.token', value: 'canary-asked' }],
      { extension },
    )
    expect(set?.failure).toBeUndefined()
    const [asked] = surface.questions
    expect(asked?.question.target).toMatch(/^own\.token\/set to hmac-sha256:[0-9a-f]{64}$/)
    const kept = await readFile(join(a.home, 'morphee.db'))
    expect(JSON.stringify(surface.questions)).not.toContain('canary-asked')
    expect(kept.includes('canary-asked')).toBe(false)
    const other = { do: 'vault-set', name: 'own.token', value: 'canary-other' }
    await a.steps('write', [other], { extension })
    expect(surface.questions[1]?.digest).not.toBe(asked?.digest)
  })

  it('about an announcement shows what is announced', async () => {
    const extension = await ask('acme/asking-event', 'event:emit')
    const step = { do: 'emit', topic: 'probe.asked', payload: { text: 'x' } }
    const [emitted] = await a.steps('write', [step], { extension })
    expect(emitted?.failure).toBeUndefined()
    const events = await a.host.events.list(WORKSPACE, { limit: 1000 })
    expect(shownBytes()).toBe(events.find(({ source }) => source === extension)?.payload)
  })
})

describe('an authorization of the extension', () => {
  const OWN: readonly (readonly [string, JsonObject])[] = [
    ['Authorization', { headers: { authorization: 'Bearer loot' } }],
    ['a cookie', { headers: { cookie: 'session=loot' } }],
    ['an API key header', { headers: { 'x-api-key': 'loot' } }],
    ['an API key parameter', { url: `https://${SITE}/api/x?api_key=loot` }],
  ]
  for (const [what, request] of OWN) {
    const step = { do: 'fetch', url: `https://${SITE}/api/x`, ...request }
    it(`${what} never arrives without guest-auth, and is refused by name`, async () => {
      const [result] = await a.steps('read', [step])
      expect(result?.failure).toMatchObject({
        code: 'permission-denied',
        details: { permission: 'guest-auth', refusedBy: 'manifest' },
      })
      expect(a.seen).toEqual([])
    })
  }

  describe('with guest-auth', () => {
    const step = { do: 'fetch', url: `https://${SITE}/api/x`, headers: { cookie: 'session=loot' } }
    const installed = async (
      name: string,
      answer: 'allow' | 'deny' | undefined,
    ): Promise<string> => {
      const input = { type: 'object' }
      const manifest = {
        name,
        permissions: [...a.probe.permissions, 'guest-auth'],
        actions: {
          read: { title: 'Read', effect: 'read', input, output: {} },
          none: { title: 'None', effect: 'read', uses: ['http:read'], input, output: {} },
        },
      }
      await installWith(a.host, a.probe.with(manifest), { site: 'acme' }, ({ kind }) =>
        kind === 'guest-auth' ? answer : 'allow',
      )
      return name
    }

    for (const [what, request] of OWN) {
      it(`${what} arrives`, async () => {
        const extension = await installed('acme/own', 'allow')
        const [result] = await a.steps('read', [{ ...step, headers: {}, ...request }], {
          extension,
        })
        expect(result).toMatchObject({ ok: { status: 200 } })
        expect(JSON.stringify(a.seen)).toContain('loot')
      })
    }

    it('it never arrives from an action that does not use it', async () => {
      const extension = await installed('acme/own', 'allow')
      const [result] = await a.steps('none', [step], { extension })
      expect(result?.failure).toMatchObject({
        details: { permission: 'guest-auth', refusedBy: 'action' },
      })
      expect(a.seen).toEqual([])
    })

    for (const answer of ['deny', undefined] as const) {
      it(`it never arrives when the person ${answer === 'deny' ? 'said no to it' : 'left it out'}`, async () => {
        const extension = await installed(`acme/own-${answer ?? 'none'}`, answer)
        const [result] = await a.steps('read', [step], { extension })
        expect(result?.failure).toMatchObject({
          details: { permission: 'guest-auth', refusedBy: 'grant' },
        })
        expect(a.seen).toEqual([])
      })
    }
  })
})
