import { isCancel, select } from '@clack/prompts'
import type { Approval, Coverage, StandingApproval } from '@morphee/host'
import { asDefault, type CommandSetup } from '../command-setup.ts'
import { formatQuestion } from '../consent/format-question.ts'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'
import { parseDuration } from '../terminal/duration.ts'
import { formatTable } from '../terminal/table.ts'

interface AllowOptions {
  readonly conversation: boolean
  readonly for?: string
  readonly always: boolean
}

/** `approvals`: what waits for a yes, in whatever process it waits. */
export function addApprovalCommands({ program, withContext }: CommandSetup): void {
  const approvals = program
    .command('approvals')
    .description('questions that wait for an answer, and answers that go on counting')
    .addHelpText(
      'after',
      '\nA yes is given on a terminal only: there is no flag for it. Extensions and agents cannot answer.',
    )

  asDefault(approvals.command('list', { isDefault: true }))
    .description('what waits for an answer, and what stays allowed')
    .action(() => withContext(list))

  approvals
    .command('show <id>')
    .description('one question with all that would be sent')
    .action((id: string) => withContext((context) => show(context, id)))

  approvals
    .command('allow <id>')
    .description('read a question on the terminal and say yes or no')
    .option('--conversation', 'every identical one of this conversation', false)
    .option('--for <duration>', 'every identical one for a while: 30m, 8h, 30d')
    .option('--always', 'every identical one, until it is revoked', false)
    .action((id: string, options: AllowOptions) =>
      withContext((context) => allow(context, id, options)),
    )

  approvals
    .command('deny <id>')
    .description('say no')
    .action((id: string) => withContext((context) => deny(context, id)))

  approvals
    .command('revoke <id>')
    .description('take back a yes that goes on counting')
    .action((id: string) =>
      withContext(async (context) => {
        const host = await context.host()
        await host.approvals.revoke(context.workspace, id, context.approver)
        context.terminal.print(`${context.terminal.good('✓')} ${id} does not count any more`)
        context.terminal.result({ id, revoked: true })
      }),
    )
}

async function list({ terminal, workspace, host }: CliContext): Promise<void> {
  const { approvals } = await host()
  const [waiting, standing] = await Promise.all([
    approvals.list(workspace),
    approvals.standing(workspace),
  ])
  if (waiting.length === 0) terminal.print('nothing waits for an answer')
  const rows = waiting.map(({ id, state, question, expiresAt }) => [
    id,
    question.extension,
    question.action,
    question.target,
    `${state === 'interrupted' ? 'its call was interrupted' : 'a call waits'} until ${timeOf(expiresAt)}`,
  ])
  for (const line of formatTable(rows)) terminal.print(line)
  if (standing.length > 0) terminal.print(terminal.bold('Stays allowed'))
  for (const line of formatTable(standing.map(rowOfStanding))) terminal.print(line)
  terminal.result({
    waiting: waiting.map(toPlain),
    standing: standing.map(({ id, covers, question, expiresAt, givenBy }) => ({
      id,
      covers,
      extension: question.extension,
      target: question.target,
      ...(expiresAt === undefined ? {} : { until: timeOf(expiresAt) }),
      givenBy,
    })),
  })
}

function rowOfStanding({
  id,
  covers,
  question,
  expiresAt,
  givenBy,
}: StandingApproval): readonly string[] {
  const how =
    covers === 'until'
      ? `until ${timeOf(expiresAt as number)}`
      : covers === 'always'
        ? covers
        : 'in its conversation'
  return [id, question.extension, question.target, how, givenBy]
}

async function show(context: CliContext, id: string): Promise<void> {
  const { terminal } = context
  const { approvals } = await context.host()
  const approval = await approvals.show(context.workspace, id)
  print(context, approval)
  terminal.result(toPlain(approval))
}

async function allow(context: CliContext, id: string, options: AllowOptions): Promise<void> {
  const { terminal, workspace, approver } = context
  const coverage = coverageOf(options)
  // No flag stands for a yes: what an agent can type is not an answer of the person.
  if (!terminal.interactive)
    throw new RefusedError(
      `Nobody was asked: there is no terminal. Answer on one: ${context.commandLine.spell(`approvals allow ${id}`)}`,
    )
  const { approvals } = await context.host()
  const approval = await approvals.show(workspace, id)
  if (!print(context, approval))
    throw new RefusedError('It cannot be shown whole, so it cannot be allowed here')
  const answer = await select({
    message: `Let it do exactly this, ${wordsOf(coverage)}?`,
    initialValue: 'no',
    options: [
      { value: 'no', label: 'No' },
      { value: 'yes', label: `Yes, ${wordsOf(coverage)}` },
    ],
    ...terminal.dialog,
  })
  if (isCancel(answer)) throw new RefusedError('Not answered: it goes on waiting')
  const allowed = answer === 'yes'
  const { state } = await approvals.answer({
    workspace,
    id,
    shown: approval.digest,
    by: approver,
    answer: allowed ? { kind: 'allow', ...coverage } : { kind: 'deny' },
  })
  if (!allowed) throw new RefusedError(`Denied: ${approval.question.target}`)
  terminal.print(
    state === 'leased'
      ? `${terminal.good('✓')} allowed; its call was interrupted, so call it again`
      : `${terminal.good('✓')} allowed`,
  )
}

async function deny(
  { terminal, workspace, approver, host }: CliContext,
  id: string,
): Promise<void> {
  const { approvals } = await host()
  const { digest } = await approvals.show(workspace, id)
  await approvals.answer({ workspace, id, shown: digest, by: approver, answer: { kind: 'deny' } })
  terminal.print(`${terminal.good('✓')} denied`)
  terminal.result({ id, state: 'denied' })
}

function print({ terminal }: CliContext, approval: Approval): boolean {
  const { id, state, question, digest, askedAt } = approval
  terminal.print(`${id}  ${state}, asked ${timeOf(askedAt)}, ${digest}`)
  const lines = formatQuestion(terminal, question)
  for (const line of lines ?? [terminal.bad('It cannot be shown whole on a terminal')])
    terminal.print(line)
  return lines !== undefined
}

function toPlain({ id, state, question, digest, askedAt, expiresAt }: Approval): object {
  const { extension, action, principal, conversation, permission, target } = question
  return {
    id,
    state,
    digest,
    extension,
    action,
    principal,
    conversation,
    permission,
    target,
    askedAt: timeOf(askedAt),
    expiresAt: timeOf(expiresAt),
  }
}

function coverageOf(options: AllowOptions): Coverage {
  const given = [options.conversation, options.for !== undefined, options.always]
  if (given.filter(Boolean).length > 1)
    throw new UsageError('Give one of --conversation, --for and --always')
  if (options.conversation) return { covers: 'conversation' }
  if (options.always) return { covers: 'always' }
  if (options.for === undefined) return { covers: 'once' }
  return { covers: 'until', until: Date.now() + parseDuration(options.for) }
}

function wordsOf(coverage: Coverage): string {
  switch (coverage.covers) {
    case 'once':
      return 'once'
    case 'conversation':
      return 'as often as it asks in this conversation'
    case 'until':
      return `as often as it asks until ${timeOf(coverage.until)}`
    case 'always':
      return 'as often as it asks from now on'
  }
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString()
}
