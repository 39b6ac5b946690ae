// What is left of guests that were killed: nothing.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACT } from './acting-guest.ts'
import { children } from './children.ts'
import { type Housed, openHoused } from './housed.ts'

// A process takes a hundred times as long to start as a worker, so there are fewer kills of it.
const KILLS = { worker: 200, process: 24 } as const
const AT_ONCE = 4
const MEBIBYTE = 1024 * 1024

/** Everything that keeps the event loop, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}

/** What `look` finds, once it is nothing or it is time to believe it. A wait of its own would be among what it finds. */
async function nothing(look: () => string[]): Promise<string[]> {
  for (let tries = 0; tries < 100; tries++) {
    if (look().length === 0) return []
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return look()
}

/** Kinds of which there are more now than before. */
function moreOf(now: Record<string, number>, before: Record<string, number>): string[] {
  return Object.entries(now).flatMap(([kind, count]) => (count > (before[kind] ?? 0) ? [kind] : []))
}

for (const [level, kills] of Object.entries(KILLS) as ['worker' | 'process', number][]) {
  describe(`guests that are killed at the level ${level}`, () => {
    let housed: Housed
    beforeAll(async () => {
      housed = await openHoused(level, {
        workers: { maxWorkers: AT_ONCE },
        processes: { maxProcesses: AT_ONCE },
      })
    })
    afterAll(() => housed.close())

    const kill = async (times: number): Promise<void> => {
      for (let killed = 0; killed < times; killed += AT_ONCE)
        await Promise.all(
          Array.from({ length: AT_ONCE }, (_, n) =>
            expect(
              housed.act(ACT.hang, '', { workspace: `w${n}`, limits: { cpuMs: 1 } }),
            ).rejects.toMatchObject({ details: { limit: 'cpu-time' } }),
          ),
        )
    }

    it(`leave nothing behind, ${kills} of them`, async () => {
      await kill(AT_ONCE * 2)
      const before = {
        resources: resources(),
        children: children(),
        rss: process.memoryUsage().rss,
      }
      await kill(kills)
      expect(housed.size).toBe(0)
      // Of the first kills something may have been under way when it was counted: after the others there is nothing more.
      expect(await nothing(() => moreOf(resources(), before.resources))).toEqual([])
      const earlier = new Set(before.children)
      expect(await nothing(() => children().filter((one) => !earlier.has(one)))).toEqual([])
      expect(process.memoryUsage().rss - before.rss).toBeLessThan(64 * MEBIBYTE)
      expect(await housed.answer(ACT.echo, 'still here')).toBe('still here')
    })

    it('take no other call with them', async () => {
      let running = true
      const killing = kill(8).finally(() => (running = false))
      let served = 0
      while (running) {
        expect(await housed.answer(ACT.echo, `${served}`, { workspace: 'bystander' })).toBe(
          `${served}`,
        )
        served++
      }
      await killing
      expect(served).toBeGreaterThan(0)
    })
  })
}
