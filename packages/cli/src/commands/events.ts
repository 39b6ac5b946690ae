import type { DeadLetter, RecordedEvent } from '@morphee/host'
import { once } from 'node:events'
import { asDefault, type CommandSetup } from '../command-setup.ts'
import type { CliContext } from '../context.ts'
import { UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'

/** `events`: what was announced, what extensions could not handle, and running their handlers. */
export function addEventCommands({ program, withContext }: CommandSetup): void {
  const events = program
    .command('events')
    .description('what happened, and what extensions that subscribe to it could not handle')
    .addHelpText(
      'after',
      '\nAn event that a handler fails with is tried again later, eight times in all; then it is a dead letter.',
    )

  asDefault(events.command('list', { isDefault: true }))
    .description('what was announced, the oldest first')
    .option('--after <number>', 'only what came after this one')
    .action((options: { readonly after?: string }) =>
      withContext((context) => list(context, options.after)),
    )

  events
    .command('dead')
    .description('events that extensions could not handle')
    .action(() => withContext(dead))

  events
    .command('deliver')
    .description('run the handlers of all that is due, in every workspace')
    .option('--watch', 'go on until interrupted', false)
    .action((options: { readonly watch: boolean }) =>
      withContext((context) => deliver(context, options.watch)),
    )

  events
    .command('retry <extension> <event>')
    .description('have an extension handle a dead letter once more')
    .action((extension: string, event: string) =>
      withContext(async ({ terminal, workspace, principal, host }) => {
        const { events: of } = await host()
        await of.retry(workspace, extension, event, principal)
        terminal.print(`${terminal.good('✓')} ${extension} has handled ${event}`)
        terminal.result({ extension, event, handled: true })
      }),
    )

  events
    .command('drop <extension> <event>')
    .description('forget a dead letter')
    .action((extension: string, event: string) =>
      withContext(async ({ terminal, workspace, principal, host }) => {
        const { events: of } = await host()
        await of.drop(workspace, extension, event, principal)
        terminal.print(`${terminal.good('✓')} ${event} is forgotten`)
        terminal.result({ extension, event, dropped: true })
      }),
    )
}

async function list({ terminal, workspace, host }: CliContext, after = '0'): Promise<void> {
  if (!/^\d{1,15}$/.test(after)) throw new UsageError('--after takes the number of an event')
  const events = await (await host()).events.list(workspace, { after: Number(after) })
  if (events.length === 0) terminal.print('nothing was announced')
  const rows = events.map(({ seq, id, time, topic, source }) => [
    String(seq),
    timeOf(time),
    topic,
    source,
    id,
  ])
  for (const line of formatTable(rows)) terminal.print(line)
  terminal.result({ events: events.map(toPlain) })
}

async function dead({ terminal, workspace, host, commandLine }: CliContext): Promise<void> {
  const letters = await (await host()).events.deadLetters(workspace)
  if (letters.length === 0) terminal.print('there are no dead letters')
  const rows = letters.map(({ event, extension, attempts, diedAt, code, message }) => [
    extension,
    event.id,
    event.topic,
    timeOf(diedAt),
    `${attempts} attempts`,
    `${code}: ${message.split('\n')[0]}`,
  ])
  for (const line of formatTable(rows)) terminal.print(line)
  if (letters.length > 0)
    terminal.print(`Once more: ${commandLine.spell('events retry EXTENSION EVENT')}`)
  terminal.result({ dead: letters.map(toPlainLetter) })
}

async function deliver({ terminal, host }: CliContext, watch: boolean): Promise<void> {
  const { events } = await host()
  if (watch) {
    terminal.print('delivering; interrupt to end')
    events.start({ onError: (error) => terminal.note(String(error)) })
    await once(process, 'SIGINT')
    return
  }
  const report = await events.deliver()
  const { handled, failed, dead: died } = report
  terminal.print(`${handled} handled, ${failed} failed and come again, ${died} dead`)
  terminal.result({ ...report })
}

function toPlain({ seq, id, time, topic, source, payload, hops }: RecordedEvent): object {
  return {
    seq,
    id,
    time: timeOf(time),
    topic,
    source,
    hops,
    payload: JSON.parse(payload) as unknown,
  }
}

function toPlainLetter({ event, diedAt, ...rest }: DeadLetter): object {
  const { id, time, topic, source, payload, hops } = event
  const shown = {
    id,
    time: timeOf(time),
    topic,
    source,
    hops,
    payload: JSON.parse(payload) as unknown,
  }
  return { event: shown, diedAt: timeOf(diedAt), ...rest }
}

function timeOf(time: number): string {
  return new Date(time).toISOString()
}
