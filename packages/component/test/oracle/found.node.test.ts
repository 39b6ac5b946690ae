import { Component, EngineError } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { parseWat } from '../toolchain.ts'

/** What this engine once said otherwise than wasm-tools about, kept where there is no wasm-tools. */
const INVALID: Readonly<Record<string, string>> = {
  'an import of a value type that is exported':
    '(type (list u32)) (export "c" (type 0)) (import "e" (type (eq 1)))',
  'an import of a record that is exported, also imported under another name':
    '(type (record (field "x" u32))) (export "c" (type 0)) (import "e" (type (eq 0))) (import "f" (type (eq 1)))',
  'an imported instance with a type that is exported':
    '(type u32) (export "c" (type 0)) (import "a" (instance (alias outer 1 1 (type)) (export "x" (type (eq 0)))))',
  'an import of a resource that the component defines':
    '(type (resource (rep i32))) (import "a" (type (eq 0)))',
  'an imported instance with a resource that the component defines':
    '(type (resource (rep i32))) (import "i" (instance (alias outer 1 0 (type)) (export "x" (type (eq 0)))))',
  'an import of an exported name of an imported resource':
    '(import "a" (type (sub resource))) (export "b" (type 0)) (import "c" (type (eq 1)))',
  'an import of a component type that needs a resource of the component':
    '(type (resource (rep i32))) (type (component (alias outer 1 0 (type)) (import "x" (type (eq 0))))) (import "c" (type (eq 1)))',
  'an import of the type of an instance that was exported':
    '(component $c (type (record (field "x" u32))) (export "t" (type 0))) (instance (instantiate $c)) (export "i" (instance 0)) (alias export 1 "t" (type)) (import "b" (type (eq 0)))',
  'an export of a handle that is written with the unnamed index of a named resource':
    '(type (resource (rep i32))) (export "r" (type 0)) (type (own 0)) (export "h" (type 2))',
  'an import of a function with a handle by an exported name':
    '(import "b" (type (sub resource))) (export "d" (type 0)) (type (own 1)) (import "f" (func (param "x" 2)))',
  'an import of a function type that an exported instance has':
    '(type (func)) (instance (export "t" (type 0))) (export "i" (instance 0)) (import "e" (type (eq 0)))',
  'an interface with half a version and no suffix': '(import "a:b/c@1" (instance))',
  'a component type that imports what it exports':
    '(type (component (export "x" (type (sub resource))) (import "b" (type (eq 0)))))',
}

const VALID: Readonly<Record<string, string>> = {
  'an import of a type that another export is made from':
    '(type (list u32)) (export "c" (type 0)) (import "e" (type (eq 0)))',
  'an import of a function with an exported primitive':
    '(type u32) (export "c" (type 0)) (import "f" (func (param "a" 1)))',
  'an import of the type of an instance that was not exported':
    '(component $c (type u32) (export "t" (type 0))) (instance (instantiate $c)) (alias export 0 "t" (type)) (import "b" (type (eq 0)))',
  'an export of a handle that is written with the named index':
    '(type (resource (rep i32))) (export "r" (type 0)) (type (own 1)) (export "h" (type 2))',
  'a function over a resource that went through a child instance': `
    (import "r" (type $r (sub resource)))
    (component $c (import "q" (type $q (sub resource))) (import "f" (func $f (param "x" (own $q))))
      (export $e "q" (type $q)) (export "f" (func $f) (func (param "x" (own $e)))))
    (import "f" (func $f (param "x" (own $r))))
    (instance $i (instantiate $c (with "q" (type $r)) (with "f" (func $f))))
    (export "i" (instance $i))`,
}

describe('Component.compile(), as wasm-tools has it,', () => {
  for (const [name, wat] of Object.entries(INVALID)) {
    test(`refuses ${name}`, async () => {
      const outcome = await Component.compile(await parseWat(`(component ${wat})`)).catch(
        (error: unknown) => error,
      )
      expect(outcome).toBeInstanceOf(EngineError)
      expect((outcome as EngineError).code).toBe('ERR_COMPONENT_INVALID')
    })
  }
  for (const [name, wat] of Object.entries(VALID)) {
    test(`takes ${name}`, async () => {
      await Component.compile(await parseWat(`(component ${wat})`))
    })
  }
})
