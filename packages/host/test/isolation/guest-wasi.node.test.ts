import { type Component, ComponentError } from '@morphee/component'
import { expect, it, vi } from 'vitest'
import { CONTRACT_VERSION } from '../../src/contract/contract.generated.ts'
import { createGuestRunner } from '../../src/node/isolation/guest-runner.ts'
import { createGuestWasi } from '../../src/node/isolation/guest-wasi.ts'
import { failureOf, text, utf8 } from '../../../component/test/wasi/world.ts'

type Functions = Record<string, (...args: any[]) => unknown>

const failure = (code: string): never => {
  throw new ComponentError({ code, message: 'no', details: undefined, retryAfterMs: undefined })
}

/** The contract as a guest has it, answering from memory; `over` replaces functions. */
function openContract(over: Readonly<Record<string, Functions>> = {}): {
  readonly keys: Map<string, Uint8Array>
  readonly log: string[]
  readonly requests: any[]
  of(name: string): any
  settle(): Promise<void>
} {
  const keys = new Map<string, Uint8Array>()
  const log: string[] = []
  const requests: any[] = []
  const functions: Record<string, Functions> = {
    clock: { now: () => 1_700_000_000_500n, monotonic: () => 7n },
    random: { bytes: (count) => new Uint8Array(count).fill(count % 251) },
    log: { write: (level, line) => void log.push(`${level} ${line}`) },
    storage: {
      get: (key) => keys.get(key),
      set: (key, value) => void keys.set(key, value),
      delete: (key) => void keys.delete(key),
      keys: (prefix, limit, cursor) => {
        const all = [...keys.keys()].filter((key) => key.startsWith(prefix)).sort()
        const from = Number(cursor ?? 0)
        const next = from + limit
        return {
          keys: all.slice(from, next),
          cursor: next < all.length ? String(next) : undefined,
        }
      },
      ...over['storage'],
    },
    http: {
      read: (request) => {
        requests.push(['read', request])
        return { status: 200, headers: [{ name: 'a', value: 'b' }], body: utf8('read') }
      },
      write: (request) => {
        requests.push(['write', request])
        return { status: 201, headers: [], body: utf8('written') }
      },
      ...over['http'],
    },
  }
  const wasi = createGuestWasi(
    Object.fromEntries(
      Object.entries(functions).map(([name, value]) => [
        `morphee:extension/${name}@${CONTRACT_VERSION}`,
        value,
      ]),
    ),
    new AbortController().signal,
  )
  return {
    keys,
    log,
    requests,
    of: (name) => Object.entries(wasi.imports).find(([key]) => key.startsWith(`${name}@`))?.[1],
    settle: () => wasi.settle(),
  }
}

const rootOf = ({ of }: ReturnType<typeof openContract>): any =>
  of('wasi:filesystem/preopens').getDirectories()[0][0]

async function send(contract: ReturnType<typeof openContract>, method: string): Promise<any> {
  const { Fields, OutgoingRequest } = contract.of('wasi:http/types')
  const request = new OutgoingRequest(new Fields())
  request.setMethod({ tag: method })
  request.setAuthority('a.example')
  const future = contract.of('wasi:http/outgoing-handler').handle(request)
  await future.subscribe().block()
  return future.get().val
}

it('files are keys of the storage, over as many pages as there are', async () => {
  const contract = openContract()
  for (let n = 0; n < 2500; n++) contract.keys.set(`many/${n}`, utf8('x'))
  const root = rootOf(contract)
  const file = await root.openAt({}, 'a.txt', { create: true }, { write: true })
  file.write(utf8('hello'), 0n)
  file[Symbol.dispose]()
  await contract.settle()
  expect(text(contract.keys.get('a.txt') as Uint8Array)).toBe('hello')
  const many = await root.openAt({}, 'many', {}, { read: true })
  const entries = await many.readDirectory()
  let count = 0
  while (entries.readDirectoryEntry() !== undefined) count++
  expect(count).toBe(2500)
})

for (const [code, told] of [
  ['permission-denied', 'not-permitted'],
  ['limit-exceeded', 'insufficient-space'],
  ['internal', 'io'],
] as const) {
  it(`${code} of the storage is ${told} of the filesystem`, async () => {
    const root = rootOf(openContract({ storage: { get: () => failure(code) } }))
    expect(await failureOf(() => root.statAt({}, 'a'))).toBe(told)
  })
}

it('GET and HEAD read, everything else writes, and nothing carries a credential', async () => {
  const contract = openContract()
  for (const method of ['get', 'head', 'post', 'delete'])
    expect((await send(contract, method)).tag).toBe('ok')
  expect(contract.requests.map(([through, { method }]) => `${through} ${method}`)).toEqual([
    'read GET',
    'read HEAD',
    'write POST',
    'write DELETE',
  ])
  expect(contract.requests.every(([, request]) => request.credential === undefined)).toBe(true)
})

for (const [code, told] of [
  ['permission-denied', 'HTTP-request-denied'],
  ['unreachable', 'connection-refused'],
  ['timeout', 'connection-timeout'],
  ['internal', 'internal-error'],
] as const) {
  it(`${code} of a request is ${told}`, async () => {
    const answer = await send(openContract({ http: { read: () => failure(code) } }), 'get')
    expect(answer).toMatchObject({ tag: 'err', val: { tag: told } })
  })
}

it('standard streams are lines of the log, and one without an end is cut', () => {
  const contract = openContract()
  const stdout = contract.of('wasi:cli/stdout').getStdout()
  stdout.write(utf8('one\ntw'))
  stdout.write(utf8('o\n'))
  contract
    .of('wasi:cli/stderr')
    .getStderr()
    .write(utf8(`${'x'.repeat(5000)}`))
  expect(contract.log).toEqual(['info one', 'info two', `warn ${'x'.repeat(5000)}`])
})

it('a last line without an end is in the log once the guest is done', async () => {
  const contract = openContract()
  contract.of('wasi:cli/stdout').getStdout().write(utf8('one\ntwo'))
  contract.of('wasi:cli/stderr').getStderr().write(Uint8Array.of(0x41, 0xc3))
  await contract.settle()
  await contract.settle()
  expect(contract.log).toEqual(['info one', 'info two', 'warn A\ufffd'])
})

it('an exit is in the log with its status, after what was said before', () => {
  const contract = openContract()
  contract.of('wasi:cli/stderr').getStderr().write(utf8('no such order'))
  expect(() => contract.of('wasi:cli/exit').exitWithCode(3)).toThrow('status 3')
  expect(contract.log).toEqual([
    'warn no such order',
    'warn The extension ended itself with exit status 3',
  ])
})

it('clocks and randomness are those of the contract', () => {
  const contract = openContract()
  expect(contract.of('wasi:clocks/wall-clock').now()).toEqual({
    seconds: 1_700_000_000n,
    nanoseconds: 500_000_000,
  })
  expect(contract.of('wasi:clocks/monotonic-clock').now()).toBe(7n)
  expect(contract.of('wasi:random/random').getRandomBytes(70_000n)).toHaveLength(70_000)
})

it('a socket is refused, and the log says so', async () => {
  const contract = openContract()
  const tcp = contract.of('wasi:sockets/tcp-create-socket')
  expect(await failureOf(() => tcp.createTcpSocket('ipv4'))).toBe('access-denied')
  expect(contract.log).toEqual([
    'warn wasi:sockets/tcp-create-socket is refused: extensions have no sockets',
  ])
})

it('a guest that sleeps leaves no timer behind when it is stopped', async () => {
  const set = vi.spyOn(globalThis, 'setTimeout')
  const cleared = vi.spyOn(globalThis, 'clearTimeout')
  // The longest that a timer of the platform can be.
  const timer = (): unknown => {
    const at = set.mock.calls.findIndex(([, ms]) => ms === 2 ** 31 - 1)
    return set.mock.results[at]?.value
  }
  // What a component is to the runner, with a guest that sleeps for thirty years.
  const component = {
    imports: [{ name: 'wasi:clocks/monotonic-clock@0.2.12' }],
    async instantiate(imports: Record<string, any>) {
      const clock = imports['wasi:clocks/monotonic-clock@0.2.12']
      const invoke = (): unknown => clock.subscribeDuration(10n ** 18n).block()
      const actions = `morphee:extension/actions@${CONTRACT_VERSION}`
      return { exports: { [actions]: { invoke } }, close: () => {} }
    },
  } as unknown as Component
  const runner = createGuestRunner(
    { suspends: true, send: () => {}, answer: () => new Promise(() => {}) },
    { compile: async () => component, preparesWithinMs: 0 },
  )
  await runner.take({ kind: 'load', code: { digest: 'sha256:a' } } as never)
  const call = runner.take({ kind: 'invoke', digest: 'sha256:a', remainingMs: 1000 } as never)
  await vi.waitFor(() => expect(timer()).toBeDefined())
  runner.stop()
  await call
  expect(cleared.mock.calls).toContainEqual([timer()])
  vi.restoreAllMocks()
})
