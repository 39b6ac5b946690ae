/**
 * Cuts what the Jira double needs out of Atlassian's OpenAPI description: the operations named here, every schema they
 * reach, and the official examples. Run it with the path of the full description to renew the excerpt:
 *
 *     node scripts/extract-jira-contract.ts path/to/jira-cloud-v3.openapi.json
 */
import { readFileSync, writeFileSync } from 'node:fs'

const OPERATIONS: readonly (readonly [path: string, method: string])[] = [
  ['/rest/api/3/issue', 'post'],
  ['/rest/api/3/issue/{issueIdOrKey}', 'get'],
  ['/rest/api/3/myself', 'get'],
  ['/rest/api/3/search/jql', 'get'],
]
const NOTICE =
  'Excerpt of "The Jira Cloud platform REST API" by Atlassian (https://developer.atlassian.com/cloud/jira/platform/), ' +
  'Apache-2.0. Changed: only the operations that the double answers, with the schemas they reach; prose, vendor ' +
  'extensions and XML hints left out; examples parsed from text into JSON'

type Node = { [key: string]: unknown }
const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const source = process.argv[2] ?? '../../../shared/service-contracts/jira-cloud-v3.openapi.json'
const full = JSON.parse(readFileSync(source, 'utf8')) as {
  openapi: string
  info: Node
  servers: unknown
  paths: { [path: string]: { [method: string]: Node } }
  components: { schemas: { [name: string]: Node } }
}

// A property may be called `description` or `example`, so the names of properties are never left out.
function withoutProse(value: unknown, namesAreData = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item))
  if (!isNode(value)) return value
  const kept = Object.entries(value).filter(
    ([key]) =>
      namesAreData || !/^(?:description|example|externalDocs|xml|deprecated|x-.*)$/.test(key),
  )
  return Object.fromEntries(
    kept.map(([key, child]) => [key, withoutProse(child, !namesAreData && key === 'properties')]),
  )
}

const reached = new Map<string, unknown>()
function reach(value: unknown): void {
  if (Array.isArray(value)) value.forEach(reach)
  if (!isNode(value)) return
  const name = typeof value['$ref'] === 'string' ? value['$ref'].split('/').at(-1) : undefined
  if (name !== undefined && !reached.has(name)) {
    const schema = withoutProse(full.components.schemas[name])
    reached.set(name, schema)
    reach(schema)
  }
  Object.values(value).forEach(reach)
}

function response(value: unknown): Node {
  const { description, content } = value as {
    description: string
    content?: { [type: string]: Node }
  }
  if (content === undefined) return { description }
  const media = Object.entries(content).map(([type, { schema, example }]) => {
    const parsed = typeof example === 'string' ? (JSON.parse(example) as unknown) : example
    return [
      type,
      { schema: withoutProse(schema), ...(parsed === undefined ? {} : { example: parsed }) },
    ]
  })
  return { description, content: Object.fromEntries(media) as unknown }
}

const paths: { [path: string]: Node } = {}
for (const [path, method] of OPERATIONS) {
  const operation = full.paths[path]?.[method]
  if (operation === undefined) throw new Error(`The description has no ${method} ${path}`)
  const { operationId, summary, parameters, requestBody, responses } = operation
  const cut: Node = {
    operationId,
    summary,
    parameters: withoutProse(parameters),
    ...(requestBody === undefined ? {} : { requestBody: withoutProse(requestBody) }),
    responses: Object.fromEntries(
      Object.entries(responses as Node).map(([status, value]) => [status, response(value)]),
    ),
  }
  reach(cut)
  paths[path] = { ...paths[path], [method]: cut }
}
const { title, version, license } = full.info
const schemas = Object.fromEntries([...reached].toSorted(([a], [b]) => (a < b ? -1 : 1)))
const excerpt = {
  openapi: full.openapi,
  'x-notice': NOTICE,
  info: { title, version, license },
  servers: full.servers,
  paths,
  components: { schemas },
}
const target = new URL('../contracts/jira-cloud-v3.json', import.meta.url)
writeFileSync(target, `${JSON.stringify(excerpt, null, 2)}\n`)
console.log(`${OPERATIONS.length} operations, ${reached.size} schemas`)
