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
          const name = credential ?? names[0]
          const spec =
            name !== undefined && Object.hasOwn(manifest.credentials, name)
              ? manifest.credentials[name]
              : undefined
          if (name === undefined || spec === undefined) {
            throw new UsageError(
              `"${extension}" declares ${names.length === 0 ? 'no credential' : `the credentials ${names.join(', ')}`}`,
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
          const fields: Record<string, string> = {}
          for (const pair of options.field) {
            const at = pair.indexOf('=')
            if (at < 1) throw new UsageError(`"${pair}" is no field; write name=value`)
            fields[pair.slice(0, at)] = pair.slice(at + 1)
          }
          await fillIn(
            context,
            spec.fields as Record<string, { readonly title: string; readonly help?: string }>,
            fields,
            options.stdin,
          )
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

const SECRET_FIELDS = new Set(['password', 'token', 'key'])

async function fillIn(
  { terminal, environment }: CliContext,
  wanted: Readonly<Record<string, { readonly title: string; readonly help?: string }>>,
  fields: Record<string, string>,
  fromStdin: boolean,
): Promise<void> {
  const missing = Object.keys(wanted).filter((field) => fields[field] === undefined)
  if (fromStdin) {
    if (missing.length !== 1)
      throw new UsageError(
        `--stdin fills one field; missing are ${missing.join(', ') || 'none'} (give the others with --field)`,
      )
    fields[missing[0] as string] = (await readText(environment.stdin)).trim()
    return
  }
  if (missing.length > 0 && !terminal.interactive) {
    throw new UsageError(
      `There is no terminal to ask for ${missing.join(', ')}; use --field and --stdin`,
    )
  }
  for (const field of missing) {
    const { title, help } = wanted[field] as { readonly title: string; readonly help?: string }
    if (help !== undefined) terminal.note(terminal.dim(help))
    const answer = SECRET_FIELDS.has(field)
      ? await password({ message: title })
      : await text({ message: title })
    if (isCancel(answer)) throw new RefusedError('Nothing was stored')
    fields[field] = String(answer)
  }
}
