import { encodeUtf8, tryParseStrictJson } from '@morphee/core'
import fc from 'fast-check'
import { expect, it } from 'vitest'

it('tryParseStrictJson() reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      fc.pre(!text.includes('__proto__'))
      expect(tryParseStrictJson(encodeUtf8(text))).toEqual(JSON.parse(text))
    }),
    { numRuns: 200 },
  )
})

for (const [what, text] of [
  ['a member twice', '{"a":1,"b":{},"a":2}'],
  ['a member twice, once escaped', '{"a":1,"\\u0061":2}'],
  ['a member twice further in', '[{"x":{"a":1,"a":1}}]'],
  ['__proto__', '{"__proto__":{}}'],
  ['a byte order mark', '\ufeff{}'],
  ['two values', '{}{}'],
  ['nothing', ''],
  ['a comment', '{} // x'],
  ['nesting beyond the limit', `${'['.repeat(33)}${']'.repeat(33)}`],
] as const) {
  it(`tryParseStrictJson() refuses ${what}`, () => {
    expect(tryParseStrictJson(encodeUtf8(text))).toBeUndefined()
  })
}

it('tryParseStrictJson() refuses bytes that are not UTF-8, and takes deeper nesting where it is asked to', () => {
  expect(tryParseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toBeUndefined()
  const deep = encodeUtf8(`${'['.repeat(33)}${']'.repeat(33)}`)
  expect(tryParseStrictJson(deep, { maxDepth: 33 })).toBeDefined()
})

it('the same name in two objects, and brackets in texts, are no doubled member', () => {
  const text = '{"a":{"a":"}{\\"a\\":"},"b":[{"a":1},{"a":2}]}'
  expect(tryParseStrictJson(encodeUtf8(text))).toEqual(JSON.parse(text))
})
