// Guests that hang, grow, crash and answer wrongly, beside others that must not notice.
import { buildExtension } from '@morphee/authoring'
import { embedArtifact, type Manifest, readArtifact } from '@morphee/manifest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Behaviour, tinyExtension } from '../../packages/host/test/fixture/guest.ts'
import {
  ADA,
  createTestHost,
  type TestHost,
  WORKSPACE,
} from '../../packages/host/test/fixture/test-host.ts'
import { componentOf } from './probe.ts'

let t: TestHost
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-runaways-'))
  t = await createTestHost()
  const { bytes } = await buildExtension(
    resolve(import.meta.dirname, '../../extensions/misbehaving'),
    {
      out: join(folder, 'misbehaving.wasm'),
    },
  )
  await t.install(bytes, { config: { site: 'acme' } })
  await t.install(tinyExtension())
  // The same with more CPU time: on a busy machine a thousand refusals take longer than the second it asks for.
  const patient = {
    ...readArtifact(bytes).manifest,
    name: 'acme/stubborn',
    limits: {},
  } as unknown as Manifest
  await t.install(Uint8Array.from(embedArtifact(componentOf(bytes), patient)), {
    config: { site: 'acme' },
  })
})
afterAll(async () => {
  await t.close()
  await rm(folder, { recursive: true, force: true })
})

const misbehave = (action: string, input: object = {}): Promise<unknown> =>
  t.call('acme/misbehaving', action, input as {})

/** Installs a hand-made guest under a name of its own and gives its one call. */
async function guest(
  name: string,
  behaviour: Behaviour,
  limits: Readonly<Record<string, unknown>> = {},
): Promise<() => Promise<unknown>> {
  await t.install(tinyExtension(behaviour, { name: `acme/${name}`, limits }))
  return () => t.call(`acme/${name}`, 'go')
}

describe('an extension written in TypeScript', () => {
  it('an endless loop is stopped by the CPU limit, while another installation is served', async () => {
    let running = true
    const stopped = misbehave('run-forever').finally(() => (running = false))
    let served = 0
    const serving = (async () => {
      while (running) {
        await t.call('acme/tiny', 'go')
        served++
      }
    })()
    await expect(stopped).rejects.toMatchObject({
      code: 'ERR_HOST_LIMIT',
      details: { limit: 'cpu-time', value: 1000, unit: 'ms' },
    })
    await serving
    expect(served).toBeGreaterThan(10)
  })

  it('a memory bomb ends its call and not the host', async () => {
    const before = process.memoryUsage().rss
    await expect(misbehave('eat-memory')).rejects.toThrow()
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024)
    await t.call('acme/tiny', 'go')
  })

  it('a log flood is cut at the limit and counted', async () => {
    const { log, droppedLogLines } = (await misbehave('flood-log')) as {
      log: unknown[]
      droppedLogLines: number
    }
    expect(log).toHaveLength(100)
    expect(droppedLogLines).toBe(9_900)
  })

  it('output that breaks its own schema is refused', async () => {
    await expect(misbehave('break-promise')).rejects.toThrowCode('ERR_HOST_OUTPUT_INVALID')
  })

  it('a guest that goes on after every refusal is stopped, and its refusals are one counted record', async () => {
    const stopped = t.call('acme/stubborn', 'swallow-refusals', {
      url: 'https://collector.example/',
    })
    await expect(stopped).rejects.toMatchObject({
      code: 'ERR_HOST_LIMIT',
      details: { limit: 'refusals', value: 1000 },
    })
    const records = await t.host.audit.list({
      workspace: WORKSPACE,
      extension: 'acme/stubborn',
      limit: 50,
    })
    const refused = records.filter(
      ({ decision, target }) => decision === 'refused' && target?.includes('collector.example'),
    )
    expect(refused.length).toBeLessThan(20)
    expect(refused.some(({ repeated }) => (repeated ?? 0) > 900)).toBe(true)
  })
})

describe('a hand-made guest', () => {
  for (const [what, behaviour, code] of [
    ['text that is no JSON', { kind: 'answer', text: '{"a":' }, 'ERR_HOST_OUTPUT_INVALID'],
    ['nothing', { kind: 'answer', text: '' }, 'ERR_HOST_OUTPUT_INVALID'],
    ['a lone surrogate', { kind: 'answer', text: '"\\ud800"' }, 'ERR_HOST_OUTPUT_INVALID'],
    [
      '100,000 levels',
      { kind: 'answer', text: '['.repeat(100_000) + ']'.repeat(100_000) },
      'ERR_HOST_OUTPUT_INVALID',
    ],
    ['more than 1 MiB', { kind: 'long-answer', bytes: 3_000_000 }, 'ERR_HOST_LIMIT'],
    [
      'more than 1 MiB in fewer characters',
      { kind: 'answer', text: JSON.stringify('€'.repeat(400_000)) },
      'ERR_HOST_LIMIT',
    ],
  ] as const) {
    it(`that answers ${what} gives ${code}`, async () => {
      const call = await guest('answers', behaviour)
      await expect(call()).rejects.toThrowCode(code)
    })
  }

  it('a failure with hostile text is cleaned and bounded', async () => {
    const call = await guest('fails', {
      kind: 'fail',
      code: '\u202eevil',
      message: `\u001b[2J${'m'.repeat(50_000)}`,
      details: `{"x":"${'d'.repeat(20_000)}"}`,
      retryAfterMs: 4_294_967_295,
    })
    const error = (await call().catch((thrown: unknown) => thrown)) as Error & { details: object }
    expect(error.details).toEqual({ code: 'internal', retryAfterMs: 4_294_967_295 })
    expect(error.message).not.toContain('\u001b')
    expect(error.message.length).toBeLessThan(1100)
  })

  it('that grows without end gets no more than its limit', async () => {
    const call = await guest('grows', { kind: 'grow' }, { memory: '16 MiB' })
    const before = process.memoryUsage().rss
    // The refused page is the guest's to handle; this one traps, as an allocator without memory does.
    await expect(call()).rejects.toThrowCode('ERR_HOST_TRAPPED')
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })

  it('that traps five times is quarantined, out of list(), and runs again after a person enables it', async () => {
    const call = await guest('traps', { kind: 'trap' })
    for (let crash = 0; crash < 5; crash++)
      await expect(call()).rejects.toMatchObject({
        code: 'ERR_HOST_TRAPPED',
        details: { reason: 'unreachable' },
      })
    await expect(call()).rejects.toMatchObject({
      code: 'ERR_HOST_QUARANTINED',
      details: { crashes: 5 },
    })
    expect((await t.host.list(WORKSPACE)).map(({ extension }) => extension)).not.toContain(
      'acme/traps',
    )
    expect(
      await t.host.audit.list({ workspace: WORKSPACE, extension: 'acme/traps', limit: 3 }),
    ).toContainEqual(
      expect.objectContaining({ capability: 'state.quarantined', principal: 'automation:event' }),
    )
    await t.host.installations.setState(WORKSPACE, 'acme/traps', ADA, 'active')
    await expect(call()).rejects.toThrowCode('ERR_HOST_TRAPPED')
    await t.call('acme/tiny', 'go')
  })

  it('that is stopped by limits is not quarantined: a limit is no crash', async () => {
    const call = await guest('limited', { kind: 'long-answer', bytes: 2_000_000 })
    for (let stop = 0; stop < 7; stop++) await expect(call()).rejects.toThrowCode('ERR_HOST_LIMIT')
  })

  it('fifty that are killed leave no worker, timer or growing memory behind', async () => {
    // Two hundred were run by hand with the same outcome; fifty keep the suite short.
    const call = await guest(
      'runs',
      { kind: 'loop' },
      { 'cpu-time': '20 ms', 'concurrent-invocations': 4 },
    )
    const kill = async (times: number): Promise<void> => {
      for (let killed = 0; killed < times; killed += 4)
        await Promise.all(
          Array.from({ length: 4 }, () =>
            expect(call()).rejects.toMatchObject({ details: { limit: 'cpu-time' } }),
          ),
        )
    }
    await kill(12)
    const before = { rss: process.memoryUsage().rss, timers: timers() }
    await kill(40)
    await t.call('acme/tiny', 'go')
    expect(timers()).toBeLessThanOrEqual(before.timers + 2)
    expect(
      process.getActiveResourcesInfo().filter((kind) => kind === 'Worker').length,
    ).toBeLessThanOrEqual(8)
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(150 * 1024 * 1024)
  })
})

function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
}
