import { isCancel, password } from '@clack/prompts'
import { PASSPHRASE_VARIABLE } from '@morphee/signing/node'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'

const MIN_CHARACTERS = 8

/** A passphrase from the environment or from a person; twice for a new one. @throws UsageError when there is nobody to ask */
export async function askPassphrase(
  context: CliContext,
  message: string,
  isNew: boolean,
): Promise<string> {
  const given = context.environment.variables[PASSPHRASE_VARIABLE]
  if (given !== undefined && given !== '') return isNew ? longEnough(given) : given
  if (!context.terminal.interactive)
    throw new UsageError(
      `There is no terminal to ask for the passphrase; set ${PASSPHRASE_VARIABLE}`,
    )
  const first = await password({ message, ...context.terminal.dialog })
  if (isCancel(first)) throw new RefusedError('Nothing was done')
  if (isNew) longEnough(first)
  if (isNew) {
    const second = await password({ message: 'Once more', ...context.terminal.dialog })
    if (isCancel(second)) throw new RefusedError('Nothing was done')
    if (second !== first) throw new UsageError('The two passphrases differ')
  }
  return first
}

// Who gets hold of the key file can try passphrases at leisure.
function longEnough(passphrase: string): string {
  if (passphrase.length < MIN_CHARACTERS)
    throw new UsageError(`The passphrase of a key has at least ${MIN_CHARACTERS} characters`)
  return passphrase
}
