import { ComponentError } from '@morphee/component'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildExtension, type BuildResult, type Invoke, openComponent } from '@morphee/authoring'
import { manifest, project } from './project.ts'

// One extension whose actions try what authors write; what they see is what QuickJS and the SDK give them.
const SOURCE = `
import { config, defineExtension, Failure, fetch, log } from '@morphee/sdk'
import * as storage from '@morphee/sdk/storage'
import { shout } from './common.cjs'

const atLoad = Math.random()
async function* pages() { for (const p of ['a', 'b']) yield await fetch('https://a.test/' + p).then((r) => r.text()) }

export const extension = defineExtension({ actions: {
  together: async () => {
    const [a, b] = await Promise.all(['1', '2'].map(async (n) => (await fetch('https://a.test/' + n)).text()))
    return [a, b]
  },
  ordered: async () => {
    const read = fetch('https://a.test/r1')
    const write = fetch('https://a.test/w', { method: 'POST', body: JSON.stringify({ ü: 1 }), headers: { 'Content-Type': 'application/json' }, credential: 'c', timeoutMs: 9 })
    const after = fetch('https://a.test/r2')
    return Promise.all([read, write, after].map(async (r) => (await r).status))
  },
  paged: async () => { const all: string[] = []; for await (const p of pages()) all.push(p); return all },
  'one-fails': async () => (await Promise.allSettled([fetch('https://a.test/1'), fetch('https://a.test/bad')])).map((x) => x.status === 'rejected' ? [x.reason instanceof Failure, x.reason.code, x.reason.details, x.reason.retryAfterMs] : x.value.status),
  globals: () => ({
    now: Date.now(), iso: new Date().toISOString(), called: typeof Date(), instance: new Date() instanceof Date, parsed: new Date('2020-01-01').getTime(), year: Date.UTC(2020, 0),
    random: Math.random() >= 0 && Math.random() < 1, fixed: atLoad, uuid: crypto.randomUUID(), values: crypto.getRandomValues(new Uint16Array(2)).length,
    url: new URL('../b?q=1', 'https://a.test/x/y').href, params: new URLSearchParams({ a: 'ü' }).toString(), text: new TextDecoder().decode(new TextEncoder().encode('ü🎉')),
    clone: structuredClone({ a: new Map([[1, 2]]) }).a.get(1), perf: performance.now() >= 0, atob: atob(btoa('hi')), shout: shout('x'), date: globalThis.Date === Date,
  }),
  logs: () => { console.log('a', { b: 1 }); console.error(new Error('e').message); log.debug('d'); return null },
  store: async () => { await storage.setJson('k', { ü: 1 }); const got = await storage.getJson('k'); await storage.delete('k'); const keys = []; for await (const k of storage.keys('p')) keys.push(k); return { got, keys, none: (await storage.get('nope')) === undefined } },
  configured: () => [config.get('site'), config.get('nothing') === undefined],
  never: () => new Promise(() => {}),
  sleeps: async () => { await new Promise((resolve) => setTimeout(resolve, 1500)) },
  turns: async () => { const seen: string[] = []; const done = new Promise<void>((r) => setTimeout(() => { seen.push('timer'); r() })); queueMicrotask(() => seen.push('micro')); const guard = setTimeout(() => seen.push('never'), 1000); await done; clearTimeout(guard); return seen },
  throws: async () => { await null; throw new RangeError('boom') },
  fails: async () => { throw new Failure('conflict', 'Moved', { details: { at: 1 }, retryAfterMs: 1.5 }) },
  'throws-nothing': () => { throw undefined },
  lost: () => { void Promise.reject(new Error('lost')); return 1 },
  caller: (_: unknown, invocation: { caller: string; id: string; remainingMs: number }) => [invocation.caller, invocation.id, invocation.remainingMs],
  nothing: () => undefined,
} })
`
const ACTIONS = [
  'together',
  'ordered',
  'paged',
  'one-fails',
  'globals',
  'logs',
  'store',
  'configured',
  'never',
  'sleeps',
  'turns',
  'throws',
  'fails',
  'throws-nothing',
  'lost',
  'caller',
  'nothing',
]

interface Request {
  method: string
  url: string
  headers: unknown
  body?: Uint8Array
  credential?: string
  timeoutMs?: number
}

let built: BuildResult
let invoke: Invoke
let calls: string[]
let logged: string[]
const sent: Request[] = []

const answer = (request: Request): object => {
  sent.push(request)
  if (request.url.endsWith('bad')) {
    // A failure is a record of the contract, not an error of JavaScript's.
    // oxlint-disable-next-line no-throw-literal
    throw new ComponentError({
      code: 'rate-limited',
      message: 'Slow down',
      details: '{"limit":1}',
      retryAfterMs: 7,
    })
  }
  return {
    status: 200,
    headers: [{ name: 'X', value: 'y' }],
    body: new TextEncoder().encode(request.url.slice(15)),
    url: request.url,
  }
}
const result = (request: Request): object => {
  try {
    return { tag: 'ok', val: answer(request) }
  } catch (error) {
    return { tag: 'err', val: (error as ComponentError).payload }
  }
}

beforeAll(async () => {
  const dir = await project({
    'extension.yaml': manifest(
      ['http:read', 'http:write', 'storage:read', 'storage:write'],
      ACTIONS,
    ),
    'src/main.ts': SOURCE,
    'src/common.cjs':
      'const began = Math.random(); exports.shout = (text) => text.toUpperCase() + typeof Date.now() + typeof began',
  })
  built = await buildExtension(dir)
  const stored = new Map<string, Uint8Array>()
  invoke = await openComponent(built.bytes, {
    'morphee:extension/log@0.9.0': {
      write: (level: string, message: string) => void logged.push(`${level} ${message}`),
    },
    'morphee:extension/clock@0.9.0': { now: () => 1_600_000_000_000n, monotonic: () => 5n },
    'morphee:extension/config@0.9.0': {
      get: (key: string) => (key === 'site' ? '"acme"' : undefined),
    },
    'morphee:extension/http@0.9.0': {
      read: (request: Request) => (calls.push('read'), answer(request)),
      readAll: (requests: Request[]) => (
        calls.push(`read-all ${requests.length}`),
        requests.map(result)
      ),
      write: (request: Request) => (calls.push('write'), answer(request)),
    },
    'morphee:extension/storage@0.9.0': {
      get: (key: string) => stored.get(key),
      set: (key: string, value: Uint8Array) => void stored.set(key, value),
      delete: (key: string) => void stored.delete(key),
      keys: (prefix: string, _: number, cursor?: string) =>
        cursor === undefined ? { keys: [`${prefix}1`], cursor: 'c' } : { keys: [`${prefix}2`] },
    },
  })
})

async function run(action: string): Promise<unknown> {
  calls = []
  logged = []
  sent.length = 0
  return invoke(action, {})
}
async function failure(action: string): Promise<unknown> {
  return run(action).then(
    (value) => ({ value }),
    (error: unknown) => (error as ComponentError).payload,
  )
}

describe('a TypeScript extension', () => {
  test('imports exactly the functions that it calls', () => {
    expect(built.imports).toEqual([
      'clock.monotonic',
      'clock.now',
      'config.get',
      'http.read',
      'http.read-all',
      'http.write',
      'invocation.caller',
      'invocation.id',
      'invocation.locale',
      'invocation.progress',
      'invocation.remaining-ms',
      'invocation.time-zone',
      'log.write',
      'random.bytes',
      'storage.delete',
      'storage.get',
      'storage.keys',
      'storage.set',
    ])
    expect(built.componentSize).toBeLessThan(2_000_000)
  })

  test('sends the reads of one turn together', async () => {
    expect(await run('together')).toEqual(['1', '2'])
    expect(calls).toEqual(['read-all 2'])
  })

  test('never lets a read overtake a write', async () => {
    expect(await run('ordered')).toEqual([200, 200, 200])
    expect(calls).toEqual(['read', 'write', 'read'])
    expect(sent[1]).toMatchObject({
      method: 'POST',
      credential: 'c',
      timeoutMs: 9,
      headers: [{ name: 'content-type', value: 'application/json' }],
    })
    expect(new TextDecoder().decode(sent[1]?.body)).toBe('{"ü":1}')
  })

  test('awaits what it iterates over', async () => expect(await run('paged')).toEqual(['a', 'b']))

  test('sees a refused request as a Failure, beside the ones that went well', async () => {
    expect(await run('one-fails')).toEqual([200, [true, 'rate-limited', { limit: 1 }, 7]])
  })

  test('has the globals that authors expect', async () => {
    expect(await run('globals')).toEqual({
      now: 1_600_000_000_000,
      iso: '2020-09-13T12:26:40.000Z',
      called: 'string',
      instance: true,
      parsed: 1_577_836_800_000,
      year: 1_577_836_800_000,
      random: true,
      fixed: expect.any(Number),
      uuid: expect.stringMatching(
        /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
      ),
      values: 2,
      url: 'https://a.test/b?q=1',
      params: 'a=%C3%BC',
      text: 'ü🎉',
      clone: 2,
      perf: true,
      atob: 'hi',
      shout: 'Xnumbernumber',
      date: true,
    })
  })

  test('logs what it writes to the console', async () => {
    await run('logs')
    expect(logged).toEqual(['info a {b: 1}', 'error e', 'debug d'])
  })

  test('keeps values in its storage', async () => {
    expect(await run('store')).toEqual({ got: { ü: 1 }, keys: ['p1', 'p2'], none: true })
  })

  test('reads its configuration', async () =>
    expect(await run('configured')).toEqual(['acme', true]))
  test('knows its call', async () =>
    expect(await run('caller')).toEqual(['person', 'inv_test', 60_000]))
  test('runs timers without delay after the turn', async () =>
    expect(await run('turns')).toEqual(['micro', 'timer']))
  test('gives null for nothing', async () => expect(await run('nothing')).toBeNull())

  test('fails clearly, when nobody settles what it waits for', async () => {
    expect(await failure('never')).toMatchObject({
      code: 'internal',
      message: expect.stringContaining('nobody settles'),
    })
  })

  test('is refused a sleep', async () => {
    expect(await failure('sleeps')).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('1500 ms'),
    })
  })

  test('turns an uncaught exception into a failure, and logs its stack', async () => {
    expect(await failure('throws')).toMatchObject({ code: 'internal', message: 'RangeError: boom' })
    expect(logged[0]).toMatch(/^error The action threw RangeError: boom\n\s+at /)
    expect(await failure('throws-nothing')).toMatchObject({ code: 'internal' })
  })

  test('fails with the code, details and wait that it throws', async () => {
    expect(await failure('fails')).toEqual({
      code: 'conflict',
      message: 'Moved',
      details: '{"at":1}',
      retryAfterMs: 2,
    })
    expect(logged).toEqual([])
  })

  test('has a lost rejection logged', async () => {
    expect(await run('lost')).toBe(1)
    expect(logged[0]).toMatch(/^warn Nobody handled the rejection Error: lost/)
  })

  test('says that it has no such action', async () => {
    expect(await failure('constructor')).toMatchObject({ code: 'not-found' })
  })
})
