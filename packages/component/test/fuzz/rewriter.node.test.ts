import { expect, test } from 'vitest'
import { seedOfRun } from './random.ts'
import { fuzzRewriter } from './rewriter.ts'

test('rewriteModule() changes nothing that a module does, and is total on any bytes', async () => {
  const seed = seedOfRun()
  console.log(`MORPHEE_SEED=${seed}`)
  const until = performance.now() + 8000
  const count = await fuzzRewriter(seed, (cases) => cases > 0 && performance.now() > until)
  console.log(count)
  expect(count.mutated).toBeGreaterThan(0)
})
