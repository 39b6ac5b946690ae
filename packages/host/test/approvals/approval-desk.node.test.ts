// Questions to people: what a yes covers, who says it, and what happens when nobody does.
import { encodeUtf8 } from '@morphee/core'
import type { Approver, Question } from '@morphee/host'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Conversations, MAX_CONVERSATION_MS } from '../../src/approvals/conversations.ts'
import { MAX_QUESTION_BYTES } from '../../src/approvals/question.ts'
import { AS_ADA, NO, ONCE } from '../fixture/answering.ts'
import { aliveWriter, createDesk, QUESTION, type TestDesk, withEffect } from './fixture.ts'

let t: TestDesk
beforeEach(async () => {
  t = await createDesk({ pendingPerExtension: 3, pendingPerWorkspace: 5 })
})
afterEach(() => t.close())

const ALLOWED = { kind: 'allowed' }
const ADA = { kind: 'person', id: 'ada' } as const
const IN = (conversation: string): Question => ({ ...QUESTION, conversation })
const ALWAYS = { kind: 'allow', covers: 'always' } as const

describe('one yes', () => {
  it('lets one call through, and the identical next one is asked again', async () => {
    const first = t.ask()
    await t.answer(await t.next(), ONCE)
    expect(await first).toEqual(ALLOWED)
    const second = t.ask()
    await t.answer(await t.next(), NO)
    expect(await second).toMatchObject({ kind: 'refused' })
    expect(t.asked).toHaveLength(2)
  })

  it('lets one of two identical calls through that wait together', async () => {
    const calls = [t.ask(), t.ask()]
    const [first] = [await t.next(), await t.next()]
    expect(await t.desk.inbox.list('home'), 'one question is shown').toHaveLength(1)
    await t.answer(first, ONCE)
    expect(await Promise.race(calls)).toEqual(ALLOWED)
    const [left] = await t.desk.inbox.list('home')
    expect(left?.id).not.toBe(first.id)
    await t.answer(left as typeof first, NO)
    expect((await Promise.all(calls)).map(({ kind }) => kind).sort()).toEqual([
      'allowed',
      'refused',
    ])
  })

  it('cannot be said twice', async () => {
    const call = t.ask()
    const question = await t.next()
    await t.answer(question, ONCE)
    await call
    await expect(t.answer(question, ONCE)).rejects.toThrowCode('ERR_HOST_APPROVAL_OVER')
  })
})

describe('one no', () => {
  it('answers every identical question, and none with another body', async () => {
    const alike = [t.ask(), t.ask()]
    const other = t.ask(withEffect({ body: encodeUtf8('{"all":true}') }))
    const [first] = [await t.next(), await t.next(), await t.next()]
    expect(await t.desk.inbox.list('home')).toHaveLength(2)
    await t.answer(first, NO)
    expect((await Promise.all(alike)).map(({ kind }) => kind)).toEqual(['refused', 'refused'])
    const [left] = await t.desk.inbox.list('home')
    await t.answer(left as typeof first, ONCE)
    expect(await other).toEqual(ALLOWED)
  })
})

describe('a yes that stands covers the identical effect and nothing else', () => {
  const OTHERS: readonly (readonly [string, Question])[] = [
    ['another body', withEffect({ body: encodeUtf8('{"x":1}') })],
    ['no body', withEffect({ body: undefined })],
    ['another URL', withEffect({ url: 'https://acme.atlassian.net/rest/api/3/issue/ABC-8' })],
    ['another query', withEffect({ url: `${(QUESTION.effect as { url: string }).url}?all` })],
    ['another method', withEffect({ method: 'PUT' })],
    ['another header', withEffect({ headers: [{ name: 'accept', value: '*/*' }] })],
    [
      'another secret under the same name',
      withEffect({ credential: { name: 'jira', connection: 'con_2', owner: 'shared' } }),
    ],
    ['no credential', withEffect({ credential: undefined })],
    ['another artifact', { ...QUESTION, artifact: 'sha256:bb' }],
    ['another installation', { ...QUESTION, installation: 'ins_2' }],
    ['another action', { ...QUESTION, action: 'update-issue' }],
    ['another permission', { ...QUESTION, permission: 'http:read' }],
    [
      'another agent',
      { ...QUESTION, principal: { kind: 'agent', id: 'other', onBehalfOf: 'ada' } },
    ],
    ['another person', { ...QUESTION, principal: { kind: 'person', id: 'ada' } }],
    ['automation', { ...QUESTION, principal: { kind: 'automation', trigger: 'event' } }],
    ['another workspace', { ...QUESTION, workspace: 'work' }],
  ]
  for (const [what, question] of OTHERS) {
    it(`not ${what}`, async () => {
      const call = t.ask()
      await t.answer(await t.next(), ALWAYS)
      await call
      expect(await t.ask(), 'the identical one').toEqual(ALLOWED)
      expect(t.asked).toHaveLength(1)
      const stop = new AbortController()
      const other = t.ask(question, stop.signal)
      await t.next()
      stop.abort()
      expect(await other).toMatchObject({ kind: 'refused' })
    })
  }

  it('for a conversation: that one, and no other or none', async () => {
    const calls = [t.ask(IN('cnv_a')), t.ask(IN('cnv_a'))]
    const [first] = [await t.next(), await t.next()]
    await t.answer(first, { kind: 'allow', covers: 'conversation' })
    expect(await Promise.all(calls)).toEqual([ALLOWED, ALLOWED])
    expect(await t.ask(IN('cnv_a'))).toEqual(ALLOWED)
    for (const question of [IN('cnv_b'), QUESTION]) {
      const call = t.ask(question)
      await t.answer(await t.next(), NO)
      expect(await call).toMatchObject({ kind: 'refused' })
    }
  })

  it('for a conversation: no call of another one that waits beside it', async () => {
    const calls = [t.ask(IN('cnv_a')), t.ask(IN('cnv_b'))]
    const [a, b] = [await t.next(), await t.next()]
    await t.answer(a, { kind: 'allow', covers: 'conversation' })
    expect(await calls[0]).toEqual(ALLOWED)
    expect((await t.desk.inbox.show('home', b.id)).state).toBe('pending')
    await t.answer(b, NO)
    expect(await calls[1]).toMatchObject({ kind: 'refused' })
  })

  it('for no conversation is refused where the call has none', async () => {
    const call = t.ask()
    const question = await t.next()
    await expect(t.answer(question, { kind: 'allow', covers: 'conversation' })).rejects.toThrowCode(
      'ERR_HOST_ARGUMENT',
    )
    await t.answer(question, NO)
    expect(await call, 'and the refused answer allowed nothing').toMatchObject({ kind: 'refused' })
  })

  for (const answer of [
    { kind: 'allow', covers: 'conversation' },
    { kind: 'allow', covers: 'until', until: 1_700_000_001_000 },
    ALWAYS,
  ] as const) {
    it(`${answer.covers} is refused where the operator's policy asks each time`, async () => {
      const call = t.ask({ ...IN('cnv_a'), askedBy: 'policy' })
      const question = await t.next()
      await expect(t.answer(question, answer)).rejects.toThrowCode('ERR_HOST_ARGUMENT')
      await t.answer(question, ONCE)
      expect(await call).toEqual(ALLOWED)
      expect(await t.desk.inbox.standing('home')).toEqual([])
    })
  }

  it('until a time, and not a moment longer', async () => {
    const call = t.ask()
    await t.answer(await t.next(), { kind: 'allow', covers: 'until', until: t.time.now + 1000 })
    await call
    t.time.now += 999
    expect(await t.ask()).toEqual(ALLOWED)
    t.time.now += 1
    const later = t.ask()
    await t.answer(await t.next(), NO)
    expect(await later).toMatchObject({ kind: 'refused' })
  })

  for (const until of [Number.NaN, -1, 0, 1_700_000_000_000, 1e15]) {
    it(`until ${until} is refused`, async () => {
      const stop = new AbortController()
      const call = t.ask(QUESTION, stop.signal)
      await expect(
        t.answer(await t.next(), { kind: 'allow', covers: 'until', until }),
      ).rejects.toThrowCode('ERR_HOST_ARGUMENT')
      stop.abort()
      await call
    })
  }

  it('until it is revoked', async () => {
    const call = t.ask()
    await t.answer(await t.next(), ALWAYS)
    await call
    const [standing] = await t.desk.inbox.standing('home')
    expect(standing).toMatchObject({ covers: 'always', givenBy: 'person:ada' })
    const id = standing?.id ?? ''
    await expect(t.desk.inbox.revoke('home', id, { person: 'eve', roles: [] })).rejects.toThrowCode(
      'ERR_HOST_APPROVER',
    )
    await expect(t.desk.inbox.revoke('work', id, AS_ADA)).rejects.toThrowCode(
      'ERR_HOST_APPROVAL_UNKNOWN',
    )
    await t.desk.inbox.revoke('home', id, AS_ADA)
    const again = t.ask()
    await t.answer(await t.next(), NO)
    expect(await again).toMatchObject({ kind: 'refused' })
  })
})

describe('a question that is exchanged between showing and answering', () => {
  it('is refused when the answer names another digest', async () => {
    const stop = new AbortController()
    const harmless = t.ask(QUESTION, stop.signal)
    const worse = t.ask(
      withEffect({ url: 'https://acme.atlassian.net/rest/api/3/project/ALL' }),
      stop.signal,
    )
    const [shown, other] = [await t.next(), await t.next()]
    await expect(t.answer({ ...other, digest: shown.digest }, ONCE)).rejects.toThrowCode(
      'ERR_HOST_APPROVAL_CHANGED',
    )
    stop.abort()
    expect((await Promise.all([harmless, worse])).map(({ kind }) => kind)).toEqual([
      'refused',
      'refused',
    ])
  })

  it('is not shown when its stored bytes are not those of its digest', async () => {
    const stop = new AbortController()
    const call = t.ask(QUESTION, stop.signal)
    const { id } = await t.next()
    await t.store.transaction((tx) =>
      tx.run('UPDATE approval SET question = ? WHERE id = ?', [encodeUtf8('{"effect":{}}'), id]),
    )
    await expect(t.desk.inbox.show('home', id)).rejects.toThrowCode('ERR_HOST_APPROVAL_CHANGED')
    stop.abort()
    await call
  })

  it('lets nothing through when the whole row was exchanged for a harmless one', async () => {
    const call = t.ask()
    const asked = await t.next()
    const stop = new AbortController()
    const harmless = t.ask(withEffect({ method: 'GET' }), stop.signal)
    const shown = await t.next()
    await t.store.transaction((tx) =>
      tx.run(
        'UPDATE approval SET question = (SELECT question FROM approval WHERE id = ?), digest = ? WHERE id = ?',
        [shown.id, shown.digest, asked.id],
      ),
    )
    await t.answer({ ...shown, id: asked.id }, ONCE)
    expect(await call).toMatchObject({ kind: 'refused' })
    stop.abort()
    await harmless
  })
})

describe('without an answer', () => {
  it('it is refused when its time is up', async () => {
    const call = t.ask()
    const question = await t.next()
    t.time.now += 59_000
    expect(await call).toMatchObject({ kind: 'refused', reason: 'nobody answered in time' })
    await expect(t.answer(question, ONCE)).rejects.toThrowCode('ERR_HOST_APPROVAL_OVER')
  })

  it('it is cancelled with its call, and a yes that was not taken up is too', async () => {
    const stop = new AbortController()
    const call = t.ask(QUESTION, stop.signal)
    const question = await t.next()
    stop.abort()
    expect(await call).toMatchObject({ kind: 'refused' })
    expect(await t.desk.inbox.show('home', question.id)).toMatchObject({ state: 'cancelled' })
    expect(await t.desk.inbox.list('home')).toEqual([])
  })

  it('so many wait for one extension, and so many in a workspace', async () => {
    const stop = new AbortController()
    const of = (extension: string, n: number): Question => ({
      ...QUESTION,
      extension,
      action: `action-${n}`,
    })
    const waiting = [1, 2, 3].map((n) => t.ask(of('acme/one', n), stop.signal))
    for (const _ of waiting) await t.next()
    await expect(t.ask(of('acme/one', 4))).rejects.toThrowCode('ERR_HOST_LIMIT')
    waiting.push(...[5, 6].map((n) => t.ask(of('acme/two', n), stop.signal)))
    await t.next()
    await t.next()
    await expect(t.ask(of('acme/three', 7))).rejects.toThrowCode('ERR_HOST_LIMIT')
    stop.abort()
    await Promise.all(waiting)
  })

  it('where nobody can be asked it is refused at once, unless a yes stands', async () => {
    const signal = new AbortController().signal
    const unasked = { question: QUESTION, invocation: 'inv_2', remainingMs: 60_000, signal }
    expect(await t.mute.ask(unasked)).toEqual({
      kind: 'refused',
      reason: 'there is nobody to ask',
    })
    expect(await t.desk.inbox.list('home')).toEqual([])
    const call = t.ask()
    await t.answer(await t.next(), ALWAYS)
    await call
    expect(await t.mute.ask(unasked)).toEqual(ALLOWED)
  })

  it('what is too large to read is refused unasked', async () => {
    const body = new Uint8Array(MAX_QUESTION_BYTES)
    expect(await t.ask(withEffect({ body }))).toMatchObject({ kind: 'refused' })
    expect(t.asked).toEqual([])
  })
})

describe('after the process of a call is gone', () => {
  it('its question is interrupted, and a yes is good for one identical call', async () => {
    const lost = t.ask()
    lost.catch(() => {})
    await t.next()
    const desk = t.other(aliveWriter('two'))
    const [question] = await desk.inbox.list('home')
    expect(question).toMatchObject({ state: 'interrupted' })
    expect(await lost, 'a call that was taken for dead gets no yes').toMatchObject({
      kind: 'refused',
    })
    const { id, digest } = question as typeof question & {}
    expect(
      await desk.inbox.answer({ workspace: 'home', id, shown: digest, by: AS_ADA, answer: ONCE }),
    ).toMatchObject({ state: 'leased' })

    const stop = new AbortController()
    const asking = (asked: Question): ReturnType<typeof desk.ask> =>
      desk.ask({ question: asked, invocation: 'inv_2', remainingMs: 60_000, signal: stop.signal })
    const other = asking(withEffect({ body: undefined }))
    await t.next()
    expect(await asking(QUESTION)).toEqual(ALLOWED)
    const again = asking(QUESTION)
    await t.next()
    stop.abort()
    expect((await Promise.all([other, again])).map(({ kind }) => kind)).toEqual([
      'refused',
      'refused',
    ])
  })

  it('the yes is not kept for ever', async () => {
    const lost = t.ask()
    await t.next()
    const desk = t.other(aliveWriter('two'))
    const [question] = await desk.inbox.list('home')
    await lost
    const { id, digest } = question as typeof question & {}
    await desk.inbox.answer({ workspace: 'home', id, shown: digest, by: AS_ADA, answer: ONCE })
    t.time.now += 900_000
    const unasked = { question: QUESTION, invocation: 'inv_2', remainingMs: 60_000 }
    const stop = new AbortController()
    expect(await t.mute.ask({ ...unasked, signal: stop.signal })).toMatchObject({ kind: 'refused' })
    const call = t.ask(QUESTION, stop.signal)
    await t.next()
    stop.abort()
    await call
    expect((await desk.inbox.show('home', id)).state).toBe('expired')
  })

  it('the question of a lost call gives way to that of the call that was made again', async () => {
    const lost = t.ask()
    const { id: old } = await t.next()
    const desk = t.other(aliveWriter('two'))
    const stop = new AbortController()
    const again = desk.ask({
      question: QUESTION,
      invocation: 'inv_2',
      remainingMs: 60_000,
      signal: stop.signal,
    })
    const { id } = await t.next()
    await lost
    expect((await desk.inbox.list('home')).map((one) => one.id)).toEqual([id])
    expect((await desk.inbox.show('home', old)).state).toBe('cancelled')
    stop.abort()
    await again
  })

  describe('when the clock is set back', () => {
    const HOUR = 3_600_000
    const leased = async (): Promise<string> => {
      const lost = t.ask()
      await t.next()
      const desk = t.other(aliveWriter('two'))
      const [question] = await desk.inbox.list('home')
      await lost
      const { id, digest } = question as typeof question & {}
      const answered = { workspace: 'home', id, shown: digest, by: AS_ADA, answer: ONCE }
      expect((await desk.inbox.answer(answered)).state).toBe('leased')
      return id
    }
    const unasked = {
      question: QUESTION,
      invocation: 'inv_2',
      remainingMs: 60_000,
      signal: new AbortController().signal,
    }

    it('a yes that waits lasts no longer in the process that gave it', async () => {
      await leased()
      expect(await t.mute.ask(unasked)).toEqual(ALLOWED)
      await leased()
      // So little that it is nothing to be seen in what is stored.
      t.time.now -= 30_000
      t.time.monotonic += 900_000
      expect(await t.mute.ask(unasked)).toMatchObject({ kind: 'refused' })
    })

    it('a yes from the future is no yes in another process', async () => {
      const id = await leased()
      t.time.now -= HOUR
      const fresh = t.other(aliveWriter('three'))
      expect((await fresh.inbox.show('home', id)).state).toBe('expired')
      t.time.now += HOUR
      expect(await t.mute.ask(unasked)).toMatchObject({ kind: 'refused' })
    })

    it('a question and an answer until some time are over no later', async () => {
      const call = t.ask()
      const asked = await t.next()
      await t.answer(asked, { kind: 'allow', covers: 'until', until: t.time.now + 10 * 60_000 })
      expect(await call).toEqual(ALLOWED)
      t.time.now -= HOUR
      expect(await t.mute.ask(unasked)).toEqual(ALLOWED)
      t.time.monotonic += 10 * 60_000
      expect(await t.mute.ask(unasked)).toMatchObject({ kind: 'refused' })
      const fresh = t.other(aliveWriter('three'))
      const [standing] = await fresh.inbox.standing('home')
      // It would count again when that time has come, so it can be seen and taken back.
      await fresh.inbox.revoke('home', standing?.id ?? '', AS_ADA)
      expect(await fresh.inbox.standing('home')).toEqual([])
    })

    it('a conversation goes on for no longer', async () => {
      const clock = { now: () => t.time.now, monotonic: () => t.time.monotonic }
      const services = { store: t.store, audit: t.audit, clock }
      const conversations = new Conversations(services)
      const id = await conversations.open('home', ADA)
      t.time.now -= HOUR
      t.time.monotonic += MAX_CONVERSATION_MS - 1
      await conversations.assertOpen('home', ADA, id)
      t.time.monotonic += 1
      await expect(conversations.assertOpen('home', ADA, id)).rejects.toThrowCode(
        'ERR_HOST_CONVERSATION',
      )
      const fresh = new Conversations(services).assertOpen('home', ADA, id)
      await expect(fresh, 'opened in the future').rejects.toThrowCode('ERR_HOST_CONVERSATION')
    })
  })

  it('a yes that stands leaves no lease beside it', async () => {
    const lost = t.ask()
    await t.next()
    const desk = t.other(aliveWriter('two'))
    const [question] = await desk.inbox.list('home')
    await lost
    const { id, digest } = question as typeof question & {}
    const answered = { workspace: 'home', id, shown: digest, by: AS_ADA, answer: ALWAYS }
    expect((await desk.inbox.answer(answered)).state).toBe('used')
    expect(await t.ask()).toEqual(ALLOWED)
    await desk.inbox.revoke('home', id, AS_ADA)
    const again = t.ask()
    await t.answer(await t.next(), NO)
    expect(await again).toMatchObject({ kind: 'refused' })
  })

  it('a call of a living process goes on waiting', async () => {
    const call = t.ask()
    const question = await t.next()
    const desk = t.other(aliveWriter('two', ['one', 'two']))
    const { id, digest } = question
    const answered = { workspace: 'home', id, shown: digest, by: AS_ADA, answer: ONCE }
    expect(await desk.inbox.answer(answered)).toMatchObject({ state: 'allowed' })
    expect(await call).toEqual(ALLOWED)
  })
})

describe('who may answer', () => {
  const PERSONAL = withEffect({
    credential: { name: 'jira', connection: 'con_1', owner: 'person:bob' },
  })
  const EVENT: Question = { ...QUESTION, principal: { kind: 'automation', trigger: 'event' } }
  const BOB: Approver = { person: 'bob', roles: [] }
  const OWNER: Approver = { person: 'olga', roles: ['owner'] }
  const ROWS: readonly (readonly [string, Question, Approver, boolean])[] = [
    ['the person the agent acts for', QUESTION, AS_ADA, true],
    ['another member', QUESTION, BOB, false],
    ['another member who calls himself a manager', QUESTION, { ...BOB, roles: ['manager'] }, false],
    ['an owner of the workspace', QUESTION, OWNER, true],
    ['an admin', QUESTION, { person: 'adam', roles: ['admin'] }, true],
    ['the owner of the personal connection', PERSONAL, BOB, true],
    ['the caller, with a personal connection of somebody else', PERSONAL, AS_ADA, false],
    ['an owner of the workspace, with a personal connection', PERSONAL, OWNER, false],
    ['a member, for automation', EVENT, AS_ADA, false],
    ['an owner, for automation', EVENT, OWNER, true],
  ]
  for (const [who, question, by, may] of ROWS) {
    it(`${may ? '' : 'not '}${who}`, async () => {
      const stop = new AbortController()
      const call = t.ask(question, stop.signal)
      const { id, digest } = await t.next()
      const answering = t.desk.inbox.answer({
        workspace: 'home',
        id,
        shown: digest,
        by,
        answer: ONCE,
      })
      if (may) await answering
      else await expect(answering).rejects.toThrowCode('ERR_HOST_APPROVER')
      if (!may) stop.abort()
      expect((await call).kind).toBe(may ? 'allowed' : 'refused')
    })
  }

  it('in another workspace there is no such question', async () => {
    const stop = new AbortController()
    const call = t.ask(QUESTION, stop.signal)
    const { id, digest } = await t.next()
    await expect(
      t.desk.inbox.answer({ workspace: 'work', id, shown: digest, by: AS_ADA, answer: ONCE }),
    ).rejects.toThrowCode('ERR_HOST_APPROVAL_UNKNOWN')
    expect(await t.desk.inbox.list('work')).toEqual([])
    stop.abort()
    await call
  })
})

it('a conversation goes on for seven days', async () => {
  const clock = { now: () => t.time.now, monotonic: () => 0 }
  const conversations = new Conversations({ store: t.store, audit: t.audit, clock })
  const id = await conversations.open('home', ADA)
  t.time.now += MAX_CONVERSATION_MS - 1
  await conversations.assertOpen('home', ADA, id)
  t.time.now += 1
  await expect(conversations.assertOpen('home', ADA, id)).rejects.toThrowCode(
    'ERR_HOST_CONVERSATION',
  )
})

it('everything is recorded: asked, answered by whom, used, expired, cancelled, interrupted, revoked', async () => {
  const once = t.ask()
  await t.answer(await t.next(), ALWAYS)
  await once
  await t.ask()
  const [standing] = await t.desk.inbox.standing('home')
  await t.desk.inbox.revoke('home', standing?.id ?? '', AS_ADA)
  const stop = new AbortController()
  const cancelled = t.ask(QUESTION, stop.signal)
  await t.next()
  stop.abort()
  await cancelled
  const expired = t.ask()
  await t.next()
  t.time.now += 60_000
  await expired
  const interrupted = t.ask()
  await t.next()
  await t.other(aliveWriter('two')).recover()
  await interrupted
  const records = (await t.audit.list({ workspace: 'home', limit: 50 })).reverse()
  expect(records.map(({ capability, principal }) => [capability, principal])).toEqual([
    ['approval.asked', 'agent:claude for person:ada'],
    ['approval.allowed', 'person:ada'],
    ['approval.used', 'agent:claude for person:ada'],
    ['approval.used', 'agent:claude for person:ada'],
    ['approval.revoked', 'person:ada'],
    ['approval.asked', 'agent:claude for person:ada'],
    ['approval.cancelled', 'agent:claude for person:ada'],
    ['approval.asked', 'agent:claude for person:ada'],
    ['approval.expired', 'agent:claude for person:ada'],
    ['approval.asked', 'agent:claude for person:ada'],
    ['approval.interrupted', 'agent:claude for person:ada'],
  ])
})
