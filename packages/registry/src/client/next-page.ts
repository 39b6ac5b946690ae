/** The target of the `rel="next"` link in a `Link` header (RFC 8288), or `null`. */
export function nextPage(headers: Headers): string | null {
  const header = headers.get('link')
  if (header === null || header.length > 8192) return null
  return /<([^<>]*)>\s*;[^<>]*?\brel="?next"?/.exec(header)?.[1] ?? null
}
