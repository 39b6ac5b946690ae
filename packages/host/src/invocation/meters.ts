import type { Clock } from '@morphee/core'
import { SlidingWindow } from './sliding-window.ts'

/** What one installation in one workspace used over the last minute, and what it runs now. */
export interface Meters {
  readonly requests: SlidingWindow
  readonly bandwidth: SlidingWindow
  readonly announcements: SlidingWindow
  running: number
  /** Times (monotonic ms) of recent crashes. */
  crashes: number[]
  /** Monotonic time until which a service asked this installation to wait (`Retry-After`), by origin. */
  readonly backOff: Map<string, number>
}

/** Fresh meters. */
export function createMeters(clock: Clock): Meters {
  return {
    requests: new SlidingWindow(clock),
    bandwidth: new SlidingWindow(clock),
    announcements: new SlidingWindow(clock),
    running: 0,
    crashes: [],
    backOff: new Map(),
  }
}
