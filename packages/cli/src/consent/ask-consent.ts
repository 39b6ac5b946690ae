import { isCancel, multiselect, select } from '@clack/prompts'
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
  /** Permissions that are refused beforehand, by name. */
  readonly deny?: readonly string[]
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
export async function askConsent(
  terminal: Terminal,
  asked: ConsentQuestion,
): Promise<ConsentInput | undefined> {
  const { proposal } = asked
  for (const line of formatProposal(terminal, proposal, asked.artifact, asked.provenance))
    terminal.note(line)
  if (proposal.difference.length > 0) terminal.note('')
  for (const { line, wider } of proposal.difference)
    terminal.note(`${wider ? terminal.warn('new   ') : terminal.dim('other ')} ${line}`)
  terminal.note('')
  const kinds = [...new Set(proposal.permissions.map(({ kind }) => kind))]
  const deny = asked.deny ?? []
  const unknown = deny.filter((name) => !kinds.some((kind) => kind === name))
  if (unknown.length > 0)
    throw new UsageError(
      `It does not ask for ${unknown.join(', ')}; it asks for ${kinds.join(', ') || 'nothing'}`,
    )
  if (asked.yes) {
    terminal.note(
      `${terminal.warn('Accepted by --yes:')} ${deny.length === 0 ? 'all of the above' : `all of the above but ${deny.join(', ')}`}`,
    )
    return consentTo(proposal, '--yes', deny)
  }
  if (!terminal.interactive) {
    throw new UsageError(
      'Nobody was asked: there is no terminal. Read the above and pass --yes to accept exactly that',
    )
  }
  const output = process.stderr
  const answer = await select({
    message: asked.question,
    initialValue: 'no',
    options: [
      { value: 'no', label: 'No' },
      {
        value: 'yes',
        label: deny.length === 0 ? 'Yes, all of it' : `Yes, all of it but ${deny.join(', ')}`,
      },
      ...(kinds.length === 0 ? [] : [{ value: 'some', label: 'Only some of it' }]),
    ],
    output,
  })
  if (isCancel(answer) || answer === 'no') return undefined
  if (answer === 'yes') return consentTo(proposal, 'terminal', deny)
  const allowed = await multiselect({
    message: 'What may it do? The rest is refused; the extension may not work without it',
    options: kinds.map((kind) => ({ value: kind as string, label: kind })),
    required: false,
    output,
  })
  if (isCancel(allowed)) return undefined
  return consentTo(
    proposal,
    'terminal',
    kinds.filter((kind) => !allowed.includes(kind)),
  )
}

function consentTo(proposal: Proposal, surface: string, deny: readonly string[]): ConsentInput {
  const grant: Grant = {
    entries: proposal.permissions.map((permission) => ({
      permission,
      answer: deny.includes(permission.kind) ? 'deny' : 'allow',
    })),
  }
  return { authorityDigest: proposal.authorityDigest, grant, surface }
}
