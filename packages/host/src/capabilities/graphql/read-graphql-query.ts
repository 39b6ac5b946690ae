// Whether a request only reads is decided from its document, so there must be one document and one way to read it. Servers
// differ: some take the query from the URL before the body, some run a stored document by its id, some take the second of two
// members with one name. Nothing of the guest's bytes is therefore sent. The document is parsed, the operation that would run
// is printed with the fragments it reaches, what was printed is parsed again, and only that is looked at and sent.
import {
  canonicalJson,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  tryDecodeUtf8,
  tryParseStrictJson,
} from '@morphee/core'
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  Source,
  TokenKind,
  visit,
} from 'graphql/language'

/** One GraphQL query as it will be sent. */
export interface GraphqlQuery {
  /** Names of the fields of the query type that it asks for, whatever they are called in the answer; each once. */
  readonly fields: readonly string[]
  /** What goes on the wire instead of the guest's body. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** Most bytes of a body, variables included. */
export const MAX_GRAPHQL_BYTES: number = 1024 * 1024
/** Most tokens of a document; the whole introspection query has about 400. */
export const MAX_GRAPHQL_TOKENS = 10_000
/** Most brackets in each other. The parser calls itself for each, and the stack is the host's. */
export const MAX_GRAPHQL_DEPTH = 100

const MEMBERS = new Set(['query', 'operationName', 'variables', 'extensions'])
// What the specification gives every executable document. Others make an answer of many parts, or mean what only the server knows.
const DIRECTIVES = new Set(['include', 'skip'])

/**
 * Reads the body of a GraphQL request and gives the one to send instead, or says why it is refused.
 *
 * A query is taken only as the GraphQL-over-HTTP draft has it: one JSON object with `query`, `operationName` and `variables`.
 * Batches, stored documents (`extensions`, `id`, `documentId`, …), mutations, subscriptions, type definitions, unknown directives
 * and an operation that is not named without doubt are refused.
 */
export function readGraphqlQuery(bytes: Uint8Array): GraphqlQuery | string {
  if (bytes.length > MAX_GRAPHQL_BYTES) return `its body is larger than ${MAX_GRAPHQL_BYTES} bytes`
  const request = readEnvelope(bytes)
  if (typeof request === 'string') return request
  const given = parseDocument(request.query)
  if (typeof given === 'string') return given
  const chosen = chooseOperation(given, request.operationName)
  if (typeof chosen === 'string') return chosen
  const printed = print(chosen)
  const document = parse(printed, { noLocation: true })
  const fault = faultOfDirectives(document)
  if (fault !== undefined) return fault
  const [operation] = operationsOf(document)
  if (operation === undefined) throw new TypeError('What was printed has no operation')
  const name = operation.name?.value
  return {
    fields: topFields(operation.selectionSet, fragmentsOf(document)),
    body: encodeUtf8(
      canonicalJson({
        query: printed,
        ...(name === undefined ? {} : { operationName: name }),
        ...(request.variables === undefined ? {} : { variables: request.variables }),
      }),
    ),
  }
}

interface Envelope {
  readonly query: string
  readonly operationName: string | undefined
  readonly variables: JsonObject | undefined
}

function readEnvelope(bytes: Uint8Array): Envelope | string {
  const value = tryParseStrictJson(bytes, { maxDepth: MAX_GRAPHQL_DEPTH })
  if (value === undefined) {
    return 'its body is not plain JSON in UTF-8 with every member named once'
  }
  if (Array.isArray(value)) return 'it is a batch: send each query on its own'
  if (!isObject(value)) return 'its body is not a JSON object'
  const unknown = Object.keys(value).find((name) => !MEMBERS.has(name))
  if (unknown !== undefined) {
    return `its member ${JSON.stringify(unknown.slice(0, 40))} is not one of query, operationName and variables; stored documents are not sent`
  }
  const { query, operationName, variables, extensions } = value
  if (extensions !== undefined && extensions !== null)
    return 'it has extensions, by which a stored document could be meant'
  if (typeof query !== 'string') return 'its query is missing; stored documents are not sent'
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    return 'its operationName is not a text'
  if (variables !== undefined && variables !== null && !isObject(variables))
    return 'its variables are not an object'
  if (hasInexactNumber(tryDecodeUtf8(bytes) ?? ''))
    return 'it holds a number that the host cannot repeat exactly: send it as a text'
  return {
    query,
    operationName: operationName ?? undefined,
    variables: variables === null ? undefined : (variables as JsonObject | undefined),
  }
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// The body is written anew, and a number that changes on the way would ask about another record.
function hasInexactNumber(json: string): boolean {
  for (const [literal] of json
    .replaceAll(/"[^"\\]*(?:\\.[^"\\]*)*"/g, '""')
    .matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    const number = Number(literal)
    if (!Number.isFinite(number)) return true
    if (Number.isInteger(number) && !Number.isSafeInteger(number)) return true
  }
  return false
}

function parseDocument(text: string): DocumentNode | string {
  try {
    const fault = faultOfSize(text)
    if (fault !== undefined) return fault
    return parse(text, { noLocation: true, maxTokens: MAX_GRAPHQL_TOKENS })
  } catch {
    return 'its document is not GraphQL'
  }
}

// Before the parser, which would follow every bracket down.
function faultOfSize(text: string): string | undefined {
  const lexer = new Lexer(new Source(text))
  let depth = 0
  for (let tokens = 0; ; tokens++) {
    const { kind } = lexer.advance()
    if (kind === TokenKind.EOF) return undefined
    if (tokens >= MAX_GRAPHQL_TOKENS)
      return `its document has more than ${MAX_GRAPHQL_TOKENS} tokens`
    if (OPENING.has(kind)) depth++
    else if (CLOSING.has(kind)) depth--
    if (depth > MAX_GRAPHQL_DEPTH)
      return `its document nests deeper than ${MAX_GRAPHQL_DEPTH} levels`
  }
}

const OPENING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_L,
  TokenKind.BRACKET_L,
  TokenKind.PAREN_L,
])
const CLOSING: ReadonlySet<string> = new Set([
  TokenKind.BRACE_R,
  TokenKind.BRACKET_R,
  TokenKind.PAREN_R,
])

/** The operation that would run, with the fragments that it reaches and nothing else. */
function chooseOperation(document: DocumentNode, name: string | undefined): DocumentNode | string {
  const operations = operationsOf(document)
  const fragments = fragmentsOf(document)
  const others = document.definitions.length - operations.length
  if (others !== document.definitions.filter(isFragment).length)
    return 'its document defines types, which is no query'
  if (fragments.size !== others) return 'two of its fragments have the same name'
  const changing = operations.find(({ operation }) => operation !== 'query')
  if (changing !== undefined)
    return `its document holds a ${changing.operation}; only queries are read`
  const names = operations.map((operation) => operation.name?.value)
  if (new Set(names).size !== names.length) return 'two of its operations have the same name'
  if (name === undefined && operations.length !== 1)
    return 'its document has several operations or none, and operationName does not say which to run'
  const operation =
    name === undefined ? operations[0] : operations.find((one) => one.name?.value === name)
  if (operation === undefined) return 'operationName names no operation of its document'
  const reached = reachedFragments(operation, fragments)
  if (typeof reached === 'string') return reached
  return { kind: Kind.DOCUMENT, definitions: [operation, ...reached] }
}

function reachedFragments(
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FragmentDefinitionNode[] | string {
  const reached = new Set<FragmentDefinitionNode>()
  const open: (OperationDefinitionNode | FragmentDefinitionNode)[] = [operation]
  let unknown: string | undefined
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    visit(next, {
      FragmentSpread({ name }) {
        const fragment = fragments.get(name.value)
        if (fragment === undefined) unknown ??= name.value
        else if (!reached.has(fragment)) {
          reached.add(fragment)
          open.push(fragment)
        }
      },
    })
  }
  return unknown === undefined
    ? [...reached]
    : `its document spreads a fragment ${JSON.stringify(unknown.slice(0, 40))} that it does not have`
}

function topFields(
  root: SelectionSetNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): string[] {
  const fields = new Set<string>()
  const seen = new Set<SelectionSetNode>([root])
  for (const set of seen) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) fields.add(selection.name.value)
      else if (selection.kind === Kind.INLINE_FRAGMENT) seen.add(selection.selectionSet)
      else {
        const fragment = fragments.get(selection.name.value)
        if (fragment !== undefined) seen.add(fragment.selectionSet)
      }
    }
  }
  return [...fields]
}

function faultOfDirectives(document: DocumentNode): string | undefined {
  let unknown: string | undefined
  visit(document, {
    Directive({ name }) {
      if (!DIRECTIVES.has(name.value)) unknown ??= name.value
    },
  })
  return unknown === undefined
    ? undefined
    : `its directive @${unknown.slice(0, 40)} is not one of @include and @skip`
}

function operationsOf(document: DocumentNode): OperationDefinitionNode[] {
  return document.definitions.filter(
    (definition): definition is OperationDefinitionNode =>
      definition.kind === Kind.OPERATION_DEFINITION,
  )
}

function isFragment(definition: { readonly kind: string }): definition is FragmentDefinitionNode {
  return definition.kind === Kind.FRAGMENT_DEFINITION
}

function fragmentsOf(document: DocumentNode): Map<string, FragmentDefinitionNode> {
  return new Map(
    document.definitions.filter(isFragment).map((fragment) => [fragment.name.value, fragment]),
  )
}
