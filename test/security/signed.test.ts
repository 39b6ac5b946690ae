// What a host for signed extensions takes, keeps running, and refuses; with a clock that the test moves.
import { createSigners, type Identity, signBlob, type Trust } from '@morphee/signing'
import type { SignedHost, VerifiedCandidate } from '@morphee/host'
import type { Policy } from '@morphee/manifest'
import { createHost } from '@morphee/host/node'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { tinyExtension } from '../../packages/host/test/fixture/guest.ts'
import {
  ADA,
  installCandidate,
  newHome,
  WORKSPACE,
} from '../../packages/host/test/fixture/test-host.ts'
import { children } from '../../packages/host/test/isolation/children.ts'
import {
  activeKey,
  DAY,
  newIdentity,
  NOW,
  trustIn,
} from '../../packages/signing/test/signed-extension.ts'

const MINUTE = 60_000
let acme: Identity
let shortLived: Identity
let mallory: Identity
beforeAll(async () => {
  ;[acme, shortLived, mallory] = await Promise.all([
    newIdentity(),
    newIdentity({ days: 1 }),
    newIdentity(),
  ])
})

let home: string
let host: SignedHost
let trust: Trust
let now: number
let uptime: number
const homes: string[] = []

/** Opens the host anew on the same directory, as after a restart. */
async function reopen(policy: Policy = {}): Promise<void> {
  await host?.close()
  host = await createHost({
    home,
    policy,
    trust: { read: async () => trust },
    clock: { now: () => now, monotonic: () => uptime },
  })
}

beforeEach(async () => {
  now = NOW
  uptime = 1_000_000
  trust = trustIn([acme, shortLived])
  await host?.close()
  home = await newHome()
  homes.push(home)
  host = undefined as never
  await reopen()
})
afterAll(async () => {
  await host.close()
  for (const path of homes) await rm(path, { recursive: true, force: true })
})

async function admit(
  wasm: Uint8Array<ArrayBuffer>,
  identity: Identity = acme,
  workspace = WORKSPACE,
): Promise<VerifiedCandidate> {
  const envelopes = [await signBlob(wasm, (await createSigners(identity))[0], { signingTime: NOW })]
  return host.admitFile(
    { wasm, envelopes },
    { workspace, asked: { name: 'acme/tiny' }, source: 'tiny.wasm', principal: ADA },
  )
}
const version = (number: string): Uint8Array<ArrayBuffer> =>
  tinyExtension({ kind: 'answer', text: JSON.stringify(number) }, { version: number })
const run = async (): Promise<unknown> =>
  (
    await host.invoke({
      workspace: WORKSPACE,
      principal: ADA,
      extension: 'acme/tiny',
      action: 'go',
      input: {},
    })
  ).output

describe('what is installed', () => {
  it('the good case: signed by the publisher of its name, it runs', async () => {
    await installCandidate(host, (await admit(version('1.0.0'))).candidate)
    expect(await run()).toBe('1.0.0')
  })

  it('unsigned code is refused, and the attempt recorded', async () => {
    await expect(
      host.admitFile(
        { wasm: version('1.0.0'), envelopes: [] },
        { workspace: WORKSPACE, asked: {}, source: 'tiny.wasm', principal: ADA },
      ),
    ).rejects.toThrowCode('ERR_SIGNING_UNSIGNED')
    const [record] = await host.audit.list({ workspace: WORKSPACE, limit: 1 })
    expect(record).toMatchObject({
      capability: 'install',
      decision: 'refused',
      refusedBy: 'verification',
    })
    expect(host).not.toHaveProperty('admitUnsigned')
  })

  it('a key that nobody trusts is refused', async () => {
    await expect(admit(version('1.0.0'), mallory)).rejects.toThrowCode('ERR_SIGNING_UNTRUSTED')
    await expect(run()).rejects.toThrowCode('ERR_HOST_NOT_INSTALLED')
  })

  it('bytes that change between verification and installation are not what is installed', async () => {
    const wasm = version('1.0.0')
    const admitting = admit(wasm)
    const { candidate } = await admitting
    wasm.fill(0)
    await installCandidate(host, candidate)
    expect(await run()).toBe('1.0.0')
  })

  it('an older version is refused, also after an uninstall, and allowed in another workspace', async () => {
    await installCandidate(host, (await admit(version('1.5.0'))).candidate)
    const older = async (workspace?: string): Promise<VerifiedCandidate> =>
      admit(version('1.4.0'), acme, workspace)
    await expect(older()).rejects.toThrowCode('ERR_SIGNING_ROLLBACK')
    await host.installations.remove(WORKSPACE, 'acme/tiny', ADA, { keepData: false })
    await expect(older()).rejects.toThrowCode('ERR_SIGNING_ROLLBACK')
    const { candidate } = await older('other')
    // Verified for another workspace, where no floor is: this one's floor still stands.
    await expect(installCandidate(host, candidate)).rejects.toThrowCode('ERR_HOST_DOWNGRADE')
    await installCandidate(host, candidate, { workspace: 'other' })
  })

  it('a rollback goes back in the history of this installation, and not behind it', async () => {
    await installCandidate(host, (await admit(version('1.0.0'))).candidate)
    await expect(host.installations.rollback(WORKSPACE, 'acme/tiny', ADA)).rejects.toThrowCode(
      'ERR_HOST_NO_EARLIER_VERSION',
    )
    await installCandidate(host, (await admit(version('1.1.0'))).candidate)
    await host.installations.rollback(WORKSPACE, 'acme/tiny', ADA)
    expect(await run()).toBe('1.0.0')
    await expect(
      host.installations.rollback(WORKSPACE, 'acme/tiny', ADA, '0.9.0'),
    ).rejects.toThrowCode('ERR_HOST_NO_EARLIER_VERSION')
  })

  it('an installation does not change its publisher', async () => {
    await installCandidate(host, (await admit(version('1.0.0'))).candidate)
    const { candidate } = await admit(version('1.1.0'))
    // What a list of publishers that gave the name to others would lead to.
    const forged = { ...candidate, provenance: { ...candidate.provenance, publisher: 'globex' } }
    const admitted = (
      host as unknown as { admit(artifact: unknown, provenance: unknown): typeof candidate }
    ).admit(candidate.artifact, forged.provenance)
    await expect(installCandidate(host, admitted)).rejects.toThrowCode('ERR_HOST_PUBLISHER_CHANGED')
  })
})

describe('what is installed already', () => {
  const revoke = (): void => {
    trust = trustIn(
      [acme, shortLived],
      [
        {
          ...activeKey(acme),
          status: 'revoked',
          revokedAt: new Date(now).toISOString(),
          reason: 'keyCompromise',
        },
      ],
    )
  }
  beforeEach(async () => {
    await installCandidate(host, (await admit(version('1.0.0'))).candidate)
    expect(await run()).toBe('1.0.0')
  })

  it('a revoked key stops it within a minute', async () => {
    revoke()
    uptime += MINUTE - 1
    expect(await run()).toBe('1.0.0')
    uptime += 1
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_REVOKED')
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_REVOKED')
  })

  it.runIf(process.platform === 'linux')('a revoked key ends what it was run in', async () => {
    await reopen({ isolation: 'process' })
    expect(await run()).toBe('1.0.0')
    expect(children()).toHaveLength(1)
    revoke()
    uptime += MINUTE
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_REVOKED')
    await expect.poll(children).toEqual([])
  })

  it('a revoked key stops it at the next load, and hides only it from list()', async () => {
    revoke()
    await reopen()
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_REVOKED')
    expect(await host.list(WORKSPACE)).toEqual([])
    await expect(admit(version('1.1.0'))).rejects.toThrowCode('ERR_SIGNING_REVOKED')
  })

  it('a key that the publisher no longer has stops it', async () => {
    trust = trustIn([acme], [activeKey(shortLived)])
    uptime += MINUTE
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_PUBLISHER')
  })

  it('a list of publishers that is stale stops installs at once and loads after its window', async () => {
    now = NOW + 8 * DAY
    uptime += MINUTE
    expect(await run()).toBe('1.0.0')
    await expect(admit(version('1.1.0'))).rejects.toThrowCode('ERR_SIGNING_STALE_TRUST')
    now = NOW + 15 * DAY
    uptime += MINUTE
    await expect(run()).rejects.toThrowCode('ERR_SIGNING_STALE_TRUST')
  })

  it('trust that cannot be read stops it', async () => {
    uptime += MINUTE
    trust = undefined as never
    await expect(run()).rejects.toThrow()
  })
})

it('an expired certificate stops installs, and not what is installed', async () => {
  await installCandidate(host, (await admit(version('1.0.0'), shortLived)).candidate)
  now = NOW + 2 * DAY
  await reopen()
  expect(await run()).toBe('1.0.0')
  await expect(admit(version('1.1.0'), shortLived)).rejects.toThrowCode('ERR_SIGNING_EXPIRED')
})
