// A rejection that nobody looks at is most often a bug, and nothing else would show it: it is logged when its call ends.

const unhandled = new Map<object, unknown>()

/** Notes that `promise` was rejected before anybody asked for its outcome. */
export function trackRejection(promise: object, reason: unknown): void {
  unhandled.set(promise, reason)
}

/** Notes that somebody asked after all. */
export function trackHandled(promise: object): void {
  unhandled.delete(promise)
}

/** The reasons nobody asked for, and forgets them. */
export function takeUnhandled(): unknown[] {
  const reasons = [...unhandled.values()]
  unhandled.clear()
  return reasons
}
