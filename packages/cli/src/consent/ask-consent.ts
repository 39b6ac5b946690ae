import { isCancel, multiselect, select } from '@clack/prompts'
import type { CompiledArtifact, ConsentInput, Proposal, Provenance } from '@morphee/host'
import type { Grant } from '@morphee/manifest'
import { UsageError } from '../refusal.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { formatGrant } from './format-grant.ts'
import { formatProposal } from './format-proposal.ts'

/** What {@link askConsent} shows beside the proposal. */
export interface ConsentQuestion {
  readonly proposal: Proposal
  readonly artifact: CompiledArtifact
  readonly provenance: Provenance
  /** Accept without asking; what was accepted is printed all the same. */
  readonly yes: boolean
  /** What a yes grants: everything that is asked for, or what was chosen beforehand. */
  readonly grant: Grant
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
  const { proposal, grant } = asked
  for (const line of formatProposal(terminal, proposal, asked.artifact, asked.provenance))
    terminal.note(line)
  if (proposal.difference.length > 0) terminal.note('')
  for (const { line, wider } of proposal.difference)
    terminal.note(`${wider ? terminal.warn('new   ') : terminal.dim('other ')} ${line}`)
  const whole = allowsAll(grant, proposal)
  if (!whole) {
    terminal.note('')
    terminal.note(terminal.bold('A yes allows only this'))
    for (const line of formatGrant(terminal, grant, proposal.permissions))
      terminal.note(`  ${line}`)
  }
  terminal.note('')
  const { authorityDigest } = proposal
  if (asked.yes) {
    terminal.note(
      `${terminal.warn('Accepted by --yes:')} ${whole ? 'all of the above' : 'the above, as far as it says'}`,
    )
    return { authorityDigest, grant, surface: '--yes' }
  }
  if (!terminal.interactive) {
    throw new UsageError(
      'Nobody was asked: there is no terminal. Read the above and pass --yes to accept exactly that',
    )
  }
  const kinds = [...new Set(proposal.permissions.map(({ kind }) => kind))]
  const answer = await select({
    message: asked.question,
    initialValue: 'no',
    options: [
      { value: 'no', label: 'No' },
      { value: 'yes', label: whole ? 'Yes, all of it' : 'Yes, as far as it says' },
      ...(kinds.length === 0 ? [] : [{ value: 'some', label: 'Only some of it' }]),
    ],
    ...terminal.dialog,
  })
  if (isCancel(answer) || answer === 'no') return undefined
  if (answer === 'yes') return { authorityDigest, grant, surface: 'terminal' }
  const allowed = await multiselect({
    message: 'What may it do? The rest is refused; the extension may not work without it',
    options: kinds.map((kind) => ({ value: kind as string, label: kind })),
    required: false,
    ...terminal.dialog,
  })
  if (isCancel(allowed)) return undefined
  const some: Grant = {
    ...grant,
    entries: grant.entries.map((entry) =>
      allowed.includes(entry.permission.kind) ? entry : { ...entry, answer: 'deny' },
    ),
  }
  return { authorityDigest, grant: some, surface: 'terminal' }
}

function allowsAll({ entries, actions, expiresAt }: Grant, { permissions }: Proposal): boolean {
  return (
    actions === undefined &&
    expiresAt === undefined &&
    entries.length === permissions.length &&
    entries.every(
      ({ permission, answer, ...rest }, i) =>
        permission === permissions[i] && answer === 'allow' && rest.expiresAt === undefined,
    )
  )
}
