/** Calls `ring` after `ms`, unless what it returns is called before. */
export type StartTimer = (ms: number, ring: () => void) => () => void

/** A timer of the platform for each. */
export const startTimeout: StartTimer = (ms, ring) => {
  const timer = setTimeout(ring, ms)
  return () => clearTimeout(timer)
}
