import { EgressError } from '../errors.ts'
import type { EgressHeader } from '../request.ts'
import { namesMethod, withoutMethod } from './method-override.ts'

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/
// oxlint-disable-next-line no-control-regex -- these end a header or start the next one
const VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/
const MAX_HEADERS = 100
const MAX_HEADER_BYTES = 32_768

// The connection is the host's: hop-by-hop fields (RFC 9110 section 7.6.1), framing, and who the request is for.
const HOST_CONTROLLED =
  /^(?:accept-encoding|alt-used|connection|content-length|expect|host|http2-settings|keep-alive|te|trailer|transfer-encoding|upgrade|via)$|^(?:proxy|sec)-/
// A read that a server takes for a delete.
const METHOD_OVERRIDE = /^x-(?:http-)?method(?:-override)?$/
// Who asks from where; believed by servers behind a proxy.
const FORWARDING =
  /^(?:forwarded|cf-connecting-ip|fastly-client-ip|true-client-ip|x-client-ip|x-cluster-client-ip|x-real-ip|x-original-url|x-rewrite-url)$|^x-forwarded-/

/**
 * The caller's headers as they may travel: well-formed, bounded, and without those that are the host's to set.
 *
 * @throws `ERR_EGRESS_HEADER` for what is no header, or too much of it
 */
export function cleanRequestHeaders(headers: readonly EgressHeader[]): EgressHeader[] {
  if (headers.length > MAX_HEADERS) refuse('*', `more than ${MAX_HEADERS} headers`)
  let bytes = 0
  const clean: EgressHeader[] = []
  for (const { name, value } of headers) {
    if (!TOKEN.test(name))
      refuse(JSON.stringify(name.slice(0, 64)), 'its name is not a header name')
    if (!VALUE.test(value)) refuse(name, 'its value holds characters that no header may have')
    bytes += name.length + value.length + 4
    if (bytes > MAX_HEADER_BYTES) refuse(name, `more than ${MAX_HEADER_BYTES} bytes of headers`)
    const lower = name.toLowerCase()
    // CGI and what came after it cannot tell `x_http_method` from `x-http-method`.
    const read = lower.replaceAll('_', '-')
    if (HOST_CONTROLLED.test(read) || METHOD_OVERRIDE.test(read) || FORWARDING.test(read)) continue
    clean.push({ name: lower, value: value.trim() })
  }
  return clean
}

/** Takes the parameters out of `url` by which some frameworks let a request change its method. */
export function stripMethodOverride(url: URL): void {
  const query = url.search.slice(1)
  if (namesMethod(query)) url.search = withoutMethod(query)
}

function refuse(header: string, reason: string): never {
  throw new EgressError(
    'ERR_EGRESS_HEADER',
    `Cannot send a request with header ${header}: ${reason}`,
    {
      header,
      reason,
    },
  )
}
