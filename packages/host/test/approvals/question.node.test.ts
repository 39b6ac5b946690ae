// The bytes that are shown are the bytes that are digested: nothing is lost on the way, and no two questions are one.
import type { Question } from '@morphee/host'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeQuestion, tryDecodeQuestion } from '../../src/approvals/question.ts'
import { QUESTION } from './fixture.ts'

const text = fc.string({ unit: 'grapheme', maxLength: 20 }).filter((one) => one.isWellFormed())
const bytes = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined })
const effect: fc.Arbitrary<Question['effect']> = fc.oneof(
  fc.record({
    kind: fc.constant('http' as const),
    method: fc.constantFrom('GET', 'POST', 'DELETE'),
    url: text,
    headers: fc.array(fc.record({ name: text, value: text }), { maxLength: 3 }),
    body: bytes,
    credential: fc.option(fc.record({ name: text, connection: text, owner: text }), {
      nil: undefined,
    }),
  }),
  fc.record({
    kind: fc.constantFrom('storage', 'data', 'vault', 'event'),
    target: text,
    content: bytes,
  }),
)
const question: fc.Arbitrary<Question> = fc
  .record({ effect, action: text, target: text, conversation: fc.option(text) })
  .map((fields) => ({ ...QUESTION, ...fields }))

it('a question comes back from its bytes as it was', async () => {
  await fc.assert(
    fc.asyncProperty(question, async (asked) => {
      expect(tryDecodeQuestion((await encodeQuestion(asked)).bytes)).toEqual(asked)
    }),
  )
})

it('two questions have one digest only when they are the same', async () => {
  await fc.assert(
    fc.asyncProperty(question, question, async (a, b) => {
      const [one, two] = await Promise.all([encodeQuestion(a), encodeQuestion(b)])
      expect(one.digest === two.digest).toBe(fc.stringify(a) === fc.stringify(b))
      const { conversation: _a, ...restOfA } = a
      const { conversation: _b, ...restOfB } = b
      expect(one.subject === two.subject).toBe(fc.stringify(restOfA) === fc.stringify(restOfB))
    }),
  )
})

for (const wrong of ['', '{', 'null', '{"effect":null}', '\ufffd']) {
  it(`${JSON.stringify(wrong)} is no question`, () => {
    expect(tryDecodeQuestion(new TextEncoder().encode(wrong))).toBeUndefined()
  })
}
