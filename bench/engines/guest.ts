// The guest that all engines run: one core module as a component and bare, and the same work in Extism's own interface.
import { makeComponent, parseWat } from '../../packages/component/test/toolchain.ts'

/** One entry of the lists that go through `echo-list`. */
export interface Item {
  readonly id: number
  readonly name: string
  readonly done: boolean
  readonly score: number
}

/** The world that the guest implements, as WIT would say it. */
export interface Guest {
  echo(text: string): unknown
  echoItem(item: Item): unknown
  echoList(items: readonly Item[]): unknown
  /** Calls the host's `note` with the text. */
  ask(text: string): unknown
}

/** The host's part: the length of the text. */
export type Note = (text: string) => number | Promise<number>

const WIT = `package bench:guest;
interface api {
  record item { id: u32, name: string, done: bool, score: f64 }
  echo: func(text: string) -> string;
  echo-item: func(item: item) -> item;
  echo-list: func(items: list<item>) -> list<item>;
  ask: func(text: string) -> u32;
}
world w {
  import note: func(text: string) -> u32;
  export api;
}`

const core = (pages: number): string => `(module
  (import "$root" "note" (func $note (param i32 i32) (result i32)))
  (memory (export "memory") ${pages})
  (global $next (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 15)) (i32.const -16)))
    (global.set $next (i32.add (local.get $at) (local.get $new)))
    (memory.copy (local.get $at) (local.get $old) (local.get $size))
    (local.get $at))
  (func $pair (param i32 i32) (result i32)
    (global.set $next (i32.const 1024))
    (i32.store (i32.const 16) (local.get 0))
    (i32.store offset=4 (i32.const 16) (local.get 1))
    (i32.const 16))
  (export "bench:guest/api#echo" (func $pair))
  (export "bench:guest/api#echo-list" (func $pair))
  (func (export "bench:guest/api#echo-item")
    (param $id i32) (param $at i32) (param $length i32) (param $done i32) (param $score f64) (result i32)
    (global.set $next (i32.const 1024))
    (i32.store (i32.const 32) (local.get $id))
    (i32.store offset=4 (i32.const 32) (local.get $at))
    (i32.store offset=8 (i32.const 32) (local.get $length))
    (i32.store8 offset=12 (i32.const 32) (local.get $done))
    (f64.store offset=16 (i32.const 32) (local.get $score))
    (i32.const 32))
  (func (export "bench:guest/api#ask") (param i32 i32) (result i32)
    (global.set $next (i32.const 1024))
    (call $note (local.get 0) (local.get 1))))`

// Eight bytes a step, as Extism's own development kits copy.
const plugin = (pages: number): string => `(module
  (import "extism:host/env" "input_length" (func $input_length (result i64)))
  (import "extism:host/env" "input_load_u8" (func $input_load_u8 (param i64) (result i32)))
  (import "extism:host/env" "input_load_u64" (func $input_load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/user" "note" (func $note (param i64) (result i64)))
  (memory (export "memory") ${pages})
  (func $copy (result i64)
    (local $length i64) (local $at i64) (local $i i64)
    (local.set $length (call $input_length))
    (local.set $at (call $alloc (local.get $length)))
    (block $words (loop $next
      (br_if $words (i64.gt_u (i64.add (local.get $i) (i64.const 8)) (local.get $length)))
      (call $store_u64 (i64.add (local.get $at) (local.get $i)) (call $input_load_u64 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 8)))
      (br $next)))
    (block $bytes (loop $next
      (br_if $bytes (i64.ge_u (local.get $i) (local.get $length)))
      (call $store_u8 (i64.add (local.get $at) (local.get $i)) (call $input_load_u8 (local.get $i)))
      (local.set $i (i64.add (local.get $i) (i64.const 1)))
      (br $next)))
    (local.get $at))
  (func (export "echo") (result i32)
    (call $output_set (call $copy) (call $input_length))
    (i32.const 0))
  (func (export "ask") (result i32)
    (drop (call $note (call $copy)))
    (i32.const 0)))`

/** The guest as a component: the core of {@link buildCore}, wrapped as toolchains wrap theirs. */
export async function buildComponent(pages: number): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await makeComponent(core(pages), WIT))
}

/** The guest's core module alone. */
export async function buildCore(pages: number): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parseWat(core(pages)))
}

/** The guest as an Extism plugin. */
export async function buildPlugin(pages: number): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await parseWat(plugin(pages)))
}

/** What the component exports its functions under. */
export const API = 'bench:guest/api'
