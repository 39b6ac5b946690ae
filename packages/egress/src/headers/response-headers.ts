import { EgressError } from '../errors.ts'
import type { EgressHeader } from '../request.ts'

const MAX_HEADERS = 256
const DROPPED =
  /^(?:alt-svc|connection|keep-alive|set-cookie2?|strict-transport-security|te|trailer|transfer-encoding|upgrade)$|^proxy-/

/**
 * The answer's headers as the caller may see them: names in lower case, without cookies and connection matters.
 *
 * @throws `ERR_EGRESS_RESPONSE_TOO_LARGE` for too many
 */
export function cleanResponseHeaders(headers: readonly EgressHeader[]): EgressHeader[] {
  if (headers.length > MAX_HEADERS) {
    throw new EgressError(
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      `Cannot take an answer with more than ${MAX_HEADERS} headers`,
      { part: 'headers', limit: MAX_HEADERS },
    )
  }
  return headers
    .map(({ name, value }) => ({ name: name.toLowerCase(), value }))
    .filter(({ name }) => !DROPPED.test(name))
}

/** The value of the first header called `name`, which is in lower case. */
export function headerValue(headers: readonly EgressHeader[], name: string): string | undefined {
  return headers.find((header) => header.name.toLowerCase() === name)?.value
}

/** `Retry-After` of a 429 or 503 in milliseconds from `now`, as seconds or an HTTP date; `undefined` when it says nothing. */
export function retryAfterMs(
  status: number,
  headers: readonly EgressHeader[],
  now: number,
): number | undefined {
  if (status !== 429 && status !== 503) return undefined
  const value = headerValue(headers, 'retry-after')
  if (value === undefined) return undefined
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}
