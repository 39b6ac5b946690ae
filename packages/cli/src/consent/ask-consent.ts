import { confirm, isCancel } from '@clack/prompts'
import type { CompiledArtifact, ConsentInput, Proposal, Provenance } from '@morphee/host'
import type { Grant } from '@morphee/manifest'
import { UsageError } from '../refusal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { formatProposal } from './format-proposal.ts'

/** What {@link askConsent} shows beside the proposal. */
export interface ConsentQuestion {
  readonly proposal: Proposal
  readonly artifact: CompiledArtifact
  readonly provenance: Provenance
  /** Accept without asking; what was accepted is printed all the same. */
  readonly yes: boolean
  readonly question: string
}

/**
 * Shows what would be allowed and asks a person.
 *
 * Without a terminal and without `--yes` this is a refusal, never a yes.
 *
 * @returns the consent, or `undefined` when the person said no
 * @throws UsageError when there is nobody to ask
 */
export async function askConsent(terminal: Terminal, asked: ConsentQuestion): Promise<ConsentInput | undefined> {
  const { proposal } = asked
  for (const line of formatProposal(terminal, proposal, asked.artifact, asked.provenance)) terminal.note(line)
  if (proposal.difference.length > 0) terminal.note('')
  for (const { line, wider } of proposal.difference) terminal.note(`${wider ? terminal.warn('new   ') : terminal.dim('other ')} ${line}`)
  terminal.note('')
  if (asked.yes) {
    terminal.note(`${terminal.warn('Accepted by --yes:')} all of the above`)
    return consentTo(proposal, '--yes')
  }
  if (!terminal.interactive) {
    throw new UsageError('Nobody was asked: there is no terminal. Read the above and pass --yes to accept exactly that')
  }
  const answer = await confirm({ message: asked.question, initialValue: false, output: process.stderr })
  return answer === true && !isCancel(answer) ? consentTo(proposal, 'terminal') : undefined
}

function consentTo(proposal: Proposal, surface: string): ConsentInput {
  const grant: Grant = { entries: proposal.permissions.map((permission) => ({ permission, answer: 'allow' })) }
  return { authorityDigest: proposal.authorityDigest, grant, surface }
}
