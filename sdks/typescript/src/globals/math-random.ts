import { bytes } from 'morphee:extension/random@0.9.0'
import { isRunning } from '../runtime/phase.ts'

// Without initial values: a module that is loaded earlier may draw a number while this one has not begun.
let pool: DataView | undefined
let at: number
let drawn: number | undefined

/**
 * `Math.random` on the host's random numbers.
 *
 * While the extension is built there is no host, and libraries draw numbers as they load: those come from a fixed sequence, so
 * that the same source gives the same file.
 */
export function random(): number {
  if (!isRunning()) return fixedSequence()
  if (pool === undefined || at >= pool.byteLength) {
    const fresh = bytes(512)
    pool = new DataView(fresh.buffer, fresh.byteOffset, fresh.byteLength)
    at = 0
  }
  const bits = pool.getBigUint64(at) >> 11n
  at += 8
  return Number(bits) / 2 ** 53
}

// Multiples of the golden ratio: spread out, never repeating soon, and plainly no secret.
function fixedSequence(): number {
  drawn = (drawn ?? 0) + 1
  return (drawn * 0.618_033_988_749_894_9) % 1
}

export { random as 'globalThis.Math.random', random as 'Math.random' }
