import { buildExtension, type BuildResult, type Invoke, openComponent } from '@morphee/authoring'
import { ComponentError } from '@morphee/component'
import { beforeAll, describe, expect, test } from 'vitest'
import { manifest, project } from './project.ts'

// Every import of the SDK, with values that a wrong offset of a record would garble.
const SOURCE = `
import { clock, config, fail, failWith, http, invocation, log, random, Request, Response, storage } from "@morphee/sdk-assemblyscript";

function describe(r: Response): string {
  const f = r.failure;
  if (f !== null) {
    const d = f.details;
    return f.code + "|" + f.message + "|" + (d === null ? "-" : d) + "|" + f.retryAfterMs.toString();
  }
  const h = r.header("x-ü".substring(0, 1));
  return r.status.toString() + "|" + r.text() + "|" + r.url + "|" + (h === null ? "-" : h) + "|" + r.headers.length.toString();
}

@json class Out { text: string = ""; list: string[] = []; }

@action export function read(input: string): Out {
  const q = new Request("https://a.test/ü", "HEAD").header("a", "ä").header("b", "");
  q.credential = "jira"; q.timeoutMs = 77;
  const out = new Out(); out.text = describe(http.read(q)); out.list = [describe(http.read(new Request("https://a.test/bad")))];
  return out;
}
@action export function write(): Out { const out = new Out(); out.text = describe(http.write(new Request("https://a.test/w", "POST").text("body 🎉"))); return out; }
@action export function readAll(): Out {
  const out = new Out();
  const q = new Request("https://a.test/3"); q.credential = "c"; q.timeoutMs = 5; q.text("x").header("h", "v");
  const rs = http.readAll([new Request("https://a.test/1"), new Request("https://a.test/bad"), q]);
  for (let i = 0; i < rs.length; i++) out.list.push(describe(rs[i]));
  out.text = http.readAll([]).length.toString();
  return out;
}
@action export function keep(): Out {
  const out = new Out();
  const bytes = Uint8Array.wrap(String.UTF8.encode("wert ü"));
  let f = storage.set("k", bytes); out.list.push(f === null ? "ok" : f.code);
  f = storage.set("full", bytes); out.list.push(f === null ? "ok" : f.code + f.retryAfterMs.toString());
  const got = storage.get("k").bytes; out.list.push(got === null ? "none" : String.UTF8.decode(got.buffer));
  out.list.push(storage.get("nope").bytes === null ? "none" : "some");
  f = storage.remove("k"); out.list.push(f === null ? "ok" : f.code);
  let page = storage.keys("p", 2); out.list.push(page.keys.join("+"));
  const c = page.cursor; out.list.push(c === null ? "end" : c);
  page = storage.keys("p", 2, c); out.list.push(page.keys.join("+") + (page.cursor === null ? "end" : "more"));
  return out;
}
@action export function host(): Out {
  const out = new Out();
  const set = config.get("site"); const unset = config.get("nope");
  invocation.progress("half", 0.5); invocation.progress("somewhere");
  log.warn("wörn");
  out.list = [set === null ? "-" : set, unset === null ? "unset" : unset, clock.now().toString(), clock.monotonic().toString(), random.bytes(3).join(), invocation.id(), invocation.caller(), invocation.locale(), invocation.timeZone(), invocation.remainingMs().toString()];
  return out;
}
@action export function fails(): Out { return fail<Out>("conflict", "Schon da"); }
@action export function failsWith(): Out { const r = http.read(new Request("https://a.test/bad")); const f = r.failure; return f === null ? new Out() : failWith<Out>(f); }
@action export function aborts(): string { const list: i32[] = []; return list[parse("5")].toString(); }
@action export function number(input: f64): f64 { return input * 2; }
@action export function empty(input: string): string { return input; }
function parse(text: string): i32 { return <i32>parseInt(text); }
`
const ACTIONS = [
  'read',
  'write',
  'read-all',
  'keep',
  'host',
  'fails',
  'fails-with',
  'aborts',
  'number',
  'empty',
]

interface Request {
  url: string
  body?: Uint8Array
}

let built: BuildResult
let invoke: Invoke
const logged: string[] = []
const sent: Request[] = []
const progress: unknown[] = []

const answer = (request: Request): object => {
  sent.push(request)
  if (request.url.endsWith('bad')) {
    throw new ComponentError({
      code: 'rate-limited',
      message: 'Lángsam',
      details: '{"n":1}',
      retryAfterMs: 4_000_000_000,
    })
  }
  const body = request.body ?? new TextEncoder().encode('antwört')
  return {
    status: 418,
    headers: [
      { name: 'Q', value: '1' },
      { name: 'X', value: 'vâl' },
    ],
    body,
    url: `${request.url}#`,
  }
}

beforeAll(async () => {
  const dir = await project({
    'extension.yaml': manifest(
      ['http:read', 'http:write', 'storage:read', 'storage:write'],
      ACTIONS,
    ),
    'assembly/index.ts': SOURCE,
  })
  built = await buildExtension(dir)
  const stored = new Map<string, Uint8Array>()
  const result = (request: Request): object => {
    try {
      return { tag: 'ok', val: answer(request) }
    } catch (error) {
      return { tag: 'err', val: (error as ComponentError).payload }
    }
  }
  invoke = await openComponent(built.bytes, {
    'morphee:extension/log@0.9.0': {
      write: (level: string, message: string) => void logged.push(`${level} ${message}`),
    },
    'morphee:extension/clock@0.9.0': { now: () => 1_600_000_000_000n, monotonic: () => 2n ** 60n },
    'morphee:extension/random@0.9.0': { bytes: (count: number) => new Uint8Array(count).fill(9) },
    'morphee:extension/config@0.9.0': {
      get: (key: string) => (key === 'site' ? '"acmé"' : undefined),
    },
    'morphee:extension/invocation@0.9.0': {
      id: () => 'inv_1',
      caller: () => 'agent',
      locale: () => 'de',
      timeZone: () => 'Europe/Berlin',
      remainingMs: () => 2n ** 40n,
      progress: (...values: unknown[]) => void progress.push(values),
    },
    'morphee:extension/http@0.9.0': {
      read: answer,
      write: answer,
      readAll: (requests: Request[]) => requests.map(result),
    },
    'morphee:extension/storage@0.9.0': {
      get: (key: string) => stored.get(key),
      set: (key: string, value: Uint8Array) => {
        if (key === 'full') throw new ComponentError({ code: 'limit-exceeded', message: 'Full' })
        stored.set(key, value)
      },
      delete: (key: string) => void stored.delete(key),
      keys: (prefix: string, limit: number, cursor?: string) =>
        cursor === undefined
          ? { keys: [`${prefix}ä`, `${limit}`], cursor: 'nächste' }
          : { keys: [cursor] },
    },
  })
})

const HEAD = '418|antwört|https://a.test/ü#|vâl|2'
const BAD = 'rate-limited|Lángsam|{"n":1}|4000000000'

describe('an AssemblyScript extension', () => {
  test('imports exactly the functions that it calls, and is small', () => {
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
    expect(built.componentSize).toBeLessThan(60_000)
  })

  test('reads over HTTP, answers and failures', async () => {
    expect(await invoke('read', '')).toEqual({ text: HEAD, list: [BAD] })
    expect(sent[0]).toEqual({
      method: 'HEAD',
      url: 'https://a.test/ü',
      headers: [
        { name: 'a', value: 'ä' },
        { name: 'b', value: '' },
      ],
      body: undefined,
      credential: 'jira',
      timeoutMs: 77,
    })
  })

  test('writes over HTTP', async () => {
    expect(await invoke('write', null)).toEqual({
      text: '418|body 🎉|https://a.test/w#|vâl|2',
      list: [],
    })
  })

  test('reads side by side', async () => {
    sent.length = 0
    const row = (n: number, text: string): string => `418|${text}|https://a.test/${n}#|vâl|2`
    expect(await invoke('read-all', null)).toEqual({
      text: '0',
      list: [row(1, 'antwört'), BAD, row(3, 'x')],
    })
    expect(sent[2]).toMatchObject({
      credential: 'c',
      timeoutMs: 5,
      headers: [{ name: 'h', value: 'v' }],
    })
  })

  test('keeps values in its storage', async () => {
    expect(await invoke('keep', null)).toEqual({
      text: '',
      list: ['ok', 'limit-exceeded-1', 'wert ü', 'none', 'ok', 'pä+2', 'nächste', 'nächsteend'],
    })
  })

  test('asks its host for everything else', async () => {
    expect(await invoke('host', null)).toEqual({
      text: '',
      list: [
        '"acmé"',
        'unset',
        '1600000000000',
        '1152921504606846976',
        '9,9,9',
        'inv_1',
        'agent',
        'de',
        'Europe/Berlin',
        '1099511627776',
      ],
    })
    expect(progress).toEqual([
      [0.5, 'half'],
      [undefined, 'somewhere'],
    ])
    expect(logged).toEqual(['warn wörn'])
  })

  test("fails with its own failure or the host's", async () => {
    await expect(invoke('fails', null)).rejects.toMatchObject({
      payload: { code: 'conflict', message: 'Schon da', details: undefined },
    })
    await expect(invoke('fails-with', null)).rejects.toMatchObject({
      payload: { code: 'rate-limited', details: '{"n":1}', retryAfterMs: 4_000_000_000 },
    })
    await expect(invoke('constructor', null)).rejects.toMatchObject({
      payload: { code: 'not-found' },
    })
  })

  test('takes and gives plain values', async () => {
    expect(await invoke('number', 21)).toBe(42)
    expect(await invoke('empty', { as: 'it is' })).toEqual({ as: 'it is' })
  })

  test('does not grow, call after call', async () => {
    const text = 'x'.repeat(100_000)
    for (let i = 0; i < 300; i++) expect(await invoke('empty', text)).toBe(text)
  })

  test('says in the log where it aborted, and traps', async () => {
    logged.length = 0
    await expect(invoke('aborts', null)).rejects.toThrowCode('ERR_COMPONENT_TRAPPED')
    expect(logged[0]).toMatch(/^error Index out of range at ~lib\/array\.ts:\d+:\d+$/)
  })
})
