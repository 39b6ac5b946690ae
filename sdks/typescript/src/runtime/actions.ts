import type { HostFailure } from 'morphee:extension/types@0.9.0'
import type { AnyHandler, Extension } from '../extension.ts'
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
): ActionsExport {
  const { actions } = extensionOf(main)
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
      return run(actions[action] as AnyHandler, input)
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

function run(handler: AnyHandler, input: string): string {
  try {
    const argument = JSON.parse(input) as never
    const promise = GuestPromise.try(() => handler(argument, invocation)) as GuestPromise<unknown>
    GuestPromise.markHandled(promise)
    drain()
    return toOutput(GuestPromise.outcomeOf(promise))
  } catch (error) {
    if (!(error instanceof Failure)) log.error(`The action threw ${inspect(error)}`)
    throw toHostFailure(error)
  } finally {
    for (const reason of takeUnhandled())
      log.warn(`Nobody handled the rejection ${inspect(reason)}`)
    clearJobs()
    clearTimers()
  }
}

function toOutput(outcome: Outcome): string {
  if (outcome.kind === 'rejected') throw outcome.reason
  if (outcome.kind === 'fulfilled') return JSON.stringify(outcome.value ?? null) ?? 'null'
  const delay = nextTimer()
  if (delay !== undefined) {
    throw new Failure(
      'unsupported',
      `The action waits for a timer of ${delay} ms, and an extension cannot sleep; fail with retryAfterMs instead`,
    )
  }
  throw new Failure('internal', 'The action waits for a promise that nobody settles')
}
