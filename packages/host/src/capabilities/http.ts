import { cleanLine, encodeUtf8, isPlatformError, toBase64 } from '@morphee/core'
import type {
  EgressCharge,
  EgressContext,
  EgressCredential,
  EgressHop,
  EgressRequest,
  EgressResponse,
  EgressVerdict,
} from '@morphee/egress'
import { HostError } from '../errors.ts'
import type { IntentHandle } from '../audit/index.ts'
import type { CapabilityContext, CapabilityFunction, ResolvedCredential } from './capability.ts'
import { toGuestFailure } from './failure.ts'
import { authorizeEffect, refuse } from './perform-effect.ts'
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
const READ_METHODS = new Set(['GET', 'HEAD'])

/** `http.read`: GET and HEAD without a body. */
export const httpRead: CapabilityFunction = async (context, [request]) =>
  send(context, 'http:read', request as GuestRequest)

/** `http.write`: every other method. */
export const httpWrite: CapabilityFunction = async (context, [request]) =>
  send(context, 'http:write', request as GuestRequest)

/** `http.read-all`: reads side by side, each permitted, counted and recorded on its own; answers in the order of the requests. */
export const httpReadAll: CapabilityFunction = async (context, [list]) => {
  const requests = list as readonly GuestRequest[]
  const answers: unknown[] = Array.from({ length: requests.length })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < requests.length) {
      const at = next++
      try {
        answers[at] = {
          tag: 'ok',
          val: await send(context, 'http:read', requests[at] as GuestRequest),
        }
      } catch (error) {
        answers[at] = { tag: 'err', val: toGuestFailure(error) }
      }
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
  const method = request.method.toUpperCase()
  if (READ_METHODS.has(method) !== (permission === 'http:read')) {
    throw await refuse(
      context,
      { permission },
      cleanLine(method, 20),
      'action',
      permission === 'http:read'
        ? `Cannot send ${cleanLine(method, 20)} through http.read: it takes GET and HEAD; every other method goes through http.write`
        : `Cannot send ${method} through http.write: GET and HEAD go through http.read`,
    )
  }
  const credential =
    request.credential === undefined ? undefined : credentialOf(context, request.credential)
  const response = await fetchRecorded(
    context,
    permission,
    {
      url: request.url,
      method,
      headers: request.headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      timeoutMs: Math.min(request.timeoutMs ?? 30_000, Math.max(1, invocation.remainingMs())),
      maxResponseBytes: invocation.limits.responseBytes,
      signal: invocation.signal,
    },
    egressContextFor(context, permission, request, credential),
  )
  return {
    status: response.status,
    headers: [...response.headers],
    body: response.body,
    url: response.url,
  }
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
      const url = URL.parse(request.url)
      const target = url === null ? 'an invalid URL' : targetOf(request.method ?? 'GET', url)
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

function credentialOf(context: CapabilityContext, name: string): ResolvedCredential {
  const credential = context.credentials.get(name)
  if (credential !== undefined) return credential
  const known = [...context.credentials.keys()]
  throw new HostError(
    'ERR_HOST_CREDENTIAL_UNKNOWN',
    `Cannot use credential "${name}": the manifest declares ${known.length === 0 ? 'none' : known.map((one) => `"${one}"`).join(', ')}`,
    { credential: name },
  )
}

function egressContextFor(
  context: CapabilityContext,
  permission: 'http:read' | 'http:write',
  request: GuestRequest,
  credential: ResolvedCredential | undefined,
): EgressContext {
  const { invocation } = context
  const name = request.credential
  const intents = new Map<number, IntentHandle>()
  return {
    partition: `${invocation.workspace}\n${invocation.extension}\n${name ?? ''}`,
    async permit(url, method): Promise<EgressVerdict> {
      // Throws the refusal itself, which the guard hands on: it names who refused and is recorded already.
      await authorizeEffect(
        context,
        { kind: 'http', permission, method, url: url.href },
        targetOf(method, url),
        {
          kind: 'http',
          method,
          url: url.href,
          headers: request.headers,
          body: request.body,
          credential: name,
        },
      )
      return { allowed: true }
    },
    charge: (charge) => chargeFor(context, charge),
    ...(credential === undefined || name === undefined
      ? {}
      : { credential: () => resolveCredential(name, credential) }),
    async onHop(hop: EgressHop) {
      const target = targetOf(hop.method, hop.url)
      if (hop.phase === 'intent') {
        intents.set(hop.hop, await context.audit.intent(recordOf(invocation, permission, target)))
        return
      }
      const intent = intents.get(hop.hop)
      if (intent === undefined) return
      intents.delete(hop.hop)
      if (hop.retryAfterMs !== undefined) {
        invocation.meters.backOff.set(
          hop.url.origin,
          performance.now() + Math.min(hop.retryAfterMs, 3_600_000),
        )
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

async function resolveCredential(
  name: string,
  credential: ResolvedCredential,
): Promise<EgressCredential> {
  const fields = await credential.read()
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

// The query may hold what somebody searched for; method, host and path say what happened.
function targetOf(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`
}
