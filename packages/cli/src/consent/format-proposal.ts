import { cleanLine } from '@morphee/core'
import type { CompiledArtifact, Proposal, Provenance } from '@morphee/host'
import { describePermissions } from '@morphee/manifest'
import type { Terminal } from '../terminal/terminal.ts'
import { wrapList } from '../terminal/wrap.ts'
import { importedFunctions } from './imported-functions.ts'

/**
 * What a person reads before saying yes: who, what it asks for with settings filled in, and what the binary itself shows.
 *
 * Text of the author stands in quotes; it is data, never the host's own words.
 */
export function formatProposal(
  terminal: Terminal,
  proposal: Proposal,
  artifact: CompiledArtifact,
  provenance: Provenance,
): string[] {
  const { manifest } = proposal
  const lines = [
    `${terminal.bold(manifest.name)} ${manifest.version}  “${cleanLine(manifest.title, 80)}”`,
    ...(manifest.description === undefined ? [] : [`  “${cleanLine(manifest.description, 200)}”`]),
    provenance.kind === 'signed'
      ? `  signed by publisher ${terminal.bold(provenance.publisher)}, key ${provenance.keyId.slice(0, 12)}…, from ${cleanLine(provenance.source, 200)}`
      : `  ${terminal.warn('unsigned: nobody vouches for it')}`,
    '',
    terminal.bold('It asks for'),
  ]
  const asked = describePermissions(manifest, proposal.config)
  if (asked.length === 0)
    lines.push('  nothing: it computes, and reaches neither network nor storage')
  for (const { subject, name, title, scopes, reason, optional, flags } of asked) {
    const shown = flags.includes('red') ? terminal.bad(title) : title
    const what =
      subject === 'credential'
        ? `${shown} with credential ${name}, which it never sees`
        : `${shown}  ${terminal.dim(name)}`
    lines.push(`  ${what}${optional ? ' (optional)' : ''}`)
    for (const scope of scopes) lines.push(`    ${scope}`)
    if (flags.includes('declared-as-reading'))
      lines.push(`    ${terminal.warn('the extension declares these requests as reading')}`)
    if (reason !== undefined) lines.push(`    “${cleanLine(reason, 200)}”`)
  }
  if (asked.some(({ flags }) => flags.includes('may-carry-data'))) {
    lines.push(
      terminal.dim(
        '  An allowed address can receive whatever the extension has read, even in a request that only reads.',
      ),
    )
  }
  lines.push('', terminal.bold('Its actions'))
  for (const [name, action] of Object.entries(manifest.actions)) {
    const effect =
      action.effect === 'read'
        ? 'reads'
        : terminal.warn(action.effect === 'write' ? 'writes' : 'destroys')
    lines.push(`  ${name}  ${effect}  “${cleanLine(action.title, 80)}”`)
  }
  if (manifest.permissions.some(({ kind }) => kind === 'event:subscribe')) {
    const said = 'by itself, when something happens: with all that you allow, and without asking'
    lines.push(`  ${terminal.warn(said)}`)
  }
  const functions = importedFunctions(artifact.component.imports)
  lines.push(
    '',
    terminal.bold('Evidence from the binary'),
    ...wrapList('  imports ', functions.length === 0 ? ['nothing'] : functions),
  )
  return lines
}
