import { Worker } from 'node:worker_threads'
import { beforeAll, describe, expect, test } from 'vitest'
import { HOSTILE } from './hostile.ts'
import type { Input, Reading } from './read-hostile.ts'

const MIB = 1024 * 1024

/** Reads components in a worker that is ended when they take more than `heapMib` of memory. */
async function readInWorker(inputs: readonly Input[], heapMib: number): Promise<Reading[]> {
  const worker = new Worker(new URL('read-hostile.ts', import.meta.url), {
    workerData: inputs,
    execArgv: ['--conditions=@morphee/source'],
    resourceLimits: { maxOldGenerationSizeMb: heapMib },
  })
  const readings: Reading[] = []
  worker.on('message', (reading: Reading) => readings.push(reading))
  const failure = await new Promise<Error | undefined>((resolve) => {
    worker.once('error', resolve)
    worker.once('exit', () => resolve(undefined))
  })
  // Without a reading, the test of the component says that memory ran out.
  const code = (failure as { code?: string } | undefined)?.code
  if (failure !== undefined && code !== 'ERR_WORKER_OUT_OF_MEMORY') throw failure
  return readings
}

describe('Component.compile() of a hostile component, in memory that is a small multiple of it,', () => {
  const readings = new Map<number, Reading>()
  const inputs = HOSTILE.map(({ bytes }, index): Input => ({ index, bytes: bytes() }))

  beforeAll(async () => {
    const isLarge = ({ bytes }: Input): boolean => bytes.length > MIB / 8
    const small = inputs.filter((input) => !isLarge(input))
    for (const group of [small, ...inputs.filter(isLarge).map((input) => [input])]) {
      const largest = Math.max(...group.map(({ bytes }) => bytes.length))
      // What the engine itself needs, and 64 bytes for each of the input: a definition of five bytes is objects of a few hundred.
      const heapMib = 32 + Math.ceil((64 * largest) / MIB)
      for (const reading of await readInWorker(group, heapMib)) readings.set(reading.index, reading)
    }
  }, 240_000)

  for (const [index, { name, ends, limit }] of HOSTILE.entries()) {
    test(`${ends.join(' or ')}: ${name}`, () => {
      const { end, details } = readings.get(index) ?? { end: 'out of memory', details: {} }
      expect(ends).toContain(end)
      if (limit !== undefined) expect(details.limit).toBe(limit)
      if (details.offset !== undefined) {
        expect(details.offset).toBeGreaterThanOrEqual(0)
        expect(details.offset).toBeLessThanOrEqual((inputs[index] as Input).bytes.length)
      }
    })
  }
})
