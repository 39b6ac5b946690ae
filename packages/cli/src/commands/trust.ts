import { REVOCATION_REASONS, type RevocationReason } from '@morphee/signing'
import { addTrustedCertificate, renewPublishers, revokeKey } from '@morphee/signing/node'
import { confirm } from '@clack/prompts'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandSetup } from '../command-setup.ts'
import { RefusedError, UsageError } from '../refusal.ts'
import { formatTable } from '../terminal/table.ts'

/** `trust add`, `trust list`, `trust renew` and `trust revoke`. */
export function addTrustCommands({ program, withContext }: CommandSetup): void {
  const trust = program.command('trust').description('whose signatures count on this host')

  trust
    .command('add <certificate>')
    .description('trust a publisher: everything it signs under its own name may be installed')
    .requiredOption('--publisher <id>', 'the publisher part of the names it may sign')
    .option('--yes', 'do not ask', false)
    .action((file: string, options: { publisher: string; yes: boolean }) =>
      withContext(async (context) => {
        const { terminal, environment } = context
        const certificate = await readFile(resolve(environment.cwd, file))
        if (!options.yes) {
          if (!terminal.interactive)
            throw new UsageError('Nobody was asked: there is no terminal. Pass --yes to trust it')
          const answer = await confirm({
            message: `Trust ${file} to sign everything named ${options.publisher}/…?`,
            initialValue: false,
            ...terminal.dialog,
          })
          if (answer !== true) throw new RefusedError('Nothing was trusted')
        }
        const added = await addTrustedCertificate(context.trustDirectory, {
          certificate,
          publisher: { id: options.publisher },
          now: Date.now(),
        })
        terminal.print(
          `${terminal.good('✓')} ${added.wasKnown ? 'already trusted' : 'trusted'}: key ${added.keyId.slice(0, 16)}… may sign ${options.publisher}/…`,
        )
        terminal.result({
          publisher: options.publisher,
          keyId: added.keyId,
          wasKnown: added.wasKnown,
        })
      }),
    )

  trust
    .command('list')
    .description('publishers and their keys')
    .action(() =>
      withContext(async ({ terminal, trust: source, trustDirectory, commandLine }) => {
        if (!existsSync(trustDirectory)) {
          terminal.print('nobody is trusted yet')
          terminal.note(`→ ${commandLine.spell('trust add CERTIFICATE --publisher NAME')}`)
          terminal.result({ publishers: [] })
          return
        }
        const { publishers } = await source.read()
        const rows = publishers.publishers.flatMap(({ id, keys }) =>
          keys.map(({ keyId, status }) => [id, `${keyId.slice(0, 16)}…`, status]),
        )
        for (const line of formatTable(rows)) terminal.print(line)
        terminal.print(
          terminal.dim(
            `installs may rely on this list until ${new Date(publishers.expires).toISOString()}`,
          ),
        )
        terminal.result(publishers)
      }),
    )

  trust
    .command('renew')
    .description('rely on the list for longer, after somebody has looked at it')
    .option('--days <days>', 'from today', '365')
    .action((options: { days: string }) =>
      withContext(async ({ terminal, requireTrust }) => {
        const days = Number(options.days)
        if (!Number.isInteger(days) || days < 1 || days > 3650)
          throw new UsageError('--days takes a whole number from 1 to 3650')
        const { version, expires } = await renewPublishers(
          requireTrust(),
          Date.now() + days * 86_400_000,
        )
        terminal.print(
          `${terminal.good('✓')} list ${version} counts until ${new Date(expires).toISOString()}`,
        )
        terminal.result({ version, expires })
      }),
    )

  trust
    .command('revoke <key-id>')
    .description('stop everything a key has signed, installed or not')
    .option('--reason <reason>', REVOCATION_REASONS.join(', '), 'keyCompromise')
    .action((keyId: string, options: { reason: string }) =>
      withContext(async ({ terminal, trust: source, trustDirectory }) => {
        if (!(REVOCATION_REASONS as readonly string[]).includes(options.reason))
          throw new UsageError(`--reason takes ${REVOCATION_REASONS.join(', ')}`)
        const { publishers } = await source.read()
        const found = publishers.publishers
          .flatMap(({ keys }) => keys)
          .filter((key) => key.keyId.startsWith(keyId.replace(/…$/, '')))
        if (found.length !== 1 || keyId.length < 8)
          throw new UsageError(
            `"${keyId}" names ${found.length} keys; give at least 8 digits of one`,
          )
        const publisher = await revokeKey(trustDirectory, {
          keyId: (found[0] as (typeof found)[number]).keyId,
          reason: options.reason as RevocationReason,
          now: Date.now(),
        })
        terminal.print(
          `${terminal.good('✓')} revoked a key of ${publisher.id}; what it signed no longer installs or runs`,
        )
        terminal.result({ publisher: publisher.id, keyId: found[0]?.keyId, reason: options.reason })
      }),
    )
}
