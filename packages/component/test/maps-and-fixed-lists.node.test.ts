import { Component } from '@morphee/component'
import { expect, test } from 'vitest'
import { makeComponent, parseWat } from './toolchain.ts'

/** Two entries at 8, both with the key 1: 10 and then 20. */
const TWICE = `(memory (export "memory") 1)
  (data (i32.const 8) "\\01\\00\\00\\00\\0a\\00\\00\\00\\01\\00\\00\\00\\14\\00\\00\\00")
  (data (i32.const 32) "\\08\\00\\00\\00\\02\\00\\00\\00")`
const TYPE = 'map<u32, u32>'

test('a map in which a guest sends a key twice is a Map with the last value', async () => {
  const component = await Component.compile(
    await makeComponent(
      `(module ${TWICE} (func (export "get") (result i32) (i32.const 32)))`,
      `package t:t; world w { export get: func() -> ${TYPE}; }`,
    ),
  )
  const instance = await component.instantiate()
  expect(instance.exports['get']?.()).toEqual(new Map([[1, 20]]))
})

test('another guest gets a map as it was sent, both entries of one key', async () => {
  const bytes = await parseWat(`(component
    (component $from
      (core module $m ${TWICE} (func (export "get") (result i32) (i32.const 32)))
      (core instance $i (instantiate $m))
      (func (export "get") (result (map u32 u32))
        (canon lift (core func $i "get") (memory (core memory $i "memory")))))
    (component $to
      (import "get" (func $get (result (map u32 u32))))
      (core module $libc (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64)))
      (core instance $libc (instantiate $libc))
      (core func $get_core (canon lower (func $get) (memory (core memory $libc "memory"))
        (realloc (core func $libc "realloc"))))
      (core module $m
        (import "" "get" (func $get (param i32)))
        (import "" "memory" (memory 1))
        (func (export "count") (result i32)
          (call $get (i32.const 16))
          (i32.add (i32.load (i32.const 20)) (i32.load (i32.const 68)))))
      (core instance $i (instantiate $m (with "" (instance
        (export "get" (func $get_core)) (export "memory" (memory $libc "memory"))))))
      (func (export "count") (result u32) (canon lift (core func $i "count"))))
    (instance $from (instantiate $from))
    (instance $to (instantiate $to (with "get" (func $from "get"))))
    (func (export "count") (alias export $to "count")))`)
  const instance = await (await Component.compile(bytes)).instantiate()
  expect(instance.exports['count']?.()).toBe(2 + 10)
})

const ECHO = `(module
  (func (export "echo") (param i32 i32 i32) (result i32)
    (i32.store8 (i32.const 8) (local.get 0)) (i32.store8 (i32.const 9) (local.get 1))
    (i32.store8 (i32.const 10) (local.get 2)) (i32.const 8))
  (memory (export "memory") 1))`

test('a fixed list of u8 is a Uint8Array of that length, an array is taken too', async () => {
  const wit = 'package t:t; world w { export echo: func(v: list<u8, 3>) -> list<u8, 3>; }'
  const component = await Component.compile(await makeComponent(ECHO, wit))
  expect(component.exports).toMatchObject([
    { name: 'echo', params: [{ type: { kind: 'list', length: 3 } }] },
  ])
  const { echo } = (await component.instantiate()).exports
  expect(echo?.(Uint8Array.of(1, 2, 255))).toEqual(Uint8Array.of(1, 2, 255))
  expect(echo?.([1, 2, 3])).toEqual(Uint8Array.of(1, 2, 3))
  for (const wrong of [Uint8Array.of(1, 2), [1, 2, 3, 4], [1, 2, 256], 'abc', undefined])
    expect(() => echo?.(wrong)).toThrow(TypeError)
})

test('what a guest leaves above the low bits of a flattened u8 is cut off', async () => {
  const bytes = await makeComponent(
    '(module (func (export "f") (result i32) (i32.const 0x1ff)))',
    'package t:t; world w { export f: func() -> list<u8, 1>; }',
  )
  const instance = await (await Component.compile(bytes)).instantiate()
  expect(instance.exports['f']?.()).toEqual(Uint8Array.of(255))
})

test('a map longer than one call may carry is refused before a pair is made', async () => {
  const component = await Component.compile(
    await makeComponent(
      `(module (memory (export "memory") 2) (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
        (func (export "get") (result i32) (i32.const 0)))`,
      `package t:t; world w { export get: func() -> ${TYPE}; }`,
    ),
    { limits: { maxCallBytes: 100_000 } },
  )
  // 4,096 pairs are 32 KiB of the guest, and far more of the host.
  const instance = await component.instantiate()
  expect(() => instance.exports['get']?.()).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ reason: 'limit' }) }),
  )
})
