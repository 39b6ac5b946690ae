import { confirm, isCancel } from '@clack/prompts'
import type { CommandSetup } from '../command-setup.ts'
import { RefusedError, UsageError } from '../refusal.ts'

/** `remove`, `rollback`, `enable` and `disable`. */
export function addRemoveCommands({ program, withContext }: CommandSetup): void {
  program
    .command('remove <extension>')
    .description('remove an extension with its credentials and its stored data')
    .option('--keep-data', 'keep what it stored, for a later installation', false)
    .option('--yes', 'do not ask', false)
    .action((extension: string, options: { keepData: boolean; yes: boolean }) =>
      withContext(async (context) => {
        const { terminal, workspace, principal } = context
        const host = await context.host()
        await host.installations.show(workspace, extension)
        if (!options.yes) {
          if (!terminal.interactive)
            throw new UsageError('Nobody was asked: there is no terminal. Pass --yes to remove it')
          const what = options.keepData ? 'its credentials' : 'its credentials and all it stored'
          const answer = await confirm({
            message: `Remove ${extension} with ${what}?`,
            initialValue: false,
            ...terminal.dialog,
          })
          if (answer !== true || isCancel(answer)) throw new RefusedError('Nothing was removed')
        }
        await host.installations.remove(workspace, extension, principal, {
          keepData: options.keepData,
        })
        terminal.print(
          `${terminal.good('✓')} removed ${extension}${options.keepData ? '; its data is kept' : ''}`,
        )
        terminal.result({ removed: extension, dataKept: options.keepData })
      }),
    )

  program
    .command('rollback <extension> [version]')
    .description('go back to an earlier version that was agreed to')
    .action((extension: string, version: string | undefined) =>
      withContext(async (context) => {
        const { terminal, workspace, principal } = context
        const host = await context.host()
        const now = await host.installations.rollback(workspace, extension, principal, version)
        terminal.print(`${terminal.good('✓')} ${extension} is ${now.version} again`)
        terminal.result({ extension, version: now.version, digest: now.digest })
      }),
    )

  for (const [name, state, done] of [
    ['enable', 'active', 'runs'],
    ['disable', 'disabled', 'does not run any more'],
  ] as const) {
    program
      .command(`${name} <extension>`)
      .description(
        name === 'enable'
          ? 'let an extension run again, also after a quarantine'
          : 'stop an extension from running',
      )
      .action((extension: string) =>
        withContext(async (context) => {
          const host = await context.host()
          await host.installations.setState(context.workspace, extension, context.principal, state)
          context.terminal.print(`${context.terminal.good('✓')} ${extension} ${done}`)
          context.terminal.result({ extension, state })
        }),
      )
  }
}
