import { describe, expect, test } from 'vitest'
import { verdictOf } from './verdict.ts'

/** A component that imports what `import` says, given what `given` defines as `$x`. */
const linked = (wanted: string, given: string): string => `(component
  (component $c (import "x" ${wanted}))
  ${given}
  (instance (instantiate $c (with "x" (func $x)))))`
const given = (type: string): string => `(import "x" (func $x ${type}))`

describe('async types', () => {
  test('an async function is no sync one, nor the reverse', async () => {
    expect(await verdictOf(linked('(func)', given('async')))).toContain(
      'expected sync function, found async function',
    )
    expect(await verdictOf(linked('(func async)', given('')))).toContain(
      'expected async function, found sync function',
    )
    expect(await verdictOf(linked('(func async)', given('async')))).toBe('valid')
  })

  for (const [kind, element] of [
    ['stream', 'borrow'],
    ['future', 'borrow'],
  ] as const) {
    test(`a ${kind} carries no ${element}, however deep`, async () => {
      expect(
        await verdictOf(`(component (type $r (resource (rep i32))) (type $b (borrow $r))
          (type $l (list (tuple u8 $b))) (type (${kind} $l)))`),
      ).toContain('cannot contain a borrow type')
    })
  }

  test('streams and futures are the same when their elements are', async () => {
    const pair = (a: string, b: string): string => `(component
      (component $c (type $s (${a})) (import "x" (func (param "s" $s))))
      (type $s (${b})) (import "x" (func $x (param "s" $s)))
      (instance (instantiate $c (with "x" (func $x)))))`
    expect(await verdictOf(pair('stream u8', 'stream u8'))).toBe('valid')
    expect(await verdictOf(pair('stream u8', 'stream s8'))).toContain('expected u8, found s8')
    expect(await verdictOf(pair('stream', 'stream s8'))).toContain('to not be present')
    expect(await verdictOf(pair('future u8', 'stream u8'))).toContain(
      'expected future, found stream',
    )
  })

  test('lists are the same when their elements and their length are', async () => {
    const pair = (a: string, b: string): string => `(component
      (component $c (import "x" (func (param "s" (list ${a})))))
      (import "x" (func $x (param "s" (list ${b}))))
      (instance (instantiate $c (with "x" (func $x)))))`
    expect(await verdictOf(pair('u8 4', 'u8 4'))).toBe('valid')
    expect(await verdictOf(pair('u8 4', 'u8 5'))).toContain('expected a list of 4 elements')
    expect(await verdictOf(pair('u8', 'u8 5'))).toContain('found one of 5')
    expect(await verdictOf(pair('u8 4', 's8 4'))).toContain('type mismatch in list element')
  })

  test('a constructor is not async', async () => {
    expect(
      await verdictOf(`(component (import "r" (type $r (sub resource)))
        (import "[constructor]r" (func async (result (own $r)))))`),
    ).toContain('a constructor cannot be async')
  })
})

describe('annotated names', () => {
  test('name resources of their own scope, by the name that the function uses', async () => {
    const two = (used: string): string => `(component
      (import "a" (type $a (sub resource))) (import "b" (type $b (eq $a)))
      (import "[method]b.f" (func (param "self" (borrow ${used})))))`
    expect(await verdictOf(two('$b'))).toBe('valid')
    expect(await verdictOf(two('$a'))).toContain('does not match the expected resource name "a"')
  })

  test('have nothing to name in a bag of exports', async () => {
    expect(
      await verdictOf(`(component (import "r" (type $r (sub resource)))
        (import "[static]r.f" (func $f))
        (instance (export "r" (type $r)) (export "[static]r.f" (func $f))))`),
    ).toContain('static resource name is not known in this context')
  })
})

const bytesOf = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)]

/** A component that imports an empty instance, or a function, under a name with attributes. */
function imported(
  name: string,
  attributes: readonly (readonly [kind: number, text: string])[],
  sort: 'instance' | 'func' = 'instance',
): Uint8Array {
  const type = sort === 'instance' ? [0x42, 0] : [0x40, 0, 1, 0]
  const types = [0x07, type.length + 1, 1, ...type]
  const body = [
    1,
    0x02,
    ...bytesOf(name),
    attributes.length,
    ...attributes.flatMap(([kind, text]) => [kind, ...bytesOf(text)]),
    sort === 'instance' ? 0x05 : 0x01,
    0,
  ]
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...types, 0x0a, body.length, ...body])
}
const IMPLEMENTS = 0
const SUFFIX = 1
const EXTERNAL = 2

describe('attributes of names', () => {
  const rows: readonly (readonly [string, Uint8Array, string])[] = [
    ['an external id', imported('a', [[EXTERNAL, 'any: text/']]), 'valid'],
    ['an external id of a function', imported('a', [[EXTERNAL, '']], 'func'), 'valid'],
    ['a version split where it stops to matter', imported('a:b/c@1', [[SUFFIX, '.2.3']]), 'valid'],
    ['… with a zero', imported('a:b/c@0.2', [[SUFFIX, '.6-rc.1']]), 'valid'],
    ['… with two', imported('a:b/c@0.0.1', [[SUFFIX, '-alpha']]), 'valid'],
    ['a canonical version alone', imported('a:b/c@0.2', []), 'valid'],
    ['… that is none', imported('a:b/c@1.2', []), 'not a valid import name'],
    ['… that is zero', imported('a:b/c@0', []), 'not a valid import name'],
    ['a suffix of a whole version', imported('a:b/c@1.2.3', [[SUFFIX, '-x']]), 'does not make'],
    ['a suffix that completes nothing', imported('a:b/c@1', [[SUFFIX, '.x.3']]), 'does not make'],
    ['an empty suffix', imported('a:b/c@0.0.1', [[SUFFIX, '']]), 'does not make a version'],
    ['a suffix of no version', imported('a:b/c', [[SUFFIX, '.2.3']]), 'does not make a version'],
    ['a suffix of a plain name', imported('a', [[SUFFIX, '.2.3']]), 'does not make a version'],
    ['a suffix of a function', imported('a:b/c@1', [[SUFFIX, '.2.3']], 'func'), 'only instances'],
    [
      'a suffix of what is implemented',
      imported('a', [
        [IMPLEMENTS, 'a:b/c@1'],
        [SUFFIX, '.2.3'],
      ]),
      'valid',
    ],
    [
      'one attribute twice',
      imported('a', [
        [EXTERNAL, 'x'],
        [EXTERNAL, 'y'],
      ]),
      'malformed: ',
    ],
    ['an unknown attribute', imported('a', [[3, 'x']]), 'malformed: '],
  ]
  for (const [what, bytes, verdict] of rows) {
    test(`${what}: ${verdict}`, async () => {
      expect(await verdictOf(bytes)).toContain(verdict)
    })
  }
})
