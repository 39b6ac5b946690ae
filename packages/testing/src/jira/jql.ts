/** A field of an issue as JQL names it, and its value as text. */
export type JqlRecord = Readonly<Record<string, string | readonly string[] | undefined>>

/** A query that was understood. */
export interface JqlQuery {
  matches(record: JqlRecord): boolean
  compare(a: JqlRecord, b: JqlRecord): number
}

/** A query that Jira would answer with 400; the message is Jira's own kind. */
export class JqlSyntaxError extends Error {
  override readonly name = 'JqlSyntaxError'
}

const FIELDS: ReadonlySet<string> = new Set([
  'project',
  'key',
  'issuekey',
  'id',
  'summary',
  'description',
  'text',
  'status',
  'issuetype',
  'type',
  'labels',
  'assignee',
  'reporter',
  'created',
  'updated',
  'priority',
  'statuscategory',
])
const ALIASES: Readonly<Record<string, string>> = { issuekey: 'key', type: 'issuetype' }
const TOKEN =
  /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(!=|!~|<=|>=|[=~<>(),])|([^\s"'=!~<>(),]+))/y

type Clause = (record: JqlRecord) => boolean

/**
 * Reads the part of JQL that an assistant's searches are made of: `field op value` with `=`, `!=`, `~`, `!~`, `in`,
 * `not in`, joined by `AND`, then `ORDER BY`.
 *
 * As the live service does since 2025, a query without any restriction is refused.
 *
 * @throws JqlSyntaxError
 */
export function parseJql(text: string, currentUser: string): JqlQuery {
  const [, where = '', order] = /^(.*?)(?:\border\s+by\b(.*))?$/is.exec(text) ?? []
  const tokens = tokenize(where)
  if (tokens.length === 0) {
    throw new JqlSyntaxError(
      'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.',
    )
  }
  const clauses: Clause[] = []
  let at = 0
  for (;;) {
    const [clause, next] = parseClause(tokens, at, currentUser)
    clauses.push(clause)
    if (next === tokens.length) break
    if (tokens[next]?.toLowerCase() !== 'and') unexpected(tokens[next])
    at = next + 1
  }
  return {
    matches: (record) => clauses.every((clause) => clause(record)),
    compare: parseOrder(order ?? ''),
  }
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (match === null) return unexpected(text.slice(from).trim()[0])
    tokens.push(match[1] ?? match[2] ?? match[3] ?? '')
  }
  return tokens
}

function parseClause(tokens: readonly string[], start: number, user: string): [Clause, number] {
  const name = fieldName(tokens[start])
  let at = start + 1
  let operator = (tokens[at++] ?? '').toLowerCase()
  if (operator === 'not') operator = `not ${(tokens[at++] ?? '').toLowerCase()}`
  const values: string[] = []
  if (operator === 'in' || operator === 'not in') {
    if (tokens[at++] !== '(') unexpected(tokens[at - 1])
    do {
      const [value, next] = parseValue(tokens, at, user)
      values.push(value)
      at = next
    } while (tokens[at++] === ',')
    if (tokens[at - 1] !== ')') unexpected(tokens[at - 1])
  } else {
    const [value, next] = parseValue(tokens, at, user)
    values.push(value)
    at = next
  }
  const among: Clause = (record) =>
    fieldValues(record, name).some((have) =>
      values.some((want) => have.toLowerCase() === want.toLowerCase()),
    )
  const holds: Clause = (record) =>
    fieldValues(record, name).some((have) =>
      have.toLowerCase().includes((values[0] ?? '').toLowerCase()),
    )
  switch (operator) {
    case '=':
    case 'in':
      return [among, at]
    case '!=':
    case 'not in':
      return [(record) => !among(record), at]
    case '~':
      return [holds, at]
    case '!~':
      return [(record) => !holds(record), at]
    default:
      return unexpected(operator)
  }
}

function parseValue(tokens: readonly string[], at: number, user: string): [string, number] {
  const token = tokens[at]
  if (token === undefined || /^[=~<>(),!]/.test(token)) return unexpected(token)
  if (/^["']/.test(token)) return [token.slice(1, -1).replace(/\\(.)/g, '$1'), at + 1]
  if (tokens[at + 1] !== '(') return [token, at + 1]
  if (token.toLowerCase() !== 'currentuser' || tokens[at + 2] !== ')') {
    throw new JqlSyntaxError(`Unable to find JQL function '${token}()'.`)
  }
  return [user, at + 3]
}

function parseOrder(text: string): JqlQuery['compare'] {
  const keys = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [field, direction = 'asc'] = part.trim().split(/\s+/)
      return { name: fieldName(field), sign: direction.toLowerCase() === 'desc' ? -1 : 1 }
    })
  return (a, b) => {
    for (const { name, sign } of keys) {
      const left = fieldValues(a, name).join()
      const right = fieldValues(b, name).join()
      if (left !== right) return sign * left.localeCompare(right, 'en', { numeric: true })
    }
    return 0
  }
}

function fieldName(token: string | undefined): string {
  const name = (token ?? '').replace(/^["']|["']$/g, '').toLowerCase()
  if (token === undefined || /^[=~<>(),!]/.test(token)) return unexpected(token)
  if (!FIELDS.has(name)) {
    throw new JqlSyntaxError(
      `Field '${token}' does not exist or you do not have permission to view it.`,
    )
  }
  return ALIASES[name] ?? name
}

function fieldValues(record: JqlRecord, name: string): readonly string[] {
  if (name === 'text') return ['summary', 'description'].flatMap((one) => fieldValues(record, one))
  const value = record[name]
  return value === undefined ? [] : typeof value === 'string' ? [value] : value
}

function unexpected(token: string | undefined): never {
  throw new JqlSyntaxError(
    token === undefined
      ? 'Error in the JQL Query: The query ends unexpectedly.'
      : `Error in the JQL Query: Expecting a field name, operator or value but got '${token}'.`,
  )
}
