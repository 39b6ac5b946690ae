import type { HostEvent } from 'morphee:extension/event-handler@0.9.0'
import type { HostFailure } from 'morphee:extension/types@0.9.0'
import type { AnyHandler, EventHandler, Extension } from '../extension.ts'
import { Failure, toHostFailure } from '../failure.ts'
import { inspect } from '../globals/inspect.ts'
import { invocation } from '../invocation.ts'
import { log } from '../log.ts'
import { clearJobs, drain } from './event-loop.ts'
import { GuestPromise, type Outcome } from './promise.ts'
import { beginRunning } from './phase.ts'
import { takeUnhandled } from './rejections.ts'
import { clearTimers, nextTimer } from './timers.ts'

/** The exports of the component's `actions` interface. */
export interface ActionsExport {
  invoke(action: string, input: string): string
}

/**
 * Binds what `src/main.ts` exports to the component's `actions`; the build writes the call.
 *
 * It runs while the component is built, so a name missing on either side is a fault of the build and not of a call.
 */
export function createActions(
  main: { extension?: unknown },
  declared: readonly string[],
  handlesEvents: boolean,
): ActionsExport {
  const { actions, onEvent } = extensionOf(main)
  if (handlesEvents !== (typeof onEvent === 'function')) {
    throw new Error(
      handlesEvents
        ? 'extension.yaml asks for event:subscribe, and the extension has no onEvent'
        : 'the extension has onEvent, and extension.yaml does not ask for event:subscribe',
    )
  }
  const missing = declared.filter((name) => typeof actions[name] !== 'function')
  const undeclared = Object.keys(actions).filter((name) => !declared.includes(name))
  // The build reads this text.
  if (missing.length + undeclared.length > 0) {
    throw new Error(`The actions differ: ${JSON.stringify({ missing, undeclared })}`)
  }
  return {
    invoke(action, input) {
      beginRunning()
      if (!Object.hasOwn(actions, action)) {
        throw { code: 'not-found', message: `There is no action "${action}"` } satisfies HostFailure
      }
      return run('action', actions[action] as AnyHandler, input, (value) => {
        return JSON.stringify(value ?? null) ?? 'null'
      })
    },
  }
}

/** The exports of the component's `event-handler` interface. */
export interface EventHandlerExport {
  handle(event: HostEvent): void
}

/** Binds `onEvent` to the component's `event-handler`, which only an extension that subscribes to topics has. */
export function createEventHandler(main: { extension?: unknown }): EventHandlerExport {
  const onEvent = extensionOf(main).onEvent as EventHandler
  return {
    handle({ id, source, topic, time, attempt, payload }) {
      beginRunning()
      const told = { id, source, topic, time: Number(time), attempt }
      const withPayload: AnyHandler = (value, call) => onEvent({ ...told, payload: value }, call)
      run('handler', withPayload, payload, () => {})
    },
  }
}

function extensionOf(main: { extension?: unknown }): Extension {
  const extension = main.extension as Partial<Extension> | undefined
  if (typeof extension?.actions !== 'object' || extension.actions === null) {
    throw new Error(
      'src/main.ts must export `extension`, made by defineExtension({ actions: { … } })',
    )
  }
  return extension as Extension
}

function run<Result>(
  what: 'action' | 'handler',
  handler: AnyHandler,
  input: string,
  toResult: (value: unknown) => Result,
): Result {
  try {
    const argument = JSON.parse(input) as never
    const promise = GuestPromise.try(() => handler(argument, invocation)) as GuestPromise<unknown>
    GuestPromise.markHandled(promise)
    drain()
    return toResult(valueOf(what, GuestPromise.outcomeOf(promise)))
  } catch (error) {
    if (!(error instanceof Failure)) log.error(`The ${what} threw ${inspect(error)}`)
    throw toHostFailure(error)
  } finally {
    for (const reason of takeUnhandled())
      log.warn(`Nobody handled the rejection ${inspect(reason)}`)
    clearJobs()
    clearTimers()
  }
}

function valueOf(what: string, outcome: Outcome): unknown {
  if (outcome.kind === 'rejected') throw outcome.reason
  if (outcome.kind === 'fulfilled') return outcome.value
  const delay = nextTimer()
  if (delay !== undefined) {
    throw new Failure(
      'unsupported',
      `The ${what} waits for a timer of ${delay} ms, and an extension cannot sleep; fail with retryAfterMs instead`,
    )
  }
  throw new Failure('internal', `The ${what} waits for a promise that nobody settles`)
}
