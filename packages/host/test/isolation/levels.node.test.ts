// What every isolation level must do alike. A difference between levels is a test of its own, further down.
import { randomBytes } from 'node:crypto'
import type { LogLine, Progress } from '@morphee/host'
import { ISOLATION_LEVELS } from '@morphee/manifest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACT, buildEarlyGuest } from './acting-guest.ts'
import { type Housed, openHoused, storageCalls, stored } from './housed.ts'

for (const level of ISOLATION_LEVELS) {
  describe(`the isolation level ${level}`, () => {
    let housed: Housed
    beforeAll(async () => {
      housed = await openHoused(level)
    })
    afterAll(() => housed.close())

    describe('results', () => {
      for (const [what, text] of [
        ['nothing', ''],
        ['a word', 'hello'],
        ['every kind of character', 'a\u0000ß€日本語🎉'],
        ['a megabyte', 'ä'.repeat(500_000)],
      ] as const) {
        it(`gives back ${what}`, async () => {
          expect(await housed.answer(ACT.echo, text)).toBe(text)
        })
      }

      it('gives back a failure that the guest chose', async () => {
        expect(await housed.act(ACT.fail, 'not-found')).toMatchObject({
          answer: { kind: 'failure', failure: { code: 'not-found', message: 'not-found' } },
        })
      })

      it('counts the time on the stack', async () => {
        const { cpuMs } = await housed.act(ACT.echo, 'x')
        expect(cpuMs).toBeGreaterThan(0)
      })

      it('hands over settings, and nothing where there is none', async () => {
        const config = { site: '"acme"', constructor: '"own"' }
        expect(await housed.answer(ACT.config, 'site', { config })).toBe('"acme"')
        expect(await housed.answer(ACT.config, 'constructor', { config })).toBe('"own"')
        expect(await housed.answer(ACT.config, 'toString', { config })).toBe('')
      })

      it('begins every call in a fresh instance', async () => {
        for (const secret of ['first', 'second', 'third'])
          expect(await housed.answer(ACT.remember, secret)).toBe('')
      })

      it('makes an instance that asks its host for something within its own call', async () => {
        const own = await openHoused(level, { component: await buildEarlyGuest() })
        for (const wallMs of [50_000, 20_000, 40_000, 10_000])
          expect(await own.answer('', '', { limits: { wallMs } })).toBe('1')
        await own.close()
      })

      it('runs calls of several workspaces at once, each to its own end', async () => {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) =>
            housed.answer(ACT.get, `key-${n}`, {
              workspace: `w${n % 3}`,
              calls: storageCalls(async (key) => {
                await Promise.resolve()
                return stored(`${n} ${key}`)
              }),
            }),
          ),
        )
        expect(answers).toEqual(Array.from({ length: 12 }, (_, n) => `${n} key-${n}`))
      })
    })

    describe('host calls', () => {
      it('are answered on the host’s side, and the guest goes on with the answer', async () => {
        const asked: string[] = []
        const calls = storageCalls((key) => {
          asked.push(key)
          return stored(`value ${asked.length}`)
        })
        expect(await housed.answer(ACT.getTwice, 'k', { calls })).toBe('value 2')
        expect(asked).toEqual(['k', 'k'])
      })

      it('that take their time put the guest to sleep', async () => {
        const calls = storageCalls(async () => {
          await new Promise((resolve) => setTimeout(resolve, 20))
          return stored('late')
        })
        const { answer, cpuMs } = await housed.act(ACT.get, 'k', { calls, limits: { cpuMs: 5000 } })
        expect(answer).toMatchObject({ output: 'late' })
        expect(cpuMs).toBeGreaterThan(0)
      })

      it('that carry a megabyte each way arrive whole', async () => {
        const key = 'k'.repeat(1_000_000)
        expect(
          await housed.answer(ACT.get, key, { calls: storageCalls((got) => stored(got)) }),
        ).toBe(key)
      })

      it('that are refused give the guest the failure', async () => {
        const failure = { code: 'permission-denied', message: 'no', details: '{}', retryAfterMs: 7 }
        const calls = storageCalls(() => ({ tag: 'err', val: failure }))
        expect((await housed.act(ACT.get, 'k', { calls })).answer).toEqual({
          kind: 'failure',
          failure,
        })
      })

      it('that keep the host busy count against the CPU time of the guest', async () => {
        const calls = storageCalls(() => {
          const until = performance.now() + 20
          while (performance.now() < until);
          return stored('x')
        })
        await expect(
          housed.act(ACT.getForEver, 'k', { calls, limits: { cpuMs: 300, wallMs: 20_000 } }),
        ).rejects.toMatchObject({ details: { limit: 'cpu-time', value: 300 } })
      })

      it('that fail on the host’s side end the call, and the next one works', async () => {
        const calls = { call: () => Promise.reject(new Error('broken')) }
        await expect(housed.act(ACT.get, 'k', { calls })).rejects.toThrow('A host call failed')
        expect(await housed.answer(ACT.echo, 'next')).toBe('next')
      })
    })

    describe('the log and the progress', () => {
      it('come in order, with their levels', async () => {
        const log: LogLine[] = []
        await housed.act(ACT.log, 'a line', { onLog: (line) => log.push(line) })
        expect(log).toEqual([{ level: 'info', message: 'a line' }])
      })

      it('are cut at the limit, and what is over is counted', async () => {
        const log: LogLine[] = []
        let dropped = 0
        await housed.act(ACT.logOften, 'x'.repeat(100), {
          limits: { logLines: 150, logLineBytes: 10 },
          onLog: (line) => log.push(line),
          onDroppedLogLines: (count) => (dropped += count),
        })
        expect(log).toHaveLength(150)
        expect(dropped).toBe(50)
        expect(log[149]?.level).toBe('warn')
        expect(log[149]?.message.length).toBeLessThanOrEqual(10)
      })

      it('are seen of a call that hangs afterwards', async () => {
        const log: LogLine[] = []
        await expect(
          housed.act(ACT.logAndHang, 'last words', {
            limits: { cpuMs: 100 },
            onLog: (line) => log.push(line),
          }),
        ).rejects.toThrowCode('ERR_HOST_LIMIT')
        expect(log).toMatchObject([{ message: 'last words' }])
      })

      it('progress says how far it is', async () => {
        const progress: Progress[] = []
        await housed.act(ACT.progress, 'half', { onProgress: (one) => progress.push(one) })
        expect(progress).toEqual([{ fraction: 0.5, message: 'half' }])
      })
    })

    describe('a guest that goes too far', () => {
      for (const [what, act, reason] of [
        ['executes unreachable', ACT.unreachable, 'unreachable'],
        ['divides by zero', ACT.divide, 'integer-divide-by-zero'],
        ['reads out of bounds', ACT.outOfBounds, 'memory-out-of-bounds'],
        ['calls itself for ever', ACT.overflowStack, 'stack-overflow'],
      ] as const) {
        it(`and ${what} gives one clear error, and the next call works`, async () => {
          await expect(housed.act(act, '')).rejects.toMatchObject({
            code: 'ERR_HOST_TRAPPED',
            details: { reason },
            // For the log: where in the guest it was.
            cause: { message: expect.stringMatching(/\n {2}at .+, function \d+, 0x[\da-f]+\)/) },
          })
          expect(await housed.answer(ACT.echo, 'next')).toBe('next')
        })
      }

      for (const [what, act] of [
        ['hangs', ACT.hang],
        ['hangs in calls through a table', ACT.hangInCalls],
      ] as const) {
        it(`and ${what} is stopped by the CPU limit, with its number`, async () => {
          await expect(housed.act(act, '', { limits: { cpuMs: 50 } })).rejects.toMatchObject({
            code: 'ERR_HOST_LIMIT',
            details: { limit: 'cpu-time', value: 50, unit: 'ms' },
          })
          expect(await housed.answer(ACT.echo, 'next')).toBe('next')
        })
      }

      it('and hangs is stopped by the wall limit when that is the smaller one', async () => {
        await expect(
          housed.act(ACT.hang, '', { limits: { cpuMs: 5000, wallMs: 60 } }),
        ).rejects.toMatchObject({
          code: 'ERR_HOST_LIMIT',
          details: { limit: 'wall-time', value: 60, unit: 'ms' },
        })
      })

      it('and answers too much is stopped by the output limit', async () => {
        await expect(housed.act(ACT.flood, '')).rejects.toMatchObject({
          code: 'ERR_HOST_LIMIT',
          details: { limit: 'output', value: 1024 * 1024, unit: 'bytes' },
        })
      })

      it('and takes all memory gets no more than its limit', async () => {
        expect(await housed.answer(ACT.grow, 'full')).toBe('full')
      })
    })

    describe('a call that sleeps in the host', () => {
      const never = storageCalls(() => new Promise(() => {}))

      it('is ended by its caller', async () => {
        const controller = new AbortController()
        const call = housed.act(ACT.get, 'k', { calls: never, signal: controller.signal })
        setTimeout(() => controller.abort(new Error('taken back')), 20)
        await expect(call).rejects.toThrow('taken back')
        expect(await housed.answer(ACT.echo, 'next')).toBe('next')
      })

      it('is ended by its wall time, with the number', async () => {
        await expect(
          housed.act(ACT.get, 'k', { calls: never, limits: { wallMs: 40 } }),
        ).rejects.toMatchObject({ details: { limit: 'wall-time', value: 40, unit: 'ms' } })
      })

      it('does not use up its CPU time', async () => {
        const calls = storageCalls(async () => {
          await new Promise((resolve) => setTimeout(resolve, 400))
          return stored('late')
        })
        expect(await housed.answer(ACT.get, 'k', { calls, limits: { cpuMs: 300 } })).toBe('late')
      })

      it('is not answered any more when it was ended: the next call hears nothing of it', async () => {
        const controller = new AbortController()
        let answerLate: (() => void) | undefined
        const calls = storageCalls(
          () => new Promise((resolve) => (answerLate = () => resolve(stored('of the first')))),
        )
        const first = housed.act(ACT.get, 'k', { calls, signal: controller.signal })
        await expect.poll(() => answerLate).toBeDefined()
        controller.abort(new Error('taken back'))
        await expect(first).rejects.toThrow('taken back')
        const second = housed.act(ACT.get, 'k', {
          calls: storageCalls(async () => {
            answerLate?.()
            await new Promise((resolve) => setTimeout(resolve, 20))
            return stored('of the second')
          }),
        })
        expect((await second).answer).toMatchObject({ output: 'of the second' })
      })

      it('that is taken back while it is made ready does not run on', async () => {
        const own = await openHoused(level)
        for (let delay = 0; delay < 8; delay++) {
          const controller = new AbortController()
          const call = own.act(ACT.hang, '', {
            signal: controller.signal,
            limits: { cpuMs: 20 },
          })
          const settled = expect(call).rejects.toThrow()
          if (delay === 0) controller.abort(new Error('at once'))
          else setTimeout(() => controller.abort(new Error('soon')), delay)
          own.forget()
          await settled
        }
        expect(await own.answer(ACT.echo, 'next')).toBe('next')
        await own.close()
      })

      it('that was taken back before does not start', async () => {
        const signal = AbortSignal.abort(new Error('before'))
        await expect(housed.act(ACT.hang, '', { signal })).rejects.toThrow('before')
      })
    })

    describe('cells', () => {
      it('are used again in their workspace, and never in another', async () => {
        const own = await openHoused(level)
        await own.answer(ACT.echo, 'a')
        await own.answer(ACT.echo, 'b')
        expect(own.size).toBe(1)
        await own.answer(ACT.echo, 'c', { workspace: 'two' })
        expect(own.size).toBe(2)
        await own.close()
      })

      it('keep what a guest leaves in its memory from every other call, of its workspace and of others', async () => {
        const own = await openHoused(level)
        const canary = randomBytes(8).toString('hex')
        expect(await own.answer(ACT.plant, canary)).toBe('1')
        for (const workspace of ['one', 'two', 'three', 'one'])
          expect(await own.answer(ACT.search, canary, { workspace })).toBe('0')
        await own.close()
      })

      it('end when their code is forgotten', async () => {
        const own = await openHoused(level)
        await own.answer(ACT.echo, 'a')
        own.forget()
        expect(own.size).toBe(0)
        expect(await own.answer(ACT.echo, 'b')).toBe('b')
        await own.close()
      })

      it('close() ends what runs', async () => {
        const own = await openHoused(level)
        const calls = storageCalls(() => new Promise(() => {}))
        const call = own.act(ACT.get, 'k', { calls })
        const settled = Promise.allSettled([call])
        await own.close()
        expect((await settled)[0].status).toBe('rejected')
        expect(own.size).toBe(0)
      })
    })
  })
}

describe('a call that hangs and is taken back', () => {
  // In the host's own thread nobody can take it back: the thread stands still until the limit.
  for (const level of ['worker', 'process'] as const) {
    it(`ends at once at the level ${level}, while another workspace is served`, async () => {
      const housed = await openHoused(level)
      const controller = new AbortController()
      const call = housed.act(ACT.hang, '', { signal: controller.signal })
      const settled = expect(call).rejects.toThrow('taken back')
      expect(await housed.answer(ACT.echo, 'served', { workspace: 'two' })).toBe('served')
      controller.abort(new Error('taken back'))
      await settled
      await housed.close()
    })
  }
})
