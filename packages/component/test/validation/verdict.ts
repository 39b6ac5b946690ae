import { Component, EngineError } from '@morphee/component'
import { parseWat } from '../toolchain.ts'

/** What becomes of a component: `valid`, `needs <feature>`, or why it is not one. */
export async function verdictOf(component: string | Uint8Array): Promise<string> {
  const bytes = typeof component === 'string' ? await parseWat(component) : component
  try {
    await Component.compile(bytes)
    return 'valid'
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (error.code === 'ERR_COMPONENT_UNSUPPORTED')
      return `needs ${(error as EngineError<'ERR_COMPONENT_UNSUPPORTED'>).details.feature}`
    return `${error.code.slice('ERR_COMPONENT_'.length).toLowerCase()}: ${error.message}`
  }
}

/** A component around `body` with what canonical definitions refer to: `$mem`, `$realloc`, `$table`, and types of every kind. */
export function around(body: string): string {
  return `(component
    (core module $libc
      (memory (export "mem") 1) (table (export "table") 1 funcref) (table (export "others") 1 externref)
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
      (func (export "nothing"))
      (func (export "one") (result i32) unreachable)
      (func (export "takes") (param i32))
      (func (export "callback") (param i32 i32 i32) (result i32) unreachable))
    (core instance $libc (instantiate $libc))
    (alias core export $libc "mem" (core memory $mem))
    (alias core export $libc "realloc" (core func $realloc))
    (alias core export $libc "nothing" (core func $nothing))
    (alias core export $libc "one" (core func $one))
    (alias core export $libc "takes" (core func $takes))
    (alias core export $libc "callback" (core func $callback))
    (alias core export $libc "table" (core table $table))
    (alias core export $libc "others" (core table $others))
    (core type $start (func (param i32)))
    (core type $module (module))
    (type $r (resource (rep i32)))
    (type $borrowed (borrow $r))
    (type $bytes (stream u8)) (type $texts (stream string)) (type $ticks (stream))
    (type $byte (future u8)) (type $text (future string)) (type $done (future))
    (type $sync (func)) (type $async (func async)) (type $number (func async (result u32)))
    (type $four (func async (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32)))
    (type $five (func async (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (param "e" u32)))
    ${body})`
}

/** {@link around} a core function made by `canon`, which is handed to a module as one of the core type `signature`. */
export function aroundFunc(canon: string, signature: string): string {
  return around(`
    (core func $f ${canon})
    (core module $m (import "" "f" (func ${signature})))
    (core instance (instantiate $m (with "" (instance (export "f" (func $f))))))`)
}
