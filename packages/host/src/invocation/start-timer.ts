/** Calls `then` after `ms`, unless what it returns is called before. */
export type StartTimer = (ms: number, then: () => void) => () => void

/** A timer of the platform for each. */
export const startTimeout: StartTimer = (ms, then) => {
  const timer = setTimeout(then, ms)
  return () => clearTimeout(timer)
}
