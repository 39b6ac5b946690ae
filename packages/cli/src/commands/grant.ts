import { confirm, isCancel } from '@clack/prompts'
import {
  changeGrant,
  type Grant,
  type GrantAnswer,
  isGrantWider,
  type PermissionSet,
  tryParsePermissionKind,
} from '@morphee/manifest'
import type { CommandSetup } from '../command-setup.ts'
import { formatGrant } from '../consent/format-grant.ts'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'
import { parseDuration } from '../terminal/duration.ts'

interface GrantOptions {
  readonly only?: string[]
  readonly expires?: string
  readonly yes: boolean
}

const ANSWERS: readonly GrantAnswer[] = ['allow', 'ask', 'deny']

/** `grant NAME [PERMISSION|ACTION] [ANSWER]`: shows or changes what an installed extension is allowed. */
export function addGrantCommand({ program, withContext }: CommandSetup): void {
  program
    .command('grant <extension> [what] [answer]')
    .description(
      'show what is allowed, or answer a permission or an action anew: allow, ask or deny',
    )
    .option(
      '--only <scope...>',
      'these URLs, collections, names or topics, within what it asks for',
    )
    .option('--expires <duration>', 'not longer than 30m, 8h or 30d')
    .option('--yes', 'allow more without being asked', false)
    .addHelpText(
      'after',
      `
  ${program.name()} grant acme/jira http:write ask
  ${program.name()} grant acme/jira http:write allow --only 'https://acme.atlassian.net/rest/api/3/issue/DEMO-7' --expires 8h
  ${program.name()} grant acme/jira delete-issue deny

Less takes effect at once, in calls that run too; more is shown and needs a yes.`,
    )
    .action(
      (
        extension: string,
        what: string | undefined,
        answer: string | undefined,
        options: GrantOptions,
      ) => withContext((context) => grant(context, extension, what, answer, options)),
    )
}

async function grant(
  context: CliContext,
  extension: string,
  what: string | undefined,
  answer: string | undefined,
  options: GrantOptions,
): Promise<void> {
  const { terminal, workspace, principal } = context
  const host = await context.host()
  const { authorityDigest, permissions, manifest } = await host.installations.proposeSettings(
    workspace,
    extension,
    {},
  )
  const before = await grantInForce(context, extension)
  if (what === undefined) {
    for (const line of formatGrant(terminal, before, permissions)) terminal.print(line)
    terminal.result({ extension, authority: authorityDigest, grant: before })
    return
  }
  if (!isAnswer(answer)) throw new UsageError(`The answer is one of ${ANSWERS.join(', ')}`)
  const after = changed(before, permissions, Object.keys(manifest.actions), what, answer, options)
  const wider = isGrantWider(before, after)
  terminal.note(terminal.bold('Until now'))
  for (const line of formatGrant(terminal, before, permissions)) terminal.note(`  ${line}`)
  terminal.note(terminal.bold('From now on'))
  for (const line of formatGrant(terminal, after, permissions)) terminal.note(`  ${line}`)
  if (wider) await agree(context, extension, options.yes)
  const consent = await host.installations.grant(workspace, extension, principal, {
    authorityDigest,
    grant: after,
    surface: options.yes ? '--yes' : terminal.interactive ? 'terminal' : 'command',
  })
  terminal.print(`${terminal.good('✓')} ${extension}: ${what} ${answer}`)
  terminal.result({ extension, consent: consent.id, wider, grant: after })
}

async function grantInForce({ workspace, host }: CliContext, extension: string): Promise<Grant> {
  const { installation, versions } = await (await host()).installations.show(workspace, extension)
  const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  return (consent?.grant as unknown as Grant | undefined) ?? { entries: [] }
}

function changed(
  before: Grant,
  asked: PermissionSet,
  actions: readonly string[],
  what: string,
  answer: GrantAnswer,
  { only, expires }: GrantOptions,
): Grant {
  const kind = tryParsePermissionKind(what)
  if (kind !== undefined) {
    if (answer === 'deny' && expires !== undefined)
      throw new UsageError('--expires goes with allow and ask')
    const after = changeGrant(before, asked, {
      kind,
      answer,
      ...(only === undefined ? {} : { only }),
      ...(expires === undefined ? {} : { expiresAt: Date.now() + parseDuration(expires) }),
    })
    if (typeof after === 'string') throw new RefusedError(`Nothing was changed: ${after}`)
    return after
  }
  if (!actions.includes(what))
    throw new UsageError(
      `"${what}" is none of its permissions and actions; it has ${[...new Set(asked.map((one) => one.kind)), ...actions].join(', ')}`,
    )
  if (only !== undefined || expires !== undefined)
    throw new UsageError('--only and --expires go with a permission')
  return { ...before, actions: { ...before.actions, [what]: answer } }
}

async function agree({ terminal }: CliContext, extension: string, yes: boolean): Promise<void> {
  if (yes) return
  if (!terminal.interactive)
    throw new UsageError(
      'Nobody was asked: there is no terminal. Read the above and pass --yes to allow exactly that',
    )
  const answer = await confirm({
    message: `Let ${extension} do more than until now?`,
    initialValue: false,
    ...terminal.dialog,
  })
  if (answer !== true || isCancel(answer)) throw new RefusedError('Nothing was changed')
}

function isAnswer(text: string | undefined): text is GrantAnswer {
  return ANSWERS.some((answer) => answer === text)
}
