// A longer one fires at once.
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Time that runs out, unless it is stopped while somebody else is being waited for. */
export class Deadline {
  readonly timeoutMs: number
  /** Aborts when the time is over or the caller gives up, whichever comes first. */
  readonly signal: AbortSignal
  /** Whether it was the time. */
  expired = false
  readonly #controller = new AbortController()
  #remainingMs: number
  #startedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.timeoutMs = timeoutMs
    this.#remainingMs = Math.min(timeoutMs, LONGEST_TIMER_MS)
    this.signal =
      caller === undefined
        ? this.#controller.signal
        : AbortSignal.any([caller, this.#controller.signal])
    this.#run()
  }

  #run(): void {
    this.#startedAt = performance.now()
    this.#timer = setTimeout(() => {
      this.expired = !this.signal.aborted
      this.#controller.abort()
    }, this.#remainingMs)
  }

  /** Waits for `work` or for the signal; the clock runs. */
  async race<T>(work: T | PromiseLike<T>): Promise<T> {
    this.signal.throwIfAborted()
    let onAbort = (): void => undefined
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(this.signal.reason as Error)
      this.signal.addEventListener('abort', onAbort, { once: true })
    })
    try {
      return await Promise.race([work, aborted])
    } finally {
      this.signal.removeEventListener('abort', onAbort)
    }
  }

  /** Waits for `work` with the clock stopped; the caller's signal still ends the wait. */
  async pauseFor<T>(work: PromiseLike<T>): Promise<T> {
    clearTimeout(this.#timer)
    this.#remainingMs = Math.max(0, this.#remainingMs - (performance.now() - this.#startedAt))
    try {
      return await this.race(work)
    } finally {
      this.#run()
    }
  }

  close(): void {
    clearTimeout(this.#timer)
  }
}
