import { EgressError } from '../errors.ts'
import type { EgressHeader } from '../request.ts'

const AUTH_HEADER =
  /^cookie2?$|(?:^|[-_])(?:auth|authentication|authorization|credentials?|password|secret|session|signature|token)(?:[-_]|$)|key$/
// What ends or looks like one and is none: a write's own name, and Atlassian's "I am not a browser".
const NO_SECRET = /^(?:(?:x-)?idempotency-key|x-atlassian-token)$/

const AUTH_PARAMETER =
  /^(?:access[-_]?token|api[-_]?key|app[-_]?key|app[-_]?id|apitoken|api[-_]?token|auth|auth[-_]?token|authorization|bearer|client[-_]?secret|id[-_]?token|jwt|passwd|password|private[-_]?token|secret|sig|signature|session[-_]?id|token|x-(?:amz|goog)-(?:credential|security-token|signature))$/
// A bare `key` is an issue's as often as a caller's; what looks random is the caller's.
const KEY_PARAMETER = /^key$/
const LOOKS_RANDOM = /^[A-Za-z0-9_-]{20,}$/

/** Whether a header of this name is how a caller says who it is. */
export function isAuthHeader(name: string): boolean {
  const lower = name.toLowerCase()
  return !NO_SECRET.test(lower) && AUTH_HEADER.test(lower)
}

/**
 * Refuses a request that says itself who sends it, in a header or in the query.
 *
 * An extension that could would carry what it read to its own account on a host it is allowed to talk to. Names are all
 * there is to go by, so this stops the ordinary ways, not a service that was written to be such a mailbox.
 *
 * @throws `ERR_EGRESS_HEADER` naming what it found
 */
export function refuseGuestAuth(url: URL, headers: readonly EgressHeader[]): void {
  for (const { name } of headers) if (isAuthHeader(name)) refuse(name.toLowerCase(), 'a header')
  for (const [name, value] of url.searchParams) {
    const lower = name.toLowerCase()
    const key = KEY_PARAMETER.test(lower) && LOOKS_RANDOM.test(value)
    if (key || AUTH_PARAMETER.test(lower)) refuse(name.slice(0, 64), 'a query parameter')
  }
}

function refuse(header: string, where: string): never {
  throw new EgressError(
    'ERR_EGRESS_HEADER',
    `Cannot send a request with its own "${header}" as ${where}: name a credential, and the host adds it`,
    { header, reason: 'guest-auth' },
  )
}
