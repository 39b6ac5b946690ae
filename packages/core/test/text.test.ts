import { cleanLine, cleanText, isCleanText } from '@morphee/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('cleanText() takes out what reorders or hides text', () => {
  const rows: [string, string][] = [
    ['a terminal escape', '\u001b[31m'],
    ['a right-to-left override', '\u202e'],
    ['an isolate', '\u2066'],
    ['a zero-width space', '\u200b'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['a tag character', '\u{e0041}'],
    ['a filler', '\u3164'],
    ['a joiner that is not seen', '\u034f'],
    ['a variation selector that hides a byte', '\u{e0141}'],
    ['a C1 control', '\u009b'],
    ['a line separator', '\u2028'],
    ['a bell', '\u0007'],
  ]
  it.each(rows)('%s', (_name, hidden) => {
    const text = `delete${hidden}all`
    expect(isCleanText(text)).toBe(false)
    expect(cleanText(text, 100)).not.toContain(hidden)
    expect(cleanText(text, 100)).toMatch(/^delete.*all$/)
  })
})

it('cleanText() keeps tabs, newlines and every script, and says where it cut', () => {
  expect(cleanText('a\tb\nmañana 日本語 🎉', 100)).toBe('a\tb\nmañana 日本語 🎉')
  expect(cleanText('abcdef', 4)).toBe('abc…')
})

it('cleanText() is idempotent, bounded and well-formed for any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const clean = cleanText(text, max)
      expect(clean.length).toBeLessThanOrEqual(max)
      expect(isCleanText(clean)).toBe(true)
      expect(cleanText(clean, max)).toBe(clean)
    }),
  )
})

it('cleanLine() leaves one line', () => {
  expect(cleanLine('  a\r\n\tb  c ', 100)).toBe('a b c')
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(cleanLine(text, 50)).not.toMatch(/[\r\n]/)
    }),
  )
})
