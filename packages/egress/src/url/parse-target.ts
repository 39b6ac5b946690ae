import { EgressError } from '../errors.ts'

const MAX_URL_LENGTH = 8192
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/

function refuse(reason: string): never {
  throw new EgressError('ERR_EGRESS_URL', `Cannot send a request: ${reason}`, { reason })
}

/** What {@link parseTarget} lets through. */
export interface TargetOptions {
  /** Lets `http` through. Where it may lead is decided when the address is known. */
  readonly plainHttp: boolean
}

/**
 * Reads the URL of a request, refusing every spelling that two readers could take for two places.
 *
 * WHATWG parsing mends what it is given: backslashes, tabs, `0x7f.1`, percent-encoded hosts. A mended URL is one that
 * somebody wrote for another reader, so what parsing would have mended in scheme, host or port is refused. IDNA mapping
 * of names stays, and everything behind this function sees the mapped name.
 *
 * @throws `ERR_EGRESS_URL`
 */
export function parseTarget(text: string, options: TargetOptions): URL {
  if (text.length > MAX_URL_LENGTH) refuse(`its URL is longer than ${MAX_URL_LENGTH} characters`)
  // oxlint-disable-next-line no-control-regex -- WHATWG parsing drops these silently
  if (/[\u0000-\u0020\u007f\\]/.test(text)) {
    refuse('its URL holds white space, control characters or a backslash')
  }
  if (!text.isWellFormed()) refuse('its URL is not well-formed Unicode')
  const authority = /^(https?):\/\/([^/?#]+)/i.exec(text)
  const url = URL.parse(text)
  if (authority === null || url === null) return refuse('its URL is not an absolute https URL')
  if (text.includes('#')) refuse('its URL has a fragment')
  checkHost(authority[2] ?? '', url)
  if (url.port === '0') refuse('its URL names port 0')
  if (url.protocol !== 'https:' && !(options.plainHttp && url.protocol === 'http:')) {
    refuse('its URL is not https')
  }
  return url
}

function checkHost(authority: string, url: URL): void {
  if (authority.includes('@') || url.username !== '' || url.password !== '') {
    refuse('its URL holds a user name or password')
  }
  if (authority.includes('%')) refuse('its URL hides its host in percent-encoding')
  const host = url.hostname
  // Brackets hold nothing but an IPv6 address; its many spellings end in one, which the address check reads.
  if (host.startsWith('[')) return
  const written = authority.replace(/:\d*$/, '')
  if (IPV4.test(host)) {
    if (written !== host) refuse('its URL spells an IPv4 address in an odd way')
    return
  }
  if (!HOST_NAME.test(host)) refuse('its URL does not name a host properly')
}

/** The host of `url` as resolvers and certificates know it: without the brackets of an IPv6 literal. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '')
}
