import { Component, canSuspend, EngineError } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { HostFailure, toTrap } from '../src/abi/trap.ts'
// By path: the tests of a lower layer use the builder without the package depending on a higher one.
import { buildModule, ComponentBuilder, op } from '../../testing/src/wasm/index.ts'

test('toTrap() knows V8’s words only; those of other engines are unknown and none is lost', () => {
  for (const message of ['unreachable executed', 'index out of bounds', 'Stack overflow', '']) {
    const trap = toTrap(new WebAssembly.RuntimeError(message))
    expect(trap.details.reason, message).toBe('unknown')
    expect(trap.message).toContain(message)
  }
})

test('toTrap() bounds and cleans what it repeats', () => {
  const { message } = toTrap(new WebAssembly.LinkError(`\u001b[2J${'x'.repeat(10_000)}`))
  expect(message.length).toBeLessThan(300)
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(message).not.toMatch(/\u001b/)
})

test('toTrap() tells what the JavaScript engine could not allocate from other range errors', () => {
  const reason = (error: unknown): string => toTrap(error).details.reason
  expect(reason(new RangeError('WebAssembly.Memory(): could not allocate memory'))).toBe(
    'out-of-memory',
  )
  expect(reason(new WebAssembly.RuntimeError('requested new array is too large'))).toBe(
    'out-of-memory',
  )
  expect(reason(new RangeError('Maximum call stack size exceeded'))).toBe('stack-overflow')
  expect(reason(new RangeError('Invalid count value: -1'))).toBe('unknown')
  expect(reason('a string')).toBe('unknown')
})

test('toTrap() names a host function that used up the stack, and a host function that failed', () => {
  const of = (cause: unknown): string => toTrap(new HostFailure('x', { cause })).details.reason
  expect(of(new RangeError('Maximum call stack size exceeded'))).toBe('stack-overflow')
  expect(of(new RangeError('another'))).toBe('host-error')
})

/** `run` calls itself without an end, by way of the host's `ask` when `viaHost`. */
function bottomless(viaHost: boolean): Uint8Array {
  const c = new ComponentBuilder()
  const ask = c.importFunc('ask', { params: [] })
  const main = c.coreInstance(
    c.module(
      buildModule({
        imports: [{ module: 'env', name: 'ask', params: [] }],
        funcs: [{ body: viaHost ? [op.call(0), op.call(1)] : [op.call(1)], export: 'run' }],
      }),
    ),
    { env: c.coreExports({ ask: c.lower(ask, {}) }) },
  )
  c.export('run', 'func', c.lift(c.coreAlias('func', main, 'run'), { params: [] }, {}))
  return c.build()
}

test('a trap has the functions of the guest that were on the stack', async () => {
  const c = new ComponentBuilder()
  const main = c.coreInstance(
    c.module(
      buildModule({
        funcs: [
          { body: op.unreachable },
          { body: op.call(0) },
          { body: op.call(1), export: 'run' },
        ],
      }),
    ),
  )
  c.export('run', 'func', c.lift(c.coreAlias('func', main, 'run'), { params: [] }, {}))
  const instance = await (await Component.compile(c.build())).instantiate()
  const error = await caught(() => instance.exports['run']?.())
  const { frames } = (error as EngineError<'ERR_COMPONENT_TRAPPED'>).details
  expect(frames.map(({ func, name }) => [func, name])).toEqual([
    [0, null],
    [1, null],
    [2, null],
  ])
})

async function caught(run: () => unknown): Promise<EngineError> {
  try {
    await run()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('a stack that is used up', () => {
  const isOverflow = { code: 'ERR_COMPONENT_TRAPPED', details: { reason: 'stack-overflow' } }

  for (const [where, viaHost] of [
    ['in the guest alone', false],
    ['with a call of the host in every frame', true],
  ] as const) {
    test(`is a trap of the guest, ${where}; the host lives`, async () => {
      const component = await Component.compile(bottomless(viaHost))
      const instance = await component.instantiate({ ask: () => undefined })
      expect(await caught(() => instance.exports['run']?.())).toMatchObject(isOverflow)
      expect(instance.death).toMatchObject(isOverflow)
      // Another one is not harmed.
      const next = await component.instantiate({ ask: () => undefined })
      expect(await caught(() => next.exports['run']?.())).toMatchObject(isOverflow)
    })

    test.runIf(canSuspend())(`is a trap on the stack of a suspended guest, ${where}`, async () => {
      const component = await Component.compile(bottomless(viaHost))
      const instance = await component.instantiate(
        { ask: () => undefined },
        { suspending: ['ask'] },
      )
      expect(await caught(() => instance.exports['run']?.())).toMatchObject(isOverflow)
      expect(await caught(() => instance.exports['run']?.())).toMatchObject(isOverflow)
    })
  }

  test('is a trap when a host function of the guest uses it up', async () => {
    const c = new ComponentBuilder()
    const ask = c.importFunc('ask', { params: [] })
    const main = c.coreInstance(
      c.module(
        buildModule({
          imports: [{ module: 'env', name: 'ask', params: [] }],
          funcs: [{ body: op.call(0), export: 'run' }],
        }),
      ),
      { env: c.coreExports({ ask: c.lower(ask, {}) }) },
    )
    c.export('run', 'func', c.lift(c.coreAlias('func', main, 'run'), { params: [] }, {}))
    const deep = (n: number): number => 1 + deep(n + 1)
    const instance = await (await Component.compile(c.build())).instantiate({ ask: () => deep(0) })
    expect(await caught(() => instance.exports['run']?.())).toMatchObject(isOverflow)
  })
})
