import { confirm, isCancel } from '@clack/prompts'
import { isPlatformError } from '@morphee/core'
import type { Approval, ApprovalInbox, ApprovalSurface, Approver } from '@morphee/host'
import type { CommandLine } from '../command-line.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { formatQuestion } from './format-question.ts'

/** Asks the person at the terminal about one exact effect at a time; an answer given elsewhere meanwhile ends the prompt. */
export function createTerminalApprovals(terminal: Terminal, by: Approver): ApprovalSurface {
  let last: Promise<unknown> = Promise.resolve()
  return {
    asked(approval, inbox, signal) {
      last = last.then(() => askOne(terminal, by, approval, inbox, signal)).catch(() => {})
    },
  }
}

/** Says where a question can be answered, for a terminal at which nobody sits. */
export function createWaitingApprovals(
  terminal: Terminal,
  commandLine: CommandLine,
): ApprovalSurface {
  return {
    asked({ id, question }) {
      terminal.note(
        `${terminal.warn('waits for a yes')}  ${question.target}: ${commandLine.spell(`approvals allow ${id}`)}`,
      )
    },
  }
}

async function askOne(
  terminal: Terminal,
  by: Approver,
  { id, question, digest }: Approval,
  inbox: ApprovalInbox,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  const { workspace } = question
  const lines = formatQuestion(terminal, question)
  terminal.note('')
  if (lines === undefined) {
    terminal.note(
      terminal.bad('It wants to send something that cannot be shown whole, so it is refused'),
    )
    await inbox.answer({ workspace, id, shown: digest, by, answer: { kind: 'deny' } })
    return
  }
  for (const line of lines) terminal.note(line)
  const yes = await confirm({
    message: 'Let it do exactly this, once?',
    initialValue: false,
    ...terminal.dialog,
    signal: AbortSignal.any([signal, terminal.dialog.signal]),
  })
  // Answered elsewhere, or over: there is nothing left to say.
  if (signal.aborted) return
  const allowed = yes === true && !isCancel(yes)
  try {
    await inbox.answer({
      workspace,
      id,
      shown: digest,
      by,
      answer: allowed ? { kind: 'allow', covers: 'once' } : { kind: 'deny' },
    })
  } catch (error) {
    if (!isPlatformError(error)) throw error
    terminal.note(terminal.warn(error.message))
  }
}
