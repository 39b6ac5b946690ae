import type { Candidate } from '@morphee/host'
import { tryParseExtensionReference } from '@morphee/manifest'
import { formatReference, pullVerified } from '@morphee/registry'
import type { AskedFor, Verified } from '@morphee/signing'
import { readFile } from 'node:fs/promises'
import type { CommandSetup } from '../command-setup.ts'
import { askConsent } from '../consent/ask-consent.ts'
import { carriedGrant } from '../consent/carried-grant.ts'
import { chosenGrant, type GrantChoice } from '../consent/chosen-grant.ts'
import type { CliContext } from '../context.ts'
import { RefusedError, UsageError } from '../refusal.ts'
import { parseSettings } from '../settings.ts'
import { locateFile, locateSource } from '../source.ts'

interface InstallOptions extends GrantChoice {
  readonly set: string[]
  readonly yes: boolean
  readonly expect?: string
}

/** `install FILE|REFERENCE` and `update`. */
export function addInstallCommands({ program, withContext }: CommandSetup): void {
  program
    .command('install <source>')
    .description('install a file or a registry reference: verified, shown, and only after a yes')
    .option(
      '--set <name=value...>',
      'settings; those that a permission uses are part of what is granted',
      [],
    )
    .option('--expect <publisher/name[@version]>', 'refuse anything else')
    .option('--yes', 'accept what is shown without being asked', false)
    .option('--deny <permission...>', 'refuse a permission it asks for')
    .option('--ask <permission...>', 'be asked each time it is used')
    .option(
      '--only <permission=scope...>',
      'narrow a permission to these URLs, collections or topics',
    )
    .option('--expires <duration>', 'not longer than 30m, 8h or 30d')
    .addHelpText(
      'after',
      `\nWithout a terminal and without --yes nothing is installed.\nUnsigned files need --dev: ${program.name()} --dev install FILE`,
    )
    .action((source: string, options: InstallOptions) =>
      withContext((context) => install(context, source, options)),
    )

  program
    .command('update <extension> [source]')
    .description('update to a newer version; one that could do more waits for a yes')
    .option('--yes', 'accept what is shown without being asked', false)
    .option('--decline', 'keep the version that runs and forget the one that waits', false)
    .action(
      (
        extension: string,
        source: string | undefined,
        options: { yes: boolean; decline: boolean },
      ) => withContext((context) => update(context, extension, source, options)),
    )
}

async function install(
  context: CliContext,
  source: string,
  options: InstallOptions,
): Promise<void> {
  const { terminal, workspace, principal } = context
  const expected =
    options.expect === undefined ? undefined : tryParseExtensionReference(options.expect)
  if (options.expect !== undefined && expected === undefined)
    throw new UsageError('--expect takes publisher/name or publisher/name@1.2.0')
  const candidate = await admit(context, source, expected ?? {})
  const host = await context.host()
  const proposal = await host.propose(workspace, candidate, parseSettings(options.set))
  const { name, version } = candidate.manifest
  const chosen = [options.deny, options.ask, options.only, options.expires]
  if (proposal.needsConsent === undefined && chosen.some((choice) => choice !== undefined))
    throw new UsageError(
      `${name} ${version} is agreed to already; change the answers with ${context.commandLine.spell(`grant ${name}`)}`,
    )
  const consent =
    proposal.needsConsent === undefined
      ? undefined
      : await askConsent(terminal, {
          proposal,
          artifact: candidate.artifact,
          provenance: candidate.provenance,
          yes: options.yes,
          grant: chosenGrant(proposal.permissions, options),
          question: `Let ${name} do this in workspace "${workspace}"?`,
        })
  if (proposal.needsConsent !== undefined && consent === undefined)
    throw new RefusedError(`Not installed: ${name} ${version} was declined`)
  const outcome = await host.install({
    workspace,
    principal,
    candidate,
    config: proposal.config,
    ...(consent === undefined ? {} : { consent }),
  })
  terminal.print(
    `${terminal.good('✓')} ${outcome.kind} ${name} ${version} in workspace "${workspace}"`,
  )
  for (const credential of Object.keys(candidate.manifest.credentials)) {
    terminal.note(
      `→ It uses credential "${credential}": ${context.commandLine.spell(`connect ${name} ${credential}`)}`,
    )
  }
  terminal.result({
    outcome: outcome.kind,
    extension: name,
    version,
    digest: candidate.artifact.digest,
    authority: proposal.authorityDigest,
  })
}

async function update(
  context: CliContext,
  extension: string,
  source: string | undefined,
  options: { readonly yes: boolean; readonly decline: boolean },
): Promise<void> {
  const { terminal, workspace, principal } = context
  const host = await context.host()
  if (options.decline) {
    await host.installations.decline(workspace, extension, principal)
    terminal.print(`${terminal.good('✓')} ${extension} stays as it is`)
    terminal.result({ outcome: 'declined', extension })
    return
  }
  const waiting = source === undefined ? await host.pending(workspace, extension) : undefined
  const candidate =
    waiting ??
    (await admit(context, source ?? (await lastSource(context, extension)), { name: extension }))
  if (candidate.manifest.name !== extension)
    throw new RefusedError(`Not updated: this is ${candidate.manifest.name}, not ${extension}`)
  const proposal = await host.propose(workspace, candidate, {})
  const { version } = candidate.manifest
  const request = { workspace, principal, candidate, config: {} }
  if (proposal.needsConsent === undefined) {
    const outcome = await host.install(request)
    terminal.print(
      `${terminal.good('✓')} ${outcome.kind} ${extension} ${version}: it can do no more than before`,
    )
    for (const { line } of proposal.difference) terminal.note(`${terminal.dim('other ')} ${line}`)
    terminal.result({ outcome: outcome.kind, extension, version, changes: proposal.difference })
    return
  }
  // It waits from here on, whatever the answer is, while the version that was agreed to runs on.
  await host.install(request)
  const asked = {
    proposal,
    artifact: candidate.artifact,
    provenance: candidate.provenance,
    yes: options.yes,
    grant: await carriedGrant(context, extension, proposal),
    question: `Let ${extension} ${version} do this from now on?`,
  }
  let consent: Awaited<ReturnType<typeof askConsent>>
  try {
    consent = await askConsent(terminal, asked)
  } catch (error) {
    terminal.note(
      `${terminal.warn('waits')}  ${extension} ${version} waits for a yes; the installed version runs on`,
    )
    throw error
  }
  if (consent === undefined)
    throw new RefusedError(
      `${extension} ${version} waits; the installed version runs on (${context.commandLine.spell(`update ${extension} --decline`)} forgets it)`,
    )
  const outcome = await host.install({ ...request, consent })
  terminal.print(`${terminal.good('✓')} ${outcome.kind} ${extension} ${version}`)
  terminal.result({ outcome: outcome.kind, extension, version })
}

/** Reads `source`, a file or a reference, as the chosen host demands. */
async function admit(context: CliContext, source: string, asked: AskedFor): Promise<Candidate> {
  const { terminal, environment, workspace, principal, commandLine } = context
  if (context.dev) {
    const path = await locateFile(environment.cwd, source)
    if (path === undefined)
      throw new UsageError(`A development host installs files; there is none at "${source}"`)
    const bytes = await readFile(path)
    const candidate = await (await context.developmentHost()).admitUnsigned(bytes)
    const { name, version } = candidate.manifest
    // With a signature this is a step of the verification; without one it is only what the file says of itself.
    if ((asked.name ?? name) !== name || (asked.version ?? version) !== version)
      throw new RefusedError(
        `Not installed: this is ${name} ${version}, not ${asked.name ?? name}${asked.version === undefined ? '' : ` ${asked.version}`}`,
      )
    return candidate
  }
  const host = await context.signedHost()
  const located = await locateSource(environment.cwd, source)
  if ('path' in located) {
    const { path } = located
    const envelope = await readFile(`${path}.jws.sig`).catch(() => undefined)
    if (envelope === undefined) {
      throw new RefusedError(
        `Not installed: "${source}" is not signed: there is no "${source}.jws.sig" beside it. Sign it (${commandLine.spell(`sign ${source} --key PUBLISHER`)}), or run it unsigned in a development host (${commandLine.spell(`install ${source}`, { dev: true })})`,
      )
    }
    const wasm = new Uint8Array(await readFile(path))
    const { candidate, verified } = await host.admitFile(
      { wasm, envelopes: [envelope] },
      { workspace, principal, asked, source },
    )
    showSteps(context, verified)
    return candidate
  }
  const { reference } = located
  terminal.note(`resolving ${formatReference(reference)}`)
  const pulled = await pullVerified({
    client: context.registryClient(),
    reference,
    cache: await context.artifactCache(),
    verify: (artifact) =>
      host.admitArtifact(artifact, {
        workspace,
        principal,
        asked: {
          ...asked,
          ...(reference.tag === undefined || asked.version !== undefined
            ? {}
            : versionOf(reference.tag)),
        },
        source: formatReference(reference),
      }),
  })
  for (const line of pulled.skipped) terminal.note(terminal.warn(`signature skipped: ${line}`))
  showSteps(context, pulled.verified.verified)
  return pulled.verified.candidate
}

// A tag that is a version promises that version; `latest` and the like promise nothing.
function versionOf(tag: string): AskedFor {
  const version = tryParseExtensionReference(`a/a@${tag}`)?.version
  return version === undefined ? {} : { version }
}

function showSteps({ terminal }: CliContext, verified: Verified): void {
  for (const { name, detail } of verified.steps)
    terminal.note(`  ${terminal.good('✓')} ${name.padEnd(11)} ${detail}`)
}

async function lastSource(context: CliContext, extension: string): Promise<string> {
  const { versions, installation } = await (
    await context.host()
  ).installations.show(context.workspace, extension)
  const active = versions.find(({ digest }) => digest === installation.activeDigest)
  if (active?.provenance.kind !== 'signed')
    throw new UsageError(
      `Name the file to update to: ${context.commandLine.spell(`update ${extension} FILE`)}`,
    )
  throw new UsageError(
    `Nothing waits for "${extension}". Name the version to update to, such as ${active.provenance.source}`,
  )
}
