import { expect, test } from 'vitest'
import { GROUPS } from './run.ts'

for (const [name, run] of Object.entries(GROUPS)) {
  test(`the vectors of the Canonical ABI: ${name}`, async () => {
    const { passed, failures } = await run()
    expect(failures, failures.join('\n')).toEqual([])
    expect(passed).toBeGreaterThan(0)
  })
}
