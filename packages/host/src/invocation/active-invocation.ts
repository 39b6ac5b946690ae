import type { Id } from '@morphee/core'
import type { HostError } from '../errors.ts'
import type { Limits } from '@morphee/manifest'
import type { Meters } from './meters.ts'
import type { PersonWaits } from './person-waits.ts'
import type { Principal } from './principal.ts'

/** One invocation while it runs: what capabilities need to decide, count and record. */
export interface ActiveInvocation {
  readonly id: Id<'invocation'>
  readonly workspace: string
  readonly principal: Principal
  readonly conversation: Id<'conversation'> | undefined
  /** Id of the installation, or `builtin`. */
  readonly installation: string
  readonly extension: string
  /** Digest of the artifact that runs, or `builtin`. */
  readonly digest: string
  readonly action: string
  /** How many deliveries in a row led here. @default 0, a call */
  readonly hops?: number
  readonly limits: Limits
  readonly meters: Meters
  readonly signal: AbortSignal
  /** Missing where its time goes on while a person is asked. */
  readonly waits?: PersonWaits | undefined
  /** Milliseconds of wall time left; it stands still during {@link ActiveInvocation.waits}. */
  remainingMs(): number
  /** Ends the guest by a trap; the invocation fails with `error` whatever the guest does. */
  stop(error: HostError): void
  readonly counts: InvocationCounts
}

/** What one invocation has used so far. */
export interface InvocationCounts {
  hostCalls: number
  httpRequests: number
  networkBytes: number
  refusals: number
}
