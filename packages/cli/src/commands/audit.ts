import { cleanLine } from '@morphee/core'
import type { ListedAuditRecord } from '@morphee/host'
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { asDefault, type CommandSetup } from '../command-setup.ts'
import { UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { formatBytes, formatCount } from '../terminal/units.ts'

/** `audit list`, `audit verify` and `audit export`. */
export function addAuditCommands({ program, withContext }: CommandSetup): void {
  const audit = program
    .command('audit')
    .description('the record of everything that was done, and its proof')

  asDefault(audit.command('list', { isDefault: true }))
    .description('the latest records')
    .option('--extension <name>', 'only this extension')
    .option('--invocation <id>', 'only this call')
    .option('--limit <count>', 'how many', '50')
    .action((options: { extension?: string; invocation?: string; limit: string }) =>
      withContext(async (context) => {
        const { terminal, workspace } = context
        const limit = Number(options.limit)
        if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
          throw new UsageError('--limit takes a whole number from 1 to 1000')
        const host = await context.host()
        const records = await host.audit.list({
          workspace,
          limit,
          ...(options.extension === undefined ? {} : { extension: options.extension }),
          ...(options.invocation === undefined ? {} : { invocation: options.invocation }),
        })
        if (records.length === 0) terminal.note('no records')
        for (const line of formatAuditRecords(terminal, records)) terminal.print(line)
        terminal.result({ workspace, records })
      }),
    )

  audit
    .command('verify')
    .description('prove that no record was changed, dropped or reordered')
    .action(() =>
      withContext(async (context) => {
        const { terminal } = context
        const host = await context.host()
        const verified = await host.verifyAudit()
        for (const { workspace, records, provenThrough, head } of verified.workspaces) {
          terminal.print(
            `${terminal.good('✓')} ${workspace}: ${formatCount(records, 'record')} in one chain, signed through ${provenThrough}, head ${head.slice(0, 16)}…`,
          )
        }
        terminal.print(
          `${formatCount(verified.checkpoints, 'checkpoint')}${verified.proven === undefined ? '' : `, the last of ${new Date(verified.proven.time).toISOString()}`}`,
        )
        terminal.result({ intact: true, ...verified })
      }),
    )

  audit
    .command('export [file]')
    .description('the trail of the workspace as JSON lines, to be kept or proven elsewhere')
    .action((file: string | undefined) =>
      withContext(async (context) => {
        if (file === undefined && context.terminal.json)
          throw new UsageError('The trail is JSON lines already; leave out --json, or name a file')
        const host = await context.host()
        const handle =
          file === undefined
            ? undefined
            : await open(resolve(context.environment.cwd, file), 'wx', 0o600)
        let lines = 0
        try {
          for await (const line of host.exportAudit(context.workspace)) {
            lines++
            if (handle === undefined) context.terminal.print(line)
            else await handle.write(`${line}\n`)
          }
        } finally {
          await handle?.close()
        }
        context.terminal.note(`${lines} lines`)
        context.terminal.result({ lines, file })
      }),
    )
}

/** Records for people, oldest first, one line each, under the day (UTC) of those below it. */
export function formatAuditRecords(
  terminal: Terminal,
  records: readonly ListedAuditRecord[],
): string[] {
  const oldestFirst = records.toReversed()
  const days = oldestFirst.map(({ time }) => new Date(time).toISOString().slice(0, 10))
  const rows = oldestFirst.map((record) => [
    String(record.seq),
    new Date(record.time).toISOString().slice(11, 23),
    record.kind,
    cleanLine(record.extension ?? '', 60),
    cleanLine(record.capability, 40),
    verdict(record),
    [
      cleanLine(record.target ?? '', 100),
      record.bytes === undefined || record.bytes === 0 ? '' : formatBytes(record.bytes),
      record.repeated === undefined ? '' : `and ${record.repeated} more`,
    ]
      .filter((part) => part !== '')
      .join('  '),
  ])
  return formatTable(rows).flatMap((line, i) => [
    ...(days[i] === days[i - 1] ? [] : [terminal.dim(`${days[i]}, UTC`)]),
    oldestFirst[i]?.decision === 'refused' ? terminal.bad(line) : line,
  ])
}

function verdict({ decision, refusedBy, details }: ListedAuditRecord): string {
  if (decision === 'refused') {
    const step = details?.['step']
    return `refused by ${refusedBy ?? '?'}${typeof step === 'string' ? `: ${step}` : ''}`
  }
  if (decision !== 'failed') return decision
  const error = details?.['error']
  return refusedBy === 'limit'
    ? `stopped by limit ${String(details?.['limit'] ?? '')}`.trim()
    : typeof error === 'string'
      ? `failed ${error}`
      : 'failed'
}
