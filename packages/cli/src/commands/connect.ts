import { isCancel, password, text } from '@clack/prompts'
import { text as readText } from 'node:stream/consumers'
import type { CommandSetup } from '../command-setup.ts'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'

/** `connect NAME CREDENTIAL`: stores a credential in the vault; the extension never sees it. */
export function addConnectCommand({ program, withContext }: CommandSetup): void {
  program
    .command('connect <extension> [credential]')
    .description('enter a credential; it is kept by the host and never shown to the extension')
    .option('--field <name=value...>', 'fields that are no secret', [])
    .option('--stdin', 'read the remaining field from standard input', false)
    .option(
      '--shared',
      'for everybody in the workspace and for automation, and not for your own calls only',
      false,
    )
    .option('--remove', 'forget it', false)
    .addHelpText(
      'after',
      '\nSecrets are never arguments, where other users of the machine would see them: they are prompted for, or read with --stdin.',
    )
    .action(
      (
        extension: string,
        credential: string | undefined,
        options: { field: string[]; stdin: boolean; shared: boolean; remove: boolean },
      ) =>
        withContext(async (context) => {
          const { terminal, workspace, principal } = context
          const host = await context.host()
          const { manifest } = await host.active(workspace, extension)
          const names = Object.keys(manifest.credentials)
          // Of several one has to be named: a secret goes nowhere by guess.
          const name = credential ?? (names.length === 1 ? names[0] : undefined)
          const spec =
            name !== undefined && Object.hasOwn(manifest.credentials, name)
              ? manifest.credentials[name]
              : undefined
          if (name === undefined || spec === undefined) {
            throw new UsageError(
              names.length === 0
                ? `"${extension}" declares no credential`
                : `${name === undefined ? 'Name the credential' : `"${extension}" has no credential "${name}"`}; it declares ${names.join(', ')}`,
            )
          }
          const { shared } = options
          if (options.remove) {
            const removed = await host.disconnect(workspace, extension, principal, name, { shared })
            if (!removed) throw new RefusedError(`There is no such connection of "${extension}"`)
            terminal.print(
              `${terminal.good('✓')} credential "${name}" of ${extension} is forgotten`,
            )
            terminal.result({ extension, credential: name, removed })
            return
          }
          const wanted: CredentialFields = spec.fields
          const fields = parseFields(options.field, name, Object.keys(wanted))
          await fillIn(context, wanted, fields, options.stdin)
          const { owner } = await host.connect(workspace, extension, principal, name, fields, {
            shared,
          })
          terminal.print(
            `${terminal.good('✓')} ${extension} is connected with credential "${name}" (${shared ? 'shared' : 'yours'})`,
          )
          terminal.result({ extension, credential: name, owner })
        }),
    )
}

type CredentialFields = Readonly<
  Record<string, { readonly title: string; readonly help?: string | undefined }>
>

const SECRET_FIELDS = new Set(['password', 'token', 'key'])

function parseFields(
  pairs: readonly string[],
  credential: string,
  known: readonly string[],
): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`"${pair}" is no field; write name=value`)
    const field = pair.slice(0, at)
    if (!known.includes(field))
      throw new UsageError(
        `Credential "${credential}" has no field "${field}"; it has ${known.join(', ')}`,
      )
    if (SECRET_FIELDS.has(field))
      throw new UsageError(
        `"${field}" is a secret, and others on this machine can see arguments: leave it out to be asked for it, or give it with --stdin`,
      )
    fields[field] = pair.slice(at + 1)
  }
  return fields
}

async function fillIn(
  { terminal, environment }: CliContext,
  wanted: CredentialFields,
  fields: Record<string, string>,
  fromStdin: boolean,
): Promise<void> {
  const missing = Object.keys(wanted).filter((field) => fields[field] === undefined)
  if (fromStdin) {
    if (missing.length !== 1)
      throw new UsageError(
        `--stdin fills one field; missing are ${missing.join(', ') || 'none'} (give the others with --field)`,
      )
    const given = (await readText(environment.stdin)).trim()
    if (given === '') throw new UsageError('Standard input held nothing, so nothing was stored')
    fields[missing[0] as string] = given
    return
  }
  if (missing.length > 0 && !terminal.interactive) {
    throw new UsageError(
      `There is no terminal to ask for ${missing.join(', ')}; use --field and --stdin`,
    )
  }
  for (const field of missing) {
    const { title, help } = wanted[field] as CredentialFields[string]
    if (help !== undefined) terminal.note(terminal.dim(help))
    const answer = SECRET_FIELDS.has(field)
      ? await password({ message: title, ...terminal.dialog })
      : await text({ message: title, ...terminal.dialog })
    if (isCancel(answer)) throw new RefusedError('Nothing was stored')
    fields[field] = String(answer)
  }
}
