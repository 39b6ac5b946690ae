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
import { createHostCalls } from '../capabilities/create-host-calls.ts'
import type { CapabilityServices } from '../capabilities/capability.ts'
import { recordOf } from '../capabilities/record.ts'
import { actionUnknown, HostError } from '../errors.ts'
import type { LoadedAction, LoadedExtension } from '../extension/loaded-extension.ts'
import type { RuntimeOutcome } from '../runtimes/runtime.ts'
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
    return await run(loaded, action, input, request, services)
  } finally {
    loaded.meters.running--
  }
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

async function run(
  loaded: LoadedExtension,
  action: LoadedAction,
  input: string,
  request: InvokeRequest,
  services: InvokeServices,
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
    action: request.action,
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

  const intent = await audit.intent(recordOf(invocation, 'invoke', request.action))
  try {
    const outcome = await loaded.runtime.invoke({
      workspace: request.workspace,
      invocation: id,
      caller: formatCaller(request.principal),
      locale: request.locale ?? 'en',
      timeZone: request.timeZone ?? 'UTC',
      action: request.action,
      input,
      config: configTexts(loaded),
      limits,
      remainingMs: limits.wallMs,
      waits,
      calls: createHostCalls({
        ...services,
        invocation,
        authority: action.authority,
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
    const output = checkOutput(action, outcome, limits.outputBytes)
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
    if (isPlatformError(error, 'ERR_HOST_TRAPPED')) noteCrash(loaded, clock)
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
  if (answer.kind === 'failure') {
    const { code, message, details, retryAfterMs } = cleanFailure(answer.failure)
    const facts = {
      code,
      ...(details === undefined ? {} : { details }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    }
    const hint = NEXT_STEPS[code]
    throw new HostError(
      'ERR_HOST_EXTENSION_FAILED',
      `Action "${name}" answered: ${message}`,
      facts,
      hint === undefined ? {} : { hint },
    )
  }
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

function noteCrash(loaded: LoadedExtension, clock: Clock): void {
  const now = clock.monotonic()
  loaded.meters.crashes = [...loaded.meters.crashes.filter((at) => now - at < CRASH_WINDOW_MS), now]
}
