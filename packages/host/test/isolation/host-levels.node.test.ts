// The isolation levels as a host's caller meets them.
import { ISOLATION_LEVELS } from '@morphee/manifest'
import { afterEach, describe, expect, it } from 'vitest'
import { tinyExtension } from '../fixture/guest.ts'
import { createTestHost, type TestHost, WORKSPACE } from '../fixture/test-host.ts'
import { children } from './children.ts'

const hosts: TestHost[] = []
afterEach(async () => {
  for (const test of hosts.splice(0)) await test.close()
})
async function openHost(options: Parameters<typeof createTestHost>[0]): Promise<TestHost> {
  const test = await createTestHost(options)
  hosts.push(test)
  return test
}

for (const isolation of ISOLATION_LEVELS) {
  describe(`a host whose policy says ${isolation}`, () => {
    it('gives each crash as one clear error, then quarantines the extension where all can see it', async () => {
      const test = await openHost({ policy: { isolation } })
      await test.install(tinyExtension({ kind: 'trap' }, { name: 'acme/traps' }))
      await test.install(tinyExtension({ kind: 'answer', text: '"well"' }, { name: 'acme/well' }))
      for (let crash = 0; crash < 5; crash++) {
        await expect(test.call('acme/traps', 'go')).rejects.toMatchObject({
          code: 'ERR_HOST_TRAPPED',
          details: { reason: 'unreachable' },
        })
        expect((await test.call('acme/well', 'go')).output).toBe('well')
      }
      await expect(test.call('acme/traps', 'go')).rejects.toThrowCode('ERR_HOST_QUARANTINED')
      const { installation } = await test.host.installations.show(WORKSPACE, 'acme/traps')
      expect(installation.state).toBe('quarantined')
      const callable = (await test.host.list(WORKSPACE)).map(({ extension }) => extension)
      expect(callable).not.toContain('acme/traps')
      expect(callable).toContain('acme/well')
    })

    it('stops a guest with the number of its limit, and says so in the audit trail', async () => {
      const test = await openHost({ policy: { isolation } })
      await test.install(
        tinyExtension({ kind: 'loop' }, { name: 'acme/loops', limits: { 'cpu-time': '30 ms' } }),
      )
      await expect(test.call('acme/loops', 'go')).rejects.toMatchObject({
        code: 'ERR_HOST_LIMIT',
        details: { limit: 'cpu-time', value: 30, unit: 'ms' },
      })
      const [record] = await test.host.audit.list({ workspace: WORKSPACE, limit: 1 })
      expect(record).toMatchObject({ refusedBy: 'limit', details: { limit: 'cpu-time' } })
    })
  })
}

describe('the level of one extension', () => {
  it.runIf(process.platform === 'linux')('may differ from that of the host', async () => {
    const before = children()
    const test = await openHost({
      policy: { isolation: 'thread', extensions: { 'acme/stranger': { isolation: 'process' } } },
    })
    await test.install(tinyExtension({ kind: 'answer', text: '1' }, { name: 'acme/friend' }))
    await test.install(tinyExtension({ kind: 'answer', text: '2' }, { name: 'acme/stranger' }))
    await test.call('acme/friend', 'go')
    expect(children()).toEqual(before)
    await test.call('acme/stranger', 'go')
    expect(children()).toHaveLength(before.length + 1)
    expect(test.host.isolationOf('acme/friend')).toBe('thread')
    expect(test.host.isolationOf('acme/stranger')).toMatch(/^process, (no |its own )/)
  })
})
