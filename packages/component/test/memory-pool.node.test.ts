// What an instance finds in a memory that another one had before.
import {
  Component,
  type ComponentInstance,
  InterruptionFlag,
  type InterruptionKind,
  MemoryPool,
} from '@morphee/component'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseWat } from './toolchain.ts'

interface Guest {
  /** The number of bytes that are not zero. */
  dirt(): number
  /** Writes every byte. */
  soil(): void
  /** Pages before it grew by one, or -1. */
  grow(): number
  trap(): void
  sleep(): Promise<void>
}

const wat = (pages: number): string => `(component
  (import "wait" (func $wait))
  (core func $wait_core (canon lower (func $wait)))
  (core instance $env (export "wait" (func $wait_core)))
  (core module $m (import "env" "wait" (func $wait))
    (memory ${pages} 40) (global $at (mut i32) (i32.const 0)) (global $dirt (mut i32) (i32.const 0))
    (data (i32.const 70) "data")
    (func (export "dirt") (result i32)
      (loop $l
        (if (i32.load8_u (global.get $at))
          (then (global.set $dirt (i32.add (global.get $dirt) (i32.const 1)))))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $at) (i32.mul (memory.size) (i32.const 65536)))))
      (global.set $at (i32.const 0))
      (global.get $dirt))
    (func (export "soil")
      (loop $l
        (i32.store8 (global.get $at) (i32.const 65))
        (global.set $at (i32.add (global.get $at) (i32.const 1)))
        (br_if $l (i32.lt_u (global.get $at) (i32.mul (memory.size) (i32.const 65536)))))
      (global.set $at (i32.const 0)))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "trap") unreachable)
    (func (export "sleep") (call $wait)))
  (core instance $i (instantiate $m (with "env" (instance $env))))
  (func (export "dirt") (result u32) (canon lift (core func $i "dirt")))
  (func (export "soil") (canon lift (core func $i "soil")))
  (func (export "grow") (result s32) (canon lift (core func $i "grow")))
  (func (export "trap") (canon lift (core func $i "trap")))
  (func (export "sleep") (canon lift (core func $i "sleep"))))`

describe.each<InterruptionKind>(['flag', 'termination'])(
  'a pool for instances with %s',
  (interruption) => {
    let made: number
    beforeEach(() => {
      made = 0
      const { Memory } = WebAssembly
      vi.stubGlobal(
        'WebAssembly',
        Object.assign(Object.create(WebAssembly) as typeof WebAssembly, {
          Memory: class extends Memory {
            constructor(descriptor: WebAssembly.MemoryDescriptor) {
              super(descriptor)
              made++
            }
          },
        }),
      )
    })
    afterEach(() => vi.unstubAllGlobals())

    async function open(
      pages = 1,
    ): Promise<(wait?: () => Promise<void>) => Promise<ComponentInstance<Guest>>> {
      const component = await Component.compile(await parseWat(wat(pages)), { interruption })
      const memories = new MemoryPool()
      const flag = new InterruptionFlag()
      made = 0
      return (wait) =>
        component.instantiate<Guest>(
          { wait: wait ?? (() => {}) },
          { memories, interruption: flag, suspending: wait === undefined ? [] : ['wait'] },
        )
    }

    test('gives the memory of one that is over to the next, which finds it as new', async () => {
      const instantiate = await open()
      for (let i = 0; i < 3; i++) {
        const { exports, retire } = bound(await instantiate())
        expect(exports.dirt()).toBe(4)
        exports.soil()
        retire()
      }
      expect(made).toBe(1)
    })

    test('refuses calls into one that is over', async () => {
      const instance = await (await open())()
      instance.retire()
      expect(() => instance.exports.soil()).toThrow(
        expect.objectContaining({ code: 'ERR_COMPONENT_TRAPPED' }),
      )
      expect(instance.death).toMatchObject({ details: { reason: 'interrupted' } })
    })

    test('never gives a memory to two that live', async () => {
      const instantiate = await open()
      bound(await instantiate()).retire()
      const [one, other] = [await instantiate(), await instantiate()]
      one.exports.soil()
      expect(other.exports.dirt()).toBe(4)
      // Twice is once.
      one.retire()
      one.retire()
      const [again, another] = [await instantiate(), await instantiate()]
      again.exports.soil()
      expect(another.exports.dirt()).toBe(4)
    })

    test('keeps no memory that has grown', async () => {
      const instantiate = await open()
      const { exports, retire } = bound(await instantiate())
      expect(exports.grow()).toBe(1)
      retire()
      expect(bound(await instantiate()).exports.grow()).toBe(1)
      expect(made).toBe(2)
    })

    test('keeps no memory that is too large to wipe', async () => {
      const instantiate = await open(9)
      bound(await instantiate()).retire()
      await instantiate()
      expect(made).toBe(2)
    })

    test('keeps none of one that trapped, was closed, or sleeps', async () => {
      const instantiate = await open()
      const trapped = await instantiate()
      expect(() => trapped.exports.trap()).toThrow()
      trapped.retire()
      const closed = await instantiate()
      closed.close()
      closed.retire()
      const sleeping = await instantiate(() => new Promise(() => {}))
      const sleep = sleeping.exports.sleep()
      sleeping.retire()
      await expect(sleep).rejects.toMatchObject({ details: { reason: 'interrupted' } })
      await instantiate()
      expect(made).toBe(4)
    })
  },
)

test('A pool serves a module that needs no check for termination', async () => {
  const bytes = await parseWat(`(component
    (core module $m (memory 1) (func (export "run") (result i32) (memory.size)))
    (core instance $i (instantiate $m))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`)
  const component = await Component.compile(bytes, { interruption: 'termination' })
  const memories = new MemoryPool()
  const take = vi.spyOn(memories, 'take')
  for (let i = 0; i < 2; i++) {
    const instance = await component.instantiate(
      {},
      { memories, interruption: new InterruptionFlag() },
    )
    instance.retire()
  }
  expect(take.mock.results.map(({ value }) => value !== undefined)).toEqual([false, true])
})

test('A pool keeps no memory that began with nothing and has grown', async () => {
  const bytes = await parseWat(`(component
    (core module $m (memory 0 4)
      (func (export "size") (result i32) (memory.size))
      (func (export "soil")
        (drop (memory.grow (i32.const 1))) (i32.store (i32.const 8) (i32.const 1))))
    (core instance $i (instantiate $m))
    (func (export "size") (result u32) (canon lift (core func $i "size")))
    (func (export "soil") (canon lift (core func $i "soil"))))`)
  const component = await Component.compile(bytes, { interruption: 'flag' })
  const options = { memories: new MemoryPool(), interruption: new InterruptionFlag() }
  const first = await component.instantiate<{ soil(): void }>({}, options)
  first.exports.soil()
  first.retire()
  const second = await component.instantiate<{ size(): number }>({}, options)
  expect(second.exports.size()).toBe(0)
})

function bound(instance: ComponentInstance<Guest>): {
  readonly exports: Guest
  retire(): void
} {
  return { exports: instance.exports, retire: () => instance.retire() }
}
