// Ways around a person's yes: every one of them ends in a question, or in a refusal.
import type { JsonObject, JsonValue } from '@morphee/core'
import type { InvokeRequest, Principal } from '@morphee/host'
import type { GrantAnswer } from '@morphee/manifest'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AS_ADA, createAnswering, NO, ONCE } from '../../packages/host/test/fixture/answering.ts'
import {
  ADA,
  createTestHost,
  newHome,
  type TestHost,
  WORKSPACE,
} from '../../packages/host/test/fixture/test-host.ts'
import { type Attack, openAttack, SITE, TOKEN } from './attack.ts'
import { reachableFunctions } from './reachable.ts'

const PROBE = 'acme/probe'
const BOB: Principal = { kind: 'person', id: 'bob' }
const CLAUDE: Principal = { kind: 'agent', id: 'claude', onBehalfOf: 'ada' }
const EVENT: Principal = { kind: 'automation', trigger: 'event' }
const surface = createAnswering()
/** A machine may be busy; nothing here depends on how fast it is. */
const PATIENTLY = { timeout: 30_000 }
let a: Attack

beforeAll(async () => {
  a = await openAttack({ approvals: surface })
  await grant(a, 'http:write', 'ask')
})
afterAll(() => a.close())
beforeEach(() => {
  a.seen.length = 0
  surface.questions.length = 0
  surface.answer = () => NO
  a.answer = (_request, response) => void response.end('{}')
})

/** A new yes to the probe, with one permission answered in another way. */
async function grant(
  { host }: TestHost,
  kind: string,
  answer: GrantAnswer,
  extension = PROBE,
): Promise<void> {
  const candidate = await host.active(WORKSPACE, extension)
  const { authorityDigest, permissions } = await host.propose(WORKSPACE, candidate, {})
  const entries = permissions.map((permission) => ({
    permission,
    answer: permission.kind === kind ? answer : ('allow' as const),
  }))
  await host.installations.grant(WORKSPACE, extension, ADA, {
    authorityDigest,
    grant: { entries },
    surface: 'test',
  })
}

const write = (path: string, body = '{}', more: JsonObject = {}): JsonObject => ({
  do: 'fetch',
  url: `https://${SITE}/api/write${path}`,
  method: 'POST',
  body,
  ...more,
})
const destroy = (path: string): JsonObject => ({
  do: 'fetch',
  url: `https://${SITE}/api/write${path}`,
  method: 'DELETE',
})

describe('one approval', () => {
  it('deletes one issue: the second delete after it is asked again', async () => {
    let answers = 0
    surface.answer = () => (answers++ === 0 ? ONCE : NO)
    const results = await a.steps('destroy', [destroy('/issue/1'), destroy('/issue/1')])
    expect(results).toMatchObject([
      { ok: { status: 200 } },
      { failure: { code: 'permission-denied' } },
    ])
    expect(surface.questions).toHaveLength(2)
    expect(a.seen.map(({ method }) => method)).toEqual(['DELETE'])
  })

  it('is of one body: another one that waits beside it is another question', async () => {
    surface.answer = ({ question }) => {
      const { effect } = question
      const text = effect.kind === 'http' ? new TextDecoder().decode(effect.body) : ''
      return text === '{"harmless":true}' ? ONCE : NO
    }
    const [harmless, worse] = await Promise.all([
      a.steps('write', [write('/x', '{"harmless":true}')]),
      a.steps('write', [write('/x', '{"harmless":false}')]),
    ])
    expect(harmless).toMatchObject([{ ok: { status: 200 } }])
    expect(worse).toMatchObject([{ failure: { code: 'permission-denied' } }])
    expect(a.seen.map(({ body }) => body)).toEqual(['{"harmless":true}'])
  })

  it('of a redirect is another one, without the credential where it leaves the origin', async () => {
    const extension = 'acme/wide'
    const urls = [`https://${SITE}/api/**`, 'https://other.services.example/**']
    const permissions = [
      { 'http:read': { urls, reason: 'Reads' } },
      { 'http:write': { urls, reason: 'Writes' } },
      'storage:read',
      'storage:write',
    ]
    const wasm = a.probe.with({ name: extension, permissions })
    await a.install(wasm, { config: { site: 'acme' } })
    await grant(a, 'http:read', 'ask', extension)
    await a.host.connect(WORKSPACE, extension, ADA, 'token', { token: TOKEN })
    surface.answer = () => ONCE
    a.answer = (request, response) => {
      if (request.url === '/api/near') response.writeHead(302, { location: '/api/x' })
      if (request.url === '/api/away')
        response.writeHead(302, { location: 'https://other.services.example/x' })
      response.end()
    }
    for (const path of ['/near', '/away']) {
      const url = `https://${SITE}/api${path}`
      await a.steps('read', [{ do: 'fetch', url, credential: 'token' }], { extension })
    }
    const shown = surface.questions.map(({ question: { effect } }) =>
      effect.kind === 'http' ? [effect.url, effect.credential?.owner] : [],
    )
    expect(shown).toEqual([
      [`https://${SITE}/api/near`, 'person:ada'],
      [`https://${SITE}/api/x`, 'person:ada'],
      [`https://${SITE}/api/away`, 'person:ada'],
      ['https://other.services.example/x', undefined],
    ])
    expect(a.seenElsewhere.map(({ headers }) => headers.authorization)).toEqual([undefined])
    a.seenElsewhere.length = 0
  })

  it('shows the bytes that are sent', async () => {
    surface.answer = () => ONCE
    const body = '{"text":"ünïcode \\u202e"}'
    await a.steps('write', [write('/x?to=all', body, { headers: { 'x-note': 'hello' } })])
    const effect = surface.questions[0]?.question.effect
    if (effect?.kind !== 'http') throw new Error('an http effect was expected')
    expect(new TextDecoder().decode(effect.body)).toBe(body)
    expect(a.seen[0]).toMatchObject({ method: effect.method, body })
    expect(`https://${SITE}${a.seen[0]?.url}`).toBe(effect.url)
    expect(a.seen[0]?.headers['x-note']).toBe('hello')
    expect(effect.headers).toContainEqual({ name: 'x-note', value: 'hello' })
  })

  it('has ten minutes, though the call that waits may run for less', async () => {
    surface.answer = () => ONCE
    await a.steps('write', [write('/x', '{}')])
    const question = surface.questions[0]
    expect(question && question.expiresAt - question.askedAt).toBe(600_000)
  })
})

describe('a yes that comes late', () => {
  it('does not bring back what was taken back while it was waited for', async () => {
    surface.answer = () => undefined
    const call = a.steps('write', [write('/x')])
    await expect.poll(() => surface.questions.length, PATIENTLY).toBe(1)
    await grant(a, 'http:write', 'deny')
    const { id, digest } = surface.questions[0] as (typeof surface.questions)[0]
    const answered = { workspace: WORKSPACE, id, shown: digest, by: AS_ADA, answer: ONCE }
    await a.host.approvals.answer(answered)
    expect(await call).toMatchObject([{ failure: { code: 'permission-denied' } }])
    expect(a.seen).toEqual([])
    await grant(a, 'http:write', 'ask')
  })
})

describe('a prompt', () => {
  it("is not opened by a guest's own permission-denied", async () => {
    const failing = a.steps(
      'write',
      [
        {
          do: 'fail',
          code: 'permission-denied',
          message: 'Say yes to everything',
          details: '{"permission":"http:write","refusedBy":"grant"}',
        },
      ],
      { rethrow: true },
    )
    await expect(failing).rejects.toThrowCode('ERR_HOST_EXTENSION_FAILED')
    expect(surface.questions).toEqual([])
    expect(await a.host.approvals.list(WORKSPACE)).toEqual([])
  })

  it('holds nothing a guest said but the request itself', async () => {
    const lure = 'the person has agreed already'
    await a.steps('write', [
      { do: 'log', text: lure },
      { do: 'progress', text: lure, fraction: 0.5 },
      write('/x', JSON.stringify({ lure })),
    ])
    const [asked] = surface.questions
    const { effect, ...host } = asked?.question ?? { effect: undefined }
    expect(effect).toBeDefined()
    expect(JSON.stringify(host)).not.toContain('agreed')
  })

  it('is cleaned of what turns text around', async () => {
    await grant(a, 'storage:write', 'ask')
    await a.steps('write', [{ do: 'set', key: 'a\u202eb\u0007\nc', value: 1 }])
    await grant(a, 'http:write', 'ask')
    const { target, question } = surface.questions[0]?.question ?? {}
    expect(target).toBe('key ab c')
    expect(question).toBe('A person is to be asked: storage:write')
  })
})

describe('a conversation', () => {
  const ask = (options: Partial<InvokeRequest>): Promise<unknown> =>
    a.steps('write', [write('/same')], options)
  const CONVERSATION = { kind: 'allow', covers: 'conversation' } as const

  it('keeps its yes, and automation and other conversations do not inherit it', async () => {
    const conversation = await a.host.conversations.open(WORKSPACE, ADA)
    surface.answer = () => CONVERSATION
    await ask({ conversation })
    await ask({ conversation })
    expect(surface.questions).toHaveLength(1)
    expect(a.seen).toHaveLength(2)

    surface.answer = () => NO
    const other = await a.host.conversations.open(WORKSPACE, ADA)
    await ask({ conversation: other })
    await ask({})
    expect(surface.questions).toHaveLength(3)
    // Nobody is asked for automation, and no earlier yes is its own.
    await ask({ principal: EVENT })
    expect(surface.questions).toHaveLength(3)
    expect(a.seen).toHaveLength(2)

    await a.host.conversations.close(WORKSPACE, conversation)
    await expect(ask({ conversation })).rejects.toThrowCode('ERR_HOST_CONVERSATION')
    expect(await a.host.approvals.standing(WORKSPACE)).toEqual([])
  })

  const REFUSED: readonly (readonly [string, () => Promise<Partial<InvokeRequest>>])[] = [
    ['a made-up id', async () => ({ conversation: `cnv_${'0'.repeat(26)}` })],
    ['no id at all', async () => ({ conversation: "cnv_' OR 1=1 --" })],
    [
      "another person's",
      async () => ({ conversation: await a.host.conversations.open(WORKSPACE, BOB) }),
    ],
    [
      "the person's own, used by an agent",
      async () => ({
        principal: CLAUDE,
        conversation: await a.host.conversations.open(WORKSPACE, ADA),
      }),
    ],
    [
      "another workspace's",
      async () => ({ conversation: await a.host.conversations.open('work', ADA) }),
    ],
    [
      'one that was closed',
      async () => {
        const conversation = await a.host.conversations.open(WORKSPACE, ADA)
        await a.host.conversations.close(WORKSPACE, conversation)
        return { conversation }
      },
    ],
    [
      'one in the hands of automation',
      async () => ({
        principal: EVENT,
        conversation: await a.host.conversations.open(WORKSPACE, ADA),
      }),
    ],
  ]
  for (const [what, make] of REFUSED) {
    it(`is refused: ${what}`, async () => {
      await expect(ask(await make())).rejects.toThrowCode('ERR_HOST_CONVERSATION')
      expect(a.seen).toEqual([])
    })
  }

  it('automation cannot open one', async () => {
    await expect(a.host.conversations.open(WORKSPACE, EVENT)).rejects.toThrowCode(
      'ERR_HOST_CONVERSATION',
    )
  })
})

describe('a personal credential', () => {
  const signedIn = (principal: Principal): ReturnType<Attack['steps']> =>
    a.steps('read', [{ do: 'fetch', url: `https://${SITE}/api/me`, credential: 'token' }], {
      principal,
    })
  const tokens = (): unknown[] => a.seen.map(({ headers }) => headers.authorization)
  const REFUSED = { failure: { code: 'unauthenticated' } }

  it('serves its owner and agents that act for the owner, and nobody else', async () => {
    await a.host.connect(WORKSPACE, PROBE, ADA, 'token', { token: TOKEN })
    expect(await signedIn(ADA)).toMatchObject([{ ok: { status: 200 } }])
    expect(await signedIn(CLAUDE)).toMatchObject([{ ok: { status: 200 } }])
    const others: readonly (readonly [Principal, string])[] = [
      [BOB, 'another person'],
      [{ kind: 'agent', id: 'claude', onBehalfOf: 'bob' }, 'another person'],
      [EVENT, 'automation'],
      [{ kind: 'automation', trigger: 'schedule' }, 'automation'],
      [{ kind: 'automation', trigger: 'webhook' }, 'automation'],
    ]
    for (const [principal, who] of others) {
      const [result] = await signedIn(principal)
      expect(result).toMatchObject(REFUSED)
      expect(result?.failure?.message).toContain(`for ${who}`)
      expect(result?.failure?.details).toMatchObject({
        error: 'ERR_HOST_CREDENTIAL_PERSONAL',
        accepted: expect.stringContaining('shared'),
      })
    }
    expect(tokens()).toEqual([`Bearer ${TOKEN}`, `Bearer ${TOKEN}`])
  })

  it('is not taken for the shared one, which serves everybody else', async () => {
    await a.host.connect(WORKSPACE, PROBE, BOB, 'token', { token: 'shared' }, { shared: true })
    for (const principal of [EVENT, BOB, ADA]) await signedIn(principal)
    expect(tokens()).toEqual(['Bearer shared', 'Bearer shared', `Bearer ${TOKEN}`])
    expect(await a.host.disconnect(WORKSPACE, PROBE, BOB, 'token')).toBe(false)
    expect(await a.host.disconnect(WORKSPACE, PROBE, BOB, 'token', { shared: true })).toBe(true)
    expect(await signedIn(EVENT)).toMatchObject([REFUSED])
  })

  it('is entered by a person', async () => {
    for (const principal of [CLAUDE, EVENT]) {
      await expect(
        a.host.connect(WORKSPACE, PROBE, principal, 'token', { token: 'x' }, { shared: true }),
      ).rejects.toThrowCode('ERR_HOST_ARGUMENT')
    }
  })

  it('that is exchanged between the question and the yes is not used', async () => {
    surface.answer = () => undefined
    const call = a.steps('write', [write('/x', '{}', { credential: 'token' })])
    await expect.poll(() => surface.questions.length, PATIENTLY).toBe(1)
    const { id, digest, question } = surface.questions[0] as (typeof surface.questions)[0]
    expect(question.effect).toMatchObject({ credential: { name: 'token', owner: 'person:ada' } })
    await a.host.connect(WORKSPACE, PROBE, ADA, 'token', { token: 'of another account' })
    const by = { workspace: WORKSPACE, id, shown: digest, by: AS_ADA }
    await a.host.approvals.answer({ ...by, answer: ONCE })
    expect(await call).toMatchObject([{ failure: { code: 'unauthenticated' } }])
    expect(a.seen).toEqual([])
  })
})

it('nothing that an InterfaceManager leads to approves, grants, connects or configures', async () => {
  const { interfaces } = a.host
  const failures = await Promise.all(
    [
      interfaces.list('../x'),
      interfaces.invoke({
        workspace: WORKSPACE,
        principal: ADA,
        extension: 'x/y',
        action: 'z',
        input: {},
      }),
      interfaces.invoke({
        workspace: WORKSPACE,
        principal: ADA,
        extension: PROBE,
        action: 'z',
        input: {},
      }),
      interfaces.invoke({
        workspace: WORKSPACE,
        principal: ADA,
        extension: PROBE,
        action: 'read',
        input: 7,
      }),
    ].map((call) => call.catch((error: unknown) => error)),
  )
  const told: unknown[] = []
  const result = await interfaces.invoke({
    workspace: WORKSPACE,
    principal: ADA,
    extension: PROBE,
    action: 'write',
    input: {
      steps: [{ do: 'log', text: 'x' }, { do: 'progress', text: 'x', fraction: 0.5 }, write('/x')],
    },
    onLog: (line) => told.push(line),
    onProgress: (progress) => told.push(progress),
  })
  expect(told).toHaveLength(2)
  const calls = interfaces.list(WORKSPACE)
  const reached = reachableFunctions(interfaces, failures, told, result, calls, await calls)
  expect([...reached].filter((one) => !isErrorClass(one))).toEqual([
    interfaces.invoke,
    interfaces.list,
  ])

  const { approvals, installations, conversations } = a.host
  const powers = reachableFunctions(approvals, installations, conversations, a.host)
  for (const power of [
    approvals.answer,
    approvals.revoke,
    installations.configure,
    installations.setState,
    conversations.open,
    a.host.connect,
    a.host.install,
  ])
    expect(powers, 'the walk finds what is there to be found').toContain(power)
  powers.delete(interfaces.invoke)
  powers.delete(interfaces.list)
  expect([...reached].filter((one) => powers.has(one))).toEqual([])
})

function isErrorClass(value: object): boolean {
  return Object.prototype.isPrototypeOf.call(Error, value)
}

describe('two processes', () => {
  const STEPS = [{ do: 'set', key: 'k', value: 'v' }]

  async function homeOfProbe(): Promise<string> {
    const home = await newHome()
    const t = await createTestHost({ home })
    await t.install(a.probe.wasm, { config: { site: 'acme' } })
    await grant(t, 'storage:write', 'ask')
    await t.close()
    return home
  }

  interface Process {
    readonly lines: AsyncIterator<string>
    readonly go: () => void
    readonly kill: () => Promise<void>
  }

  const start = (home: string): Process => run('approval-process.ts', home, STEPS)

  function run(script: string, home: string, input: JsonValue): Process {
    const child = spawn(
      process.execPath,
      [
        '--conditions=@morphee/source',
        join(import.meta.dirname, script),
        home,
        JSON.stringify(input),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
    const exit = once(child, 'exit')
    return {
      lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
      go: () => void child.stdin.write('go\n'),
      kill: async () => {
        child.kill('SIGKILL')
        await exit
      },
    }
  }

  it('a call waits in one and is answered in the other', async () => {
    const home = await homeOfProbe()
    const { lines, kill } = start(home)
    const id = (await lines.next()).value as string
    const t = await createTestHost({ home })
    const { digest, state } = await t.host.approvals.show(WORKSPACE, id)
    expect(state).toBe('pending')
    await t.host.approvals.answer({
      workspace: WORKSPACE,
      id,
      shown: digest,
      by: AS_ADA,
      answer: ONCE,
    })
    expect(JSON.parse((await lines.next()).value as string)).toMatchObject({
      results: [{ ok: null }],
    })
    expect((await t.host.approvals.show(WORKSPACE, id)).state).toBe('used')
    await kill()
    await t.close()
  })

  it(
    'a yes and a no at once: of each question one counts, and whoever came second is told',
    PATIENTLY,
    async () => {
      const home = await homeOfProbe()
      const t = await createTestHost({ home, approvals: { asked: () => {} } })
      const keys = Array.from({ length: 4 }, (_, i) => `k${i}`)
      const calls = keys.map(async (key) => {
        const steps = [{ do: 'set', key, value: 'v' }]
        const { output } = await t.call(PROBE, 'write', { steps })
        return (output as { results: readonly JsonObject[] }).results[0]
      })
      await expect
        .poll(async () => (await t.host.approvals.list(WORKSPACE)).length, PATIENTLY)
        .toBe(keys.length)
      const answering = [ONCE, NO].map((answer) => run('answering-process.ts', home, { ...answer }))
      for (const { lines } of answering)
        expect((await lines.next()).value).toBe(String(keys.length))
      for (const { go } of answering) go()
      const [yes, no] = await Promise.all(
        answering.map(
          async ({ lines }) =>
            new Map(JSON.parse((await lines.next()).value as string) as [string, string][]),
        ),
      )
      for (const id of yes?.keys() ?? [])
        expect([yes?.get(id), no?.get(id)].toSorted()).toEqual([
          'ERR_HOST_APPROVAL_OVER',
          'counted',
        ])
      const counted = [...(yes?.values() ?? [])].filter((said) => said === 'counted').length
      const done = (await Promise.all(calls)).filter(
        (result) => result !== undefined && 'ok' in result,
      )
      expect(done).toHaveLength(counted)
      await Promise.all(answering.map(({ kill }) => kill()))
      await t.close()
    },
  )

  it(
    'a yes that is left from a lost call is taken by one of two identical calls',
    PATIENTLY,
    async () => {
      const home = await homeOfProbe()
      const lost = start(home)
      const id = (await lost.lines.next()).value as string
      await lost.kill()
      const t = await createTestHost({ home })
      const { digest: shown } = await t.host.approvals.show(WORKSPACE, id)
      await t.host.approvals.answer({ workspace: WORKSPACE, id, shown, by: AS_ADA, answer: ONCE })
      const both = [start(home), start(home)]
      const first = await Promise.all(
        both.map(async ({ lines }) => (await lines.next()).value as string),
      )
      expect(first.filter((line) => line.startsWith('{'))).toEqual([
        expect.stringContaining('"ok":null'),
      ])
      expect(
        first.filter((line) => line.startsWith('apr_')),
        'the other is asked',
      ).toHaveLength(1)
      await Promise.all(both.map(({ kill }) => kill()))
      await t.close()
    },
  )

  it('kill -9 while a call waits: the yes that comes later is good for one identical call', async () => {
    const home = await homeOfProbe()
    const { lines, kill } = start(home)
    const id = (await lines.next()).value as string
    await kill()
    const later = createAnswering()
    const t = await createTestHost({ home, approvals: later })
    const [waiting, ...more] = await t.host.approvals.list(WORKSPACE)
    expect([waiting?.id, waiting?.state, more]).toEqual([id, 'interrupted', []])
    const shown = waiting?.digest ?? ''
    const answered = { workspace: WORKSPACE, id, shown, by: AS_ADA, answer: ONCE }
    expect((await t.host.approvals.answer(answered)).state).toBe('leased')

    const call = async (steps: readonly JsonObject[]): Promise<unknown> =>
      (await t.call(PROBE, 'write', { steps })).output
    expect(await call([{ do: 'set', key: 'k', value: 'other' }])).toMatchObject({
      results: [{ failure: { code: 'permission-denied' } }],
    })
    expect(await call(STEPS)).toMatchObject({ results: [{ ok: null }] })
    expect(later.questions, 'only the other value was asked about').toHaveLength(1)
    expect(await call(STEPS)).toMatchObject({
      results: [{ failure: { code: 'permission-denied' } }],
    })
    expect(later.questions).toHaveLength(2)
    await expect(t.host.verifyAudit()).resolves.toMatchObject({ proven: {} })
    await t.close()
  })
})
