import { EngineError } from '@morphee/component'
import { isPlatformError } from '@morphee/core'
import { embedArtifact, type IsolationLevel } from '@morphee/manifest'
import { startLoopback } from '@morphee/testing'
import { createLoopbackEgress } from '../../../../demo/loopback-network.ts'
import { manifestOf, tinyExtension } from '../../../../packages/host/test/fixture/guest.ts'
import { createTestHost } from '../../../../packages/host/test/fixture/test-host.ts'
import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'
import type { OpenLevel, Result } from '../levels.ts'
import { extensionAround } from '../wat.ts'
import { refusal } from './engine.ts'

const PAGE_KIB = 64
const OTHER_WORKSPACE = 'other'
/** A service that takes every request and answers none. */
const SILENT = 'silent.services.example'

/** Attacks as installed extensions, beside an extension of the same workspace and one of another. */
export async function openHostLevel(isolation: IsolationLevel): Promise<OpenLevel> {
  const loopback = await startLoopback({ hosts: [SILENT] })
  await loopback.serve(SILENT, () => {})
  const test = await createTestHost({
    egress: createLoopbackEgress(loopback),
    policy: { isolation },
  })
  await test.install(tinyExtension())
  await test.install(tinyExtension(), { workspace: OTHER_WORKSPACE })
  let attacks = 0
  return {
    async attack({ guest }: Attack): Promise<Result> {
      if (guest.kind === 'embedder') throw new TypeError('This attack needs no host')
      const name = `acme/attacker-${++attacks}`
      try {
        const bytes =
          guest.kind === 'bytes'
            ? await guest.bytes()
            : await parseWat(guest.kind === 'component' ? extensionAround(guest.wat) : guest.wat)
        const limits = guest.kind === 'component' ? (guest.limits ?? {}) : {}
        const manifest = manifestOf({
          name,
          permissions: ['storage:read'],
          limits: {
            ...(limits.memoryPages === undefined
              ? {}
              : { memory: `${limits.memoryPages * PAGE_KIB} KiB` }),
            ...(limits.handles === undefined ? {} : { handles: limits.handles }),
            ...(limits.cpuMs === undefined ? {} : { 'cpu-time': `${limits.cpuMs} ms` }),
          },
          ...(guest.kind === 'extension' ? guest.manifest : {}),
        })
        await test.install(Uint8Array.from(embedArtifact(bytes, manifest)))
        if (guest.kind === 'extension' && guest.drive !== undefined)
          await guest.drive({ test, extension: name })
        else await test.call(name, 'go')
        return { kind: 'returned' }
      } catch (error) {
        return resultOf(error)
      }
    },
    async checkBystanders() {
      await test.call('acme/tiny', 'go')
      await test.call('acme/tiny', 'go', {}, { workspace: OTHER_WORKSPACE })
    },
    async close() {
      await test.close()
      await loopback.close()
    },
  }
}

function resultOf(error: unknown): Result {
  if (error instanceof EngineError) return refusal(error)
  if (!isPlatformError(error)) throw error
  const { code, message } = error
  const details = error.details as { readonly reason?: string; readonly limit?: string }
  if (code === 'ERR_HOST_TRAPPED')
    return { kind: 'trapped', reason: details.reason as 'unreachable', message, details }
  const limit = details.limit
  return { kind: 'stopped', code, ...(limit === undefined ? {} : { limit }), message, details }
}
