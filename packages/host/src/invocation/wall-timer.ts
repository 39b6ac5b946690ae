import type { PersonWaits } from './person-waits.ts'

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
): WallTimer {
  let left = limitMs
  let since: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const leftMs = (): number => (since === undefined ? left : left - (performance.now() - since))
  const stop = (): void => {
    clearTimeout(timer)
    left = leftMs()
    since = undefined
  }
  const goOn = (): void => {
    since = performance.now()
    timer = setTimeout(onLimit, left)
  }
  goOn()
  const leave = waits?.follow({ stop, goOn })
  return {
    leftMs,
    end() {
      clearTimeout(timer)
      leave?.()
    },
  }
}
