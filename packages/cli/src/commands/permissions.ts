import { cleanLine } from '@morphee/core'
import { CONTRACT_RULES, type PermissionUse, usedPermissions } from '@morphee/host'
import {
  type Grant,
  minimisePermissions,
  type Permission,
  permissionsCover,
  type PermissionRequest,
  resolvePermissions,
  scopesOf,
} from '@morphee/manifest'
import type { CommandSetup } from '../command-setup.ts'
import { formatProposal } from '../consent/format-proposal.ts'
import { importedFunctions } from '../consent/imported-functions.ts'
import { UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'
import { formatCount } from '../terminal/units.ts'
import { stringify } from 'yaml'

/** `permissions NAME` and `permissions minimise NAME`. */
export function addPermissionCommands({ program, withContext }: CommandSetup): void {
  const permissions = program
    .command('permissions')
    .argument('[extension]')
    .description('what an installed extension may do, and the evidence from its binary')
    .action((extension: string | undefined) =>
      withContext(async (context) => {
        if (extension === undefined)
          throw new UsageError(
            `${context.commandLine.spell('permissions')} needs the name of an extension`,
          )
        const { terminal, workspace } = context
        const host = await context.host()
        const active = await host.active(workspace, extension)
        const proposal = await host.installations.proposeSettings(workspace, extension, {})
        for (const line of formatProposal(terminal, proposal, active.artifact, active.provenance))
          terminal.print(line)
        const { installation, versions } = await host.installations.show(workspace, extension)
        const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
        terminal.print('')
        terminal.print(
          `Granted by ${consent?.givenBy ?? 'nobody'} (${consent?.surface ?? '–'}), ${consent?.id ?? ''}`,
        )
        const grant = consent?.grant as unknown as Grant | undefined
        const refused = (grant?.entries ?? [])
          .filter(({ answer }) => answer === 'deny')
          .map(({ permission }) => permission.kind)
        if (refused.length > 0)
          terminal.print(terminal.warn(`Refused by the same person: ${refused.join(', ')}`))
        terminal.result({
          extension,
          permissions: proposal.permissions,
          grant: consent?.grant,
          authority: proposal.authorityDigest,
        })
      }),
    )

  permissions
    .command('minimise <extension>')
    .description(
      'asked, imported and really used; and the smallest permissions that would have sufficed',
    )
    .option('--distinct <n>', 'so many names at one place of a path become *', '4')
    .action((extension: string, options: { readonly distinct: string }) =>
      withContext(async (context) => {
        const distinct = Number(options.distinct)
        if (!Number.isSafeInteger(distinct) || distinct < 2)
          throw new UsageError('--distinct takes a whole number from 2')
        const { terminal, workspace } = context
        const host = await context.host()
        const { artifact, manifest } = await host.active(workspace, extension)
        const { installation } = await host.installations.show(workspace, extension)
        const asked = resolvePermissions(manifest, installation.config)
        const evidence = await usedPermissions(host.audit, { workspace, extension })
        const smallest = minimisePermissions(asked, evidence.uses, { distinct })
        const imports = importedFunctions(artifact.component.imports)

        terminal.print(
          `${terminal.bold(extension)} ${manifest.version}: ${formatCount(evidence.records, 'record')} read${evidence.more ? ', the newest; there are older ones' : ''}`,
        )
        terminal.print('')
        const rows = asked.map((permission) => evidenceRow(permission, imports, evidence.uses))
        if (rows.length > 0)
          for (const line of formatTable([['permission', 'imported by', 'used'], ...rows]))
            terminal.print(line)
        for (const permission of asked) {
          const used = evidence.uses.filter((use) => use.permission === permission.kind)
          if (used.length === 0) continue
          terminal.print('')
          terminal.print(terminal.bold(permission.kind))
          for (const { target, count } of used.slice(0, SHOWN_USES))
            terminal.print(`  ${String(count).padStart(5)} × ${cleanLine(target, 200)}`)
          if (used.length > SHOWN_USES)
            terminal.print(terminal.dim(`          and ${used.length - SHOWN_USES} more`))
        }
        if (rows.length > 0) terminal.print('')
        if (rows.length === 0) {
          terminal.print('It asks for nothing, so there is nothing to make smaller.')
        } else if (evidence.uses.length === 0) {
          terminal.print('Nothing was used yet, so there is nothing to go by.')
        } else if (permissionsCover(smallest, asked)) {
          terminal.print(terminal.good('Everything that is asked for was used.'))
        } else {
          terminal.print('This would have sufficed:')
          terminal.print('')
          for (const line of stringify({ permissions: smallest.map(toYaml) })
            .trimEnd()
            .split('\n'))
            terminal.print(`  ${line}`)
        }
        terminal.result({ extension, asked, imports, ...evidence, smallest })
      }),
    )
}

const SHOWN_USES = 20

function evidenceRow(
  permission: Permission,
  imports: readonly string[],
  uses: readonly PermissionUse[],
): string[] {
  const times = uses
    .filter((use) => use.permission === permission.kind)
    .reduce((sum, { count }) => sum + count, 0)
  const through =
    // The one permission behind which the host calls the extension: an artifact without the export is not installed.
    permission.kind === 'event:subscribe'
      ? ['exports event-handler']
      : imports.filter(
          (name) => CONTRACT_RULES[name.replace('.', '#')]?.permission === permission.kind,
        )
  return [
    permission.kind,
    through.join(', ') || '–',
    times === 0 ? 'never' : times === 1 ? 'once' : `${times} times`,
  ]
}

/** A permission in the form of `extension.yaml`. */
function toYaml(permission: PermissionRequest): unknown {
  const { kind, reason: _reason, optional: _optional, ...scope } = permission
  return scopesOf(permission).length === 0 && Object.keys(scope).length === 0
    ? kind
    : { [kind]: scope }
}
