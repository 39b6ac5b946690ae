import { Component, type ComponentInstance, type EngineLimits } from '@morphee/component'
import { expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

/**
 * A parent whose export `down` calls its child, which calls the parent again, until the number is zero: parent and child are entered again while
 * they run. Strings are carried along, so that what belongs to one call is mixed up with another's if it is kept in one place.
 */
const RECURSION = `(component
  (core module $libc (memory (export "memory") 1) (global $top (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3)))))
  (core module $table (table (export "t") 1 1 funcref))
  (core instance $libc (instantiate $libc))
  (core instance $table (instantiate $table))
  (core module $m
    (import "" "t" (table 1 1 funcref)) (import "" "memory" (memory 1))
    (type $down (func (param i32 i32 i32) (result i32)))
    (type $child (func (param i32 i32 i32 i32)))
    (func (export "down") (type $down) (local $at i32)
      (if (i32.eqz (local.get 0)) (then
        (i32.store (i32.const 0) (local.get 1)) (i32.store (i32.const 4) (local.get 2))
        (return (i32.const 0))))
      (call_indirect (type $child) (i32.sub (local.get 0) (i32.const 1)) (local.get 1) (local.get 2)
        (i32.const 16) (i32.const 0))
      (i32.const 16)))
  (core instance $m (instantiate $m (with "" (instance
    (export "t" (table $table "t")) (export "memory" (memory $libc "memory"))))))
  (type $ft (func (param "n" u32) (param "text" string) (result string)))
  (func $down (type $ft) (canon lift (core func $m "down") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (component $Child
    (type $ft (func (param "n" u32) (param "text" string) (result string)))
    (import "down" (func $down (type $ft)))
    (core module $libc (memory (export "memory") 1) (global $top (mut i32) (i32.const 1024))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (global.get $top) (global.set $top (i32.add (global.get $top) (local.get 3)))))
    (core instance $libc (instantiate $libc))
    (core func $down_core (canon lower (func $down) (memory (core memory $libc "memory"))
      (realloc (core func $libc "realloc"))))
    (core module $m (import "" "down" (func $down (param i32 i32 i32 i32))) (import "" "memory" (memory 1))
      (func (export "back") (param i32 i32 i32) (result i32)
        (i32.store8 (i32.add (local.get 1) (local.get 0)) (i32.const 0x21))
        (call $down (local.get 0) (local.get 1) (local.get 2) (i32.const 0)) (i32.const 0)))
    (core instance $i (instantiate $m (with "" (instance
      (export "down" (func $down_core)) (export "memory" (memory $libc "memory"))))))
    (func (export "back") (type $ft) (canon lift (core func $i "back")
      (memory (core memory $libc "memory")) (realloc (core func $libc "realloc")))))
  (instance $child (instantiate $Child (with "down" (func $down))))
  (core func $back_core (canon lower (func $child "back") (memory (core memory $libc "memory"))
    (realloc (core func $libc "realloc"))))
  (core module $fill (import "" "t" (table 1 1 funcref)) (import "" "back" (func $back (param i32 i32 i32 i32)))
    (elem (i32.const 0) func $back))
  (core instance (instantiate $fill (with "" (instance
    (export "t" (table $table "t")) (export "back" (func $back_core))))))
  (export "down" (func $down)))`

async function recursion(limits: Partial<EngineLimits> = {}): Promise<ComponentInstance> {
  return (await Component.compile(await parseWat(RECURSION))).instantiate({}, { limits })
}

test('a child is entered again through its own parent, each call with its own strings', async () => {
  const { down } = (await recursion()).exports
  // The child writes an exclamation mark at the number it was called with.
  expect(down?.(0, 'none')).toBe('none')
  expect(down?.(3, 'abcdef')).toBe('!!!def')
  expect(down?.(3, 'uvwxyz')).toBe('!!!xyz')
})

test('recursion of components without an end is a stack overflow of the guest, and the host goes on', async () => {
  const instance = await recursion()
  expect(() => instance.exports['down']?.(0xffff_ffff, '')).toThrow(
    expect.objectContaining({
      code: 'ERR_COMPONENT_TRAPPED',
      details: expect.objectContaining({ reason: 'stack-overflow' }),
    }),
  )
  expect(() => instance.exports['down']?.(0, '')).toThrowCode('ERR_COMPONENT_TRAPPED')
  expect((await recursion()).exports['down']?.(2, 'still')).toBe('!!ill')
})

test('what calls carry is counted over all that are under way: recursion does not multiply it', async () => {
  const text = 'x'.repeat(1_000)
  const instance = await recursion({ maxCallBytes: 15_000 })
  // Again and again is fine, deeper and deeper is not: each level holds its arguments in the host.
  for (let i = 0; i < 4; i++) expect(instance.exports['down']?.(4, text)).toHaveLength(1_000)
  expect(() => instance.exports['down']?.(15, text)).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ reason: 'limit' }) }),
  )
})
