import type { CommandSetup } from '../command-setup.ts'
import { carriedGrant } from '../consent/carried-grant.ts'
import { askConsent } from '../consent/ask-consent.ts'
import { RefusedError } from '../refusal.ts'
import { parseSettings } from '../settings.ts'

/** `configure NAME name=value…`: shows or changes settings. */
export function addConfigureCommand({ program, withContext }: CommandSetup): void {
  program
    .command('configure <extension> [settings...]')
    .description('show settings, or change them with name=value')
    .option('--yes', 'accept a new reach without being asked', false)
    .action((extension: string, pairs: string[], options: { yes: boolean }) =>
      withContext(async (context) => {
        const { terminal, workspace, principal } = context
        const host = await context.host()
        if (pairs.length > 0) {
          const change = parseSettings(pairs)
          const [proposal, active] = await Promise.all([
            host.installations.proposeSettings(workspace, extension, change),
            host.active(workspace, extension),
          ])
          const { versions, installation } = await host.installations.show(workspace, extension)
          const consented = versions.find(
            ({ digest }) => digest === installation.activeDigest,
          )?.consent
          if (consented?.authorityDigest === proposal.authorityDigest) {
            await host.installations.configure(workspace, extension, principal, change)
          } else {
            const consent = await askConsent(terminal, {
              proposal,
              artifact: active.artifact,
              provenance: active.provenance,
              yes: options.yes,
              grant: await carriedGrant(context, extension, proposal),
              question: `These settings change what ${extension} may reach. Allow it?`,
            })
            if (consent === undefined) throw new RefusedError('Nothing was changed')
            await host.installations.configure(workspace, extension, principal, change, consent)
            terminal.note(
              '→ Its credentials were forgotten, because they were entered for another address; enter them again',
            )
          }
        }
        const { installation } = await host.installations.show(workspace, extension)
        const entries = Object.entries(installation.config)
        if (entries.length === 0) terminal.print('no settings')
        for (const [name, value] of entries) terminal.print(`${name} = ${JSON.stringify(value)}`)
        terminal.result({ extension, config: installation.config })
      }),
    )
}
