import { getPublicSuffix } from 'tldts'
import { ManifestError } from '../errors.ts'
import {
  anyOf,
  type Glob,
  globAllows,
  globsCover,
  intersectGlobs,
  isAny,
} from '../permissions/glob.ts'
import {
  faultOfSegment,
  lettersOfHost,
  originLetter,
  type RequestUrl,
  tryParseRequestUrl,
} from './request-url.ts'

/**
 * Which URLs a permission covers: `https://*.acme.com/api/**`.
 *
 * `https` only (`http` to loopback where a development host says so); a host, or `*.` for exactly one label of it; a port;
 * path segments, `*` for exactly one, a final `/**` for the prefix itself and all below. The query is not constrained.
 */
export interface UrlPattern {
  /** The one spelling of this pattern. */
  readonly text: string
  readonly glob: Glob
}

/** How {@link parseUrlPattern} reads. */
export interface UrlPatternOptions {
  /** Allow `http` to loopback addresses and `localhost`, as in a development host. @default false */
  readonly development?: boolean
}

/** Longest URL pattern, in UTF-16 code units. */
export const MAX_PATTERN_LENGTH = 2048

/**
 * Reads a URL pattern without placeholders (spec/permissions.md).
 *
 * @throws {@link ManifestError} `ERR_URL_PATTERN_INVALID`
 */
export function parseUrlPattern(text: string, options: UrlPatternOptions = {}): UrlPattern {
  const result = readUrlPattern(text, options)
  if (typeof result !== 'string') return result
  const shown = text.slice(0, 200)
  throw new ManifestError(
    'ERR_URL_PATTERN_INVALID',
    `Cannot use the URL pattern ${JSON.stringify(shown)}: ${result}`,
    {
      pattern: shown,
    },
  )
}

/** The pattern, or why it is none. */
export function readUrlPattern(text: string, options: UrlPatternOptions = {}): UrlPattern | string {
  if (text.length > MAX_PATTERN_LENGTH) return `it is longer than ${MAX_PATTERN_LENGTH} characters`
  const parts = /^(https?):\/\/([^/?#\\@\s]+)(\/[^?#\\\s]*)?$/.exec(text)
  if (parts === null) {
    if (/[?#]/.test(text)) return 'a pattern has no query and no fragment'
    return 'write https://host/path, with nothing but a host, a port and a path'
  }
  const [, scheme, authority, path] = parts as unknown as [
    string,
    string,
    string,
    string | undefined,
  ]
  const wild = authority.startsWith('*.')
  const host = wild ? authority.slice(2) : authority
  if (host.includes('*'))
    return '"*" may stand for one label at the beginning of a host only: "*.example.com"'
  let url: URL
  try {
    url = new URL(`${scheme}://${host}`)
  } catch {
    return `${JSON.stringify(host)} is no host`
  }
  const spelled = host.replace(/:\d+$/, '')
  if (url.hostname !== spelled) return `write the host as ${JSON.stringify(url.hostname)}`
  const labels = lettersOfHost(url.hostname)
  if (typeof labels === 'string') return labels
  if (/:0*$|:0\d/.test(host.slice(spelled.length))) return 'write the port as a plain number'
  if (wild && labels[0]?.[0] === 'i') return '"*." cannot stand before an address'
  if (wild && isPublicSuffix(url.hostname)) {
    return `anybody can have a name under ${JSON.stringify(url.hostname)}, so "*." cannot stand before it`
  }
  if (
    scheme === 'http' &&
    !(options.development === true && !wild && isLoopbackHost(url.hostname))
  ) {
    return options.development === true
      ? 'http goes to loopback only'
      : 'only https can be asked for'
  }
  const segments = readSegments(path ?? '/')
  if (typeof segments === 'string') return segments
  const glob: Glob = {
    letters: [
      originLetter(url),
      ...labels,
      ...(wild ? [anyOf('h')] : []),
      '/',
      ...segments.letters,
    ],
    tail: segments.tail,
  }
  return fromGlob(glob)
}

/** The one spelling of `pattern`: `parseUrlPattern(formatUrlPattern(p))` equals `p`. */
export function formatUrlPattern(pattern: UrlPattern): string {
  return pattern.text
}

/** Whether `pattern` allows `url`. A text or `URL` that {@link parseRequestUrl} refuses is allowed by no pattern. */
export function patternAllows(pattern: UrlPattern, url: string | URL | RequestUrl): boolean {
  const request = typeof url === 'object' && 'word' in url ? url : tryParseRequestUrl(url)
  return request !== undefined && globAllows(pattern.glob, request.word)
}

/** Whether every URL that `smaller` allows is allowed by `larger`, one pattern or several together. */
export function covers(larger: UrlPattern | readonly UrlPattern[], smaller: UrlPattern): boolean {
  return globsCover(
    listOf(larger).map((pattern) => pattern.glob),
    smaller.glob,
  )
}

/** The pattern of the URLs that both allow, or `undefined` when there are none. */
export function intersect(a: UrlPattern, b: UrlPattern): UrlPattern | undefined {
  const glob = intersectGlobs(a.glob, b.glob)
  return glob === undefined ? undefined : fromGlob(glob)
}

/** What a pattern allows beyond others: a URL is in it when `pattern` allows it and none of `except` does. */
export interface UrlRegion {
  readonly pattern: UrlPattern
  readonly except: readonly UrlPattern[]
}

/** The URLs that one of `from` allows and none of `less`, as regions; empty exactly when `less` covers all of `from`. */
export function difference(from: readonly UrlPattern[], less: readonly UrlPattern[]): UrlRegion[] {
  const regions: UrlRegion[] = []
  for (const pattern of from) {
    if (covers(less, pattern)) continue
    const except = less.flatMap((other) => intersect(pattern, other) ?? [])
    regions.push({ pattern, except })
  }
  return regions
}

/** Whether `host` belongs to nobody in particular: a registry's suffix or a hoster's (private section included). */
export function isPublicSuffix(host: string): boolean {
  return getPublicSuffix(host, { allowPrivateDomains: true, validateHostname: false }) === host
}

function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
}

function readSegments(path: string): Glob | string {
  if (path === '/') return { letters: [], tail: undefined }
  const tail = path.endsWith('/**') ? 's' : undefined
  const prefix = tail === undefined ? path : path.slice(0, -'/**'.length)
  if (prefix === '') return { letters: [], tail }
  const letters: string[] = []
  for (const segment of prefix.slice(1).split('/')) {
    if (segment === '*') {
      letters.push(anyOf('s'))
      continue
    }
    if (segment === '**') return '"**" may stand at the end of the path only'
    if (segment.includes('*')) return '"*" stands for a whole path segment'
    const fault = faultOfSegment(segment)
    if (fault !== undefined) return fault
    const normal = new URL(`https://host.invalid/${segment}`).pathname.slice(1)
    if (normal !== segment) return `write the path segment as ${JSON.stringify(normal)}`
    letters.push(`s${segment}`)
  }
  return { letters, tail }
}

/** The pattern whose letters are `glob`. */
export function fromGlob(glob: Glob): UrlPattern {
  const divider = glob.letters.indexOf('/')
  const [origin, ...labels] = glob.letters.slice(0, divider) as [string, ...string[]]
  const host = labels.map(textOfLetter).reverse().join('.')
  const [scheme, port] = origin.slice(1).split(':') as [string, string]
  const shownPort = port === (scheme === 'https' ? '443' : '80') ? '' : `:${port}`
  const segments = glob.letters
    .slice(divider + 1)
    .map((letter) => `/${textOfLetter(letter)}`)
    .join('')
  const path = `${segments}${glob.tail === undefined ? '' : '/**'}`
  return { text: `${scheme}://${host}${shownPort}${path === '' ? '/' : path}`, glob }
}

function textOfLetter(letter: string): string {
  return isAny(letter) ? '*' : letter.slice(1)
}

function listOf(patterns: UrlPattern | readonly UrlPattern[]): readonly UrlPattern[] {
  return Array.isArray(patterns) ? patterns : [patterns as UrlPattern]
}
