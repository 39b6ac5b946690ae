import { monotonic } from 'morphee:extension/clock@0.9.0'
import { assertRunning } from '../runtime/phase.ts'

// The origin is the first question: nothing may ask the host while the build evaluates the module.
let origin: number | undefined

/** Milliseconds that never go back, from the first call on. */
export const performance: { now(): number } = {
  now() {
    assertRunning('The time')
    const ms = Number(monotonic()) / 1e6
    origin ??= ms
    return ms - origin
  },
}

export { performance as 'globalThis.performance' }
