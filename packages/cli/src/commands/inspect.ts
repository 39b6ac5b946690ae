import { cleanText } from '@morphee/core'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import { formatProposal } from '../consent/format-proposal.ts'
import { importedFunctions } from '../consent/imported-functions.ts'
import { parseSettings } from '../settings.ts'
import { formatBytes } from '../terminal/units.ts'

/** `inspect FILE`: what a built extension asks for, without running or installing it. */
export function addInspectCommand({ program, withContext }: CommandSetup): void {
  program
    .command('inspect <file>')
    .description('show what a built extension asks for and imports; nothing of it runs')
    .option('--set <name=value...>', 'settings to fill into its permissions', [])
    .option('--wit', 'show everything it imports and exports, with types, as WIT')
    .action((file: string, options: { set: string[]; wit?: boolean }) =>
      withContext(async (context) => {
        const { terminal, environment, workspace } = context
        const host = await context.developmentHost()
        const bytes = await readFile(resolve(environment.cwd, file))
        const candidate = await host.admitUnsigned(bytes)
        const { manifest, artifact } = candidate
        const settings = parseSettings(options.set)
        const proposal = await host.propose(workspace, candidate, settings).catch(() => undefined)
        if (proposal !== undefined) {
          for (const line of formatProposal(terminal, proposal, artifact, candidate.provenance))
            terminal.print(line)
        } else {
          terminal.print(`${terminal.bold(manifest.name)} ${manifest.version}`)
          for (const { kind, ...scope } of manifest.permissions)
            terminal.print(`  ${kind} ${JSON.stringify(scope)}`)
          terminal.print(
            terminal.dim(
              '  some permissions depend on settings; fill them in with --set name=value',
            ),
          )
        }
        terminal.print('')
        terminal.print(`${formatBytes(bytes.length)}, ${artifact.digest}`)
        const wit = options.wit === true ? shownWit(artifact.component.wit()) : undefined
        if (wit !== undefined) terminal.print(`\n${wit}`)
        terminal.result({
          manifest,
          digest: artifact.digest,
          bytes: bytes.length,
          imports: importedFunctions(artifact.component.imports),
          ...(wit !== undefined && { wit }),
        })
      }),
    )
}

// Far more than any extension has, and little enough to scroll through.
const MAX_WIT_LENGTH = 256 * 1024

/** WIT of a stranger, fit to be shown: its names are checked to be plain words, and it is cleaned all the same. */
function shownWit(wit: string): string {
  return cleanText(wit, MAX_WIT_LENGTH).trimEnd()
}
