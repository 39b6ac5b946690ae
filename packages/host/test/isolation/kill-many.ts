/**
 * Kills many guests that hang and says how soon each was ended and what was left, by hand:
 * `node --conditions=@morphee/source --expose-gc packages/host/test/isolation/kill-many.ts --level worker --kills 10000`
 */
import { parseArgs } from 'node:util'
import type { IsolationLevel } from '@morphee/manifest'
import { ACT } from './acting-guest.ts'
import { children } from './children.ts'
import { openHoused } from './housed.ts'

const { values } = parseArgs({
  options: {
    level: { type: 'string', default: 'worker' },
    kills: { type: 'string', default: '10000' },
    'cpu-ms': { type: 'string', default: '5' },
  },
})
const level = values.level as IsolationLevel
const kills = Number(values.kills)
const cpuMs = Number(values['cpu-ms'])
const AT_ONCE = level === 'thread' ? 1 : 2
const MEBIBYTE = 1024 * 1024

const housed = await openHoused(level)
/** Milliseconds from the moment the guest was first heard of to its end, less its limit. */
const late: number[] = []

async function kill(): Promise<void> {
  let running = 0
  try {
    await housed.act(ACT.logAndHang, 'running', {
      limits: { cpuMs },
      onLog: () => (running = performance.now()),
    })
  } catch (error) {
    const { details } = error as { details?: { limit?: string } }
    if (details?.limit !== 'cpu-time') throw error
    if (running > 0) late.push(performance.now() - running - cpuMs)
    return
  }
  throw new Error('A guest that hangs has ended by itself')
}

function state(): Record<string, unknown> {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  return {
    rssMiB: Math.round(rss / MEBIBYTE),
    heapMiB: Math.round(heapUsed / MEBIBYTE),
    resources: process.getActiveResourcesInfo().length,
    children: children().length,
    cells: housed.size,
  }
}

for (let done = 0; done <= kills; done += AT_ONCE) {
  if (done % Math.floor(kills / 10) < AT_ONCE) console.log(JSON.stringify({ done, ...state() }))
  await Promise.all(Array.from({ length: AT_ONCE }, kill))
}
await housed.answer(ACT.echo, 'still here')
late.sort((a, b) => a - b)
const at = (share: number): number =>
  Math.round((late[Math.floor((late.length - 1) * share)] ?? 0) * 10) / 10
console.log(
  JSON.stringify({
    level,
    kills: late.length,
    lateMs: { median: at(0.5), p99: at(0.99), max: at(1) },
  }),
)
await housed.close()
