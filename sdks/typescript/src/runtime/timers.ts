// There is no sleep in the contract, so a guest cannot wait. A timer without delay runs when the rest of the turn is done. One
// with a delay is kept, because code that sets a deadline clears it when it is done in time; a handler that can go on by
// such a timer only is refused instead of being woken at once, which would turn "try again in a minute" into a storm.
import { onIdle } from './event-loop.ts'

type Callback = (...args: unknown[]) => void

let lastId = 0
const waiting = new Map<number, number>()

/** `setTimeout`: with no delay it runs after the turn; with one, never: see the top of this file. */
export function setTimer(callback: Callback, delayMs = 0, ...args: unknown[]): number {
  if (typeof callback !== 'function') throw new TypeError('setTimeout() needs a function')
  const id = ++lastId
  const delay = Number(delayMs)
  waiting.set(id, delay > 0 ? delay : 0)
  if (!(delay > 0)) {
    onIdle(() => {
      if (waiting.delete(id)) callback(...args)
    })
  }
  return id
}

/** `setImmediate`: after the turn. */
export function setImmediateTimer(callback: Callback, ...args: unknown[]): number {
  return setTimer(callback, 0, ...args)
}

/** `setInterval`: kept, never run. */
export function setIntervalTimer(callback: Callback, delayMs = 0, ...args: unknown[]): number {
  return setTimer(callback, Math.max(1, Number(delayMs) || 0), ...args)
}

/** `clearTimeout` and `clearInterval`. */
export function clearTimer(id?: number): void {
  if (id !== undefined) waiting.delete(id)
}

/** Milliseconds of the timer that would fire first, when there is one. */
export function nextTimer(): number | undefined {
  let next: number | undefined
  for (const delay of waiting.values()) next = next === undefined ? delay : Math.min(next, delay)
  return next
}

/** Forgets what a call left behind. */
export function clearTimers(): void {
  waiting.clear()
}
