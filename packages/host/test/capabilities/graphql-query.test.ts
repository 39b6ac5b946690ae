import fc from 'fast-check'
import { parse, print } from 'graphql/language'
import { describe, expect, it } from 'vitest'
import {
  type GraphqlQuery,
  MAX_GRAPHQL_BYTES,
  MAX_GRAPHQL_DEPTH,
  MAX_GRAPHQL_TOKENS,
  readGraphqlQuery,
} from '../../src/capabilities/graphql/read-graphql-query.ts'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const read = (query: string, more: object = {}): GraphqlQuery | string =>
  readGraphqlQuery(bytesOf(JSON.stringify({ query, ...more })))
const taken = (result: GraphqlQuery | string): GraphqlQuery => {
  if (typeof result === 'string') throw new Error(result)
  return result
}
const sent = (result: GraphqlQuery | string): { query: string; variables?: unknown } =>
  JSON.parse(new TextDecoder().decode(taken(result).body)) as { query: string }

describe('readGraphqlQuery() takes', () => {
  it('one query, and sends its own print of it', () => {
    const result = read('  query   Me($n:Int!,)# a comment\n{me(first:$n){id,name}}', {
      operationName: 'Me',
      variables: { n: 3 },
    })
    expect(taken(result).fields).toEqual(['me'])
    expect(sent(result)).toEqual({
      operationName: 'Me',
      query: 'query Me($n: Int!) {\n  me(first: $n) {\n    id\n    name\n  }\n}',
      variables: { n: 3 },
    })
  })

  it('the shorthand without a name, and null for what is not given', () => {
    expect(sent(read('{ me { id } }', { operationName: null, variables: null }))).toEqual({
      query: '{\n  me {\n    id\n  }\n}',
    })
  })

  it('aliases for the field they stand for', () => {
    expect(taken(read('{ harmless: secrets { id } me: me { id } }')).fields).toEqual([
      'secrets',
      'me',
    ])
  })

  it('fragments for the fields that are in them, however deep and circular', () => {
    const query = `query A { ...One ... on Query { two ...Three } ... @include(if: true) { four } }
      fragment One on Query { one ...Three ...One }
      fragment Three on Query { three { nested ...Nested } ...One }
      fragment Nested on Thing { deep }
      fragment Unused on Query { unused }`
    const result = read(query)
    expect([...taken(result).fields].toSorted()).toEqual(['four', 'one', 'three', 'two'])
    expect(sent(result).query).not.toContain('unused')
    expect(sent(result).query).toContain('fragment Nested')
  })

  it('the one of several operations that operationName names, and sends no other', () => {
    const result = read('query A { a } query B { b }', { operationName: 'B' })
    expect(taken(result).fields).toEqual(['b'])
    expect(sent(result).query).toBe('query B {\n  b\n}')
  })
})

const STORED = { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } }
describe('readGraphqlQuery() refuses', () => {
  for (const [what, body, why] of [
    ['a mutation', { query: 'mutation { drop }' }, 'mutation'],
    ['a subscription', { query: 'subscription { all }' }, 'subscription'],
    [
      'a mutation beside the query that is named',
      { query: 'query A { a } mutation B { drop }', operationName: 'A' },
      'mutation',
    ],
    ['a definition of types', { query: 'type A { a: Int } query { a }' }, 'defines types'],
    ['a stored document by extension', { extensions: STORED }, 'extensions'],
    ['a stored document beside a query', { query: '{ a }', extensions: STORED }, 'extensions'],
    ['a stored document by id', { id: 'ab12' }, '"id"'],
    ['a stored document by documentId', { documentId: 'ab12', query: '{ a }' }, '"documentId"'],
    ['no document', { variables: {} }, 'query is missing'],
    ['a document that is no text', { query: ['{ a }'] }, 'query is missing'],
    ['a batch', [{ query: '{ a }' }, { query: '{ b }' }], 'batch'],
    ['a batch of one', [{ query: '{ a }' }], 'batch'],
    ['two operations and no name', { query: 'query A { a } query B { b }' }, 'several operations'],
    ['two operations without names', { query: '{ a } { b }' }, 'the same name'],
    ['two operations of one name', { query: 'query A { a } query A { b }' }, 'the same name'],
    ['no operation', { query: 'fragment A on Query { a }' }, 'several operations or none'],
    ['an operationName that is not there', { query: '{ a }', operationName: 'A' }, 'names no'],
    ['an empty operationName', { query: '{ a }', operationName: '' }, 'names no'],
    ['an operationName that is a list', { query: '{ a }', operationName: ['A'] }, 'not a text'],
    [
      'two fragments of one name',
      { query: '{ ...A } fragment A on Query { a } fragment A on Query { b }' },
      'same name',
    ],
    ['a fragment that is not there', { query: '{ ...A }' }, 'spreads a fragment'],
    ['a directive that streams', { query: '{ ... @defer { a } }' }, '@defer'],
    ['a directive of the server', { query: 'query @admin { a }' }, '@admin'],
    ['variables that are a list', { query: '{ a }', variables: [] }, 'not an object'],
    ['variables as a text', { query: '{ a }', variables: '{}' }, 'not an object'],
    ['what is no GraphQL', { query: '{ a ' }, 'not GraphQL'],
    ['an empty document', { query: '' }, 'not GraphQL'],
    ['a number that would change', { query: '{ a }', variables: { id: 1e300 } }, 'exactly'],
  ] as const) {
    it(what, () => {
      expect(readGraphqlQuery(bytesOf(JSON.stringify(body)))).toContain(why)
    })
  }

  for (const [what, body] of [
    ['a member that is there twice', '{"query":"{ a }","query":"mutation { drop }"}'],
    ['a member that is there twice, once escaped', '{"query":"{a}","\\u0071uery":"mutation{b}"}'],
    ['__proto__', '{"query":"{ a }","__proto__":{}}'],
    ['a byte order mark', '\ufeff{"query":"{ a }"}'],
    ['a form', 'query=%7B%20a%20%7D'],
    ['a bare document', '{ a }'],
    ['a long whole number', '{"query":"{ a }","variables":{"id":12345678901234567891}}'],
  ] as const) {
    it(what, () => {
      expect(readGraphqlQuery(bytesOf(body))).toEqual(expect.any(String))
    })
  }

  it('bytes that are not UTF-8, UTF-16 and compressed bytes', () => {
    expect(readGraphqlQuery(Uint8Array.of(0xff, 0xfe, 0x7b))).toContain('UTF-8')
    expect(readGraphqlQuery(new Uint8Array(new Uint16Array([0x7b, 0x7d]).buffer))).toContain(
      'UTF-8',
    )
    expect(readGraphqlQuery(Uint8Array.of(0x1f, 0x8b, 8, 0))).toContain('UTF-8')
  })

  it('too many bytes, tokens and brackets, each before the work that they would cause', () => {
    expect(readGraphqlQuery(new Uint8Array(MAX_GRAPHQL_BYTES + 1))).toContain('larger than')
    expect(read(`{ ${'a '.repeat(100_000)} }`)).toContain(`${MAX_GRAPHQL_TOKENS} tokens`)
    for (const [open, close] of [
      ['{ a ', ' }'],
      ['{ a(x: [', ']) }'],
    ] as const) {
      const text = open.repeat(MAX_GRAPHQL_DEPTH + 1) + close.repeat(MAX_GRAPHQL_DEPTH + 1)
      expect(read(text)).toContain(`${MAX_GRAPHQL_DEPTH} levels`)
    }
    const deep = `${'{"a":'.repeat(2000)}1${'}'.repeat(2000)}`
    expect(readGraphqlQuery(bytesOf(`{"query":"{ a }","variables":${deep}}`))).toContain(
      'plain JSON',
    )
  })
})

// Documents of a small language, printed and then written as an author in a hurry would.
const name = fc.constantFrom('a', 'b', 'me', 'query', 'on', 'fragment', 'mutation', 'type', 'true')
const spreadName = fc.constantFrom('F', 'G')
const value = fc.oneof(
  fc.integer({ min: -9, max: 9 }).map(String),
  fc.string({ maxLength: 4, unit: 'grapheme' }).map((text) => JSON.stringify(text)),
  fc
    .string({ maxLength: 6 })
    .map((text) => `"""${text.replaceAll('"', '').replaceAll('\\', '')} """`),
  fc.constantFrom('ENUM', 'null', '[1 2]', '{ x: "}" }'),
)
const { selections } = fc.letrec<{ selections: string; selection: string }>((tie) => ({
  selection: fc.oneof(
    { maxDepth: 3 },
    name,
    fc.tuple(name, name).map(([alias, field]) => `${alias}: ${field}`),
    fc.tuple(name, value).map(([field, given]) => `${field}(x: ${given})`),
    spreadName.map((spread) => `...${spread}`),
    fc.tuple(name, tie('selections')).map(([field, inner]) => `${field} ${inner}`),
    tie('selections').map((inner) => `... on Query ${inner}`),
    tie('selections').map((inner) => `... @skip(if: false) ${inner}`),
  ),
  selections: fc
    .array(tie('selection'), { minLength: 1, maxLength: 3 })
    .map((all) => `{ ${all.join(' , # } mutation { x }\n')} }`),
}))

it('readGraphqlQuery() finds in what it sends what it told, and sends the same again', () => {
  fc.assert(
    fc.property(selections, selections, selections, (root, f, g) => {
      const result = taken(
        read(`query Q ${root} fragment F on Query ${f} fragment G on Query ${g}`),
      )
      const again = taken(readGraphqlQuery(result.body))
      expect(again.fields).toEqual(result.fields)
      expect([...again.body]).toEqual([...result.body])
      expect([...result.fields].toSorted()).toEqual(fieldsByHand(sent(result).query).toSorted())
    }),
    { numRuns: 300 },
  )
})

/** The fields of the query type by the slow and obvious way: fragments put in their places until there are none. */
function fieldsByHand(query: string): string[] {
  const document = parse(query)
  const found = new Set<string>()
  const walk = (selections: any, inside: readonly string[]): void => {
    for (const selection of selections.selections) {
      if (selection.kind === 'Field') found.add(selection.name.value)
      else if (selection.kind === 'InlineFragment') walk(selection.selectionSet, inside)
      else if (!inside.includes(selection.name.value)) {
        const fragment: any = document.definitions.find(
          (one: any) =>
            one.kind === 'FragmentDefinition' && one.name.value === selection.name.value,
        )
        walk(fragment.selectionSet, [...inside, selection.name.value])
      }
    }
  }
  walk((document.definitions[0] as any).selectionSet, [])
  expect(print(document)).toBe(query)
  return [...found]
}

it('readGraphqlQuery() gives a reason or a body for any bytes, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json().map(bytesOf),
        fc.string({ unit: 'binary' }).map((query) => bytesOf(JSON.stringify({ query }))),
      ),
      (bytes) => void readGraphqlQuery(bytes),
    ),
    { numRuns: 500 },
  )
})
