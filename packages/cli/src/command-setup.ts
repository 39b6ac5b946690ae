import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** Runs a command's work with a context made from the global options, closed afterwards. */
export type WithContext = (work: (context: CliContext) => Promise<void>) => Promise<void>

/** How commands are added: each file brings its own. */
export interface CommandSetup {
  readonly program: Command
  readonly withContext: WithContext
}
