const POLL_MS = 200

/** The calls of this process that wait for an answer: woken by one that is given here, and now and then for one given elsewhere. */
export class WaitingCalls {
  readonly #wake = new Map<string, () => void>()
  #poll: ReturnType<typeof setTimeout> | undefined

  /** Resolves when the question `id` may have changed: an answer in this process, the end of the call, or the next look at the store. */
  changed(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.#wake.delete(id)
        resolve()
      }
      this.#wake.set(id, wake)
      signal.addEventListener('abort', wake, { once: true })
      this.#poll ??= setTimeout(() => {
        this.#poll = undefined
        this.wakeAll()
      }, POLL_MS)
    })
  }

  wakeAll(): void {
    for (const wake of this.#wake.values()) wake()
  }
}
