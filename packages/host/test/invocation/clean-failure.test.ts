import { expect, it } from 'vitest'
import { cleanFailure } from '../../src/invocation/clean-failure.ts'

for (const [code, kept] of [
  ['not-found', 'not-found'],
  ['a1', 'a1'],
  ['', 'internal'],
  ['ERR_HOST_LIMIT', 'internal'],
  ['with space', 'internal'],
  ['-x', 'internal'],
  ['not-found\n', 'internal'],
  ['x'.repeat(65), 'internal'],
] as const) {
  it(`cleanFailure() makes ${JSON.stringify(code.slice(0, 20))} ${kept}`, () => {
    expect(cleanFailure({ code, message: 'm' }).code).toBe(kept)
  })
}

for (const [details, kept] of [
  ['{"a":1}', true],
  ['"text"', true],
  ['{', false],
  ['', false],
  [`"${'x'.repeat(10_000)}"`, false],
] as const) {
  it(`cleanFailure() ${kept ? 'keeps' : 'leaves out'} the details ${JSON.stringify(details.slice(0, 20))}`, () => {
    expect(cleanFailure({ code: 'internal', message: 'm', details }).details).toBe(
      kept ? details : undefined,
    )
  })
}

it('cleanFailure() removes what reorders or hides text, and bounds it', () => {
  const { message } = cleanFailure({
    code: 'internal',
    message: `a\u202eb\u0007${'c'.repeat(5000)}`,
  })
  expect(message).toMatch(/^abc/)
  expect(message.length).toBeLessThanOrEqual(1000)
})
