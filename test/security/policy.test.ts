// The operator's policy against a running host: what it forbids, how it changes, and what a slip in it does.
import { openPolicyFile } from '@morphee/host/node'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createLoopbackEgress } from '../../demo/loopback-network.ts'
import { tinyExtension } from '../../packages/host/test/fixture/guest.ts'
import { createAnswering, NO } from '../../packages/host/test/fixture/answering.ts'
import { createTestHost, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'
import { type Attack, openAttack, SITE } from './attack.ts'

let a: Attack
let folder: string
let file: string
const complaints: Error[] = []
const asked: string[] = []

// Two writes within one tick of the file system's clock have the same times, so the inode changes with every writing.
async function setPolicy(text: string): Promise<void> {
  await rm(file, { force: true })
  await writeFile(file, `policy: 1\n${text}`)
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-policy-'))
  file = join(folder, 'policy.yaml')
  await setPolicy('')
  a = await openAttack({
    policy: openPolicyFile(file, {
      name: 'policy.yaml',
      onRefused: (error) => void complaints.push(error),
    }),
    approvals: createAnswering(({ question }) => {
      asked.push(question.question)
      return NO
    }),
  })
})
afterAll(async () => {
  await a.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(async () => {
  a.seen.length = 0
  complaints.length = 0
  asked.length = 0
  a.answer = (_request, response) => void response.end('{}')
  await setPolicy('')
})

const read = { do: 'fetch', url: `https://${SITE}/api/x` }
const write = { do: 'fetch', url: `https://${SITE}/api/write/x`, method: 'POST', body: '{}' }

it('the good case: without a rule a granted read and write arrive', async () => {
  const results = await a.steps('write', [read, write])
  expect(results).toMatchObject([{ ok: { status: 200 } }, { ok: { status: 200 } }])
})

it('a rule denies what was granted, from the next effect on, and the record says who', async () => {
  await setPolicy(
    `permissions: { deny: [{ http:write: { urls: ["https://${SITE}/api/write/**"] } }] }`,
  )
  const results = await a.steps('write', [read, write])
  expect(results[0]?.ok).toMatchObject({ status: 200 })
  expect(results[1]?.failure).toMatchObject({
    code: 'permission-denied',
    details: { refusedBy: 'policy' },
  })
  expect(a.seen.map(({ method }) => method)).toEqual(['GET'])
  const refused = await a.host.audit.list({ workspace: WORKSPACE, limit: 5 })
  expect(refused.find(({ decision }) => decision === 'refused')).toMatchObject({
    refusedBy: 'policy',
    capability: 'http:write',
  })
})

it('a policy that is replaced while a call is redirected counts for the next hop', async () => {
  a.answer = ({ url }, response) => {
    if (url !== '/api/x') return void response.end('{}')
    const denied = `permissions: { deny: [{ http:read: { urls: ["https://${SITE}/api/y"] } }] }`
    void setPolicy(denied).then(() => response.writeHead(302, { location: '/api/y' }).end())
  }
  const [hop] = await a.steps('read', [read])
  expect(hop?.failure).toMatchObject({
    code: 'permission-denied',
    details: { refusedBy: 'policy' },
  })
  expect(a.seen.map(({ url }) => url)).toEqual(['/api/x'])
  await setPolicy('')
  a.answer = ({ url }, response) =>
    void (url === '/api/x' ? response.writeHead(302, { location: '/api/y' }) : response).end('{}')
  expect((await a.steps('read', [read]))[0]?.ok, 'the good case').toMatchObject({ status: 200 })
})

it('a ceiling allows nothing beyond it', async () => {
  await setPolicy('permissions: { ceiling: [http:read] }')
  const results = await a.steps('write', [read, write, { do: 'set', key: 'k', value: 1 }])
  expect(results.map(({ failure }) => failure?.details?.refusedBy)).toEqual([
    undefined,
    'policy',
    'policy',
  ])
})

it('a policy that changes while a call runs counts for the rest of the call', async () => {
  a.answer = (_request, response) =>
    void setPolicy('permissions: { deny: [http:write] }').then(() => response.end('{}'))
  const results = await a.steps('write', [read, write])
  expect(results.map(({ failure }) => failure?.details?.refusedBy)).toEqual([undefined, 'policy'])
})

it('a forced question is asked whatever the grant says', async () => {
  await setPolicy('permissions: { ask: [http:write] }')
  const [result] = await a.steps('write', [write])
  expect(result?.failure).toMatchObject({
    code: 'permission-denied',
    details: { refusedBy: 'policy' },
  })
  expect(asked).toHaveLength(1)
  expect(a.seen).toEqual([])
})

it('a slip in the file and a file that is gone leave the policy before it in force', async () => {
  await setPolicy('permissions: { deny: [http:write] }')
  expect((await a.steps('write', [write]))[0]?.failure).toBeDefined()
  await setPolicy('permissions: { denny: [http:write] }')
  expect((await a.steps('write', [write]))[0]?.failure?.details).toMatchObject({
    refusedBy: 'policy',
  })
  expect(complaints).toHaveLength(1)
  expect(complaints[0]).toMatchObject({
    code: 'ERR_POLICY_INVALID',
    details: { diagnostics: [{ file: 'policy.yaml', line: 2, path: '$.permissions.denny' }] },
  })
  await rm(file)
  expect((await a.steps('write', [write]))[0]?.failure?.details).toMatchObject({
    refusedBy: 'policy',
  })
  expect(complaints).toHaveLength(2)
})

it('at the start a faulty or missing file is an error', async () => {
  await setPolicy('isolation: vm')
  expect(() => openPolicyFile(file)).toThrowCode('ERR_POLICY_INVALID')
  await rm(file)
  expect(() => openPolicyFile(file)).toThrow(/ENOENT/)
})

it('an extension or a publisher that is refused neither runs nor is installed', async () => {
  await setPolicy('extensions: { acme/probe: { run: deny } }')
  await expect(a.steps('read', [read])).rejects.toMatchObject({
    code: 'ERR_HOST_POLICY',
    details: { extension: 'acme/probe', rule: { file: 'policy.yaml', line: 2 } },
  })
  const [refused] = await a.host.audit.list({ workspace: WORKSPACE, limit: 1 })
  expect(refused).toMatchObject({ capability: 'invoke', decision: 'refused', refusedBy: 'policy' })
  await setPolicy('publishers: { allow: [globex] }')
  await expect(a.steps('read', [read])).rejects.toMatchObject({ code: 'ERR_HOST_POLICY' })
  await expect(a.install(tinyExtension())).rejects.toMatchObject({ code: 'ERR_HOST_POLICY' })
  await setPolicy('publishers: { deny: [acme] }')
  await expect(a.install(tinyExtension())).rejects.toMatchObject({ code: 'ERR_HOST_POLICY' })
  await setPolicy('')
  expect((await a.steps('read', [read]))[0]?.ok).toMatchObject({ status: 200 })
})

it('a refusal that comes while a call runs stops its effects', async () => {
  a.answer = (_request, response) =>
    void setPolicy('publishers: { deny: [acme] }').then(() => response.end('{}'))
  const results = await a.steps('write', [read, read, write])
  expect(results.map(({ failure }) => failure?.details?.refusedBy)).toEqual([
    undefined,
    'policy',
    'policy',
  ])
})

it('a new ceiling for a limit counts from the next call on, for memory too', async () => {
  // Its memory has eleven pages of 64 KiB from the start.
  await a.install(tinyExtension({ kind: 'long-answer', bytes: 500_000 }, { name: 'acme/long' }))
  const outcome = (): Promise<unknown> =>
    a.call('acme/long', 'go').then(
      () => 'ran',
      ({ code, details }: { readonly code: string; readonly details: object }) => ({
        code,
        ...details,
      }),
    )
  expect(await outcome()).toMatchObject({ code: 'ERR_HOST_OUTPUT_INVALID' })
  await setPolicy('limits: { output-size: 100 KiB }')
  expect(await outcome()).toMatchObject({ code: 'ERR_HOST_LIMIT', limit: 'output', value: 102_400 })
  await setPolicy('limits: { memory: 512 KiB }')
  expect(await outcome()).toMatchObject({ code: 'ERR_COMPONENT_LIMIT' })
  await setPolicy(`limits: { memory: 512 KiB }
extensions: { acme/long: { limits: { memory: 1 MiB } } }`)
  expect(await outcome()).toMatchObject({ code: 'ERR_HOST_OUTPUT_INVALID' })
})

it('a private network is open only where the policy names host and range', async () => {
  const { loopback } = a
  const egress = createLoopbackEgress(loopback, { allowedPrivate: [] })
  const host = await createTestHost({ egress, policy: openPolicyFile(file) })
  try {
    await host.install(a.probe.wasm, { config: { site: 'acme' } })
    const fetch = async (): Promise<unknown> => {
      const { output } = await host.call('acme/probe', 'read', { steps: [read] })
      return (output as unknown as { results: [{ ok?: unknown; failure?: { message: string } }] })
        .results[0]
    }
    const cidr = loopback.allowedPrivate.find((pair) => pair.host === SITE)?.cidr
    const opens = (name: string, range = cidr): Promise<void> =>
      setPolicy(`network: { private: [{ host: ${name}, range: ${range} }] }`)

    expect(await fetch()).toMatchObject({
      failure: { message: expect.stringContaining('public internet') },
    })
    await opens('other.services.example')
    expect(await fetch()).toMatchObject({
      failure: { message: expect.stringContaining('public internet') },
    })
    await opens(SITE, '10.0.0.0/8')
    expect(await fetch()).toMatchObject({
      failure: { message: expect.stringContaining('public internet') },
    })
    await opens(SITE)
    expect(await fetch()).toMatchObject({ ok: { status: 200 } })
    await setPolicy(
      `extensions: { acme/other: { network: { private: [{ host: ${SITE}, range: ${cidr} }] } } }`,
    )
    expect(await fetch()).toMatchObject({
      failure: { message: expect.stringContaining('public internet') },
    })
  } finally {
    await host.close()
  }
})
