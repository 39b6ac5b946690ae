import { describe, expect, test } from 'vitest'
import { inspect } from '../src/globals/inspect.ts'
import { structuredClone as guestClone } from '../src/globals/structured-clone.ts'
import { Headers as GuestHeaders } from '../src/http/headers.ts'

describe('structuredClone()', () => {
  test('copies data as the one of Node does', () => {
    // oxlint-disable-next-line no-sparse-arrays -- a hole must stay one
    const shared = { deep: [1, , 3] }
    const value = {
      text: 'ü',
      big: 3n,
      none: undefined,
      date: new Date(5),
      pattern: /a/gi,
      map: new Map([[shared, new Set([1])]]),
      bytes: new Uint8Array([1, 2, 3]).subarray(1),
      view: new DataView(new ArrayBuffer(4), 1),
      error: new RangeError('no'),
      shared,
      again: shared,
      boxed: Object(1),
    }
    const copy = guestClone(value)
    expect(copy).toEqual(structuredClone(value))
    expect(copy.shared).toBe(copy.again)
    expect(copy.shared).not.toBe(shared)
  })

  test('keeps cycles', () => {
    const value: { self?: unknown } = {}
    value.self = value
    const copy = guestClone(value)
    expect(copy.self).toBe(copy)
  })

  for (const value of [() => 1, Symbol('x'), new WeakMap(), { deep: [() => 1] }]) {
    test(`refuses ${inspect(value)}`, () => expect(() => guestClone(value)).toThrow(TypeError))
  }

  test('does not follow __proto__ of its input', () => {
    const copy = guestClone(JSON.parse('{"__proto__":{"polluted":true}}') as object)
    expect('polluted' in {}).toBe(false)
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(Object.keys(copy)).toEqual(['__proto__'])
  })
})

describe('inspect()', () => {
  for (const [value, text] of [
    ['plain', 'plain'],
    [{ a: 'x', b: [1, null] }, '{a: "x", b: [1, null]}'],
    [new Map([['k', 1]]), 'Map {"k" => 1}'],
    [10n, '10n'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
  ] as const) {
    test(`prints ${text}`, () => expect(inspect(value)).toBe(text))
  }

  test('ends, whatever it is given', () => {
    const cycle: unknown[] = []
    cycle.push(
      cycle,
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('no')
          },
        },
      ),
    )
    expect(inspect(cycle)).toBe('[object Array]')
    const deep = { a: { b: { c: { d: { e: 1 } } } } }
    expect(inspect(deep)).toBe('{a: {b: {c: {d: {…}}}}}')
    expect(inspect(Array.from({ length: 200 }, () => 1)).length).toBeLessThan(400)
  })
})

describe('Headers', () => {
  test('joins values of one name, whatever its case', () => {
    const headers = new GuestHeaders([
      ['Accept', ' a '],
      ['ACCEPT', 'b'],
    ])
    expect(headers.get('accept')).toBe('a, b')
    expect([...headers]).toEqual([['accept', 'a, b']])
  })

  for (const [name, value] of [
    ['bad name', 'x'],
    ['', 'x'],
    ['x', 'a\r\nevil: 1'],
    ['x', 'a\0'],
  ] as const) {
    test(`refuses to smuggle ${JSON.stringify([name, value])}`, () => {
      expect(() => new GuestHeaders({ [name]: value })).toThrow(TypeError)
    })
  }
})
