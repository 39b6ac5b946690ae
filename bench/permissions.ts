/** What one permission check costs: by number of patterns, for a URL that the guard has read and for text, and for a GraphQL body that the host reads and prints. */
import { encodeUtf8 } from '@morphee/core'
import { decide, type DecisionLayers, type Permission } from '@morphee/manifest'
import { parse, print } from 'graphql/language'
import { readGraphqlQuery } from '../packages/host/src/capabilities/graphql/read-graphql-query.ts'
import { inTurns, plainRow, printRows, quick, rowsOf } from './measure.ts'

const rounds = quick ? 3 : 60
const batch = quick ? 50 : 1000

function layersFor(permission: Permission): DecisionLayers {
  return {
    manifest: [permission],
    action: { name: 'bench', effect: 'read' },
    grant: { entries: [{ permission, answer: 'allow' }] },
    now: Date.now(),
  }
}

function checkAmong(patterns: number, asText: boolean): () => void {
  const urls = Array.from(
    { length: patterns },
    (_, i) => `https://host${i}.example.com/api/${i}/**`,
  )
  const layers = layersFor({ kind: 'http:read', urls })
  const last = new URL(`https://host${patterns - 1}.example.com/api/${patterns - 1}/issues?x=1`)
  const url = asText ? last.href : last
  return () => {
    if (decide({ kind: 'http', method: 'GET', url }, layers).kind !== 'allow')
      throw new Error('refused')
  }
}

const QUERY = `query Issues($team: ID!, $first: Int = 50) {
  team(id: $team) {
    id
    name
    issues(first: $first, filter: { state: { type: { neq: "completed" } } }) {
      nodes { ...Issue assignee { id name } labels { nodes { id name } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
fragment Issue on Issue { id identifier title priority createdAt updatedAt state { id name } }`
const BODY = encodeUtf8(JSON.stringify({ query: QUERY, variables: { team: 'TEAM', first: 20 } }))

function graphqlCheck(): () => void {
  const url = 'https://api.example.com/graphql'
  const operations = [{ method: 'POST', url, graphql: 'query', fields: ['team'] }] as const
  const layers = layersFor({ kind: 'http:read', urls: [], operations })
  return () => {
    const query = readGraphqlQuery(BODY)
    if (typeof query === 'string') throw new Error(query)
    const graphql = { operation: 'query', fields: query.fields } as const
    const through = 'http:read'
    if (decide({ kind: 'http', method: 'POST', through, url, graphql }, layers).kind !== 'allow')
      throw new Error('refused')
  }
}

const [one = 0, thousand = 0, text = 0] = await inTurns(rounds, batch, [
  checkAmong(1, false),
  checkAmong(1000, false),
  checkAmong(1, true),
])
const [graphql = 0, bare = 0] = await inTurns(rounds, Math.ceil(batch / 20), [
  graphqlCheck(),
  () => print(parse(QUERY, { noLocation: true })),
])

printRows([
  plainRow('permission check, 1 pattern', one, '≤ 2 µs'),
  ...rowsOf('permission check, 1,000 patterns', thousand, [
    { against: '1 pattern', micros: one, goal: '≤ 2' },
  ]),
  ...rowsOf('permission check of a URL as text', text, [
    { against: 'a URL that the guard has read', micros: one },
  ]),
  ...rowsOf(`GraphQL body of ${BODY.length} bytes: read, printed, read again, decided`, graphql, [
    { against: "graphql's parse and print alone", micros: bare },
  ]),
])
