import { describe, expect, test } from 'vitest'
import { around, aroundFunc, verdictOf } from './verdict.ts'

const lift = (type: string, func: string, options: string): string =>
  around(`(func (type ${type}) (canon lift (core func ${func}) ${options}))`)

/** A function of `type` lowered with `options`, as one of the core type `signature`. */
function lower(type: string, options: string, signature: string): string {
  return around(`
    (import "f" (func $i ${type}))
    (core func $f (canon lower (func $i) ${options}))
    (core module $m (import "" "f" (func ${signature})))
    (core instance (instantiate $m (with "" (instance (export "f" (func $f))))))`)
}
const PARAMS = (count: number): string =>
  Array.from({ length: count }, (_, index) => `(param "p${index}" u32)`).join(' ')

describe('canonical options', () => {
  const rows: readonly (readonly [what: string, component: string, verdict: string])[] = [
    ['a sync lift of a sync type', lift('$sync', '$nothing', ''), 'valid'],
    ['a sync lift of an async type', lift('$async', '$nothing', ''), 'valid'],
    ['an async lift on a stack', lift('$async', '$nothing', 'async'), 'needs async'],
    ['its result goes by task.return', lift('$number', '$nothing', 'async'), 'needs async'],
    ['and not by the function', lift('$number', '$one', 'async'), 'lowered result types []'],
    [
      'an async lift with a callback gives its code',
      lift('$async', '$one', 'async (callback $callback)'),
      'needs async',
    ],
    [
      'and nothing else',
      lift('$async', '$nothing', 'async (callback $callback)'),
      'lowered result types [i32]',
    ],
    [
      'a callback of another signature',
      lift('$async', '$one', 'async (callback $takes)'),
      'callback uses a core function with an incorrect signature',
    ],
    [
      'a callback without async',
      lift('$async', '$nothing', '(callback $callback)'),
      'callback cannot be specified without async',
    ],
    [
      'an async lift of a sync type',
      lift('$sync', '$nothing', 'async'),
      'requires an async function type',
    ],
    [
      'post-return of an async lift',
      lift('$async', '$nothing', 'async (post-return $nothing)'),
      'post-return cannot be specified with async',
    ],
    [
      'an async lower of a sync type',
      lower('', 'async', '(result i32)'),
      'requires an async function type',
    ],
    ['a sync lower of an async type', lower('async', '', ''), 'needs async'],
    ['an async lower gives a status', lower('async', 'async', '(result i32)'), 'needs async'],
    [
      'its result goes through memory',
      lower('async (result u32)', 'async (memory $mem)', '(param i32) (result i32)'),
      'needs async',
    ],
    [
      'which it then needs',
      lower('async (result u32)', 'async', '(param i32) (result i32)'),
      'memory is required',
    ],
    [
      'four parameters are flat',
      lower(`async ${PARAMS(4)}`, 'async', '(param i32 i32 i32 i32) (result i32)'),
      'needs async',
    ],
    [
      'five go through memory',
      lower(`async ${PARAMS(5)}`, 'async (memory $mem)', '(param i32) (result i32)'),
      'needs async',
    ],
    [
      'and cannot without',
      lower(`async ${PARAMS(5)}`, 'async', '(param i32) (result i32)'),
      'memory is required',
    ],
    [
      'a callback of a lower',
      lower('async', 'async (callback $callback)', '(result i32)'),
      'callback cannot be specified for lowerings',
    ],
    [
      'a memory that threads share',
      `(component
        (core module $m (memory (export "m") 1 1 shared) (func (export "f") (result i32) unreachable))
        (core instance $i (instantiate $m)) (type $t (func (result string)))
        (func (type $t) (canon lift (core func $i "f") (memory (core memory $i "m")))))`,
      'mismatch in the shared flag',
    ],
    ['such a memory alone', '(component (core module (memory 1 1 shared)))', 'needs threads'],
    ['values as references', lift('$sync', '$nothing', 'gc'), 'needs gc'],
    [
      'a core type without them',
      lift('$sync', '$nothing', '(core-type $start)'),
      'core-type cannot be specified without gc',
    ],
    [
      'a core type of a lift',
      lift('$sync', '$nothing', 'gc (core-type $start)'),
      'core-type is not allowed for lifts',
    ],
    [
      'a core type that is a module',
      lower('', 'gc (core-type $module)', ''),
      'must refer to a core function type',
    ],
    ['a lower to references', lower('', 'gc', ''), 'gc requires core-type for lowerings'],
    [
      'a stream in a sync lower',
      around(`(import "f" (func $f (param "s" $bytes))) (core func (canon lower (func $f)))`),
      'needs async',
    ],
  ]
  for (const [what, component, verdict] of rows) {
    test(`${what}: ${verdict}`, async () => {
      expect(await verdictOf(component)).toContain(verdict)
    })
  }

  test('a resource that is not the component’s own can be dropped, not made', async () => {
    const imported = '(import "x" (type $x (sub resource)))'
    expect(await verdictOf(around(`${imported} (core func (canon resource.drop $x))`))).toBe(
      'valid',
    )
    expect(await verdictOf(around(`${imported} (core func (canon resource.new $x))`))).toContain(
      'not a local resource',
    )
    expect(await verdictOf(aroundFunc('(canon resource.drop $r)', '(param i32)'))).toBe('valid')
  })
})
