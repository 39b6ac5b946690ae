// The escape corpus in `npm test`: every attack at every level. `npm run security` prints it as a table.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCorpus } from './corpus.ts'
import { type Level, LEVELS, type OpenLevel, unsupportedAt } from './levels.ts'
import { runAttack } from './run-attack.ts'

const corpus = await readCorpus()

it('the corpus has eighty attacks and more, no two alike', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(80)
  expect(new Set(corpus.map(({ attack }) => attack.name)).size).toBe(corpus.length)
})

for (const [level, open] of Object.entries(LEVELS) as [Level, (typeof LEVELS)[Level]][]) {
  describe(`at the level ${level}`, () => {
    let at: OpenLevel
    beforeAll(async () => {
      at = await open()
    })
    afterAll(() => at.close())

    for (const { id, attack } of corpus) {
      const missing = unsupportedAt(attack, level)
      const open = attack.openAt?.[level]
      if (missing !== undefined || open !== undefined) {
        const why = missing === undefined ? `known and open: ${open}` : `not here: ${missing}`
        it.skip(`${id}: ${attack.name} (${why})`, () => {})
        continue
      }
      it(`${id}: ${attack.name}`, async () => {
        expect(await runAttack(attack, level, at)).toMatchObject({ verdict: 'held' })
      })
    }
  })
}
