// What tests import as `fast-check` (vitest.config.ts): the same cases in every run, so that a change is judged by what judged the one
// before it. `MORPHEE_SEED=random` tries others, a number repeats them; packages/component/test/fuzz/random.ts reads the same.
import fc from 'fast-check'

const USUAL_SEED = 20_261_122

// In a page there is no environment.
const given = globalThis.process?.env?.['MORPHEE_SEED']
if (given !== 'random')
  fc.configureGlobal({ seed: given === undefined ? USUAL_SEED : Number(given) | 0 })

export * from 'fast-check'
export default fc
