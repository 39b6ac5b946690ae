// Power cuts and impatient people: twenty processes killed in the middle of an installation.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { createTestHost, newHome, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'

const KILLS = 20
const SCRIPT = join(import.meta.dirname, 'install-process.ts')

/** Installs from `1.0.<patch>` on, kills the process after a while, and tells the last version that it said was installed. */
async function killedInstall(
  home: string,
  patch: number,
  when: { readonly after: string; readonly ms: number },
): Promise<string | undefined> {
  const child = spawn(
    process.execPath,
    ['--conditions=@morphee/source', SCRIPT, home, String(patch)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = once(child, 'exit')
  let last: string | undefined
  let killing = false
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('1.')) last = line
    if (line === when.after || (!killing && line.startsWith('1.'))) {
      killing = true
      setTimeout(() => child.kill('SIGKILL'), when.ms)
    }
  }
  await exit
  return last
}

it(
  'twenty kill -9 in the middle of installing: old or new, never between',
  { timeout: 120_000 },
  async () => {
    const home = await newHome()
    let patch = 0
    let known: string | undefined
    for (let kill = 0; kill < KILLS; kill++) {
      // Every fifth while the host is being opened, the others in the installations themselves.
      const said = await killedInstall(home, patch, {
        after: kill % 5 === 0 ? 'opening' : 'open',
        ms: Math.random() * 60,
      })
      known = said ?? known
      const t = await createTestHost({ home })
      try {
        const [installation, ...more] = await t.host.installations.list(WORKSPACE)
        expect(more).toEqual([])
        if (installation === undefined) {
          expect(known, 'what was said to be installed is installed').toBeUndefined()
        } else {
          const { versions } = await t.host.installations.show(WORKSPACE, 'acme/tiny')
          const active = versions.find(({ digest }) => digest === installation.activeDigest)
          expect(active?.consent?.authorityDigest).toMatch(/^sha256:/)
          // The last one that was announced, or one more whose announcement was cut off.
          const installed = Number(active?.version.split('.')[2])
          const announced = known === undefined ? -1 : Number(known.split('.')[2])
          expect([announced, announced + 1]).toContain(installed)
          expect((await t.call('acme/tiny', 'go')).output).toBe(active?.version)
          known = active?.version
          patch = installed + 1
        }
        await t.host.verifyAudit()
      } finally {
        await t.close()
      }
    }
    expect(patch, 'some installations went through').toBeGreaterThan(KILLS / 10)
    await rm(home, { recursive: true, force: true })
  },
)
