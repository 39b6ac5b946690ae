import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextDecoder as GuestDecoder } from '../src/globals/text-decoder.ts'
import { TextEncoder as GuestEncoder } from '../src/globals/text-encoder.ts'

const unit = fc
  .array(
    fc.oneof(
      fc.nat(0xffff),
      fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0x7f, 0x80, 0x7ff, 0x800),
    ),
  )
  .map((units) => String.fromCharCode(...units))
const bytes = fc
  .array(
    fc.oneof(
      fc.nat(255),
      fc.constantFrom(0xc2, 0xe0, 0xed, 0xef, 0xbb, 0xbf, 0xf0, 0xf4, 0x8f, 0x90, 0xa0, 0x80),
    ),
  )
  .map((list) => Uint8Array.from(list))

describe('TextEncoder', () => {
  test('encodes every string as the one of Node does', () => {
    fc.assert(
      fc.property(unit, (text) => {
        expect(new GuestEncoder().encode(text)).toEqual(new TextEncoder().encode(text))
      }),
    )
  })

  test('encodeInto() stops where the one of Node stops', () => {
    fc.assert(
      fc.property(unit, fc.nat(20), (text, room) => {
        const [guest, node] = [new Uint8Array(room), new Uint8Array(room)]
        expect(new GuestEncoder().encodeInto(text, guest)).toEqual(
          new TextEncoder().encodeInto(text, node),
        )
        expect(guest).toEqual(node)
      }),
    )
  })
})

describe('TextDecoder', () => {
  for (const options of [{}, { fatal: true }, { ignoreBOM: true }]) {
    test(`decodes any bytes as the one of Node does, with ${JSON.stringify(options)}`, () => {
      const decode = (Class: typeof TextDecoder, input: Uint8Array): string => {
        try {
          return new Class('utf-8', options).decode(input)
        } catch (error) {
          return (error as Error).name
        }
      }
      fc.assert(
        fc.property(bytes, (input) => {
          expect(decode(GuestDecoder as unknown as typeof TextDecoder, input)).toBe(
            decode(TextDecoder, input),
          )
        }),
        { numRuns: 3000 },
      )
    })
  }

  test('decodes a stream as the one of Node does, wherever it is cut', () => {
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(6), { minLength: 1, maxLength: 8 }), (input, sizes) => {
        const texts = [GuestDecoder, TextDecoder].map((Class) => {
          const decoder = new Class()
          let [text, at] = ['', 0]
          for (const size of sizes) {
            text += decoder.decode(input.subarray(at, at + size), { stream: true })
            at += size
          }
          return text + decoder.decode(input.subarray(at))
        })
        expect(texts[0]).toBe(texts[1])
      }),
      { numRuns: 3000 },
    )
  })

  test('refuses an encoding that it does not know', () => {
    expect(() => new GuestDecoder('latin1')).toThrow(RangeError)
  })
})
