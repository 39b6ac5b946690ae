import type { StartTimer } from '../../invocation/start-timer.ts'

interface Alarm {
  readonly at: number
  readonly ring: () => void
}

/**
 * Many timers on one of the platform's: nearly all are stopped long before they are due, and what starting and stopping one of
 * the platform's takes is seen in a short call.
 *
 * While one is running it keeps the process alive, as a timer of its own would.
 */
export function createSharedTimer(): StartTimer {
  const alarms = new Set<Alarm>()
  let timer: NodeJS.Timeout | undefined
  /** When the timer goes off: no later than the first alarm. */
  let at = Infinity

  const arm = (when: number): void => {
    clearTimeout(timer)
    at = when
    timer = setTimeout(ringDue, Math.max(0, at - performance.now()))
  }
  const ringDue = (): void => {
    const now = performance.now()
    timer = undefined
    at = Infinity
    const due: Alarm[] = []
    let next = Infinity
    for (const alarm of alarms) {
      if (alarm.at <= now) due.push(alarm)
      else next = Math.min(next, alarm.at)
    }
    if (next < Infinity) arm(next)
    // The one before may have stopped it.
    for (const alarm of due) if (alarms.delete(alarm)) alarm.ring()
  }

  return (ms, ring) => {
    const alarm: Alarm = { at: performance.now() + ms, ring }
    if (alarms.size === 0) timer?.ref()
    alarms.add(alarm)
    if (alarm.at < at) arm(alarm.at)
    return () => {
      if (alarms.delete(alarm) && alarms.size === 0) timer?.unref()
    }
  }
}
