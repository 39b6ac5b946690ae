import type { JsonObject } from '@morphee/core'
import type { DevelopmentHost, InstallOutcome } from '@morphee/host'
import type { GrantAnswer, GrantEntry, Permission } from '@morphee/manifest'
import { ADA, WORKSPACE } from '../../packages/host/test/fixture/test-host.ts'

/** What a person says to one permission that is asked for: an answer, entries of their own, or nothing at all. */
export type Answering = (permission: Permission) => GrantAnswer | readonly GrantEntry[] | undefined

/** Installs with the answers of a person who reads what is asked for. Every action may do what it is for, unless `actions` says otherwise. */
export async function installWith(
  host: DevelopmentHost,
  wasm: Uint8Array,
  config: JsonObject,
  answering: Answering,
  actions?: Readonly<Record<string, GrantAnswer>>,
): Promise<InstallOutcome> {
  const candidate = await host.admitUnsigned(wasm)
  const proposal = await host.propose(WORKSPACE, candidate, config)
  const entries = proposal.permissions.flatMap((permission): readonly GrantEntry[] => {
    const answer = answering(permission)
    if (answer === undefined) return []
    return typeof answer === 'string' ? [{ permission, answer }] : answer
  })
  actions ??= Object.fromEntries(
    Object.keys(candidate.manifest.actions).map((name) => [name, 'allow' as const]),
  )
  return host.install({
    workspace: WORKSPACE,
    principal: ADA,
    candidate,
    config,
    consent: {
      authorityDigest: proposal.authorityDigest,
      grant: { entries, actions },
      surface: 'test',
    },
  })
}
