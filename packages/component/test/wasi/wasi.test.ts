import { createWasi } from '@morphee/component/wasi'
import { describe, expect, it } from 'vitest'
import { failureOf, openWasi, utf8 } from './world.ts'

describe('polls', () => {
  it('poll() answers with those that are ready, once one is', async () => {
    const world = openWasi()
    const clock = world.of('wasi:clocks/monotonic-clock')
    const [soon, late] = [1_000_000n, 3_600_000_000_000n].map((ns) =>
      clock['subscribeDuration'](ns),
    )
    expect(soon.ready()).toBe(false)
    expect([...(await world.of('wasi:io/poll')['poll']([late, soon]))]).toEqual([1])
    expect(soon.ready()).toBe(true)
  })

  it('poll() of nothing ends the guest', () => {
    expect(() => openWasi().of('wasi:io/poll')['poll']([])).toThrow('nothing to wait for')
  })

  it('the signal ends a wait, and every timer with it', async () => {
    const stopper = new AbortController()
    let running = 0
    const clock = {
      now: () => 0,
      monotonic: () => 0n,
      sleep: (_ms: number, signal: AbortSignal) =>
        new Promise<void>((_, reject) => {
          running++
          signal.addEventListener('abort', () => {
            running--
            reject(signal.reason as Error)
          })
        }),
    }
    const world = openWasi({ clock, signal: stopper.signal })
    const waits = [1n, 2n].map((n) =>
      world.of('wasi:clocks/monotonic-clock')['subscribeInstant'](n),
    )
    const polled = world.of('wasi:io/poll')['poll'](waits)
    await Promise.resolve()
    expect(running).toBe(2)
    stopper.abort(new Error('stopped'))
    await expect(polled).rejects.toThrow('stopped')
    expect(running).toBe(0)
  })
})

describe('streams', () => {
  it('standard streams go to their ports, and stdin ends', async () => {
    const out: Uint8Array[] = []
    const world = openWasi({ stdin: utf8('abc'), stdout: (bytes) => void out.push(bytes) })
    const stdout = world.of('wasi:cli/stdout')['getStdout']()
    const stdin = world.of('wasi:cli/stdin')['getStdin']()
    expect(await stdout.blockingSplice(stdin, 2n)).toBe(2n)
    expect(out).toEqual([utf8('ab')])
    expect(stdin.read(2n ** 60n)).toEqual(utf8('c'))
    expect(await failureOf(() => stdin.read(1n))).toEqual({ tag: 'closed' })
  })

  it('no more zeroes are written than were offered', async () => {
    const stdout = openWasi().of('wasi:cli/stdout')['getStdout']()
    expect(await failureOf(() => stdout.writeZeroes(2n ** 60n))).toMatchObject({
      tag: 'last-operation-failed',
    })
  })
})

it('random bytes are bounded: the function cannot fail, so more ends the guest', () => {
  const random = openWasi().of('wasi:random/random')
  expect(random['getRandomBytes'](100_000n)).toHaveLength(100_000)
  expect(() => random['getRandomBytes'](2n ** 40n)).toThrow('were asked for at once')
})

it('nothing of the machine is there by default', () => {
  const world = openWasi()
  const environment = world.of('wasi:cli/environment')
  expect(environment['getEnvironment']()).toEqual([])
  expect(environment['getArguments']()).toEqual([])
  expect(world.of('wasi:cli/terminal-stdout')['getTerminalStdout']()).toBeUndefined()
})

for (const [interface_, func] of [
  ['tcp-create-socket', 'createTcpSocket'],
  ['udp-create-socket', 'createUdpSocket'],
  ['ip-name-lookup', 'resolveAddresses'],
] as const) {
  it(`wasi:sockets/${interface_} refuses, and the host is told by name`, async () => {
    const refused: string[] = []
    const world = openWasi({ onRefused: (name) => void refused.push(name) })
    expect(await failureOf(() => world.of(`wasi:sockets/${interface_}`)[func]('ipv4'))).toBe(
      'access-denied',
    )
    expect(refused).toEqual([`wasi:sockets/${interface_}`])
  })
}

it('exit() ends the guest with its status', () => {
  const exit = openWasi().of('wasi:cli/exit')
  expect(() => exit['exit']({ tag: 'ok' })).toThrow('status 0')
  expect(() => exit['exitWithCode'](7)).toThrow('status 7')
})

it('clocks say what they resolve, and an instant that is over is ready', () => {
  const { of } = openWasi({
    clock: { now: () => 1234.5, monotonic: () => 7n, sleep: async () => {} },
  })
  expect(of('wasi:clocks/wall-clock')['now']()).toEqual({ seconds: 1n, nanoseconds: 234_500_000 })
  expect(of('wasi:clocks/wall-clock')['resolution']()).toEqual({
    seconds: 0n,
    nanoseconds: 1_000_000,
  })
  const monotonic = of('wasi:clocks/monotonic-clock')
  expect(monotonic['resolution']()).toBe(1000n)
  expect(monotonic['subscribeInstant'](7n).ready()).toBe(true)
  expect(monotonic['subscribeInstant'](8n).ready()).toBe(false)
  expect(monotonic['subscribeDuration'](2n ** 64n - 1n).ready()).toBe(false)
})

it('more than was offered ends the guest', () => {
  const stream = openWasi().of('wasi:cli/stdout')['getStdout']()
  const offered = Number(stream.checkWrite())
  stream.write(new Uint8Array(offered))
  expect(() => stream.write(new Uint8Array(offered + 1))).toThrow('at once')
})

it('a poll that names one pollable many times waits for it once, and answers with each place', async () => {
  let now = 0n
  let sleeps = 0
  const sleep = async (): Promise<void> => {
    sleeps++
    now = 10n
  }
  const { of } = openWasi({ clock: { now: () => 0, monotonic: () => now, sleep } })
  const one = of('wasi:clocks/monotonic-clock')['subscribeInstant'](10n)
  expect(await of('wasi:io/poll')['poll']([one, one, one])).toEqual(Uint32Array.of(0, 1, 2))
  expect(sleeps).toBe(1)
})

it('every interface is of one of the seven packages', () => {
  const packages = Object.keys(createWasi().imports).map((name) => name.split('/')[0])
  expect([...new Set(packages)].sort()).toEqual(
    ['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets'].map(
      (name) => `wasi:${name}`,
    ),
  )
})
