import type { PersonWaits } from './person-waits.ts'
import { startTimeout, type StartTimer } from './start-timer.ts'

/** Wall time that is running out. */
export interface WallTimer {
  leftMs(): number
  end(): void
}

/** Calls `onLimit` when `limitMs` are over, those not counted in which `waits` wait for a person. */
export function startWallTimer(
  limitMs: number,
  waits: PersonWaits | undefined,
  onLimit: () => void,
  startTimer: StartTimer = startTimeout,
): WallTimer {
  let left = limitMs
  let since: number | undefined
  let stopTimer: (() => void) | undefined
  const leftMs = (): number => (since === undefined ? left : left - (performance.now() - since))
  const stop = (): void => {
    stopTimer?.()
    left = leftMs()
    since = undefined
  }
  const goOn = (): void => {
    since = performance.now()
    stopTimer = startTimer(left, onLimit)
  }
  goOn()
  const leave = waits?.follow({ stop, goOn })
  return {
    leftMs,
    end() {
      stopTimer?.()
      leave?.()
    },
  }
}
