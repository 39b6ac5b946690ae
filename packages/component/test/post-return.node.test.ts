import { Component, type ComponentInstance, EngineError } from '@morphee/component'
import { expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

async function instantiate(wat: string): Promise<ComponentInstance> {
  return (await Component.compile(await parseWat(wat))).instantiate()
}

/** Notes what happens as digits: 1 the function, 2 the allocator of its caller, 3 post-return with the core result 8. */
const NOTES = `(global $notes (mut i32) (i32.const 0))
  (func $note (param i32) (global.set $notes (i32.add (i32.mul (global.get $notes) (i32.const 10)) (local.get 0))))
  (func (export "notes") (result i32) (global.get $notes))
  (func (export "get") (result i32) (call $note (i32.const 1)) (i32.const 8))
  (func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $note (i32.const 2)) (i32.const 512))
  (func (export "post") (param i32)
    (call $note (i32.const 3))
    (if (i32.ne (local.get 0) (i32.const 8)) (then unreachable))
    (memory.fill (i32.const 0) (i32.const 0xff) (i32.const 64)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\20\\00\\00\\00\\05\\00\\00\\00") (data (i32.const 32) "hello")`

test('post-return gets the core result once, after the result was read', async () => {
  const instance = await instantiate(`(component
    (core module $m ${NOTES})
    (core instance $i (instantiate $m))
    (func (export "get") (result string) (canon lift (core func $i "get")
      (memory (core memory $i "memory")) (post-return (core func $i "post"))))
    (func (export "notes") (result u32) (canon lift (core func $i "notes"))))`)
  // It overwrites the string: what was returned had been read before.
  expect(instance.exports['get']?.()).toBe('hello')
  expect(instance.exports['notes']?.()).toBe(13)
})

test('post-return runs after the caller has the result in its own memory', async () => {
  const instance = await instantiate(`(component
    (core module $m ${NOTES})
    (core instance $i (instantiate $m))
    (func $get (result string) (canon lift (core func $i "get")
      (memory (core memory $i "memory")) (post-return (core func $i "post"))))
    (core func $get_core (canon lower (func $get)
      (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
    (core module $n (import "" "get" (func $get (param i32)))
      (func (export "run") (call $get (i32.const 128))))
    (core instance $n (instantiate $n (with "" (instance (export "get" (func $get_core))))))
    (func (export "run") (canon lift (core func $n "run")))
    (func (export "notes") (result u32) (canon lift (core func $i "notes"))))`)
  instance.exports['run']?.()
  expect(instance.exports['notes']?.()).toBe(123)
})

test('post-return may not call out, and its trap is the call’s', async () => {
  for (const [body, reason] of [
    ['(call $ask)', 'abi'],
    ['unreachable', 'unreachable'],
  ] as const) {
    const bytes = await parseWat(`(component
      (import "ask" (func $ask)) (core func $ask_core (canon lower (func $ask)))
      (core module $m (import "" "ask" (func $ask)) (func (export "run")) (func (export "post") ${body}))
      (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask_core))))))
      (func (export "run") (canon lift (core func $i "run") (post-return (core func $i "post")))))`)
    const instance = await (
      await Component.compile(bytes)
    ).instantiate({
      ask() {
        throw new Error('was called')
      },
    })
    expect(() => instance.exports['run']?.()).toThrow(EngineError)
    expect(instance.death?.details).toMatchObject({ reason })
  }
})
