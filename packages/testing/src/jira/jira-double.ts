import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Clock,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  systemClock,
  toBase64,
} from '@morphee/core'
import type { LoopbackServer } from '../loopback/https-server.ts'
import type { Loopback } from '../loopback/loopback.ts'
import {
  type ContractDescription,
  type ContractOperation,
  createContract,
} from '../openapi/contract.ts'
import {
  checkNewIssue,
  findProject,
  type JiraIssue,
  type JiraProject,
  jqlRecord,
  selectFields,
} from './jira-issue.ts'
import { JqlSyntaxError, parseJql } from './jql.ts'

const MAX_BODY_BYTES = 1024 * 1024
const SEARCH_PAGE_LIMIT = 5000
// The one in Atlassian's own examples.
const ACCOUNT_ID = '5b10a2844c20165700ede21g'
const UNAUTHENTICATED = 'Client must be authenticated to access this resource.'
const NOT_FOUND = 'Issue does not exist or you do not have permission to see it.'

/** How {@link startJiraDouble} is set up. */
export interface JiraDoubleOptions {
  readonly loopback: Loopback
  /** The first label of its host: `acme` for `https://acme.atlassian.net`. */
  readonly site: string
  readonly email: string
  /** The API token that goes with the e-mail address. */
  readonly token: string
  /** @default one project `DEMO` with tasks, bugs and stories */
  readonly projects?: readonly JiraProject[]
  readonly clock?: Clock
}

/** One request that reached the double, as it came. */
export interface JiraRequest {
  readonly method: string
  readonly path: string
  readonly query: string
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly body: JsonValue | undefined
  /** What was answered. */
  readonly status: number
}

/** What did not match Atlassian's description. A test that finds one has failed: the client or the double is wrong. */
export interface ContractViolation {
  readonly side: 'request' | 'response'
  readonly operation: string
  readonly issues: readonly string[]
}

/** An answer that the double gives instead of the right one. */
export interface JiraFault {
  readonly status: 429 | 500 | 503
  readonly retryAfterSeconds?: number
}

/** Jira Cloud as far as the example extension needs it: stateful, behind real TLS, held to Atlassian's own description. */
export interface JiraDouble {
  readonly origin: string
  readonly host: string
  readonly server: LoopbackServer
  readonly issues: readonly JiraIssue[]
  readonly requests: readonly JiraRequest[]
  readonly violations: readonly ContractViolation[]
  /** Adds an issue behind the API's back; `fields` are laid over what a new issue has. */
  addIssue(projectKey: string, fields: JsonObject): JiraIssue
  /** Lets the next requests that are authenticated fail, one per fault, in order. */
  failNext(...faults: readonly JiraFault[]): void
  close(): Promise<void>
}

interface Answer {
  readonly status: number
  readonly body?: JsonValue
  readonly headers?: Readonly<Record<string, string>>
}

interface Incoming {
  readonly operation: ContractOperation
  readonly query: URLSearchParams
  readonly body: JsonValue | undefined
}

/** Starts a Jira on `https://{site}.atlassian.net` of `loopback`. */
export async function startJiraDouble(options: JiraDoubleOptions): Promise<JiraDouble> {
  const { loopback, site, email, clock = systemClock } = options
  const host = `${site}.atlassian.net`
  const double = new Double(options, `https://${host}`, clock)
  const server = await loopback.serve(host, (request, response) => {
    // A failure in here is the double's own bug; the client hears of it instead of waiting.
    double.handle(request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    })
  })
  if (email.includes(':'))
    throw new TypeError('An e-mail address for basic authentication has no colon')
  return {
    origin: server.origin,
    host,
    server,
    issues: double.issues,
    requests: double.requests,
    violations: double.violations,
    addIssue: (projectKey, fields) => double.addIssue(projectKey, fields),
    failNext: (...faults) => {
      double.faults.push(...faults)
    },
    close: () => server.close(),
  }
}

class Double {
  readonly issues: JiraIssue[] = []
  readonly requests: JiraRequest[] = []
  readonly violations: ContractViolation[] = []
  readonly faults: JiraFault[] = []
  readonly #contract = createContract(readDescription())
  readonly #projects: readonly JiraProject[]
  readonly #origin: string
  readonly #authorization: string
  readonly #user: JsonObject
  readonly #clock: Clock
  #lastId = 10_000

  constructor(options: JiraDoubleOptions, origin: string, clock: Clock) {
    this.#origin = origin
    this.#clock = clock
    this.#projects = options.projects ?? [
      { key: 'DEMO', name: 'Demonstration', issueTypes: ['Task', 'Bug', 'Story'] },
    ]
    this.#authorization = `Basic ${toBase64(encodeUtf8(`${options.email}:${options.token}`))}`
    this.#user = {
      self: `${origin}/rest/api/3/user?accountId=${ACCOUNT_ID}`,
      accountId: ACCOUNT_ID,
      accountType: 'atlassian',
      emailAddress: options.email,
      displayName: options.email.replace(/@.*$/, ''),
      active: true,
      timeZone: 'Etc/UTC',
    }
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#origin)
    const raw = await readBody(request)
    const body = raw === '' ? undefined : tryParseJson(raw)
    const answer = this.#answer(request, url, raw, body)
    this.requests.push({
      method: request.method ?? '',
      path: url.pathname,
      query: url.search,
      headers: request.headers,
      body,
      status: answer.status,
    })
    const headers = { 'x-arequestid': crypto.randomUUID(), ...answer.headers }
    if (answer.body === undefined) {
      response.writeHead(answer.status, headers).end()
      return
    }
    response
      .writeHead(answer.status, { ...headers, 'content-type': 'application/json;charset=UTF-8' })
      .end(JSON.stringify(answer.body))
  }

  #answer(request: IncomingMessage, url: URL, raw: string, body: JsonValue | undefined): Answer {
    if (request.headers.authorization !== this.#authorization) return failure(401, UNAUTHENTICATED)
    const fault = this.faults.shift()
    if (fault !== undefined) return this.#fault(fault)
    const operation = this.#contract.match(request.method ?? '', url.pathname)
    if (operation === undefined) {
      const where = `${request.method} ${url.pathname}`
      this.violations.push({ side: 'request', operation: where, issues: ['no such operation'] })
      // The old search was removed in 2025 and says so.
      const removed = url.pathname === '/rest/api/3/search'
      return removed
        ? failure(
            410,
            'The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.',
          )
        : failure(404, `No operation ${where}`)
    }
    const issues = this.#contract.checkRequest(operation, url.searchParams, body)
    if (raw !== '' && body === undefined) issues.push('body: it is not JSON')
    if (raw !== '' && !/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
      issues.push('content-type: it is not application/json')
    }
    if (issues.length > 0) {
      this.violations.push({ side: 'request', operation: operation.id, issues })
      return failure(400, ...issues)
    }
    return this.#checked(operation, this.#act({ operation, query: url.searchParams, body }))
  }

  #checked(operation: ContractOperation, answer: Answer): Answer {
    const issues = this.#contract.checkResponse(
      operation,
      answer.status,
      answer.body,
      'ErrorCollection',
    )
    if (issues.length === 0) return answer
    this.violations.push({ side: 'response', operation: operation.id, issues })
    return failure(500, 'The double broke the contract of its service', ...issues)
  }

  #act(incoming: Incoming): Answer {
    switch (incoming.operation.id) {
      case 'getCurrentUser':
        return { status: 200, body: this.#user }
      case 'createIssue':
        return this.#createIssue(incoming)
      case 'getIssue':
        return this.#getIssue(incoming)
      case 'searchAndReconsileIssuesUsingJql':
        return this.#search(incoming)
      default:
        throw new RangeError(`The double does not know ${incoming.operation.id}`)
    }
  }

  #createIssue({ body }: Incoming): Answer {
    const fields = ((body as JsonObject)['fields'] ?? {}) as JsonObject
    const errors = checkNewIssue(fields, this.#projects)
    if (Object.keys(errors).length > 0) return { status: 400, body: { errorMessages: [], errors } }
    const project = findProject(fields['project'], this.#projects)
    const { id, key } = this.addIssue(project?.key ?? '', fields)
    return { status: 201, body: { id, key, self: this.#self(id) } }
  }

  #getIssue({ operation, query }: Incoming): Answer {
    const wanted = operation.path['issueIdOrKey']?.toUpperCase()
    const issue = this.issues.find(({ id, key }) => id === wanted || key === wanted)
    if (issue === undefined) return failure(404, NOT_FOUND)
    const names = fieldNames(query)
    return { status: 200, body: this.#bean(issue, names.length === 0 ? ['*all'] : names) }
  }

  #search({ query }: Incoming): Answer {
    const token = query.get('nextPageToken')
    const from = token === null ? 0 : Number(/^from-(\d{1,9})$/.exec(token)?.[1] ?? Number.NaN)
    if (Number.isNaN(from))
      return failure(400, 'The provided next page token is invalid or expired.')
    const size = Number(query.get('maxResults') ?? 50)
    if (size < 1) return failure(400, 'The value of maxResults must be greater than 0.')
    try {
      const jql = parseJql(query.get('jql') ?? '', ACCOUNT_ID)
      const found = this.issues
        .filter((issue) => jql.matches(jqlRecord(issue)))
        .toSorted((a, b) => jql.compare(jqlRecord(a), jqlRecord(b)))
      const end = from + Math.min(size, SEARCH_PAGE_LIMIT)
      const names = fieldNames(query)
      const issues = found
        .slice(from, end)
        .map((issue) => (names.length === 0 ? { id: issue.id } : this.#bean(issue, names)))
      const isLast = end >= found.length
      return {
        status: 200,
        body: { issues, isLast, ...(isLast ? {} : { nextPageToken: `from-${end}` }) },
      }
    } catch (error) {
      if (error instanceof JqlSyntaxError) return failure(400, error.message)
      throw error
    }
  }

  addIssue(projectKey: string, fields: JsonObject): JiraIssue {
    const id = String(++this.#lastId)
    const number = this.issues.filter(({ key }) => key.startsWith(`${projectKey}-`)).length + 1
    const now = new Date(this.#clock.now()).toISOString().replace('Z', '+0000')
    const project = this.#projects.find(({ key }) => key === projectKey)
    const issue: JiraIssue = {
      id,
      key: `${projectKey}-${number}`,
      fields: {
        issuetype: { name: 'Task' },
        status: { id: '10000', name: 'To Do' },
        priority: { name: 'Medium' },
        assignee: null,
        labels: [],
        description: null,
        reporter: this.#user,
        created: now,
        updated: now,
        ...fields,
        project: { key: projectKey, name: project?.name ?? projectKey },
      },
    }
    this.issues.push(issue)
    return issue
  }

  #bean({ id, key, fields }: JiraIssue, names: readonly string[]): JsonObject {
    return { expand: '', id, key, self: this.#self(id), fields: selectFields(fields, names) }
  }

  #self(id: string): string {
    return `${this.#origin}/rest/api/3/issue/${id}`
  }

  #fault({ status, retryAfterSeconds }: JiraFault): Answer {
    const after = retryAfterSeconds ?? 1
    const reset = new Date(this.#clock.now() + after * 1000).toISOString()
    const headers = {
      ...(retryAfterSeconds === undefined && status !== 429
        ? {}
        : { 'retry-after': String(after) }),
      ...(status === 429
        ? { 'x-ratelimit-reset': reset, 'ratelimit-reason': 'jira-burst-based' }
        : {}),
    }
    const message = status === 429 ? 'Rate limit exceeded.' : 'Internal server error'
    return { ...failure(status, message), headers }
  }
}

function failure(status: number, ...errorMessages: readonly string[]): Answer {
  return { status, body: { errorMessages, errors: {} } }
}

function fieldNames(query: URLSearchParams): string[] {
  return query
    .getAll('fields')
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BODY_BYTES) throw new RangeError('The request is too large for the double')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function tryParseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function readDescription(): ContractDescription {
  const file = new URL('../../contracts/jira-cloud-v3.json', import.meta.url)
  return JSON.parse(readFileSync(file, 'utf8')) as ContractDescription
}
