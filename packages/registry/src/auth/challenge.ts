/** One way in which a server wants to be told who asks. */
export interface Challenge {
  readonly scheme: string
  readonly parameters: ReadonlyMap<string, string>
}

// Longer headers are no challenge anybody needs; the pattern below never sees them.
const MAX_HEADER_LENGTH = 8192

/**
 * Reads `WWW-Authenticate` (RFC 9110 section 11.6.1): several challenges in one header, parameters as tokens or quoted strings.
 *
 * It is a stranger's text: what cannot be read ends the list, and what came before it counts.
 */
export function parseChallenges(header: string): readonly Challenge[] {
  if (header.length > MAX_HEADER_LENGTH) return []
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  const item = /\s*(?:,\s*)*([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+)))?/y
  while (item.lastIndex < header.length) {
    const match = item.exec(header)
    if (match === null) break
    const [, name = '', quoted, token] = match
    const value = quoted?.replace(/\\(.)/g, '$1') ?? token
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() })
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value)
  }
  return challenges
}
