import { cleanLine } from '@morphee/core'
import { describeScopes, type Grant, type PermissionSet } from '@morphee/manifest'
import type { Terminal } from '../terminal/terminal.ts'

const WORDS = { allow: 'allowed', ask: 'asked about each time', deny: 'denied' } as const

/** What a grant says to everything that is asked for, a line each. */
export function formatGrant(terminal: Terminal, grant: Grant, asked: PermissionSet): string[] {
  const lines = grant.entries.flatMap(({ permission, answer, expiresAt }) => {
    const until = expiresAt === undefined ? '' : `, until ${new Date(expiresAt).toISOString()}`
    const words = answer === 'allow' ? WORDS[answer] : terminal.warn(WORDS[answer])
    return [
      `${permission.kind}  ${words}${until}`,
      ...describeScopes(permission).map((scope) => `  ${cleanLine(scope, 300)}`),
    ]
  })
  const answered = new Set(grant.entries.map(({ permission }) => permission.kind))
  for (const kind of new Set(asked.map((permission) => permission.kind)))
    if (!answered.has(kind)) lines.push(`${kind}  ${terminal.warn('not allowed')}`)
  for (const [name, answer] of Object.entries(grant.actions ?? {}))
    lines.push(`action ${name}  ${WORDS[answer]}`)
  if (grant.expiresAt !== undefined)
    lines.push(`all of it until ${new Date(grant.expiresAt).toISOString()}`)
  return lines
}
