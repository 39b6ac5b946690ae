import { parseUrlPattern } from '../url/url-pattern.ts'
import { intersectGlobs } from './glob.ts'
import type { HttpOperation } from './permission.ts'

/** A GraphQL operation's URL, and what else under `http:read` reaches it. */
export interface GraphqlOverlap {
  /** Position among the operations. */
  readonly operation: number
  /** The pattern that reaches it. */
  readonly other: string
}

/**
 * Where a URL that is declared as GraphQL could be read in another way too: by GET, or by a POST that nobody looks into.
 *
 * Such a permission would say two things about one URL, and the wider one would count.
 */
export function graphqlOverlaps(
  urls: readonly string[],
  operations: readonly HttpOperation[],
): GraphqlOverlap[] {
  const others = [
    ...urls,
    ...operations.filter(({ graphql }) => graphql === undefined).map(({ url }) => url),
  ]
  return operations.flatMap((operation, i) => {
    if (operation.graphql === undefined) return []
    const other = others.find((text) => meet(text, operation.url))
    return other === undefined ? [] : [{ operation: i, other }]
  })
}

// Whether http to loopback may be asked for is decided elsewhere; here patterns are only compared.
function meet(a: string, b: string): boolean {
  const options = { development: true }
  return (
    intersectGlobs(parseUrlPattern(a, options).glob, parseUrlPattern(b, options).glob) !== undefined
  )
}
