// A permission that is set to "ask": one yes is one effect, and what is shown is what is sent.
import { buildExtension } from '@morphee/authoring'
import { tryDecodeUtf8 } from '@morphee/core'
import { createEgress } from '@morphee/egress'
import { createDnsResolver, createUndiciTransport } from '@morphee/egress/node'
import type { DevelopmentHost, HostError } from '@morphee/host'
import { createDevelopmentHost } from '@morphee/host/node'
import { type JiraDouble, type Loopback, startJiraDouble, startLoopback } from '@morphee/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { AS_ADA, createAnswering, NO, ONCE } from '../../packages/host/test/fixture/answering.ts'

const principal = { kind: 'person', id: 'ada' } as const
const surface = createAnswering()
let dir: string
let loopback: Loopback
let jira: JiraDouble
let host: DevelopmentHost

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'morphee-approvals-'))
  loopback = await startLoopback({ hosts: ['acme.atlassian.net'] })
  jira = await startJiraDouble({
    loopback,
    site: 'acme',
    email: 'ada@example.com',
    token: 'a-token-for-tests',
  })
  const { bytes } = await buildExtension(join(import.meta.dirname, '../../extensions/jira'), {
    out: join(dir, 'jira.wasm'),
  })
  host = await createDevelopmentHost({
    home: join(dir, 'home'),
    egress: createEgress({
      resolver: createDnsResolver({ servers: [loopback.dns.address] }),
      transport: createUndiciTransport({ roots: loopback.roots, dial: loopback.dial }),
      allowedPrivate: loopback.allowedPrivate,
    }),
    approvals: surface,
  })
  const candidate = await host.admitUnsigned(bytes)
  const config = { site: 'acme' }
  const { authorityDigest, permissions } = await host.propose('personal', candidate, config)
  const grant = {
    entries: permissions.map((permission) => ({
      permission,
      answer: permission.kind === 'http:write' ? ('ask' as const) : ('allow' as const),
    })),
  }
  await host.install({
    workspace: 'personal',
    principal,
    candidate,
    config,
    consent: { authorityDigest, grant, surface: 'test' },
  })
  await host.connect('personal', 'acme/jira', principal, 'jira', {
    username: 'ada@example.com',
    password: 'a-token-for-tests',
  })
})
afterAll(async () => {
  await host.close()
  await jira.close()
  await loopback.close()
  await rm(dir, { recursive: true, force: true })
})
beforeEach(() => {
  surface.questions.length = 0
  surface.answer = () => NO
})

const create = (summary: string, signal?: AbortSignal): Promise<unknown> =>
  host.invoke({
    workspace: 'personal',
    principal,
    extension: 'acme/jira',
    action: 'create-issue',
    input: { project: 'DEMO', summary },
    ...(signal === undefined ? {} : { signal }),
  })

it('a no sends nothing, and the guest learns that its permission was refused', async () => {
  const before = jira.requests.length
  const error = (await create('never').catch(
    (thrown: unknown) => thrown,
  )) as HostError<'ERR_HOST_EXTENSION_FAILED'>
  expect(error).toMatchObject({
    code: 'ERR_HOST_EXTENSION_FAILED',
    details: { code: 'permission-denied' },
  })
  expect(jira.requests.length).toBe(before)
})

it('a yes lets exactly the shown request through, once', async () => {
  surface.answer = () => ONCE
  await create('first')
  expect(surface.questions).toHaveLength(1)
  const effect = surface.questions[0]?.question.effect
  if (effect?.kind !== 'http') throw new Error('an http effect was expected')
  const sent = jira.requests.at(-1)
  expect([effect.method, effect.url]).toEqual([
    sent?.method,
    `https://acme.atlassian.net${sent?.path}`,
  ])
  expect(JSON.parse(tryDecodeUtf8(effect.body as Uint8Array) as string)).toEqual(sent?.body)
  expect(effect.credential).toMatchObject({ name: 'jira', owner: 'person:ada' })

  surface.answer = () => NO
  await expect(create('first')).rejects.toThrowCode('ERR_HOST_EXTENSION_FAILED')
  expect(surface.questions, 'the same request is asked about again').toHaveLength(2)
})

it('two bodies are two questions with two digests', async () => {
  await Promise.allSettled([create('one'), create('another')])
  expect(new Set(surface.questions.map(({ digest }) => digest)).size).toBe(2)
})

it('an answer after the call is over counts for nothing', async () => {
  const before = jira.requests.length
  const waiting = Promise.withResolvers<void>()
  surface.answer = () => void waiting.resolve()
  const caller = new AbortController()
  const call = create('late', caller.signal)
  await waiting.promise
  caller.abort()
  await expect(call).rejects.toThrowCode('ERR_HOST_CANCELLED')
  const [late] = surface.questions
  await expect
    .poll(async () => (await host.approvals.show('personal', late?.id ?? '')).state, {
      timeout: 30_000,
    })
    .toBe('cancelled')
  await expect(
    host.approvals.answer({
      workspace: 'personal',
      id: late?.id ?? '',
      shown: late?.digest ?? '',
      by: AS_ADA,
      answer: ONCE,
    }),
  ).rejects.toThrowCode('ERR_HOST_APPROVAL_OVER')
  expect(jira.requests.length).toBe(before)
})

it('question, answer and use are in the audit trail, which stays whole', async () => {
  surface.answer = () => ONCE
  await create('recorded')
  const records = await host.audit.list({ workspace: 'personal', limit: 20 })
  const approval = records.filter(({ capability }) => capability.startsWith('approval.')).reverse()
  expect(
    approval.slice(-3).map(({ capability, principal: by, decision }) => [capability, by, decision]),
  ).toEqual([
    ['approval.asked', 'person:ada', 'done'],
    ['approval.allowed', 'person:ada', 'done'],
    ['approval.used', 'person:ada', 'done'],
  ])
  await expect(host.verifyAudit()).resolves.toMatchObject({ proven: {} })
})
