import { confirm, isCancel } from '@clack/prompts'
import { cleanLine, cleanText, tryDecodeUtf8 } from '@morphee/core'
import type { ApprovalRequest, Approvals, ExactEffect } from '@morphee/host'
import type { Terminal } from '../terminal/terminal.ts'
import { formatBytes } from '../terminal/units.ts'

const MAX_SHOWN = 4000

/**
 * Asks the person at the terminal about one exact effect at a time.
 *
 * Without a terminal everything is refused. A body that cannot be shown whole cannot be approved: nobody says yes to what they
 * have not seen.
 */
export function createTerminalApprovals(terminal: Terminal): Approvals {
  let last: Promise<unknown> = Promise.resolve()
  return {
    ask(request) {
      if (!terminal.interactive) {
        terminal.note(
          terminal.warn(`${request.question}; there is no terminal to ask, so it is refused`),
        )
        return Promise.resolve(false)
      }
      const answer = last.then(() => askOne(terminal, request))
      last = answer.catch(() => {})
      return answer
    },
  }
}

async function askOne(terminal: Terminal, request: ApprovalRequest): Promise<boolean> {
  if (request.signal.aborted) return false
  terminal.note('')
  terminal.note(`${terminal.bold(request.extension)} asks, in action ${request.action}:`)
  const lines = formatExactEffect(request.effect)
  if (lines === undefined) {
    terminal.note(
      terminal.bad('It wants to send something that cannot be shown whole, so it is refused'),
    )
    return false
  }
  for (const line of lines) terminal.note(`  ${line}`)
  const answer = await confirm({
    message: 'Let it do exactly this, once?',
    initialValue: false,
    output: process.stderr,
    signal: request.signal,
  })
  return answer === true && !isCancel(answer)
}

/** Everything that would be sent, or `undefined` when some of it cannot be shown. */
export function formatExactEffect(effect: ExactEffect): string[] | undefined {
  const lines = effect.kind === 'http' ? formatRequestHead(effect) : [effect.target]
  if (lines.some((line) => line !== cleanLine(line, MAX_SHOWN))) return undefined
  const content = effect.kind === 'http' ? effect.body : effect.content
  if (content === undefined || content.length === 0) return lines
  const text = tryDecodeUtf8(content)
  if (text === undefined || cleanText(text, MAX_SHOWN) !== text) return undefined
  const shown = text.split('\n').map((line) => `  ${line}`)
  return [
    ...lines,
    `${effect.kind === 'http' ? 'body' : 'content'}, ${formatBytes(content.length)}:`,
    ...shown,
  ]
}

function formatRequestHead(effect: Extract<ExactEffect, { kind: 'http' }>): string[] {
  const { method, url, headers, credential } = effect
  return [
    `${method} ${url}`,
    ...headers.map(({ name, value }) => `${name}: ${value}`),
    ...(credential === undefined ? [] : [`signed in with credential ${credential}`]),
  ]
}
