import { Worker } from 'node:worker_threads'
import {
  Component,
  type ComponentInstance,
  EngineError,
  InterruptionFlag,
  InterruptionFuel,
} from '@morphee/component'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

/** A component around core functions: `run` is exported, `ask` imported. */
const guest = (core: string): Promise<Uint8Array> =>
  parseWat(`(component
    (import "ask" (func $ask (result u32)))
    (core func $ask_core (canon lower (func $ask)))
    (core instance $env (export "ask" (func $ask_core)))
    (core module $m (import "env" "ask" (func $ask (result i32))) ${core})
    (core instance $i (instantiate $m (with "env" (instance $env))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`)

const RUN = '(func (export "run") (result i32) (i32.const 7))'
/** Guests that never end, each in another way. */
const ENDLESS: Readonly<Record<string, string>> = {
  'a loop': '(func (export "run") (result i32) (loop $l (br $l)) unreachable)',
  'a loop with the branch in a table':
    '(func (export "run") (result i32) (loop $l (br_table $l $l (i32.const 0))) unreachable)',
  'a loop by a branch if not null': `(func $f) (elem declare func $f)
    (func (export "run") (result i32) (loop $l (br_on_null $l (ref.null func)) (drop)) (i32.const 0))`,
  'a loop through an exception': `(tag $t)
    (func (export "run") (result i32) (loop $l (try_table (catch $t $l) (throw $t))) (i32.const 0))`,
  'a loop through an older exception': `(tag $t)
    (func (export "run") (result i32) (loop $l try throw $t catch_all br $l end) (i32.const 0))`,
  'a loop that catches all around it': `(tag $t)
    (func (export "run") (result i32) (loop $l try (loop $i (br $i)) catch_all end br $l) (i32.const 0))`,
  'a loop of host calls':
    '(func (export "run") (result i32) (loop $l (drop (call $ask)) (br $l)) unreachable)',
  'two loops, the one in the other': `(func (export "run") (result i32) (local i32)
    (loop $o (local.set 0 (i32.const 0))
      (loop $i (br_if $i (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9)))) (br $o)) unreachable)`,
  'recursion that branches': `(func $r (param i32)
      (if (local.get 0) (then (call $r (i32.sub (local.get 0) (i32.const 1))) (call $r (i32.sub (local.get 0) (i32.const 1))))))
    (func (export "run") (result i32) (call $r (i32.const 500)) (i32.const 0))`,
  'a hundred functions that each call the next one twice': `
    ${Array.from({ length: 100 }, (_, i) => `(func $f${i} (call $f${i + 1}) (call $f${i + 1}))`).join('\n')} (func $f100)
    (func (export "run") (result i32) (call $f0) (i32.const 0))`,
  'recursion through calls that never return, and exceptions that are caught': `(tag $t) (global $depth (mut i32) (i32.const 400))
    (func $panic (call $again) unreachable)
    (func $again
      (if (i32.eqz (global.get $depth)) (then (throw $t)))
      (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
      (block $a (try_table (catch_all $a) (call $panic)))
      (block $b (try_table (catch_all $b) (call $panic)))
      (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
      (throw $t))
    (func (export "run") (result i32) (block $c (try_table (catch_all $c) (call $again))) (i32.const 0))`,
  'tail calls': `(func $a (result i32) (return_call $b)) (func $b (result i32) (return_call $a))
    (func (export "run") (result i32) (call $a))`,
  'tail calls through a table': `(type $t (func (result i32))) (table 1 1 funcref) (elem (i32.const 0) $a)
    (func $a (type $t) (return_call_indirect (type $t) (i32.const 0))) (func (export "run") (result i32) (call $a))`,
  'tail calls through a reference': `(type $t (func (result i32))) (elem declare func $a)
    (func $a (type $t) (return_call_ref $t (ref.func $a))) (func (export "run") (result i32) (call $a))`,
  'filling memory again and again': `(memory 256)
    (func (export "run") (result i32) (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 16777216)) (br $l)) unreachable)`,
  'tail calls behind a bulk instruction of nothing': `(memory 1)
    (func $a (result i32) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)) (return_call $a)) (func (export "run") (result i32) (call $a))`,
  'copying tables again and again': `(table 100000 externref)
    (func (export "run") (result i32) (loop $l (table.copy (i32.const 0) (i32.const 0) (i32.const 100000)) (br $l)) unreachable)`,
  'a loop with vectors, memory and constants': `(memory 1)
    (func (export "run") (result i32) (local v128)
      (loop $l
        (local.set 0 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (v128.const i64x2 -1 3) (v128.load (i32.const 0))))
        (v128.store8_lane offset=300 3 (i32.const 9) (local.get 0))
        (drop (f64.const 1.5)) (drop (f32.const 1.5)) (drop (i64.const -1)) (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)))
        (br $l)) unreachable)`,
}

let watchdog: Worker
beforeAll(() => {
  watchdog = new Worker(
    `const { parentPort } = require('node:worker_threads')
     parentPort.on('message', (buffer) => setTimeout(() => Atomics.store(new Int32Array(buffer), 0, 1), 20))`,
    { eval: true },
  )
})
afterAll(() => watchdog.terminate())

function trapOf(run: () => unknown): EngineError<'ERR_COMPONENT_TRAPPED'> {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ERR_COMPONENT_TRAPPED')
      return error as EngineError<'ERR_COMPONENT_TRAPPED'>
    throw error
  }
  throw new Error('nothing was thrown')
}

async function flagged(core: string, flag: InterruptionFlag): Promise<ComponentInstance> {
  const component = await Component.compile(await guest(core), { interruption: 'flag' })
  return component.instantiate({ ask: () => 7 }, { interruption: flag })
}

async function fuelled(core: string, fuel: InterruptionFuel): Promise<ComponentInstance> {
  const component = await Component.compile(await guest(core), { interruption: 'fuel' })
  return component.instantiate({ ask: () => 7 }, { interruption: fuel })
}

describe('a guest that never ends', () => {
  for (const [what, core] of Object.entries(ENDLESS)) {
    test(`by ${what} is stopped by a flag that another thread raises`, async () => {
      const flag = new InterruptionFlag()
      const instance = await flagged(core, flag)
      watchdog.postMessage(flag.buffer)
      expect(trapOf(() => instance.exports['run']?.()).details.reason).toBe('interrupted')
      expect(instance.death?.details.reason).toBe('interrupted')
    })

    test(`by ${what} is stopped when its fuel is used up`, async () => {
      const fuel = new InterruptionFuel(10_000_000n)
      const instance = await fuelled(core, fuel)
      expect(trapOf(() => instance.exports['run']?.()).details.reason).toBe('interrupted')
      expect(fuel.remaining).toBeLessThan(0n)
    })
  }

  test('in its start function is stopped while it is instantiated', async () => {
    const core = `(func $s (loop $l (br $l))) (start $s) ${RUN}`
    const flag = new InterruptionFlag()
    watchdog.postMessage(flag.buffer)
    await expect(flagged(core, flag)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_TRAPPED',
      details: { reason: 'interrupted' },
    })
    await expect(fuelled(core, new InterruptionFuel(1000n))).rejects.toMatchObject({
      details: { reason: 'interrupted' },
    })
  })

  test('says where it was', async () => {
    const fuel = new InterruptionFuel(1000n)
    const instance = await fuelled(
      '(func $spin (export "run") (result i32) (loop $l (br $l)) unreachable)',
      fuel,
    )
    expect(trapOf(() => instance.exports['run']?.()).details.frames).toMatchObject([{ func: 1 }])
  })
})

describe('a guest with checks', () => {
  test('runs as without, while nobody stops it', async () => {
    const sum = `(func (export "run") (result i32) (local i32 i32)
      (loop $l (local.set 1 (i32.add (local.get 1) (local.get 0)))
        (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 100000)))) (local.get 1))`
    expect((await flagged(sum, new InterruptionFlag())).exports['run']?.()).toBe(704_982_704)
    expect((await fuelled(sum, new InterruptionFuel(100_000_000n))).exports['run']?.()).toBe(
      704_982_704,
    )
  })

  test('that traps by itself is not said to be interrupted', async () => {
    const instance = await flagged(
      '(func (export "run") (result i32) unreachable)',
      new InterruptionFlag(),
    )
    expect(trapOf(() => instance.exports['run']?.()).details.reason).toBe('unreachable')
  })

  test('keeps the caps of its memories and tables', async () => {
    const grows = `(memory 1) (table 1 funcref)
      (func (export "run") (result i32)
        (loop $l (br_if $l (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
        (i32.add (i32.mul (memory.size) (i32.const 1000)) (table.grow (ref.null func) (i32.const 50))))`
    const component = await Component.compile(await guest(grows), {
      interruption: 'flag',
      limits: { maxMemoryBytes: 3 * 65_536, maxTableElements: 50 },
    })
    const instance = await component.instantiate(
      { ask: () => 7 },
      { interruption: new InterruptionFlag() },
    )
    expect(instance.exports['run']?.()).toBe(2999)
  })

  test('is not instantiated without what stops it, nor with another kind', async () => {
    const bytes = await guest(RUN)
    const component = await Component.compile(bytes, { interruption: 'flag' })
    await expect(component.instantiate({ ask: () => 7 })).rejects.toThrow(TypeError)
    await expect(
      component.instantiate({ ask: () => 7 }, { interruption: new InterruptionFuel(1n) }),
    ).rejects.toThrow(TypeError)
    const plain = await Component.compile(bytes)
    await expect(
      plain.instantiate({ ask: () => 7 }, { interruption: new InterruptionFlag() }),
    ).rejects.toThrow(TypeError)
  })

  test('is one of several instances: a flag stops its own only', async () => {
    const component = await Component.compile(
      await guest(`${RUN.replace('(i32.const 7)', '(call $ask)')}`),
      {
        interruption: 'flag',
      },
    )
    const [first, second] = [new InterruptionFlag(), new InterruptionFlag()]
    const a = await component.instantiate({ ask: () => 7 }, { interruption: first })
    const b = await component.instantiate({ ask: () => 7 }, { interruption: second })
    first.raise()
    expect(b.exports['run']?.()).toBe(7)
    expect(trapOf(() => a.exports['run']?.()).details.reason).toBe('interrupted')
    expect(b.exports['run']?.()).toBe(7)
  })

  test('is rewritten once, and not again for another limit of memory', async () => {
    const cache = new Map<string, WebAssembly.Module>()
    const bytes = await guest(`(memory 1) ${RUN}`)
    const first = await Component.compile(bytes, { interruption: 'flag', cache })
    const second = await Component.compile(bytes, {
      interruption: 'flag',
      cache,
      limits: { maxMemoryBytes: 65_536 },
    })
    expect(second.modules[0]).toBe(first.modules[0])
    const plain = await Component.compile(bytes, { cache })
    const fuelled = await Component.compile(bytes, { interruption: 'fuel', cache })
    const ended = await Component.compile(bytes, { interruption: 'termination', cache })
    expect(new Set([first, plain, fuelled, ended].map(({ modules }) => modules[0])).size).toBe(4)
  })
})

describe('a guest in a thread that can be ended', () => {
  // The first core has nothing that V8 would not end, the second has.
  const TWO_CORES = `(component
    (core module $plain (memory 20) (func (export "seven") (result i32) (i32.load (i32.const 0))) (data (i32.const 0) "\\07"))
    (core module $checked (import "p" "seven" (func $seven (result i32)))
      (func $again (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then (return (call $seven))))
        (return_call $again (i32.sub (local.get 0) (i32.const 1))))
      (func (export "run") (param i32) (result i32) (return_call $again (local.get 0))))
    (core instance $p (instantiate $plain))
    (core instance $c (instantiate $checked (with "p" (instance $p))))
    (func (export "run") (param "times" u32) (result u32) (canon lift (core func $c "run"))))`
  const FOR_EVER = 0xffff_ffff

  for (const [who, send] of [
    ['that compiled it', undefined],
    ['that was sent its modules', true],
  ] as const) {
    test(`has checks in the cores that need them, in a thread ${who}`, async () => {
      const bytes = await parseWat(TWO_CORES)
      const compiled = await Component.compile(bytes, { interruption: 'termination' })
      const imported = compiled.modules.map((module) => WebAssembly.Module.imports(module).length)
      expect(imported).toEqual([0, 2])
      const component = !send
        ? compiled
        : await Component.compile(bytes, {
            interruption: 'termination',
            modules: structuredClone(compiled.modules),
          })
      const flag = new InterruptionFlag()
      const { exports } = await component.instantiate({}, { interruption: flag })
      const run = exports['run'] as (times: number) => number
      expect(run(3)).toBe(7)
      watchdog.postMessage(flag.buffer)
      expect(trapOf(() => run(FOR_EVER)).details.reason).toBe('interrupted')
    })
  }

  test('keeps exceptions, which lie on the heap of its thread', async () => {
    const bytes = await guest(`(table 1 exnref) ${RUN} (func $t (return_call $t))`)
    const options = { interruption: new InterruptionFlag() }
    const component = await Component.compile(bytes, { interruption: 'termination' })
    const { exports } = await component.instantiate({ ask: () => 7 }, options)
    expect(exports['run']?.()).toBe(7)
  })
})
