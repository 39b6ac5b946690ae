import { Component, ComponentError } from '@morphee/component'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryType, arbitraryValue } from './arbitrary-values.ts'
import { echoComponent } from './echo-component.ts'

const typed = arbitraryType.chain((type) =>
  fc.tuple(fc.constant(type), fc.array(arbitraryValue(type), { minLength: 1, maxLength: 4 })),
)

/** The host's side of a result: returned or thrown. */
function answer(type: { kind: string }, value: any): unknown {
  if (type.kind !== 'result') return value
  if (value.tag === 'err') throw new ComponentError(value.val)
  return value.val
}

for (const encoding of ['utf8', 'utf16', 'compact-utf16']) {
  test(`instance.exports carries values of any type both ways, in ${encoding}`, async () => {
    await fc.assert(
      fc.asyncProperty(typed, async ([type, values]) => {
        const component = await Component.compile(await echoComponent(type, encoding))
        let seen: unknown
        const echo = (value: unknown): unknown => {
          seen = value
          return answer(type, value)
        }
        const instance = await component.instantiate({ 't:t/i': { echo } })
        for (const value of values) {
          let back: unknown
          try {
            back = instance.exports['t:t/e']?.['echo']?.(value)
            if (type.kind === 'result') back = { tag: 'ok', val: back }
          } catch (error) {
            if (!(error instanceof ComponentError)) throw error
            back = { tag: 'err', val: error.payload }
          }
          expect(seen).toEqual(value)
          expect(back).toEqual(value)
        }
      }),
      { numRuns: 60 },
    )
  })
}
