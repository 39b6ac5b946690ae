import { ManifestError } from '../errors.ts'
import type { Word } from '../permissions/glob.ts'

/** A URL that may be sent as it stands, taken apart for matching. */
export interface RequestUrl {
  /** What goes on the wire; for this URL and this spelling the permission was decided. */
  readonly href: string
  readonly origin: string
  readonly hostname: string
  /** Letters for the pattern algebra. */
  readonly word: Word
}

/** Longest URL a guest may ask for, in UTF-16 code units. */
export const MAX_URL_LENGTH = 8192

/**
 * Reads the URL of a request and refuses every spelling that two readers could understand differently.
 *
 * A text is refused when the WHATWG parser would have to repair it (backslashes, control characters, white space, dot
 * segments, odd spellings of an address); a text or `URL` when it holds user information, `%2e`, `%2f`, `%5c` or an empty
 * segment. Hosts in other scripts are taken as their ASCII form. The fragment is dropped: it is never sent.
 *
 * @throws {@link ManifestError} `ERR_URL_REFUSED`
 */
export function parseRequestUrl(input: string | URL): RequestUrl {
  const result = readRequestUrl(input)
  if (typeof result !== 'string') return result
  const shown = String(input).slice(0, 200)
  throw new ManifestError('ERR_URL_REFUSED', `Cannot request ${JSON.stringify(shown)}: ${result}`, {
    url: shown,
  })
}

/** {@link parseRequestUrl}, or `undefined` where it would throw. */
export function tryParseRequestUrl(input: string | URL): RequestUrl | undefined {
  const result = readRequestUrl(input)
  return typeof result === 'string' ? undefined : result
}

/** The URL, or why it is refused. */
export function readRequestUrl(input: string | URL): RequestUrl | string {
  if (typeof input === 'string') {
    const fault = faultOfText(input)
    if (fault !== undefined) return fault
  }
  const url = typeof input === 'string' ? URL.parse(input) : input
  if (url === null) return 'it is no URL'
  if (url.href.length > MAX_URL_LENGTH) return `it is longer than ${MAX_URL_LENGTH} characters`
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'only https can be requested'
  if (url.username !== '' || url.password !== '') return 'it holds a user name or password'
  const host = lettersOfHost(url.hostname)
  if (typeof host === 'string') return host
  if (
    typeof input === 'string' &&
    host[0]?.[0] === 'i' &&
    !hostOfText(input).startsWith(url.hostname)
  ) {
    return `it spells the address ${url.hostname} in another way`
  }
  const segments = lettersOfPath(url.pathname)
  if (typeof segments === 'string') return segments
  return {
    href: withoutFragment(url.href),
    origin: url.origin,
    hostname: url.hostname,
    word: [originLetter(url), ...host, '/', ...segments],
  }
}

// `hash` is empty for "#" alone, which the text still ends with.
function withoutFragment(href: string): string {
  const end = href.indexOf('#')
  return end === -1 ? href : href.slice(0, end)
}

/** Scheme and port in one letter: they are always compared together and never a hole. */
export function originLetter(url: URL): string {
  return `o${url.protocol}${url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port}`
}

/** Labels from the right, or a whole address as one letter so that no hole can stand for a part of it. */
export function lettersOfHost(hostname: string): readonly string[] | string {
  if (hostname.startsWith('[') || /^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return [`i${hostname}`]
  const labels = hostname.split('.')
  const letters: string[] = []
  for (let i = labels.length - 1; i >= 0; i--) {
    const label = labels[i] as string
    if (!isHostLabel(label)) return 'its host is not made of labels of letters, digits and hyphens'
    letters.push(`h${label}`)
  }
  return letters
}

/** Letters, digits and hyphens, no hyphen at an end (RFC 1123), in lower case; underscores are for service records only. */
export function isHostLabel(label: string): boolean {
  return (
    label.length <= 63 &&
    /^[a-z0-9-]+$/.test(label) &&
    label.charCodeAt(0) !== HYPHEN &&
    label.charCodeAt(label.length - 1) !== HYPHEN
  )
}

const HYPHEN = 0x2d

function lettersOfPath(pathname: string): readonly string[] | string {
  if (pathname === '/') return []
  const segments = pathname.slice(1).split('/')
  for (const segment of segments) {
    const fault = faultOfSegment(segment)
    if (fault !== undefined) return fault
  }
  return segments.map((segment) => `s${segment}`)
}

/**
 * Why some server could read a path segment as another path than it says, or `undefined` when none is known to.
 *
 * Servlet containers drop `;…` before they look for `..`, proxies decode once more than the server behind them, and others trim white space, stop at
 * a NUL, take overlong UTF-8 or map full-width dots: with any of them `/issue/..;/user` is `/user`.
 */
export function faultOfSegment(segment: string): string | undefined {
  if (segment === '') return 'its path has an empty segment'
  // Almost every segment; nothing in it is read in two ways. A check costs what its segments cost.
  if (/^[\w~-][\w.~-]*$/.test(segment)) return undefined
  if (/%(?:25)*(?:2e|2f|5c)/i.test(segment))
    return 'its path hides a dot, slash or backslash behind a percent sign'
  if (/%(?![0-9a-f]{2})/i.test(segment)) return 'its path has a percent sign that encodes nothing'
  if (/%(?:25)*(?:[01][0-9a-f]|7f)/i.test(segment)) return 'its path hides a control character'
  if (/%(?:c[01]%[89ab]|e0%[89]|f0%8)[0-9a-f]/i.test(segment))
    return 'its path holds overlong UTF-8'
  const [bare = ''] = decoded(segment).normalize('NFKC').split(';')
  return /^\s*\.{0,2}\s*$/.test(bare) ? 'its path has a dot segment' : undefined
}

// Bytes in an older encoding stand for themselves: none of them is a dot.
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll(/%(?:25)+3b/gi, ';'))
  } catch {
    return segment.replaceAll(/%(?:25)*3b/gi, ';')
  }
}

function faultOfText(text: string): string | undefined {
  if (text.length > MAX_URL_LENGTH) return `it is longer than ${MAX_URL_LENGTH} characters`
  if (!text.isWellFormed()) return 'it holds half a character'
  // oxlint-disable-next-line no-control-regex -- the WHATWG parser drops tabs and newlines silently, so they are looked for here
  if (/[\u0000-\u0020\u007f\\]/.test(text))
    return 'it holds a backslash, white space or control character'
  if (!/^https?:\/\/[^/?#]/i.test(text)) return 'it does not begin with https:// and a host'
  const path = /^[^?#]*/.exec(text.slice(text.indexOf('://') + 3))?.[0] ?? ''
  if (/\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path)) return 'its path has a dot segment'
  return undefined
}

function hostOfText(text: string): string {
  return text.slice(text.indexOf('://') + 3).toLowerCase()
}
