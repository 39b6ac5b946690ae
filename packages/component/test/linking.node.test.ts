import { Component, resolveImportName, sameFuncType } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { makeComponent, parseWat } from './toolchain.ts'

test('resolveImportName() picks the very name, then the newest on the track, then the one without a version', () => {
  const offered = [
    'a:b/c@1.2.0',
    'a:b/c@1.10.0',
    'a:b/c@2.0.0',
    'a:b/d',
    'a:b/e@0.9.1',
    'a:b/f@1.0.0-rc.1',
  ]
  for (const [wanted, found] of [
    ['a:b/c@1.2.0', 'a:b/c@1.2.0'],
    ['a:b/c@1.3.0', 'a:b/c@1.10.0'],
    ['a:b/c@3.0.0', undefined],
    ['a:b/d@7.0.0', 'a:b/d'],
    ['a:b/e@0.9.0', 'a:b/e@0.9.1'],
    ['a:b/e@0.8.0', undefined],
    ['a:b/f@1.0.0', undefined],
    ['a:b/f@1.0.0-rc.1', 'a:b/f@1.0.0-rc.1'],
    ['__proto__', undefined],
  ] as const) {
    expect(resolveImportName(wanted, offered), wanted).toBe(found)
  }
})

describe('component.instantiate()', () => {
  test('refuses an interface that the host does not offer, and a function that it lacks', async () => {
    const wit = 'package t:t@1.0.0; interface i { f: func(); } world w { import i; }'
    const component = await Component.compile(
      await makeComponent('(module (import "t:t/i@1.0.0" "f" (func)))', wit),
    )
    await expect(component.instantiate({})).rejects.toThrowCode('ERR_COMPONENT_LINK')
    await expect(component.instantiate({ 't:t/i': {} })).rejects.toThrowCode('ERR_COMPONENT_LINK')
    await expect(component.instantiate({ 't:t/i@2.0.0': { f() {} } })).rejects.toThrowCode(
      'ERR_COMPONENT_LINK',
    )
    await component.instantiate({ 't:t/i@1.7.0': { f() {} } })
  })

  test('lets components be told apart by their types before they run', async () => {
    const describe1 = async (result: string) => {
      const bytes = await parseWat(
        `(component (import "f" (func (param "a" string) (result ${result}))))`,
      )
      const [f] = (await Component.compile(bytes)).imports
      if (f?.kind !== 'func') throw new Error('no function')
      return f
    }
    expect(sameFuncType(await describe1('u32'), await describe1('u32'))).toBe(true)
    expect(sameFuncType(await describe1('u32'), await describe1('(option u32)'))).toBe(false)
    expect(JSON.parse(JSON.stringify(await describe1('u32')))).toEqual({
      name: 'f',
      kind: 'func',
      params: [{ name: 'a', type: { kind: 'string' } }],
      result: { kind: 'u32' },
    })
  })

  test('suspends through two components', async () => {
    const bytes = await parseWat(`(component
      (import "ask" (func $ask (result u32)))
      (component $inner
        (import "ask" (func $ask (result u32)))
        (core func $c (canon lower (func $ask)))
        (core instance $e (export "f" (func $c)))
        (core module $m (import "e" "f" (func $f (result i32))) (func (export "g") (result i32) (i32.add (call $f) (i32.const 1))))
        (core instance $i (instantiate $m (with "e" (instance $e))))
        (func (export "g") (result u32) (canon lift (core func $i "g"))))
      (instance $one (instantiate $inner (with "ask" (func $ask))))
      (alias export $one "g" (func $g))
      (instance $two (instantiate $inner (with "ask" (func $g))))
      (alias export $two "g" (func $h))
      (export "run" (func $h)))`)
    const component = await Component.compile(bytes)
    const slow = await component.instantiate(
      { ask: async () => (await Promise.resolve(), 40) },
      { suspending: ['ask'] },
    )
    expect(await slow.exports['run']?.()).toBe(42)
    expect(await slow.exports['run']?.()).toBe(42)
    const fast = await component.instantiate({ ask: () => 40 })
    expect(fast.exports['run']?.()).toBe(42)
  })

  test('instantiates cores given to it, without compiling them again', async () => {
    const bytes =
      await parseWat(`(component (core module $m (func (export "f") (result i32) (i32.const 9))) (core instance $i (instantiate $m))
      (func (export "f") (result u8) (canon lift (core func $i "f"))))`)
    const first = await Component.compile(bytes)
    const again = await Component.compile(bytes, { modules: first.modules })
    expect(again.modules[0]).toBe(first.modules[0])
    expect((await again.instantiate()).exports['f']?.()).toBe(9)
    const cache = new Map()
    const [left, right] = [
      await Component.compile(bytes, { cache }),
      await Component.compile(bytes, { cache }),
    ]
    expect(left.coreDigests).toEqual(right.coreDigests)
    expect(left.modules[0]).toBe(right.modules[0])
    await expect(Component.compile(bytes, { modules: [] })).rejects.toThrow(TypeError)
  })
})

describe('resources', () => {
  const HOSTED = `(component
    (import "i" (instance $i
      (export "thing" (type $t (sub resource)))
      (export "[constructor]thing" (func (param "n" u32) (result (own $t))))
      (export "[method]thing.get" (func (param "self" (borrow $t)) (result u32)))))
    (alias export $i "thing" (type $t))
    (alias export $i "[constructor]thing" (func $new))
    (alias export $i "[method]thing.get" (func $get))
    (core func $new_c (canon lower (func $new)))
    (core func $get_c (canon lower (func $get)))
    (core func $drop_c (canon resource.drop $t))
    (core instance $e (export "new" (func $new_c)) (export "get" (func $get_c)) (export "drop" (func $drop_c)))
    (core module $m
      (import "e" "new" (func $new (param i32) (result i32)))
      (import "e" "get" (func $get (param i32) (result i32)))
      (import "e" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (result i32) (local $h i32) (local $r i32)
        (local.set $h (call $new (local.get 0))) (local.set $r (call $get (local.get $h))) (call $drop (local.get $h)) (local.get $r))
      (func (export "twice") (local $h i32)
        (local.set $h (call $new (i32.const 1))) (call $drop (local.get $h)) (call $drop (local.get $h)))
      (func (export "forge") (result i32) (call $get (i32.const 77)))
      (func (export "hoard") (loop $l (drop (call $new (i32.const 1))) (br $l))))
    (core instance $x (instantiate $m (with "e" (instance $e))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $x "run")))
    (func (export "twice") (canon lift (core func $x "twice")))
    (func (export "forge") (result u32) (canon lift (core func $x "forge")))
    (func (export "hoard") (canon lift (core func $x "hoard"))))`

  class Thing {
    static disposed = 0
    readonly n: number
    constructor(n: number) {
      this.n = n
    }
    get(): number {
      return this.n * 2
    }
    [Symbol.dispose](): void {
      Thing.disposed++
    }
  }

  test('of the host are made, used and dropped by the guest', async () => {
    const instance = await (
      await Component.compile(await parseWat(HOSTED))
    ).instantiate({ i: { Thing } })
    const before = Thing.disposed
    expect(instance.exports['run']?.(21)).toBe(42)
    expect(Thing.disposed).toBe(before + 1)
  })

  for (const attack of ['twice', 'forge', 'hoard']) {
    test(`of the host withstand a guest that would ${attack}`, async () => {
      const component = await Component.compile(await parseWat(HOSTED), {
        limits: { maxHandles: 50 },
      })
      const instance = await component.instantiate({ i: { Thing } })
      expect(() => instance.exports[attack]?.()).toThrowCode('ERR_COMPONENT_TRAPPED')
    })
  }

  test('of the guest are classes outside, and end once', async () => {
    const bytes = await parseWat(`(component
      (core module $d (global $g (mut i32) (i32.const 0))
        (func (export "dtor") (param i32) (global.set $g (i32.add (global.get $g) (local.get 0))))
        (func (export "sum") (result i32) (global.get $g)))
      (core instance $di (instantiate $d))
      (alias core export $di "dtor" (core func $dtor))
      (type $r (resource (rep i32) (dtor $dtor)))
      (core func $new (canon resource.new $r))
      (core instance $e (export "new" (func $new)))
      (core module $m (import "e" "new" (func $new (param i32) (result i32)))
        (func (export "new") (param i32) (result i32) (call $new (local.get 0)))
        (func (export "get") (param i32) (result i32) (local.get 0)))
      (core instance $x (instantiate $m (with "e" (instance $e))))
      (export $R "r" (type $r))
      (func (export "[constructor]r") (param "n" u32) (result (own $R)) (canon lift (core func $x "new")))
      (func (export "[method]r.get") (param "self" (borrow $R)) (result u32) (canon lift (core func $x "get")))
      (func (export "sum") (result u32) (canon lift (core func $di "sum"))))`)
    const instance = await (await Component.compile(bytes)).instantiate()
    const { R, sum } = instance.exports as any
    const one = new R(5)
    expect(one).toBeInstanceOf(R)
    expect(one.get()).toBe(5)
    one[Symbol.dispose]()
    one[Symbol.dispose]()
    expect(sum()).toBe(5)
    expect(() => one.get()).toThrow(TypeError)
    expect(() => R.prototype.get.call({})).toThrow(TypeError)
    expect(sum()).toBe(5)
  })
})
