import type { HopAnswer } from './attempt.ts'
import { REDACTION } from './body/redactor.ts'
import { EgressError } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { headerValue } from './headers/response-headers.ts'
import { parseTarget } from './url/parse-target.ts'

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * Where `answer` sends a reading request on to, or `undefined` when it is an answer to hand over.
 *
 * Only GET and HEAD are followed: whoever repeats a write elsewhere sends it twice.
 *
 * @throws `ERR_EGRESS_REDIRECT`
 */
export function redirectTarget(
  exchange: Exchange,
  answer: HopAnswer,
  hop: number,
): URL | undefined {
  if (exchange.method !== 'GET' && exchange.method !== 'HEAD') return undefined
  if (!REDIRECTS.has(answer.status)) return undefined
  const location = headerValue(answer.headers, 'location')
  if (location === undefined) return undefined
  const { maxRedirects, plainHttp } = exchange.guard
  if (hop >= maxRedirects) refuse(`it was redirected more than ${maxRedirects} times`, hop)
  // The service would have the guard carry the credential to a third party in a URL.
  if (location.includes(REDACTION)) refuse('the redirect holds the credential', hop)
  const [place = ''] = location.split('#')
  // oxlint-disable-next-line no-control-regex -- WHATWG parsing drops these silently
  if (/[\u0000-\u0020\u007f\\]/.test(place)) refuse('the redirect is not a proper URL', hop)
  const absolute = /^[a-z][a-z0-9+.-]*:/i.test(place)
    ? place
    : place.startsWith('//')
      ? `${answer.url.protocol}${place}`
      : URL.parse(place, answer.url)?.href.replace(/#.*$/s, '')
  try {
    return parseTarget(absolute ?? '', { plainHttp })
  } catch (error) {
    return refuse('the redirect leads to a URL that nothing is sent to', hop, error)
  }
}

function refuse(reason: string, hops: number, cause?: unknown): never {
  throw new EgressError(
    'ERR_EGRESS_REDIRECT',
    `Cannot follow a redirect: ${reason}`,
    { reason, hops },
    { cause },
  )
}
