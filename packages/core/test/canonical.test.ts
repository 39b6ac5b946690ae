import { canonicalJson } from '@morphee/core'
import { expect, it } from 'vitest'

it('canonicalJson() sorts members by UTF-16 code units and adds nothing', () => {
  expect(
    canonicalJson({ b: [1, 1e21, -0], a: { '\u20ac': null, '\ud83d\ude00': true, '\ufb33': '"' } }),
  ).toBe('{"a":{"\u20ac":null,"\ud83d\ude00":true,"\ufb33":"\\""},"b":[1,1e+21,0]}')
})

it('canonicalJson() refuses what JSON cannot say', () => {
  for (const value of [Number.NaN, Infinity, '\ud800'])
    expect(() => canonicalJson(value)).toThrow(RangeError)
})
