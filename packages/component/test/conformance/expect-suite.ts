import { describe, expect, test } from 'vitest'
import { runFolder, type SuiteFolder } from './run.ts'

/** What passes, so that nothing that passes is lost; raise a number when more does. `rejected` is every rejection that the suite asks for. */
const PINNED = {
  async: { passed: 21, rejected: 6, trapped: 2, failed: 0 },
  binary: { passed: 129, rejected: 96, trapped: 0, failed: 0 },
  linking: { passed: 272, rejected: 2, trapped: 0, failed: 0 },
  resources: { passed: 36, rejected: 0, trapped: 12, failed: 0 },
  validation: { passed: 457, rejected: 361, trapped: 0, failed: 0 },
  values: { passed: 154, rejected: 0, trapped: 25, failed: 0 },
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
          const { passed, rejected, trapped, failed, unsupported, wrong, failures } =
            await run(folder)
          console.log(
            `${folder}: ${passed} passed (${rejected} of them rejections, ${trapped} traps), ${failed} failed, ${unsupported} unsupported`,
          )
          expect(failures.length, failures.join('\n')).toBeLessThanOrEqual(pinned.failed)
          expect(passed).toBeGreaterThanOrEqual(pinned.passed)
          expect(rejected, 'rejections for the right reason').toBe(pinned.rejected)
          expect(trapped, 'traps for the right reason').toBe(pinned.trapped)
          expect(wrong, 'a wrong answer at run time').toBe(0)
        })
      }
    },
  )
}
