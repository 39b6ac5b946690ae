// One call from request to result. Each step is one function; nothing else in the host runs an extension.
import {
  canonicalJson,
  cleanLine,
  type Clock,
  createId,
  encodeUtf8,
  isPlatformError,
  type JsonValue,
} from '@morphee/core'
import type { AuditLog } from '../audit/index.ts'
import type { RefusedBy } from '@morphee/manifest'
import { type CallAuthority, withoutPeople } from '../capabilities/authority.ts'
import { createHostCalls } from '../capabilities/create-host-calls.ts'
import type { CapabilityServices } from '../capabilities/capability.ts'
import { recordOf } from '../capabilities/record.ts'
import { actionUnknown, HostError } from '../errors.ts'
import type { LoadedAction, LoadedExtension } from '../extension/loaded-extension.ts'
import type {
  GuestFailure,
  HandledEvent,
  RuntimeCall,
  RuntimeOutcome,
} from '../runtimes/runtime.ts'
import type { ActiveInvocation } from './active-invocation.ts'
import { cleanFailure } from './clean-failure.ts'
import type { InvokeRequest, InvokeResult, LogLine } from './invoke-request.ts'
import { limitError } from './limit-error.ts'
import { PersonWaits } from './person-waits.ts'
import { formatCaller, formatPrincipal } from './principal.ts'

/** What {@link invokeLoaded} needs beside the extension. */
export interface InvokeServices extends CapabilityServices {
  readonly audit: AuditLog
  readonly clock: Clock
}

/** Crashes within ten minutes after which an installation is quarantined. */
export const MAX_CRASHES = 5
const CRASH_WINDOW_MS = 600_000

/**
 * Runs one action of a loaded extension: input checked → admitted → recorded → run → output checked → recorded → result.
 *
 * @throws `ERR_HOST_ACTION_UNKNOWN`, `ERR_HOST_INPUT_INVALID`, `ERR_HOST_LIMIT`, `ERR_HOST_TRAPPED`, `ERR_HOST_CANCELLED`,
 * `ERR_HOST_EXTENSION_FAILED`, `ERR_HOST_OUTPUT_INVALID`
 */
export async function invokeLoaded(
  loaded: LoadedExtension,
  request: InvokeRequest,
  services: InvokeServices,
): Promise<InvokeResult> {
  const { action, input } = await prepare(loaded, request, services)
  try {
    const { authority, description } = action
    return await run(loaded, request, services, {
      authority,
      entry: { action: description.name, input },
      record: { capability: 'invoke', target: description.name },
      read: (outcome) => checkOutput(action, outcome, loaded.limits.outputBytes),
    })
  } finally {
    loaded.meters.running--
  }
}

/** One event for the handler of one extension. */
export interface HandleRequest {
  readonly workspace: string
  readonly extension: string
  readonly event: HandledEvent
  /** Deliveries in a row that led here, with this one. */
  readonly hops: number
  readonly signal?: AbortSignal
}

/** What came of it: the handler ran to its end, or whose no kept it from running. */
export type HandleOutcome = 'handled' | RefusedBy

const AUTOMATION = { kind: 'automation', trigger: 'event' } as const

/**
 * Runs the handler of a loaded extension: permission for the topic → admitted → recorded → run → recorded.
 *
 * Says who refused the topic when nothing was run; a no of grant or policy is recorded.
 *
 * @throws as {@link invokeLoaded}
 */
export async function handleLoaded(
  loaded: LoadedExtension,
  request: HandleRequest,
  services: InvokeServices,
): Promise<HandleOutcome> {
  const { workspace, event, hops } = request
  if (loaded.handler === undefined) return 'manifest'
  const authority = withoutPeople(loaded.handler)
  const { topic } = event
  // The topic before the slash is what a record of use counts.
  const target = `${topic}/${event.id}`
  const decision = authority.decide({ kind: 'event', permission: SUBSCRIBE, topic })
  if (decision.kind !== 'allow') {
    const refusedBy = decision.kind === 'deny' ? decision.refusedBy : decision.askedBy
    if (refusedBy === 'manifest') return refusedBy
    await services.audit.event({
      workspace,
      principal: formatPrincipal(AUTOMATION),
      extension: loaded.extension,
      digest: loaded.digest,
      capability: SUBSCRIBE,
      target,
      decision: 'refused',
      refusedBy,
    })
    return refusedBy
  }
  admit(loaded)
  try {
    await run(loaded, { ...request, principal: AUTOMATION }, services, {
      authority,
      entry: { action: 'event handler', input: '', event },
      record: { capability: SUBSCRIBE, target },
      hops,
      read: readHandled,
    })
    return 'handled'
  } finally {
    loaded.meters.running--
  }
}

const SUBSCRIBE = 'event:subscribe'

function readHandled({ answer }: RuntimeOutcome): null {
  if (answer.kind === 'failure') throw extensionFailed('Event handler', answer.failure)
  return null
}

async function prepare(
  loaded: LoadedExtension,
  request: InvokeRequest,
  services: InvokeServices,
): Promise<{ readonly action: LoadedAction; readonly input: string }> {
  try {
    const action = findAction(loaded, request.action)
    const input = checkInput(action, request.input)
    admit(loaded)
    return { action, input }
  } catch (error) {
    await recordRefusedCall(services.audit, request, error, loaded.digest)
    throw error
  }
}

// Whose no a refused call is, by its code; every other code is the host's own.
const REFUSING: Readonly<Record<string, string>> = {
  ERR_HOST_LIMIT: 'limit',
  ERR_HOST_INPUT_INVALID: 'input',
  ERR_HOST_POLICY: 'policy',
}

/** Records a call that was refused before it became an invocation. */
export async function recordRefusedCall(
  audit: AuditLog,
  request: InvokeRequest,
  error: unknown,
  digest?: string,
): Promise<void> {
  const code = isPlatformError(error) ? error.code : 'ERR_INTERNAL'
  await audit.event({
    workspace: request.workspace,
    principal: formatPrincipal(request.principal),
    extension: cleanLine(request.extension, 100),
    ...(digest === undefined ? {} : { digest }),
    capability: 'invoke',
    target: cleanLine(request.action, 100),
    decision: 'refused',
    refusedBy: REFUSING[code] ?? 'host',
    details: { error: code },
  })
}

function findAction(loaded: LoadedExtension, name: string): LoadedAction {
  const action = loaded.actions.get(name)
  if (action !== undefined) return action
  throw actionUnknown(loaded.extension, name, [...loaded.actions.keys()])
}

function checkInput(action: LoadedAction, value: JsonValue): string {
  const name = action.description.name
  let text: string
  try {
    text = canonicalJson(value)
  } catch (error) {
    const issues = [{ path: '', message: (error as Error).message }]
    throw new HostError(
      'ERR_HOST_INPUT_INVALID',
      `Cannot call action "${name}": its input is not JSON`,
      { issues },
    )
  }
  const issues = action.checkInput(value)
  if (issues.length === 0) return text
  throw new HostError(
    'ERR_HOST_INPUT_INVALID',
    `Cannot call action "${name}": its input has ${issues.length} ${issues.length === 1 ? 'fault' : 'faults'}`,
    { issues: issues.map(({ pointer, message }) => ({ path: pointer, message })) },
  )
}

// Counted in the same step as it is tested: of calls that arrive together, none slips in between.
function admit(loaded: LoadedExtension): void {
  const concurrency = loaded.limits.concurrentInvocations
  if (loaded.meters.running < concurrency) {
    loaded.meters.running++
    return
  }
  throw new HostError(
    'ERR_HOST_LIMIT',
    `Cannot call "${loaded.extension}" now: ${concurrency} calls are running, which is its concurrency limit`,
    { limit: 'concurrency', value: concurrency, unit: 'calls' },
  )
}

/** What of an extension runs, and as what. */
interface Work {
  readonly authority: CallAuthority
  readonly entry: Pick<RuntimeCall, 'action' | 'input' | 'event'>
  readonly record: { readonly capability: string; readonly target: string }
  readonly hops?: number
  /** What it answered, checked. */
  read(outcome: RuntimeOutcome): JsonValue
}

async function run(
  loaded: LoadedExtension,
  request: Omit<InvokeRequest, 'action' | 'input'>,
  services: InvokeServices,
  work: Work,
): Promise<InvokeResult> {
  const { clock, audit } = services
  const { limits } = loaded
  const started = clock.monotonic()
  const id = createId('invocation')
  const waits = new PersonWaits(() => clock.monotonic())
  const stopper = new AbortController()
  const cancelled = new HostError('ERR_HOST_CANCELLED', 'The call was taken back by its caller', {
    invocation: id,
  })
  // A coded reason says who stopped it (an installation that was switched off); any other is the caller's own.
  const reasonOf = (signal: AbortSignal): Error =>
    isPlatformError(signal.reason) ? signal.reason : cancelled
  const { signal } = request
  const onCallerAbort = (): void => stopper.abort(signal && reasonOf(signal))
  if (signal?.aborted === true) throw reasonOf(signal)
  request.signal?.addEventListener('abort', onCallerAbort, { once: true })

  const invocation: ActiveInvocation = {
    id,
    workspace: request.workspace,
    principal: request.principal,
    conversation: request.conversation,
    installation: loaded.installation,
    extension: loaded.extension,
    digest: loaded.digest,
    action: work.entry.action,
    ...(work.hops === undefined ? {} : { hops: work.hops }),
    limits,
    meters: loaded.meters,
    signal: stopper.signal,
    remainingMs: () => limits.wallMs - (clock.monotonic() - started) + waits.waitedMs(),
    waits,
    stop: (error) => stopper.abort(error),
    counts: { hostCalls: 0, httpRequests: 0, networkBytes: 0, refusals: 0 },
  }
  const log: LogLine[] = []
  let droppedLogLines = 0

  const intent = await audit.intent(
    recordOf(invocation, work.record.capability, work.record.target),
  )
  try {
    const outcome = await loaded.runtime.invoke({
      workspace: request.workspace,
      invocation: id,
      caller: formatCaller(request.principal),
      locale: request.locale ?? 'en',
      timeZone: request.timeZone ?? 'UTC',
      ...work.entry,
      config: configTexts(loaded),
      limits,
      remainingMs: limits.wallMs,
      waits,
      calls: createHostCalls({
        ...services,
        invocation,
        authority:
          request.principal.kind === 'automation' ? withoutPeople(work.authority) : work.authority,
        credentials: loaded.credentials,
        secrets: loaded.secrets,
        privateNetworks: loaded.privateNetworks,
      }),
      signal: stopper.signal,
      onLog: (line) => {
        log.push(line)
        tellCaller(() => request.onLog?.(line), stopper)
      },
      onDroppedLogLines: (count) => (droppedLogLines += count),
      onProgress: (progress) => tellCaller(() => request.onProgress?.(progress), stopper),
    })
    const output = work.read(outcome)
    await audit.settle(request.workspace, id)
    await audit.outcome(intent, {
      decision: 'done',
      bytes: invocation.counts.networkBytes,
      duration: Math.round(clock.monotonic() - started),
    })
    return {
      invocation: id,
      output,
      log,
      droppedLogLines,
      usage: {
        cpuMs: outcome.cpuMs,
        wallMs: clock.monotonic() - started,
        hostCalls: invocation.counts.hostCalls,
        httpRequests: invocation.counts.httpRequests,
        networkBytes: invocation.counts.networkBytes,
      },
    }
  } catch (error) {
    // What crashes a handler may be a stranger's event: it is tried again later, and nothing else of the extension is stopped.
    if (isPlatformError(error, 'ERR_HOST_TRAPPED') && work.entry.event === undefined)
      noteCrash(loaded, clock)
    const code = isPlatformError(error) ? error.code : 'ERR_INTERNAL'
    await audit.settle(request.workspace, id)
    await audit.outcome(intent, {
      decision: 'failed',
      bytes: invocation.counts.networkBytes,
      duration: Math.round(clock.monotonic() - started),
      ...(isPlatformError<'ERR_HOST_LIMIT'>(error, 'ERR_HOST_LIMIT')
        ? {
            refusedBy: 'limit',
            details: { error: code, limit: (error.details as { limit: string }).limit },
          }
        : { details: { error: code } }),
    })
    throw error
  } finally {
    request.signal?.removeEventListener('abort', onCallerAbort)
    // Whatever is still under way for this call (a request, a wait for a person) ends with it.
    stopper.abort(cancelled)
  }
}

// An error of the listener is the caller's, and must not surface in the middle of the host: it ends the call.
function tellCaller(tell: () => void, stopper: AbortController): void {
  try {
    tell()
  } catch (error) {
    stopper.abort(error)
  }
}

function configTexts(loaded: LoadedExtension): Record<string, string> {
  return Object.fromEntries(
    Object.entries(loaded.config).map(([name, value]) => [name, JSON.stringify(value)]),
  )
}

// What a person can do about the failures that have an answer outside the extension.
const NEXT_STEPS: Readonly<Record<string, string>> = {
  'permission-denied': 'Look at `morphee permissions NAME` for what is allowed and by whom',
  unauthenticated: 'Enter its credential again with `morphee connect NAME CREDENTIAL`',
  'rate-limited': 'Wait and call again',
  unreachable: 'Look whether the service can be reached, and call again',
}

function checkOutput(
  action: LoadedAction,
  { answer }: RuntimeOutcome,
  outputBytes: number,
): JsonValue {
  const { name } = action.description
  if (answer.kind === 'failure') throw extensionFailed(`Action "${name}"`, answer.failure)
  // A character is one to three bytes, so most answers need no count.
  const characters = answer.output.length
  if (characters * 3 > outputBytes && encodeUtf8(answer.output).length > outputBytes)
    throw limitError('output', outputBytes, 'bytes', 'returned')
  let value: JsonValue
  try {
    value = JSON.parse(answer.output) as JsonValue
    canonicalJson(value)
  } catch {
    throw new HostError(
      'ERR_HOST_OUTPUT_INVALID',
      `Action "${name}" returned text that is not JSON`,
      {
        issues: [{ path: '', message: 'not JSON' }],
      },
    )
  }
  const issues = action.checkOutput(value)
  if (issues.length === 0) return value
  throw new HostError(
    'ERR_HOST_OUTPUT_INVALID',
    `Action "${name}" returned something that its own schema refuses`,
    {
      issues: issues.map(({ pointer, message }) => ({ path: pointer, message })),
    },
  )
}

function extensionFailed(what: string, failure: GuestFailure): HostError {
  const { code, message, details, retryAfterMs } = cleanFailure(failure)
  const facts = {
    code,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
  const hint = NEXT_STEPS[code]
  return new HostError(
    'ERR_HOST_EXTENSION_FAILED',
    `${what} answered: ${message}`,
    facts,
    hint === undefined ? {} : { hint },
  )
}

function noteCrash(loaded: LoadedExtension, clock: Clock): void {
  const now = clock.monotonic()
  loaded.meters.crashes = [...loaded.meters.crashes.filter((at) => now - at < CRASH_WINDOW_MS), now]
}
