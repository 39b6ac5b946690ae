import { cleanLine, encodeUtf8, isPlatformError, toBase64 } from '@morphee/core'
import { findGuestAuth } from '@morphee/egress'
import type {
  EgressCharge,
  EgressContext,
  EgressCredential,
  EgressHop,
  EgressRequest,
  EgressResponse,
  EgressVerdict,
} from '@morphee/egress'
import type { ShownCredential } from '../approvals/exact-effect.ts'
import type { Connection } from '../connections/connections.ts'
import { HostError } from '../errors.ts'
import { personBehind } from '../invocation/principal.ts'
import type { IntentHandle } from '../audit/index.ts'
import type { CapabilityContext, CapabilityFunction, ResolvedCredential } from './capability.ts'
import { limitError } from '../invocation/limit-error.ts'
import { endsGuest, toGuestFailure } from './failure.ts'
import { authorizeEffect, refuse } from './perform-effect.ts'
import { readingPost, type ReadingPost } from './reading-post.ts'
import { recordOf, recordRefusal } from './record.ts'

/** `http.request` of the contract. */
interface GuestRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: Uint8Array | undefined
  readonly credential: string | undefined
  readonly timeoutMs: number | undefined
}

/** `http.response` of the contract. */
interface GuestResponse {
  readonly status: number
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: Uint8Array
  readonly url: string
}

const PARALLEL_READS = 16
const MAX_BACK_OFF = 100
const READ_METHODS = new Set(['GET', 'HEAD'])

/** `http.read`: GET and HEAD without a body, and what the manifest declares as reading. */
export const httpRead: CapabilityFunction = async (context, [request]) =>
  send(context, 'http:read', request as GuestRequest)

/** `http.write`: every other method. */
export const httpWrite: CapabilityFunction = async (context, [request]) =>
  send(context, 'http:write', request as GuestRequest)

/** `http.read-all`: reads side by side, each permitted, counted and recorded on its own; answers in the order of the requests. */
export const httpReadAll: CapabilityFunction = async (context, [list]) => {
  const requests = list as readonly GuestRequest[]
  const { counts, limits, signal } = context.invocation
  // The list itself was counted as one call.
  counts.hostCalls += Math.max(0, requests.length - 1)
  if (counts.hostCalls > limits.hostCalls)
    throw limitError('host-calls', limits.hostCalls, 'calls', 'made')
  const answers: unknown[] = Array.from({ length: requests.length })
  let next = 0
  let heldBytes = 0
  const worker = async (): Promise<void> => {
    while (next < requests.length) {
      const at = next++
      signal.throwIfAborted()
      try {
        const answer = await send(context, 'http:read', requests[at] as GuestRequest)
        heldBytes += answer.body.length
        answers[at] = { tag: 'ok', val: answer }
      } catch (error) {
        if (endsGuest(error)) throw error
        answers[at] = { tag: 'err', val: toGuestFailure(error) }
      }
      // All answers reach the guest together: what it could not hold, the host does not pile up for it.
      if (heldBytes > limits.memoryBytes)
        throw limitError('memory', limits.memoryBytes, 'bytes', 'asked at once for')
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL_READS, requests.length) }, worker))
  return answers
}

async function send(
  context: CapabilityContext,
  permission: 'http:read' | 'http:write',
  request: GuestRequest,
): Promise<GuestResponse> {
  const { invocation } = context
  const method = cleanLine(request.method, 20).toUpperCase()
  const target = targetOfText(method, request.url)
  const takes =
    permission === 'http:write'
      ? !READ_METHODS.has(method)
      : READ_METHODS.has(method) || method === 'POST'
  if (!takes) {
    throw await refuse(
      context,
      { permission },
      target,
      'action',
      permission === 'http:read'
        ? `Cannot send ${method} through http.read: it takes GET, HEAD and the POSTs that the manifest declares as reading; every other method goes through http.write`
        : `Cannot send ${method} through http.write: GET and HEAD go through http.read`,
    )
  }
  const post =
    permission === 'http:read' && method === 'POST'
      ? await prepareReadingPost(context, request, target)
      : undefined
  const name = request.credential
  const credential = name === undefined ? undefined : context.credentials.get(name)
  if (name !== undefined && credential === undefined) {
    await recordRefusal(context, permission, target, 'manifest')
    throw credentialUnknown(context, name)
  }
  const { headers, body } = post ?? request
  const guestAuth = await permitGuestAuth(context, { ...request, headers, body }, method, target)
  const response = await fetchRecorded(
    context,
    permission,
    {
      url: request.url,
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      timeoutMs: Math.min(request.timeoutMs ?? 30_000, Math.max(1, invocation.remainingMs())),
      maxResponseBytes: invocation.limits.responseBytes,
      signal: invocation.signal,
    },
    egressContextFor(context, permission, { ...request, headers, body }, credential, {
      guestAuth,
      graphql: post?.graphql,
    }),
  )
  return {
    status: response.status,
    headers: [...response.headers],
    body: response.body,
    url: response.url,
  }
}

/** What was found out about a request before it goes to the guard. */
interface DecidedBefore {
  readonly guestAuth: boolean
  readonly graphql: ReadingPost['graphql']
}

/** Whether a request may say itself who sends it. One that does not is not asked about. */
async function permitGuestAuth(
  context: CapabilityContext,
  request: GuestRequest,
  method: string,
  target: string,
): Promise<boolean> {
  const url = URL.parse(request.url)
  if (url === null || findGuestAuth(url, request.headers) === undefined) return false
  const { headers, body, credential: name } = request
  const declared = name === undefined ? undefined : context.credentials.get(name)
  await authorizeEffect(
    context,
    { kind: 'guest-auth', permission: 'guest-auth' },
    target,
    async () => ({
      kind: 'http',
      method,
      url: url.href,
      headers,
      body,
      credential:
        name === undefined || declared === undefined
          ? undefined
          : shown(name, await connectionOf(context, 'guest-auth', request, declared)),
    }),
  )
  return true
}

async function prepareReadingPost(
  context: CapabilityContext,
  request: GuestRequest,
  target: string,
): Promise<ReadingPost> {
  const permission = 'http:read'
  const { url } = request
  const declared = context.authority.declaresPost(url)
  // Before the body is read, which costs the host more than saying no; its fields are decided on when they are known.
  const decision = context.authority.decide({
    kind: 'http',
    permission,
    method: 'POST',
    url,
    ...(declared === 'graphql' ? { graphql: { operation: 'query', fields: [] } } : {}),
  })
  if (decision.kind === 'deny')
    throw await refuse(context, { permission }, target, decision.refusedBy, decision.message)
  // The guard mends some spellings of a URL, and what it would then be allowed to send is what nobody has looked into.
  if (declared === undefined)
    throw await refuse(context, { permission }, target, 'manifest', `Cannot read by ${target}`)
  const post = readingPost(declared, request)
  if (typeof post !== 'string') return post
  const message =
    declared === 'graphql'
      ? `Cannot send ${target} as a GraphQL query: ${post}`
      : `Cannot send ${target} as a request that reads: ${post}`
  throw await refuse(context, { permission }, target, 'manifest', message)
}

// What the guard refuses on its own account (an odd URL, a private address, a rate) has no intent, so it is recorded here.
const GUARD_REFUSALS = new Set([
  'ERR_EGRESS_URL',
  'ERR_EGRESS_METHOD',
  'ERR_EGRESS_HEADER',
  'ERR_EGRESS_RATE',
  'ERR_EGRESS_ADDRESS',
  'ERR_EGRESS_AUDIENCE',
  'ERR_EGRESS_REDIRECT',
])

async function fetchRecorded(
  context: CapabilityContext,
  permission: 'http:read' | 'http:write',
  request: EgressRequest,
  egressContext: EgressContext,
): Promise<EgressResponse> {
  try {
    return await context.egress.fetch(request, egressContext)
  } catch (error) {
    if (isPlatformError(error) && GUARD_REFUSALS.has(error.code)) {
      const target = targetOfText(request.method ?? 'GET', request.url)
      await recordRefusal(
        context,
        permission,
        target,
        error.code === 'ERR_EGRESS_RATE' ? 'limit' : 'guard',
      )
    }
    throw error
  }
}

function credentialUnknown(context: CapabilityContext, name: string): HostError {
  const shown = cleanLine(name, 100)
  const known = [...context.credentials.keys()]
  const declared = known.length === 0 ? 'none' : known.map((one) => `"${one}"`).join(', ')
  return new HostError(
    'ERR_HOST_CREDENTIAL_UNKNOWN',
    `Cannot use credential "${shown}": the manifest declares ${declared}`,
    { credential: shown },
  )
}

function egressContextFor(
  context: CapabilityContext,
  permission: 'http:read' | 'http:write',
  request: GuestRequest,
  credential: ResolvedCredential | undefined,
  { guestAuth, graphql }: DecidedBefore,
): EgressContext {
  const { invocation } = context
  const name = request.credential
  const intents = new Map<number, IntentHandle>()
  // Looked up once: the connection that a person was shown is the one that is used.
  let found: Promise<Connection> | undefined
  const connection = (): Promise<Connection> =>
    (found ??= connectionOf(context, permission, request, credential as ResolvedCredential))
  const origin = URL.parse(request.url)?.origin
  let leftOrigin = false
  const shownCredential = async (): Promise<ShownCredential | undefined> => {
    // The guard adds it nowhere else, and not after coming back.
    if (name === undefined || credential === undefined || leftOrigin) return undefined
    return shown(name, await connection())
  }
  return {
    guestAuth,
    // Accounts of two people never share a socket.
    partition: [
      invocation.workspace,
      invocation.extension,
      name ?? '',
      personBehind(invocation.principal) ?? '',
    ].join('\n'),
    async permit(url, method): Promise<EgressVerdict> {
      leftOrigin ||= url.origin !== origin
      // Throws the refusal itself, which the guard hands on: it names who refused and is recorded already.
      await authorizeEffect(
        context,
        {
          kind: 'http',
          permission,
          method,
          url: url.href,
          ...(graphql === undefined ? {} : { graphql }),
        },
        targetOf(method, url),
        async () => ({
          kind: 'http',
          method,
          url: url.href,
          headers: request.headers,
          body: request.body,
          credential: await shownCredential(),
        }),
      )
      return { allowed: true }
    },
    allowedPrivate: context.privateNetworks,
    charge: (charge) => chargeFor(context, charge),
    ...(credential === undefined || name === undefined
      ? {}
      : { credential: async () => resolveCredential(name, credential, await connection()) }),
    async onHop(hop: EgressHop) {
      const target = targetOf(hop.method, hop.url)
      if (hop.phase === 'intent') {
        const record = recordOf(invocation, permission, target)
        const details = graphql === undefined ? {} : { details: { fields: shownFields(graphql) } }
        intents.set(hop.hop, await context.audit.intent({ ...record, ...details }))
        return
      }
      const intent = intents.get(hop.hop)
      if (intent === undefined) return
      intents.delete(hop.hop)
      if (hop.retryAfterMs !== undefined) {
        const { backOff } = invocation.meters
        backOff.delete(hop.url.origin)
        backOff.set(hop.url.origin, performance.now() + Math.min(hop.retryAfterMs, 3_600_000))
        // A wildcard host has any number of origins; the one that asked longest ago is forgotten.
        if (backOff.size > MAX_BACK_OFF) backOff.delete(backOff.keys().next().value as string)
      }
      await context.audit.outcome(intent, {
        // A request that may have arrived without an answer may have had its effect: nobody knows.
        decision:
          hop.error === undefined
            ? 'done'
            : hop.sent && hop.status === undefined
              ? 'unknown'
              : 'failed',
        bytes: hop.bytesSent + hop.bytesReceived,
        details: {
          address: hop.address,
          ...(hop.status === undefined ? {} : { status: hop.status }),
          ...(hop.error === undefined ? {} : { error: hop.error }),
          ...(hop.redactions === 0 ? {} : { redactions: hop.redactions }),
        },
      })
    },
  }
}

// Of a query the address says little; a name may be as long as the body.
function shownFields({ fields }: NonNullable<ReadingPost['graphql']>): string[] {
  return fields.slice(0, 20).map((field) => field.slice(0, 64))
}

function chargeFor({ invocation }: CapabilityContext, charge: EgressCharge): EgressVerdict {
  const { meters, limits, counts } = invocation
  if (charge.kind === 'request') {
    const until = (meters.backOff.get(charge.url.origin) ?? 0) - performance.now()
    if (until > 0) {
      return {
        allowed: false,
        refusedBy: 'limit',
        reason: `${charge.url.host} asked to wait`,
        retryAfterMs: Math.ceil(until),
      }
    }
    const wait = meters.requests.tryCharge(1, limits.httpRequestsPerMinute)
    if (wait !== undefined) {
      return {
        allowed: false,
        refusedBy: 'limit',
        reason: `the limit of ${limits.httpRequestsPerMinute} requests a minute is reached`,
        retryAfterMs: Math.ceil(wait),
      }
    }
    counts.httpRequests++
    return { allowed: true }
  }
  const bytes = charge.sent + charge.received
  counts.networkBytes += bytes
  const wait = meters.bandwidth.tryCharge(bytes, limits.bandwidthBytesPerMinute)
  if (wait === undefined) return { allowed: true }
  return {
    allowed: false,
    refusedBy: 'limit',
    reason: `the limit of ${limits.bandwidthBytesPerMinute} bytes a minute is reached`,
    retryAfterMs: Math.ceil(wait),
  }
}

function shown(name: string, { id, owner }: Connection): ShownCredential {
  return { name, connection: id, owner }
}

async function connectionOf(
  context: CapabilityContext,
  permission: 'http:read' | 'http:write' | 'guest-auth',
  { method, url }: GuestRequest,
  credential: ResolvedCredential,
): Promise<Connection> {
  try {
    return await credential.connectionFor(context.invocation.principal)
  } catch (error) {
    if (isPlatformError(error, 'ERR_HOST_CREDENTIAL_PERSONAL'))
      await recordRefusal(context, permission, targetOfText(method, url), 'connection')
    throw error
  }
}

async function resolveCredential(
  name: string,
  credential: ResolvedCredential,
  connection: Connection,
): Promise<EgressCredential> {
  const fields = await credential.read(connection)
  if (fields === undefined) {
    throw new HostError(
      'ERR_HOST_CREDENTIAL_MISSING',
      `Cannot sign in: nobody has entered credential "${name}"`,
      { credential: name },
    )
  }
  const text = (field: string): string => (typeof fields[field] === 'string' ? fields[field] : '')
  switch (credential.kind) {
    case 'basic': {
      const pair = toBase64(encodeUtf8(`${text('username')}:${text('password')}`))
      return {
        audience: credential.audience,
        headers: [{ name: 'authorization', value: `Basic ${pair}` }],
        secrets: [text('password'), pair],
      }
    }
    case 'bearer':
      return {
        audience: credential.audience,
        headers: [{ name: 'authorization', value: `Bearer ${text('token')}` }],
        secrets: [text('token')],
      }
    case 'api-key':
      return {
        audience: credential.audience,
        headers: [
          {
            name: credential.header ?? 'x-api-key',
            value:
              credential.scheme === undefined ? text('key') : `${credential.scheme} ${text('key')}`,
          },
        ],
        secrets: [text('key')],
      }
  }
}

function targetOfText(method: string, text: string): string {
  const url = URL.parse(text)
  return url === null ? `${method} an invalid URL` : targetOf(method, url)
}

// The query may hold what somebody searched for; method, host and path say what happened.
function targetOf(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}
