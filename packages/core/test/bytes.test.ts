import {
  concatBytes,
  encodeUtf8,
  equalBytes,
  toBase64,
  toHex,
  tryDecodeUtf8,
  tryFromBase64,
  tryFromHex,
} from '@morphee/core'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

it('toHex() and tryFromHex() round-trip', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(tryFromHex(toHex(bytes))).toEqual(bytes)
    }),
  )
})

it('toBase64() and tryFromBase64() round-trip, longer than one chunk too', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(tryFromBase64(toBase64(bytes))).toEqual(bytes)
    }),
  )
  const long = new Uint8Array(100_000).fill(7)
  expect(tryFromBase64(toBase64(long))).toEqual(long)
})

describe('tryFromBase64() takes one spelling of a value only', () => {
  const rows = ['QQ', 'QQ=', 'QR==', 'Q Q==', 'QQ==\n', 'Q-==', 'QQ==QQ==', '====', 'é===']
  it.each(rows)('%j', (text) => {
    expect(tryFromBase64(text)).toBeUndefined()
  })
})

it('tryFromHex() refuses odd lengths and other characters', () => {
  for (const text of ['a', 'zz', '0x', ' 00', '０0']) expect(tryFromHex(text)).toBeUndefined()
})

it('tryDecodeUtf8() refuses what is not UTF-8, and keeps a byte order mark', () => {
  for (const bytes of [
    [0xff],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
  ]) {
    expect(tryDecodeUtf8(Uint8Array.from(bytes))).toBeUndefined()
  }
  expect(tryDecodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA')
})

it('concatBytes() and equalBytes() agree', () => {
  const whole = concatBytes([encodeUtf8('ab'), new Uint8Array(), encodeUtf8('c')])
  expect(equalBytes(whole, encodeUtf8('abc'))).toBe(true)
  expect(equalBytes(whole, encodeUtf8('abd'))).toBe(false)
  expect(equalBytes(whole, encodeUtf8('ab'))).toBe(false)
})
