import type { CommandSetup } from '../command-setup.ts'
import { formatTable } from '../terminal/table.ts'

/** `list` and `show NAME`. */
export function addListCommands({ program, withContext }: CommandSetup): void {
  program
    .command('list')
    .description('what is installed, where it runs, and its actions')
    .action(() =>
      withContext(async (context) => {
        const { terminal, workspace } = context
        const host = await context.host()
        const [installed, callable] = await Promise.all([
          host.installations.list(workspace),
          host.list(workspace),
        ])
        const rows = callable.map(({ extension, version, actions }) => {
          const state = installed.find((one) => one.extension === extension)
          return [
            extension,
            version,
            state === undefined
              ? 'built in'
              : state.pendingDigest === undefined
                ? 'active'
                : 'active, update waits',
            state === undefined ? '' : host.isolationOf(extension),
            actions.map(({ name }) => name).join(', '),
          ]
        })
        const called = new Set(callable.map(({ extension }) => extension))
        for (const { extension, state } of installed) {
          if (called.has(extension)) continue
          // Active and not callable: its signature, its key or its stored bytes no longer count.
          rows.push([
            extension,
            '',
            state === 'active' ? 'cannot run (run it to see why)' : state,
            '',
            '',
          ])
        }
        for (const line of formatTable(rows)) terminal.print(line)
        const isolation = Object.fromEntries(
          installed.map(({ extension }) => [extension, host.isolationOf(extension)]),
        )
        terminal.result({ workspace, installed, callable, isolation })
      }),
    )

  program
    .command('show <extension>')
    .description('one installation: its state, versions and who said yes')
    .action((extension: string) =>
      withContext(async (context) => {
        const { terminal, workspace } = context
        const host = await context.host()
        const { installation, versions } = await host.installations.show(workspace, extension)
        terminal.print(
          `${terminal.bold(extension)}  ${installation.state}, publisher ${installation.publisher ?? 'unsigned'}`,
        )
        const rows = versions.map(({ version, digest, provenance, consent }) => [
          digest === installation.activeDigest
            ? '●'
            : digest === installation.pendingDigest
              ? '…'
              : ' ',
          version,
          digest.slice(7, 19),
          provenance.kind === 'signed' ? provenance.source : 'unsigned file',
          consent === undefined
            ? 'waits for a yes'
            : `yes by ${consent.givenBy} (${consent.surface}), ${new Date(consent.givenAt).toISOString()}`,
        ])
        for (const line of formatTable(rows)) terminal.print(line)
        const connected = await host.connections(workspace, extension)
        for (const { credential, owner } of connected)
          terminal.print(
            `credential ${credential} entered, ${owner === 'shared' ? owner : `for ${owner}`}`,
          )
        terminal.result({ installation, versions, connected })
      }),
    )
}
