import { clearTimer, setImmediateTimer, setIntervalTimer, setTimer } from '../runtime/timers.ts'

export {
  clearTimer as clearInterval,
  clearTimer as clearTimeout,
  clearTimer as 'globalThis.clearInterval',
  clearTimer as 'globalThis.clearTimeout',
  setImmediateTimer as 'globalThis.setImmediate',
  setImmediateTimer as setImmediate,
  setIntervalTimer as 'globalThis.setInterval',
  setIntervalTimer as setInterval,
  setTimer as 'globalThis.setTimeout',
  setTimer as setTimeout,
}
