// Events against everything that stands between one extension and the handler of another.
import type { JsonValue } from '@morphee/core'
import { type ApprovalSurface, MAX_EVENT_HOPS, MAX_EVENTS_PER_MINUTE } from '@morphee/host'
import type { AccessRequest, GrantEntry, Permission, Policy } from '@morphee/manifest'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  createTestHost,
  ADA,
  newHome,
  WORKSPACE,
} from '../../packages/host/test/fixture/test-host.ts'
import { type Attack, openAttack, SITE, TOKEN } from './attack.ts'
import { type Answering, installWith } from './install-with.ts'
import { buildProbe, type Probe } from './probe.ts'

/** An event that the handler of the probe got, as it kept it. */
interface Seen {
  readonly id: string
  readonly source: string
  readonly topic: string
  readonly attempt: number
  readonly payload: JsonValue
}

const SUBSCRIBE = 'event:subscribe'
const YES: Answering = () => 'allow'
const answered =
  (answer: ReturnType<Answering>): Answering =>
  ({ kind }) =>
    kind === SUBSCRIBE ? answer : 'allow'

let a: Attack
/** Has a handler; what is told to it is announced by `deaf`, which has none. */
let probe: Probe
let deaf: Probe
let policy: Policy = {}
let now = 1_800_000_000_000
const asked: unknown[] = []
const surface: ApprovalSurface = { asked: (question) => void asked.push(question) }

beforeAll(async () => {
  probe = await buildProbe({ everyDoor: true, handler: true })
  deaf = await buildProbe({ everyDoor: true })
  const clock = { now: () => now, monotonic: () => performance.now() }
  a = await openAttack({ clock, approvals: surface, policy: { current: () => policy } }, deaf)
})
afterAll(() => a.close())
// Each test has receivers of its own: nobody is left behind who would be told of the next test's events.
afterEach(async () => {
  policy = {}
  asked.length = 0
  for (const { extension } of await a.host.installations.list(WORKSPACE)) {
    if (extension !== 'acme/probe')
      await a.host.installations.remove(WORKSPACE, extension, ADA, { keepData: false })
  }
  await a.host.events.deliver()
})

async function installed(
  name: string,
  answering: Answering = YES,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const extension = `acme/${name}`
  await installWith(a.host, probe.with({ ...fields, name: extension }), { site: 'acme' }, answering)
  return extension
}

async function kept(extension: string, prefix: string): Promise<any[]> {
  const [keys] = await a.steps('read', [{ do: 'keys', prefix }], { extension })
  const gets = (keys?.ok as string[]).map((key) => ({ do: 'get', key }))
  return (await a.steps('read', gets, { extension })).map(({ ok }) => ok)
}
const seenBy = (extension: string): Promise<Seen[]> => kept(extension, 'seen.')

const publish = (topic: string, payload: JsonValue = null): Promise<string> =>
  a.host.events.publish({ workspace: WORKSPACE, principal: ADA, topic, payload })
const emit = (topic: string, payload: JsonValue = {}): Promise<unknown> =>
  a.steps('write', [{ do: 'emit', topic, payload }])
const deliver = (): ReturnType<typeof a.host.events.deliver> => a.host.events.deliver()

/** Delivers until the event that fails is given up. */
async function exhaust(): Promise<void> {
  for (let attempt = 1; attempt <= 8; attempt++) {
    await deliver()
    now += 3_600_000
  }
}

async function recorded(capability: string): Promise<any> {
  const records = await a.host.audit.list({ workspace: WORKSPACE, limit: 50 })
  return records.find((record) => record.capability === capability)
}

describe('an event', () => {
  it('of one extension runs the handler of another with who said it, once, and not its own', async () => {
    const receiver = await installed('receiver')
    await emit('probe.first', { n: 1 })
    expect(await deliver()).toEqual({ handled: 1, failed: 0, dead: 0 })
    expect(await seenBy(receiver)).toMatchObject([
      { source: 'acme/probe', topic: 'probe.first', attempt: 1, payload: { n: 1 } },
    ])
    await a.steps('write', [{ do: 'emit', topic: 'probe.own', payload: {} }], {
      extension: receiver,
    })
    expect(await deliver()).toEqual({ handled: 0, failed: 0, dead: 0 })
  })

  it('of the application is said by the host, which no extension can claim to be', async () => {
    const receiver = await installed('receiver')
    await publish('probe.told', { source: 'acme/liar' })
    await deliver()
    expect(await seenBy(receiver)).toMatchObject([{ source: 'host', topic: 'probe.told' }])
  })

  it('of another topic, of another workspace or from before the installation runs nothing', async () => {
    await publish('probe.before')
    const receiver = await installed('receiver')
    await publish('other.topic')
    await publish('probe.one.more')
    // As many as have ever been in this workspace, so that its place in the log is passed in the other one too.
    const { length } = await a.host.events.list(WORKSPACE, { limit: 1000 })
    for (let n = 0; n < length + 3; n++) {
      const elsewhere = { workspace: 'elsewhere', principal: ADA, topic: 'probe.elsewhere' }
      await a.host.events.publish({ ...elsewhere, payload: null })
    }
    await publish('probe.own')
    expect(await deliver()).toEqual({ handled: 1, failed: 0, dead: 0 })
    expect((await seenBy(receiver)).map(({ topic }) => topic)).toEqual(['probe.own'])
  })

  for (const topic of [
    '__proto__',
    'constructor',
    'probe.*',
    'probe..x',
    'Probe.x',
    '',
    'probe.a/b',
  ]) {
    it(`with the topic ${JSON.stringify(topic)} is announced by nobody`, async () => {
      const [result] = await a.steps('write', [{ do: 'emit', topic, payload: {} }])
      expect(result?.failure).toMatchObject({ code: 'permission-denied' })
      if (topic !== 'constructor')
        await expect(publish(topic)).rejects.toThrowCode('ERR_HOST_ARGUMENT')
    })
  }

  it('too large to be one is announced by nobody', async () => {
    await expect(publish('probe.large', 'x'.repeat(65_536))).rejects.toThrowCode('ERR_HOST_LIMIT')
  })
})

describe('the person', () => {
  const expired: Answering = (permission) =>
    permission.kind === SUBSCRIBE ? [{ permission, answer: 'allow', expiresAt: now - 1 }] : 'allow'
  const answers: readonly (readonly [string, Answering])[] = [
    ['left it out', answered(undefined)],
    ['said no', answered('deny')],
    ['wants to be asked', answered('ask')],
    ['said yes until a time that is over', expired],
  ]
  for (const [answer, answering] of answers) {
    it(`${answer}: the handler is not run, nobody is asked, and the record says by whom`, async () => {
      const receiver = await installed('receiver', answering)
      const id = await publish('probe.refused')
      expect(await deliver()).toEqual({ handled: 0, failed: 0, dead: 0 })
      expect(await seenBy(receiver)).toEqual([])
      expect(asked).toEqual([])
      const records = await a.host.audit.list({ workspace: WORKSPACE, extension: receiver })
      const refusals = records.filter(({ target }) => target === `probe.refused/${id}`)
      expect(refusals).toMatchObject([
        { decision: 'refused', refusedBy: 'grant', principal: 'automation:event' },
      ])
    })
  }

  it('left a part of it: the handler is run there, and not beside it', async () => {
    const part: Permission = { kind: SUBSCRIBE, topics: ['probe.this'] }
    const receiver = await installed(
      'receiver',
      answered([{ permission: part, answer: 'allow' } satisfies GrantEntry]),
    )
    await publish('probe.that')
    await publish('probe.this')
    await deliver()
    expect((await seenBy(receiver)).map(({ topic }) => topic)).toEqual(['probe.this'])
  })

  it('takes it back: the next event runs nothing', async () => {
    const receiver = await installed('receiver')
    await publish('probe.one')
    await deliver()
    const { versions } = await a.host.installations.show(WORKSPACE, receiver)
    const consent = versions[0]?.consent
    const grant = consent?.grant as unknown as { entries: GrantEntry[] }
    await a.host.installations.grant(WORKSPACE, receiver, ADA, {
      authorityDigest: consent!.authorityDigest,
      grant: {
        ...grant,
        entries: grant.entries.filter((one) => one.permission.kind !== SUBSCRIBE),
      },
      surface: 'test',
    } as never)
    await publish('probe.two')
    await deliver()
    expect((await seenBy(receiver)).map(({ topic }) => topic)).toEqual(['probe.one'])
  })

  it('switches it off: what happens meanwhile waits, and comes when it is switched on', async () => {
    const receiver = await installed('receiver')
    await a.host.installations.setState(WORKSPACE, receiver, ADA, 'disabled')
    await publish('probe.meanwhile')
    expect(await deliver()).toMatchObject({ handled: 0 })
    await a.host.installations.setState(WORKSPACE, receiver, ADA, 'active')
    expect(await deliver()).toMatchObject({ handled: 1 })
    expect(await seenBy(receiver)).toHaveLength(1)
  })

  it('removes it: nothing is run, and nothing of what it could not handle is left', async () => {
    const receiver = await installed('receiver')
    await publish('probe.poison', { steps: [{ do: 'fail', code: 'internal', message: 'no' }] })
    await exhaust()
    expect(await a.host.events.deadLetters(WORKSPACE)).toHaveLength(1)
    await a.host.installations.remove(WORKSPACE, receiver, ADA, { keepData: false })
    await publish('probe.after')
    expect(await deliver()).toEqual({ handled: 0, failed: 0, dead: 0 })
    using database = new DatabaseSync(join(a.home, 'morphee.db'), { readOnly: true })
    for (const table of ['dead_letter', 'event_cursor'])
      expect(database.prepare(`SELECT * FROM ${table}`).all()).toEqual([])
  })
})

describe('the operator', () => {
  it('denies a topic: the next event of it runs nothing, and the record says who', async () => {
    const receiver = await installed('receiver')
    policy = { rules: { deny: [{ permission: { kind: SUBSCRIBE, topics: ['probe.secret'] } }] } }
    await publish('probe.secret')
    await publish('probe.open')
    await deliver()
    expect((await seenBy(receiver)).map(({ topic }) => topic)).toEqual(['probe.open'])
  })
})

describe('a manifest', () => {
  it('that subscribes to nothing and has a handler, or the reverse, is not installed', async () => {
    const every = probe.permissions
    const permissions = every.filter((one) => !Object.hasOwn(one as object, SUBSCRIBE))
    await expect(installed('silent', YES, { permissions })).rejects.toMatchObject({
      code: 'ERR_HOST_CONTRACT',
      details: {
        problems: ['exports event-handler, and its manifest does not ask for event:subscribe'],
      },
    })
    const wasm = deaf.with({ name: 'acme/deaf', permissions: every })
    await expect(installWith(a.host, wasm, { site: 'acme' }, YES)).rejects.toMatchObject({
      code: 'ERR_HOST_CONTRACT',
      details: { problems: [expect.stringContaining('its manifest asks for event:subscribe')] },
    })
  })
})

describe('a handler', () => {
  const write = { do: 'fetch', url: `https://${SITE}/api/write/x`, method: 'POST', body: '{}' }

  for (const isolation of ['thread', 'worker', 'process'] as const) {
    it(`runs at the level ${isolation}, and what it fails with arrives`, async () => {
      policy = { isolation }
      const receiver = await installed('receiver')
      const id = await publish('probe.level', { text: 'ü' })
      expect(await deliver()).toMatchObject({ handled: 1 })
      expect(await seenBy(receiver)).toMatchObject([{ id, payload: { text: 'ü' } }])
      await publish('probe.fails', { steps: [{ do: 'fail', code: 'conflict', message: 'no' }] })
      expect(await deliver()).toMatchObject({ failed: 1 })
    })
  }

  it('is explained before it runs, questions as the refusals that they are', async () => {
    const receiver = await installed('receiver', ({ kind }) =>
      kind === 'storage:write' ? 'ask' : 'allow',
    )
    const decisionOn = async (request: AccessRequest): Promise<unknown> =>
      (await a.host.explain(WORKSPACE, receiver, 'event-handler', request)).decision
    const told = { kind: 'event', access: 'subscribe', topic: 'probe.told' } as const
    expect(await decisionOn(told)).toMatchObject({ kind: 'allow' })
    expect(await decisionOn({ ...told, topic: 'other' })).toMatchObject({ refusedBy: 'manifest' })
    const stored = await decisionOn({ kind: 'storage', access: 'write' })
    expect(stored).toMatchObject({ kind: 'deny', refusedBy: 'grant' })
    await expect(
      a.host.explain(WORKSPACE, 'acme/probe', 'event-handler', told),
    ).rejects.toThrowCode('ERR_HOST_ACTION_UNKNOWN')
  })

  it('may do what was granted, as automation and with the event on record', async () => {
    const receiver = await installed('receiver')
    a.seen.length = 0
    await publish('probe.write', { steps: [write] })
    expect(await deliver()).toMatchObject({ handled: 1 })
    expect(a.seen.map(({ method }) => method)).toEqual(['POST'])
    const records = await a.host.audit.list({
      workspace: WORKSPACE,
      extension: receiver,
      limit: 20,
    })
    const own = records.filter(({ capability }) => capability === 'http:write')
    expect(own[0]).toMatchObject({ principal: 'automation:event' })
    expect(records.filter(({ capability }) => capability === SUBSCRIBE)[0]?.invocation).toBe(
      own[0]?.invocation,
    )
  })

  it('is refused what a person is to be asked about, and nobody is asked', async () => {
    const receiver = await installed('receiver', ({ kind }) =>
      kind === 'http:write' ? 'ask' : 'allow',
    )
    a.seen.length = 0
    await publish('probe.write', { steps: [write] })
    expect(await deliver()).toMatchObject({ failed: 1 })
    expect(a.seen).toEqual([])
    expect(asked).toEqual([])
    const records = await a.host.audit.list({
      workspace: WORKSPACE,
      extension: receiver,
      limit: 20,
    })
    expect(records.find(({ capability }) => capability === 'http:write')).toMatchObject({
      decision: 'refused',
      refusedBy: 'grant',
    })
  })

  it('gets no credential of a person, and gets a shared one', async () => {
    const receiver = await installed('receiver')
    await a.host.connect(WORKSPACE, receiver, ADA, 'token', { token: TOKEN })
    a.seen.length = 0
    await publish('probe.read', { steps: [{ ...write, credential: 'token' }] })
    expect(await deliver()).toMatchObject({ failed: 1 })
    expect(a.seen).toEqual([])
    await a.host.connect(WORKSPACE, receiver, ADA, 'token', { token: TOKEN }, { shared: true })
    now += 3_600_000
    expect(await deliver()).toMatchObject({ handled: 1 })
    expect(a.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  })

  it('that fails is run again later with the same id, then its event is a dead letter that can be tried and dropped', async () => {
    const receiver = await installed('receiver')
    const steps = [{ do: 'fail', code: 'conflict', message: 'not today' }]
    const poison = await publish('probe.poison', { steps })
    await publish('probe.next')
    expect(await deliver()).toEqual({ handled: 0, failed: 1, dead: 0 })
    // Not due yet: a second look runs nothing.
    expect(await deliver()).toEqual({ handled: 0, failed: 0, dead: 0 })
    await exhaust()
    const seen = await seenBy(receiver)
    expect(seen.filter(({ id }) => id === poison).map(({ attempt }) => attempt)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8,
    ])
    expect(seen.filter(({ topic }) => topic === 'probe.next')).toHaveLength(1)
    const [letter, ...more] = await a.host.events.deadLetters(WORKSPACE)
    expect(more).toEqual([])
    expect(letter).toMatchObject({
      event: { id: poison },
      extension: receiver,
      attempts: 8,
      code: 'ERR_HOST_EXTENSION_FAILED',
    })
    expect(await recorded('event:dead-letter')).toMatchObject({ extension: receiver })
    const events = a.host.events
    await expect(events.retry(WORKSPACE, receiver, poison, ADA)).rejects.toThrowCode(
      'ERR_HOST_EXTENSION_FAILED',
    )
    expect((await events.deadLetters(WORKSPACE))[0]?.attempts).toBe(9)
    policy = { rules: { deny: [{ permission: SUBSCRIBE }] } }
    await expect(events.retry(WORKSPACE, receiver, poison, ADA)).rejects.toMatchObject({
      code: 'ERR_HOST_PERMISSION_DENIED',
      details: { refusedBy: 'policy' },
    })
    expect(await events.deadLetters(WORKSPACE)).toHaveLength(1)
    await events.drop(WORKSPACE, receiver, poison, ADA)
    expect(await events.deadLetters(WORKSPACE)).toEqual([])
    await expect(events.drop(WORKSPACE, receiver, poison, ADA)).rejects.toThrowCode(
      'ERR_HOST_EVENT_UNKNOWN',
    )
  })

  it('that never returns is stopped by its limit, and comes again', async () => {
    const limits = { 'wall-time': '1 s', 'cpu-time': '1 s' }
    const hanging = await installed('hanging', YES, { limits })
    await publish('probe.slow', { hang: true })
    expect(await deliver()).toMatchObject({ failed: 1, handled: 0 })
    expect((await seenBy(hanging)).map(({ topic }) => topic)).toEqual(['probe.slow'])
  })

  it('that waits for a service keeps nobody else waiting', async () => {
    await installed('slow')
    const quick = await installed('quick', YES, {
      permissions: probe.permissions.map((one) =>
        Object.hasOwn(one as object, SUBSCRIBE)
          ? { [SUBSCRIBE]: { topics: ['probe.quick'] } }
          : one,
      ),
    })
    const held = Promise.withResolvers<() => void>()
    const { answer } = a
    a.answer = (_request, response) => held.resolve(() => void response.end())
    await publish('probe.slow', { steps: [{ do: 'fetch', url: `https://${SITE}/api/slow` }] })
    await publish('probe.quick')
    await publish('probe.quick')
    const delivering = deliver()
    const release = await held.promise
    // What comes while the other one waits does not wait for it either.
    await publish('probe.quick')
    while ((await seenBy(quick)).length < 3) expect(asked).toEqual([])
    release()
    expect(await delivering).toMatchObject({ failed: 0, handled: 7 })
    a.answer = answer
  })

  it('is run again when the clock was set back', async () => {
    const DAY = 86_400_000
    const receiver = await installed('receiver')
    now += DAY
    await publish('probe.first')
    expect(await deliver()).toMatchObject({ handled: 1 })
    await publish('probe.poison', { steps: [{ do: 'fail', code: 'conflict', message: 'no' }] })
    expect(await deliver()).toMatchObject({ failed: 1 })
    now -= DAY
    expect(await deliver()).toMatchObject({ failed: 1 })
    expect((await seenBy(receiver)).map(({ attempt }) => attempt).toSorted()).toEqual([1, 1, 2])
    await exhaust()
    now += DAY
    await publish('probe.after')
    await deliver()
    now -= DAY
    await publish('probe.last')
    expect(await deliver()).toMatchObject({ handled: 1 })
  })

  it('that fails again after its dead letter was dropped leaves none', async () => {
    const receiver = await installed('receiver')
    const steps = [
      { do: 'fetch', url: `https://${SITE}/api/slow` },
      { do: 'fail', code: 'conflict', message: 'not today' },
    ]
    const poison = await publish('probe.poison', { steps })
    await exhaust()
    const held = Promise.withResolvers<() => void>()
    const { answer } = a
    a.answer = (_request, response) => held.resolve(() => void response.end())
    const retried = a.host.events.retry(WORKSPACE, receiver, poison, ADA)
    const release = await held.promise
    await a.host.events.drop(WORKSPACE, receiver, poison, ADA)
    release()
    await expect(retried).rejects.toThrowCode('ERR_HOST_EXTENSION_FAILED')
    expect(await a.host.events.deadLetters(WORKSPACE)).toEqual([])
    a.answer = answer
  })

  it('that answers each event with another ends after so many deliveries in a row', async () => {
    const one = await installed('one')
    const two = await installed('two')
    // Each hop carries the payload of the next: as deep as the loop could ever go, and some more.
    let payload: JsonValue = {}
    for (let hop = 0; hop < MAX_EVENT_HOPS + 4; hop++)
      payload = { steps: [{ do: 'emit', topic: 'probe.loop', payload }] }
    await publish('probe.loop', payload)
    await exhaust()
    const events = await a.host.events.list(WORKSPACE, { limit: 1000 })
    const hops = events.filter(({ topic }) => topic === 'probe.loop').map((event) => event.hops)
    expect(Math.max(...hops)).toBe(MAX_EVENT_HOPS)
    const letters = await a.host.events.deadLetters(WORKSPACE)
    expect(letters.map(({ extension }) => extension)).toEqual(expect.arrayContaining([one]))
    expect([one, two]).toContain(letters[0]?.extension)
    expect(letters[0]?.message).toContain('event-hops')
  })
})

describe('a flood', () => {
  it('of announcements is refused beyond so many a minute, and says when to come back', async () => {
    const flooding = await installed('flooding')
    const steps = Array.from({ length: MAX_EVENTS_PER_MINUTE + 5 }, () => ({
      do: 'emit',
      topic: 'probe.flood',
      payload: {},
    }))
    const results = await a.steps('write', steps, { extension: flooding })
    const refused = results.filter(({ failure }) => failure !== undefined)
    expect(refused).toHaveLength(5)
    expect(refused[0]?.failure).toMatchObject({
      code: 'limit-exceeded',
      details: { limit: 'events-per-minute' },
    })
    expect(refused[0]?.failure?.retryAfterMs).toBeGreaterThan(0)
  })
})

describe('two hosts on one store', () => {
  it('do not deliver one event at once; when one is killed in the middle, the other delivers it again with the same id', async () => {
    const home = await newHome()
    const extension = 'acme/killed'
    const first = await createTestHost({ home })
    try {
      await installWith(first.host, probe.with({ name: extension }), { site: 'acme' }, YES)
      const { host } = first
      const seen = async (): Promise<string[]> => {
        const input = { steps: [{ do: 'keys', prefix: 'seen.' }] }
        const { output } = await first.call(extension, 'read', input)
        return (output as { results: { ok: string[] }[] }).results[0]?.ok ?? []
      }
      const id = await host.events.publish({
        workspace: WORKSPACE,
        principal: ADA,
        topic: 'probe.killed',
        payload: { hang: true },
      })
      const script = join(import.meta.dirname, 'delivering-process.ts')
      const child = spawn(process.execPath, ['--conditions=@morphee/source', script, home], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const exit = once(child, 'exit')
      try {
        while ((await seen()).length === 0) expect(child.exitCode).toBeNull()
        expect(await host.events.deliver()).toEqual({ handled: 0, failed: 0, dead: 0 })
      } finally {
        child.kill('SIGKILL')
        await exit
      }
      const delivering = host.events.deliver()
      while ((await seen()).length === 1) await Promise.race([delivering, Promise.resolve()])
      expect(await seen()).toEqual([1, 2].map((attempt) => `seen.probe.killed.${id}.${attempt}`))
      await host.installations.setState(WORKSPACE, extension, ADA, 'disabled')
      await delivering
    } finally {
      await first.close()
    }
  })
})
