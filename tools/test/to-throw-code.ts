/** Adds `expect(…).toThrowCode(code)`: the one way tests assert a coded error, thrown or rejected. */
import { expect } from 'vitest'

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void>, T> {
    toThrowCode(code: string): R
  }
}

expect.extend({
  toThrowCode(received: unknown, code: string) {
    let error: unknown
    // With `.rejects` the matcher receives the reason itself; otherwise a function to call.
    if (typeof received === 'function') {
      try {
        received()
      } catch (thrown) {
        error = thrown
      }
    } else {
      error = received
    }
    const actual =
      error !== null && typeof error === 'object' && 'code' in error ? error.code : undefined
    return {
      pass: actual === code,
      message: () =>
        `expected an error with code ${code}, got ${error === undefined ? 'none' : `${String(actual)}: ${String(error)}`}`,
      actual,
      expected: code,
    }
  },
})
