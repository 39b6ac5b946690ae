import type { Clock } from '@morphee/core'
import type { AuditLog, AuditWriter } from '../audit/index.ts'
import type { Store } from '../store/index.ts'
import type { ApprovalSurface } from './approval.ts'

/** How long and how much may wait. */
export interface ApprovalLimits {
  /** Unanswered for so long is refused. All waits of one call together are no longer. @default 10 minutes */
  readonly timeoutMs: number
  /** How long a yes after a restart waits for the identical call. @default 15 minutes */
  readonly leaseMs: number
  /** How long an interrupted question can still be answered. @default 24 hours */
  readonly interruptedMs: number
  /** @default 100 */
  readonly pendingPerWorkspace: number
  /** @default 20 */
  readonly pendingPerExtension: number
}

export const DEFAULT_LIMITS: ApprovalLimits = {
  timeoutMs: 600_000,
  leaseMs: 900_000,
  interruptedMs: 86_400_000,
  pendingPerWorkspace: 100,
  pendingPerExtension: 20,
}

/** What an approval desk works with. */
export interface ApprovalServices {
  readonly store: Store
  readonly audit: AuditLog
  /** One that never goes back: {@link createSteadyClock}. */
  readonly clock: Clock
  /** Tells calls that wait from those whose process is gone. */
  readonly writer: AuditWriter
  /** @default nobody to ask */
  readonly surface?: ApprovalSurface | undefined
}

/** {@link ApprovalServices} with the limits in force. */
export interface LimitedServices extends ApprovalServices {
  readonly limits: ApprovalLimits
}
