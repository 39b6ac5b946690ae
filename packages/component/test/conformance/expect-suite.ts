import { describe, expect, test } from 'vitest'
import { runFolder, type SuiteFolder } from './run.ts'

/** What passes, so that nothing that passes is lost; raise a number when more does. `failed` are rejections that are not made yet. */
const PINNED = {
  binary: { passed: 116, failed: 0 },
  linking: { passed: 272, failed: 0 },
  resources: { passed: 36, failed: 0 },
  validation: { passed: 443, failed: 2 },
  values: { passed: 154, failed: 0 },
} as const

/** The tests of the specification's own suite, the same wherever they run. `read` is absent where the suite is. */
export function expectSuite(
  read: ((folder: string) => SuiteFolder | Promise<SuiteFolder>) | undefined,
): void {
  describe.skipIf(read === undefined)(
    'the specification’s own suite (skipped where it does not lie beside the repository)',
    () => {
      const run = async (folder: string): ReturnType<typeof runFolder> =>
        runFolder((await read?.(folder)) ?? new Map())

      for (const [folder, pinned] of Object.entries(PINNED)) {
        test(folder, async () => {
          const { passed, failed, unsupported, wrong, failures } = await run(folder)
          console.log(`${folder}: ${passed} passed, ${failed} failed, ${unsupported} unsupported`)
          expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(pinned.failed)
          expect(passed).toBeGreaterThanOrEqual(pinned.passed)
          expect(wrong, 'a wrong answer at run time').toBe(0)
        })
      }

      test('async gives no wrong answer: what is not there is refused by name', async () => {
        const { passed, wrong, failures } = await run('async')
        expect(wrong, failures.join('\n')).toBe(0)
        expect(passed).toBeGreaterThanOrEqual(18)
      })
    },
  )
}
