// Imported before the author's code, so that nothing can keep hold of what it replaces.
import { GuestPromise } from './promise.ts'

Object.defineProperties(globalThis, {
  Promise: { value: GuestPromise, configurable: true, writable: true },
  queueMicrotask: {
    value: (job: () => void) => {
      if (typeof job !== 'function') throw new TypeError('queueMicrotask() needs a function')
      void GuestPromise.prototype.then.call(GuestPromise.resolve(), job)
    },
    configurable: true,
    writable: true,
  },
})
