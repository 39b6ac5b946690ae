import {
  canSuspend,
  Component,
  type ComponentInstance,
  EngineError,
  type TrapFrame,
} from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

async function instantiate(wat: string, host: object = {}): Promise<ComponentInstance> {
  return (await Component.compile(await parseWat(wat))).instantiate(host as never)
}

function trapOf(run: () => unknown): EngineError<'ERR_COMPONENT_TRAPPED'> {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError) return error as EngineError<'ERR_COMPONENT_TRAPPED'>
    throw error
  }
  throw new Error('nothing was thrown')
}

const names = (frames: readonly TrapFrame[]): (string | null)[] => frames.map(({ name }) => name)

/** Runs `run` with stacks that are kept whole. */
async function withWholeStacks(run: () => Promise<void>): Promise<void> {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 500
  try {
    await run()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** `run` calls `$middle`, which calls `$deepest`, whose body is given; `ask` is the host's. */
const guest = (deepest: string, name = 'greeter'): string => `(component
  (import "ask" (func $ask (result u32)))
  (core func $ask_core (canon lower (func $ask)))
  (core module $m (@name "${name}")
    (import "env" "ask" (func $ask (result i32)))
    (memory 1)
    (func $run (export "run") (result i32) (call $middle) (i32.const 0))
    (func $middle (call $deepest))
    (func $deepest ${deepest}))
  (core instance $i (instantiate $m (with "env" (instance (export "ask" (func $ask_core))))))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))`

describe('the backtrace of a trap', () => {
  test('has the functions of the guest, innermost first, by index, name and offset', async () => {
    const instance = await instantiate(guest('unreachable'), { ask: () => 1 })
    const { frames } = trapOf(() => instance.exports['run']?.()).details
    expect(frames).toEqual([
      {
        module: expect.stringMatching(/^greeter-[\da-f]+$/),
        func: 3,
        name: 'deepest',
        offset: expect.any(Number),
      },
      { module: frames[0]?.module, func: 2, name: 'middle', offset: expect.any(Number) },
      { module: frames[0]?.module, func: 1, name: 'run', offset: expect.any(Number) },
    ])
    // Functions lie in the module in the order of their indices, and so do the places in them.
    expect(frames.map(({ offset }) => offset)).toEqual(
      frames.map(({ offset }) => offset).toSorted((a, b) => b - a),
    )
    expect(instance.death?.details.frames).toEqual(frames)
  })

  test('can be had without names', async () => {
    const instance = await instantiate(`(component
      (core module $m (import "env" "no" (func)) (func (export "run") (call 2)) (func (call 3)) (func unreachable))
      (core module $env (func (export "no")))
      (core instance $env (instantiate $env))
      (core instance $i (instantiate $m (with "env" (instance $env))))
      (func (export "run") (canon lift (core func $i "run"))))`)
    const { frames } = trapOf(() => instance.exports['run']?.()).details
    expect(frames.map(({ func }) => func)).toEqual([3, 2, 1])
    expect(frames[0]?.name).toBeNull()
  })

  test('is there when the Canonical ABI or a host function stops the guest, without the frames of the host', async () => {
    const hostSecret = (): never => {
      throw new Error('secret')
    }
    const failing = await instantiate(guest('(drop (call $ask))'), { ask: hostSecret })
    const error = trapOf(() => failing.exports['run']?.())
    expect(error.details.reason).toBe('host-error')
    expect(names(error.details.frames)).toEqual(['deepest', 'middle', 'run'])
    expect(JSON.stringify(error.details)).not.toContain('hostSecret')

    const wrong = await instantiate(guest('(drop (call $ask))'), { ask: () => 'seven' })
    const { details } = trapOf(() => wrong.exports['run']?.())
    expect(details.reason).toBe('host-error')
    expect(names(details.frames)).toEqual(['deepest', 'middle', 'run'])
  })

  test('ends where the host entered: another guest below on the stack is not in it', () =>
    withWholeStacks(async () => {
      const inner = await instantiate(guest('unreachable', 'inner'), { ask: () => 1 })
      let details: { readonly frames: readonly TrapFrame[] } | undefined
      const outer = await instantiate(guest('(drop (call $ask))', 'outer'), {
        ask() {
          const error = trapOf(() => inner.exports['run']?.())
          ;({ details } = error)
          return 5
        },
      })
      expect(outer.exports['run']?.()).toBe(0)
      expect(names(details?.frames ?? [])).toEqual(['deepest', 'middle', 'run'])
      expect(JSON.stringify(details)).not.toContain('outer')
    }))

  test.runIf(canSuspend())(
    'has no frame of the gate through which a guest is suspended',
    async () => {
      const component = await Component.compile(await parseWat(guest('(drop (call $ask))')))
      const ask = (): never => {
        throw new Error('before it waits')
      }
      const instance = await component.instantiate({ ask }, { suspending: ['ask'] })
      await expect(instance.exports['run']?.()).rejects.toThrow(EngineError)
      expect(names(instance.death?.details.frames ?? [])).toEqual(['deepest', 'middle', 'run'])
    },
  )

  test('reaches the guest below the lifting of a deep type', async () => {
    const deep = `${'(tuple '.repeat(40)}char${')'.repeat(40)}`
    const instance = await instantiate(
      `(component
        (import "take" (func $take (param "v" ${deep})))
        (core func $take_core (canon lower (func $take)))
        (core module $m (import "" "take" (func $take (param i32)))
          (func $deepest (export "run") (call $take (i32.const 0xd800))))
        (core instance $i (instantiate $m (with "" (instance (export "take" (func $take_core))))))
        (func (export "run") (canon lift (core func $i "run"))))`,
      { take: () => undefined },
    )
    const { details } = trapOf(() => instance.exports['run']?.())
    expect(details.reason).toBe('abi')
    expect(names(details.frames)).toEqual(['deepest'])
  })

  test('of an instance that another guest’s host function stops names no frame of that guest', async () => {
    const controller = new AbortController()
    const component = await Component.compile(await parseWat(guest('unreachable', 'victim')))
    const victim = await component.instantiate({ ask: () => 1 }, { signal: controller.signal })
    const other = await instantiate(guest('(drop (call $ask))', 'other'), {
      ask() {
        controller.abort()
        return 5
      },
    })
    other.exports['run']?.()
    expect(victim.death?.details).toEqual({ reason: 'interrupted', frames: [] })
    expect(victim.death?.stack).not.toMatch(/guest.*other/)
  })

  test('crosses from guest to guest', async () => {
    const instance = await instantiate(`(component
      (component $In (core module $m (@name "callee") (func $fails (export "f") unreachable))
        (core instance $i (instantiate $m)) (func (export "f") (canon lift (core func $i "f"))))
      (instance $in (instantiate $In))
      (core func $f (canon lower (func $in "f")))
      (core module $m (@name "caller") (import "" "f" (func $f)) (func $calls (export "run") (call $f)))
      (core instance $i (instantiate $m (with "" (instance (export "f" (func $f))))))
      (func (export "run") (canon lift (core func $i "run"))))`)
    expect(names(trapOf(() => instance.exports['run']?.()).details.frames)).toEqual([
      'fails',
      'calls',
    ])
  })

  test('bounds and cleans what a stranger calls his functions: no line break, no escape, no forged frame', async () => {
    const forged =
      'f\\0a    at admin (wasm://wasm/host-1234:wasm-function[9]:0x99)\\1b[2J\\e2\\80\\ae'
    const wat = guest('unreachable', `m) x (${'long'.repeat(100)}\\1b]0;`).replace(
      '(func $deepest',
      `(func $deepest (@name "${forged}")`,
    )
    const instance = await instantiate(wat, { ask: () => 1 })
    const error = trapOf(() => instance.exports['run']?.())
    const [first] = error.details.frames
    expect(first).toMatchObject({ func: 3 })
    expect(first?.name).toBe('f at admin (wasm://wasm/host-1234:wasm-function[9]:0x99)[2J')
    for (const { module, name } of error.details.frames) {
      expect(module.length).toBeLessThanOrEqual(100)
      expect((name ?? '').length).toBeLessThanOrEqual(100)
    }
    for (const stack of [error.stack, (error.cause as Error).stack]) {
      // oxlint-disable-next-line no-control-regex -- what must not be there
      expect(stack).not.toMatch(/[\u001b\u202e]/)
      expect(stack).not.toMatch(/^\s+at admin/m)
    }
  })

  test('cleans the stack of a host function’s error, which names the guest that called it', async () => {
    const wat = guest('(drop (call $ask))').replace(
      '(func $deepest',
      '(func $deepest (@name "\\1b[2Jevil")',
    )
    const thrown = new Map<string, Error>()
    const instance = await instantiate(wat, {
      ask() {
        const error = new Error('no')
        thrown.set('it', error)
        throw error
      },
    })
    expect(trapOf(() => instance.exports['run']?.()).cause).toBe(thrown.get('it'))
    expect(thrown.get('it')?.stack).toContain('evil')
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(thrown.get('it')?.stack).not.toMatch(/\u001b/)
  })

  test('has at most 32 frames', () =>
    withWholeStacks(async () => {
      const deep = guest('(call $middle)').replace(
        '(func $middle (',
        '(func $middle (drop (call $ask)) (',
      )
      const instance = await instantiate(deep, { ask: () => 1 })
      const { details } = trapOf(() => instance.exports['run']?.())
      expect(details.reason).toBe('stack-overflow')
      expect(details.frames).toHaveLength(32)
    }))

  test('leaves Error as it was', async () => {
    const hook = (error: unknown): string => `mine: ${String(error)}`
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
    Error.prepareStackTrace = hook
    try {
      const instance = await instantiate(guest('unreachable'), { ask: () => 1 })
      expect(trapOf(() => instance.exports['run']?.()).details.frames.length).toBe(3)
      expect(Error.prepareStackTrace).toBe(hook)
    } finally {
      if (before === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
      else Object.defineProperty(Error, 'prepareStackTrace', before)
    }
  })
})
