// One guest for everything that is asked of an isolation level: the first letter of the action says what it does.
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { makeComponent } from '../../../component/test/toolchain.ts'

const CONTRACT = resolve(import.meta.dirname, '../../../../spec/wit/extension.wit')

/** What the guest can be told to do; its input is text, which each uses in its way. */
export const ACT = {
  /** Answers with its input. */
  echo: 'e',
  /** Answers with a failure whose code is its input. */
  fail: 'f',
  /** Answers with what is stored under its input, or with the failure that it got. */
  get: 'g',
  /** The same a second time, after the first answer. */
  getTwice: 'G',
  /** Asks for what is stored under its input for ever. */
  getForEver: 'a',
  /** Logs its input and answers with it. */
  log: 'w',
  /** Logs its input two hundred times and answers with it. */
  logOften: 'W',
  /** Logs its input, then hangs. */
  logAndHang: 'z',
  /** Says that half is done, with its input. */
  progress: 'p',
  /** Leaves its input in its memory and in a global and answers with what was there. */
  remember: 'm',
  /** Answers with the value of the setting that its input names, or with nothing. */
  config: 'c',
  /** Answers with 3,000,000 bytes. */
  flood: 'o',
  /** Takes memory until there is no more, then answers with its input. */
  grow: 'h',
  /** Fills its memory with the complement of its sixteen bytes of input, then looks for it: `1` when found. */
  plant: 'P',
  /** Takes as much memory and looks for the complement of its sixteen bytes of input: `0` when it is nowhere. */
  search: 'S',
  /** Hangs. */
  hang: 'l',
  /** Hangs in calls of itself through a table. */
  hangInCalls: 'L',
  unreachable: 't',
  divide: 'd',
  outOfBounds: 'b',
  overflowStack: 's',
} as const

const WAT = `(module
  (type $self (func (param i32)))
  (import "morphee:extension/log@0.9.0" "write" (func $log (param i32 i32 i32)))
  (import "morphee:extension/storage@0.9.0" "get" (func $get (param i32 i32 i32)))
  (import "morphee:extension/invocation@0.9.0" "progress" (func $progress (param i32 f32 i32 i32)))
  (import "morphee:extension/config@0.9.0" "get" (func $config (param i32 i32 i32)))
  (memory (export "memory") 2)
  (table 1 funcref)
  (elem (i32.const 0) $nothing)
  (global $top (mut i32) (i32.const 65536))
  (global $seen (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
    (global.set $top (i32.add (local.get $at) (local.get 3)))
    (block $fits
      (br_if $fits (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
      (br_if $fits (i32.ne (i32.const -1) (memory.grow (i32.add (i32.const 1)
        (i32.div_u (i32.sub (global.get $top) (i32.mul (memory.size) (i32.const 65536))) (i32.const 65536))))))
      unreachable)
    (memory.copy (local.get $at) (local.get 0) (local.get 1))
    (local.get $at))
  (func $nothing (param i32))
  (func $recurse (result i32) (i32.add (i32.const 1) (call $recurse)))
  (func $ok (param $at i32) (param $length i32) (result i32)
    (i32.store (i32.const 1024) (i32.const 0))
    (i32.store (i32.const 1028) (local.get $at))
    (i32.store (i32.const 1032) (local.get $length))
    (i32.const 1024))
  (func $stored (param $at i32) (param $length i32) (result i32)
    (call $get (local.get $at) (local.get $length) (i32.const 2048))
    (if (i32.load8_u (i32.const 2048)) (then
      (memory.copy (i32.const 1024) (i32.const 2048) (i32.const 40))
      (return (i32.const 1024))))
    (if (i32.eqz (i32.load8_u (i32.const 2052))) (then (return (call $ok (i32.const 0) (i32.const 0)))))
    (call $ok (i32.load (i32.const 2056)) (i32.load (i32.const 2060))))
  (func $searched (param $at i32) (result i32)
    (local $n i32)
    (i32.store8 (i32.const 8192) (i32.const 48))
    (loop
      (if (i64.eq (i64.load (local.get $n)) (i64.xor (i64.const -1) (i64.load (local.get $at)))) (then
        (if (i64.eq (i64.load offset=8 (local.get $n)) (i64.xor (i64.const -1) (i64.load offset=8 (local.get $at))))
          (then (i32.store8 (i32.const 8192) (i32.const 49))))))
      (local.set $n (i32.add (local.get $n) (i32.const 8)))
      (br_if 0 (i32.lt_u (local.get $n) (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16)))))
    (call $ok (i32.const 8192) (i32.const 1)))
  (func (export "morphee:extension/actions@0.9.0#invoke")
    (param $action i32) (param $action-length i32) (param $at i32) (param $length i32) (result i32)
    (local $act i32) (local $n i32)
    (local.set $act (i32.load8_u (local.get $action)))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.fail)})) (then
      (memory.fill (i32.const 1024) (i32.const 0) (i32.const 40))
      (i32.store (i32.const 1024) (i32.const 1))
      (i32.store (i32.const 1028) (local.get $at))
      (i32.store (i32.const 1032) (local.get $length))
      (i32.store (i32.const 1036) (local.get $at))
      (i32.store (i32.const 1040) (local.get $length))
      (return (i32.const 1024))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.get)})) (then
      (return (call $stored (local.get $at) (local.get $length)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.getTwice)})) (then
      (drop (call $stored (local.get $at) (local.get $length)))
      (return (call $stored (local.get $at) (local.get $length)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.getForEver)})) (then
      (loop (drop (call $stored (local.get $at) (local.get $length))) (br 0))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.log)})) (then
      (call $log (i32.const 1) (local.get $at) (local.get $length))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.logOften)})) (then
      (loop
        (call $log (i32.const 2) (local.get $at) (local.get $length))
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get $n) (i32.const 200))))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.logAndHang)})) (then
      (call $log (i32.const 1) (local.get $at) (local.get $length))
      (loop (br 0))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.progress)})) (then
      (call $progress (i32.const 1) (f32.const 0.5) (local.get $at) (local.get $length))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.remember)})) (then
      (local.set $n (i32.or (global.get $seen) (i32.load (i32.const 8000))))
      (global.set $seen (local.get $length))
      (i32.store (i32.const 8000) (local.get $length))
      (memory.copy (i32.const 8192) (i32.const 4096) (i32.const 1024))
      (memory.copy (i32.const 4096) (local.get $at) (local.get $length))
      (return (call $ok (i32.const 8192) (local.get $n)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.config)})) (then
      (call $config (local.get $at) (local.get $length) (i32.const 2048))
      (if (i32.eqz (i32.load8_u (i32.const 2048))) (then (return (call $ok (i32.const 0) (i32.const 0)))))
      (return (call $ok (i32.load (i32.const 2052)) (i32.load (i32.const 2056))))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.flood)})) (then
      (drop (memory.grow (i32.const 46)))
      (return (call $ok (i32.const 131072) (i32.const 3000000)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.plant)})) (then
      (drop (memory.grow (i32.const 32)))
      (local.set $n (i32.const 131072))
      (loop
        (i64.store (local.get $n) (i64.xor (i64.const -1) (i64.load (local.get $at))))
        (i64.store offset=8 (local.get $n) (i64.xor (i64.const -1) (i64.load offset=8 (local.get $at))))
        (local.set $n (i32.add (local.get $n) (i32.const 16)))
        (br_if 0 (i32.lt_u (local.get $n) (i32.mul (memory.size) (i32.const 65536)))))
      (return (call $searched (local.get $at)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.search)})) (then
      (drop (memory.grow (i32.const 32)))
      (return (call $searched (local.get $at)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.grow)})) (then
      (loop (br_if 0 (i32.ne (i32.const -1) (memory.grow (i32.const 16)))))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.hang)})) (then (loop (br 0))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.hangInCalls)})) (then
      (loop (call_indirect (type $self) (i32.const 0) (i32.const 0)) (br 0))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.unreachable)})) (then unreachable))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.divide)})) (then
      (drop (i32.div_u (i32.const 1) (local.get $n)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.outOfBounds)})) (then (drop (i32.load (i32.const -8)))))
    (if (i32.eq (local.get $act) (i32.const ${code(ACT.overflowStack)})) (then (drop (call $recurse))))
    (call $ok (local.get $at) (local.get $length))))`

function code(letter: string): number {
  return letter.charCodeAt(0)
}

const EARLY = `(module
  (import "morphee:extension/invocation@0.9.0" "remaining-ms" (func $left (result i64)))
  (memory (export "memory") 2)
  (global $first (mut i64) (i64.const 0))
  (global $top (mut i32) (i32.const 65536))
  (func $start (global.set $first (call $left)))
  (start $start)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $top (i32.add (global.get $top) (i32.const 64)))
    (global.get $top))
  (func (export "morphee:extension/actions@0.9.0#invoke") (param i32 i32 i32 i32) (result i32)
    (i32.store8 (i32.const 8192) (i32.add (i32.const 48)
      (i64.lt_u (i64.sub (global.get $first) (call $left)) (i64.const 5000))))
    (i32.store (i32.const 1028) (i32.const 8192))
    (i32.store (i32.const 1032) (i32.const 1))
    (i32.const 1024)))`

/** A guest that asks how much time is left while it comes into being, and answers `1` when that was in the call that it is in now. */
export async function buildEarlyGuest(): Promise<Uint8Array<ArrayBuffer>> {
  const world = 'world w { import invocation; export actions; }'
  return Uint8Array.from(
    await makeComponent(EARLY, `${await readFile(CONTRACT, 'utf8')}\n${world}`),
  )
}

/** The guest, as a component without a manifest. */
export async function buildActingGuest(): Promise<Uint8Array<ArrayBuffer>> {
  const world = `world w { import log; import storage; import invocation; import config; export actions; }`
  return Uint8Array.from(await makeComponent(WAT, `${await readFile(CONTRACT, 'utf8')}\n${world}`))
}
