import { parseHost } from './host.ts'
import {
  FRAGMENT_SET,
  PATH_SET,
  percentEncode,
  QUERY_SET,
  SPECIAL_QUERY_SET,
  USERINFO_SET,
} from './percent.ts'

/** The parts of a URL, each in its one spelling. */
export interface UrlRecord {
  /** Without its colon. */
  scheme: string
  username: string
  password: string
  host: string | null
  /** Empty for the scheme's own. */
  port: string
  /** Segments, or a text for what has no slash after its scheme, such as `mailto:`. */
  path: string[] | string
  query: string | null
  fragment: string | null
}

/** The schemes with an authority and a port of their own. `file` is left out: an extension has no files. */
export const SPECIAL: ReadonlyMap<string, string> = new Map([
  ['ftp', '21'],
  ['http', '80'],
  ['https', '443'],
  ['ws', '80'],
  ['wss', '443'],
])

/** Reads a URL by the URL Standard, or gives `undefined`. Differences: no `file:`, and no host names outside ASCII. */
export function parseUrl(input: string, base?: UrlRecord): UrlRecord | undefined {
  // oxlint-disable-next-line no-control-regex -- what the standard strips
  const text = input
    .toWellFormed()
    .replace(/^[\0-\x20]+|[\0-\x20]+$/g, '')
    .replace(/[\t\n\r]/g, '')
  const hash = text.indexOf('#')
  const fragment = hash < 0 ? null : percentEncode(text.slice(hash + 1), FRAGMENT_SET)
  const body = hash < 0 ? text : text.slice(0, hash)
  // A base without segments can be told apart by its fragment only.
  if (typeof base?.path === 'string' && text === '') return undefined
  const record = parseBody(body, base, hash >= 0)
  return record && { ...record, fragment }
}

function parseBody(
  body: string,
  base: UrlRecord | undefined,
  hasFragment: boolean,
): UrlRecord | undefined {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(body)?.[1]?.toLowerCase()
  if (scheme === undefined) return base && parseRelative(body, base)
  if (scheme === 'file') return undefined
  const rest = body.slice(scheme.length + 1)
  if (SPECIAL.has(scheme)) {
    if (base?.scheme === scheme && !/^[/\\]{2}/.test(rest)) return parseRelative(rest, base)
    return parseAuthority(scheme, rest.replace(/^[/\\]*/, ''))
  }
  if (rest.startsWith('//')) return parseAuthority(scheme, rest.slice(2))
  const record: UrlRecord = {
    scheme,
    username: '',
    password: '',
    host: null,
    port: '',
    path: '',
    query: null,
    fragment: null,
  }
  if (rest.startsWith('/')) return withPathAndQuery(record, rest.slice(1), [])
  const [path, query] = cutQuery(rest)
  return {
    ...record,
    path: percentEncode(path, '').replace(/ $/, query !== null || hasFragment ? '%20' : ' '),
    query: query === null ? null : percentEncode(query, QUERY_SET),
  }
}

function parseRelative(body: string, base: UrlRecord): UrlRecord | undefined {
  if (typeof base.path === 'string') return body === '' ? { ...base } : undefined
  const special = SPECIAL.has(base.scheme)
  const slashes = special ? /^[/\\]*/.exec(body)?.[0] : /^\/*/.exec(body)?.[0]
  if (slashes !== undefined && slashes.length >= 2) {
    return parseAuthority(base.scheme, special ? body.slice(slashes.length) : body.slice(2))
  }
  if (slashes?.length === 1) return withPathAndQuery(base, body.slice(1), [])
  if (body === '') return { ...base, path: [...base.path] }
  if (body.startsWith('?'))
    return { ...base, path: [...base.path], query: encodeQuery(body.slice(1), special) }
  return withPathAndQuery(base, body, base.path.slice(0, -1))
}

function parseAuthority(scheme: string, text: string): UrlRecord | undefined {
  const special = SPECIAL.has(scheme)
  const end = text.search(special ? /[/\\?]/ : /[/?]/)
  const authority = end < 0 ? text : text.slice(0, end)
  const rest = end < 0 ? '' : text.slice(end)
  const at = authority.lastIndexOf('@')
  const [username, password] = at < 0 ? ['', ''] : parseUserinfo(authority.slice(0, at))
  const [, hostText = '', portText] =
    /^((?:\[[^\]]*\]|[^:])*)(?::(.*))?$/s.exec(authority.slice(at + 1)) ?? []
  if (hostText === '' && (special || at >= 0 || portText !== undefined)) return undefined
  const host = hostText === '' ? '' : parseHost(hostText, special)
  const port = parsePort(portText ?? '', scheme)
  if (host === undefined || port === undefined) return undefined
  const record: UrlRecord = {
    scheme,
    username,
    password,
    host,
    port,
    path: [],
    query: null,
    fragment: null,
  }
  const path = /^[/\\]/.test(rest) && (special || rest.startsWith('/')) ? rest.slice(1) : rest
  // Without a slash a special URL still has its root; another one has no path at all.
  if (!special && (rest === '' || rest.startsWith('?'))) {
    return rest === '' ? record : { ...record, query: encodeQuery(rest.slice(1), special) }
  }
  return withPathAndQuery(record, path, [])
}

function parseUserinfo(text: string): [string, string] {
  const colon = text.indexOf(':')
  return colon < 0
    ? [percentEncode(text, USERINFO_SET), '']
    : [
        percentEncode(text.slice(0, colon), USERINFO_SET),
        percentEncode(text.slice(colon + 1), USERINFO_SET),
      ]
}

/** A port in its one spelling, empty for the scheme's own, or `undefined`. */
export function parsePort(text: string, scheme: string): string | undefined {
  if (text === '') return ''
  if (!/^\d+$/.test(text) || Number(text) > 65_535) return undefined
  const port = String(Number(text))
  return SPECIAL.get(scheme) === port ? '' : port
}

function withPathAndQuery(record: UrlRecord, text: string, onto: readonly string[]): UrlRecord {
  const special = SPECIAL.has(record.scheme)
  const [path, query] = cutQuery(text)
  return {
    ...record,
    path: parsePath(path, onto, special),
    query: query === null ? null : encodeQuery(query, special),
    fragment: null,
  }
}

function cutQuery(text: string): [path: string, query: string | null] {
  const at = text.indexOf('?')
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

/** The query with what may not stand in one encoded. */
export function encodeQuery(text: string, special: boolean): string {
  return percentEncode(text, special ? SPECIAL_QUERY_SET : QUERY_SET)
}

/** The segments of a path without its first slash, put onto those of the base. */
export function parsePath(text: string, onto: readonly string[], special: boolean): string[] {
  const path = [...onto]
  const segments = text.split(special ? /[/\\]/ : '/')
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1
    const dots = segment.replace(/%2e/gi, '.')
    if (dots === '..') path.pop()
    else if (dots !== '.') path.push(percentEncode(segment, PATH_SET))
    if (last && (dots === '..' || dots === '.')) path.push('')
  }
  return path
}

/** The text of a URL. */
export function formatUrl(record: UrlRecord): string {
  const { scheme, username, password, host, port, query, fragment } = record
  const userinfo = username || password ? `${username}${password && `:${password}`}@` : ''
  const path = formatPath(record)
  // Without a host, a path that begins with two slashes would read as one.
  const authority =
    host !== null ? `//${userinfo}${host}${port && `:${port}`}` : path.startsWith('//') ? '/.' : ''
  return `${scheme}:${authority}${path}${query === null ? '' : `?${query}`}${fragment === null ? '' : `#${fragment}`}`
}

/** The text of a URL's path. */
export function formatPath({ path }: UrlRecord): string {
  return typeof path === 'string' ? path : path.map((segment) => `/${segment}`).join('')
}
