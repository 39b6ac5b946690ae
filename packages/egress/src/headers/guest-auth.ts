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

/** Where a request says itself who sends it. */
export interface GuestAuth {
  /** Header name in lower case, or name of a query parameter. */
  readonly name: string
  readonly where: 'a header' | 'a query parameter'
}

/** The first way in which a request says itself who sends it, or `undefined` when it does not. */
export function findGuestAuth(url: URL, headers: readonly EgressHeader[]): GuestAuth | undefined {
  for (const { name } of headers)
    if (isAuthHeader(name)) return { name: name.toLowerCase(), where: 'a header' }
  for (const [name, value] of url.searchParams) {
    const lower = name.toLowerCase()
    const key = KEY_PARAMETER.test(lower) && LOOKS_RANDOM.test(value)
    if (key || AUTH_PARAMETER.test(lower))
      return { name: name.slice(0, 64), where: 'a query parameter' }
  }
  return undefined
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
  const found = findGuestAuth(url, headers)
  if (found === undefined) return
  throw new EgressError(
    'ERR_EGRESS_HEADER',
    `Cannot send a request with its own "${found.name}" as ${found.where}: name a credential, and the host adds it`,
    { header: found.name, reason: 'guest-auth' },
  )
}
