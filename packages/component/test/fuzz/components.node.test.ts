import { expect, test } from 'vitest'
import { fuzzComponents } from './components.ts'
import { seedOfRun } from './random.ts'

test(
  'Component.compile() gives a component that can be described, or a coded error with the byte, whatever the bytes',
  { timeout: 240_000 },
  async () => {
    const seed = seedOfRun()
    console.log(
      `MORPHEE_SEED=${seed} repeats these cases; npm run fuzz -- component --minutes 10 tries more`,
    )
    const tried = await fuzzComponents(seed, (cases) => cases >= 60)
    console.log(JSON.stringify(tried))
    expect(tried.accepted).toBeGreaterThan(100)
    expect(Object.keys(tried.refused)).toContain('ERR_COMPONENT_INVALID')
  },
)
