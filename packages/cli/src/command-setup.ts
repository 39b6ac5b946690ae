import type { Command } from 'commander'
import type { CliContext } from './context.ts'
import { UsageError } from './refusal.ts'

/** Runs a command's work with a context made from the global options, closed afterwards. */
export type WithContext = (work: (context: CliContext) => Promise<void>) => Promise<void>

/** How commands are added: each file brings its own. */
export interface CommandSetup {
  readonly program: Command
  readonly withContext: WithContext
}

/** A command that its group runs when no other is named: a word behind it was meant to be one, and is called unknown. */
export function asDefault(command: Command): Command {
  return command.allowExcessArguments().hook('preAction', () => {
    const [word] = command.args
    if (word === undefined) return
    const { parent } = command
    const names = parent?.commands.map((one) => one.name()) ?? []
    throw new UsageError(
      `"${word}" is no command of ${parent?.parent?.name()} ${parent?.name()}; it has ${names.join(', ')}`,
    )
  })
}
