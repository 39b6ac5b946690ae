import { now } from 'morphee:extension/clock@0.9.0'
import { assertRunning } from '../runtime/phase.ts'
import { NativeDate } from './native-date.ts'

function currentTime(): number {
  assertRunning('The time')
  return Number(now())
}

/**
 * `Date` on the host's clock. QuickJS's own asks a system clock that an extension does not have, and traps.
 *
 * A proxy, so that the parts that need no clock stay the engine's own and `instanceof` holds in both directions.
 */
export const HostDate: DateConstructor = new Proxy(NativeDate, {
  construct: (target, args: unknown[], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [currentTime()] : args, newTarget) as Date,
  apply: () => new NativeDate(currentTime()).toString(),
  get: (target, key, receiver) =>
    key === 'now' ? currentTime : (Reflect.get(target, key, receiver) as unknown),
})

export { HostDate as Date, HostDate as 'globalThis.Date' }
