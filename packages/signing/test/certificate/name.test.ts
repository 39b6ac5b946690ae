import { formatName, tryParseName } from '@morphee/signing'
import fc from 'fast-check'
import { expect, test } from 'vitest'

test('tryParseName() gives back what formatName() was given', () => {
  const types = ['C', 'ST', 'O', 'OU', 'CN', 'L', '1.2.3.4']
  // A name never has values without a visible end: certificates are refused with blanks around.
  const value = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() === text)
  const special = fc
    .string({
      unit: fc.constantFrom('\\', ',', '+', '"', '<', '>', ';', '=', '#', 'a', ' '),
      minLength: 1,
    })
    .filter((text) => text.trim() === text)
  const attribute = fc.record({ type: fc.constantFrom(...types), value: fc.oneof(value, special) })
  const name = fc.uniqueArray(attribute, { minLength: 1, selector: ({ type }) => type })
  fc.assert(
    fc.property(name, (attributes) => {
      expect(tryParseName(formatName(attributes))).toEqual(attributes)
    }),
  )
})

test('tryParseName() reads notation\u2019s spellings', () => {
  const expected = [
    { type: 'C', value: 'US' },
    { type: 'ST', value: 'WA' },
    { type: 'O', value: 'a, b' },
  ]
  for (const text of [
    'C=US, ST=WA, O=a\\, b',
    'C=US,S=WA,O=a\\, b',
    ' c = US , st = WA , o = a\\, b ',
  ]) {
    expect(tryParseName(text)).toEqual(expected)
  }
})

for (const text of [
  '',
  ' ',
  'C',
  'C=',
  '=DE',
  'C=DE,',
  ',C=DE',
  'C=DE,,O=a',
  'C=DE+ST=b',
  'C=#0501',
  'C=a"b',
  'C=DE, C=FR',
  'ST=a, S=b',
  'C=a\\',
  'C=a\\x',
  'C=<a>',
  'C=a;b',
  `${'1.2=a, '.repeat(16)}C=DE`,
  Array.from({ length: 17 }, (_, i) => `1.${i}=a`).join(','),
]) {
  test(`tryParseName() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    expect(tryParseName(text)).toBeUndefined()
  })
}
