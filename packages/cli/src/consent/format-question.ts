import { cleanLine, cleanText, tryDecodeUtf8 } from '@morphee/core'
import { type ExactEffect, formatPrincipal, type Question } from '@morphee/host'
import type { Terminal } from '../terminal/terminal.ts'
import { formatBytes } from '../terminal/units.ts'

const MAX_SHOWN = 4000
// Empty lines are lines too: what they push off the screen is not read.
const MAX_LINES = 200

/**
 * A question as a person reads it, or `undefined` when some of it cannot be shown: nobody says yes to what they have not seen.
 *
 * The host's own words stand at the margin, what the extension wants to send is indented below them.
 */
export function formatQuestion(terminal: Terminal, question: Question): string[] | undefined {
  const effect = formatExactEffect(question.effect)
  if (effect === undefined) return undefined
  return [
    `${terminal.bold(question.extension)} asks, in action ${question.action}, for ${formatPrincipal(question.principal)}:`,
    ...effect.map((line) => `  ${line}`),
  ]
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
  if (shown.length > MAX_LINES) return undefined
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
    ...(credential === undefined
      ? []
      : [`signed in with credential ${credential.name} (${credential.owner})`]),
  ]
}
