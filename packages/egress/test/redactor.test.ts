import { encodeUtf8 } from '@morphee/core'
import { createEgress, REDACTION } from '@morphee/egress'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fakeResolver, fakeTransport, openContext, textOf } from './ports.ts'

async function fetched(
  chunks: readonly (Uint8Array | string)[],
  secrets: readonly string[],
): Promise<string> {
  const egress = createEgress({
    transport: fakeTransport(() => ({ chunks })),
    resolver: fakeResolver(),
  })
  const credential = (): object => ({ audience: ['https://a.example'], secrets })
  const context = openContext({ credential: credential as never })
  return textOf((await egress.fetch({ url: 'https://a.example/' }, context)).body)
}

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ]
  return places.slice(1).map((end, index) => bytes.slice(places[index], end))
}

// Secrets that do not escape to themselves differently keep the expectation simple: what String.replaceAll does.
const secret = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '7'), minLength: 6, maxLength: 12 })
const filler = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '7', '-'), maxLength: 30 })

test('fetch() cuts a secret out wherever chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      secret,
      fc.array(filler),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (needle, parts, cuts) => {
        const text = parts.join(needle)
        const clean = await fetched(split(encodeUtf8(text), cuts), [needle])
        expect(clean).toBe(text.replaceAll(needle, REDACTION))
      },
    ),
    { numRuns: 300 },
  )
})

test('fetch() hands over every byte of an answer that holds no secret, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ maxLength: 200 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      async (text, cuts) => {
        const clean = await fetched(split(encodeUtf8(text), cuts), [
          'a-secret-that-is-not-there',
          'another-one',
        ])
        expect(clean).toBe(textOf(encodeUtf8(text)))
      },
    ),
  )
})

test('fetch() cuts out the longer of two secrets that begin alike', async () => {
  expect(await fetched(['x secret-long y secret z'], ['secret', 'secret-long'])).toBe(
    `x ${REDACTION} y ${REDACTION} z`,
  )
})

test('fetch() does not look for secrets that stand in ordinary text', async () => {
  expect(await fetched(['abcde'], ['abcd'])).toBe('abcde')
})
