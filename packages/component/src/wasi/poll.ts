import { WasiFault } from './fault.ts'

/** `wasi:io/poll` `pollable`: something that can be waited for. */
export class Pollable {
  readonly #signal: AbortSignal
  readonly #isReady: () => boolean
  readonly #wait: (signal: AbortSignal) => Promise<unknown>

  /**
   * `wait` resolves when it may have become ready, and lets go of what it holds when the signal that it is given is aborted.
   * `signal` ends every wait of the guest.
   */
  constructor(
    signal: AbortSignal,
    isReady: () => boolean,
    wait: (signal: AbortSignal) => Promise<unknown>,
  ) {
    this.#signal = signal
    this.#isReady = isReady
    this.#wait = wait
  }

  ready(): boolean {
    return this.#isReady()
  }

  async block(): Promise<void> {
    await waitForAny([this], this.#signal)
  }

  /** Resolves when it may have become ready. */
  wait(signal: AbortSignal): Promise<unknown> {
    return this.#wait(signal)
  }
}

/** Always ready: what is in memory need not be waited for. */
export function readyNow(signal: AbortSignal): Pollable {
  return new Pollable(
    signal,
    () => true,
    () => Promise.resolve(),
  )
}

/** Ready once `promise` is settled, whichever way. */
export function readyAfter(signal: AbortSignal, promise: Promise<unknown>): Pollable {
  let settled = false
  const over = promise.then(
    () => void (settled = true),
    () => void (settled = true),
  )
  return new Pollable(
    signal,
    () => settled,
    () => over,
  )
}

/** `wasi:io/poll`. */
export function createPoll(signal: AbortSignal): object {
  return {
    Pollable,
    poll(list: readonly Pollable[]): Promise<Uint32Array> {
      // WASI: an empty list traps, since nothing could ever wake the guest.
      if (list.length === 0) throw new WasiFault('poll() was called with nothing to wait for')
      return waitForAny(list, signal)
    },
  }
}

/** Indices of those that are ready, once there is one. */
async function waitForAny(list: readonly Pollable[], outer: AbortSignal): Promise<Uint32Array> {
  // The list may name the same one a million times; it is waited for once.
  const waitedFor = [...new Set(list)]
  for (;;) {
    const ready: number[] = []
    for (const [index, pollable] of list.entries()) if (pollable.ready()) ready.push(index)
    if (ready.length > 0) return Uint32Array.from(ready)
    outer.throwIfAborted()
    const over = new AbortController()
    const signal = AbortSignal.any([outer, over.signal])
    try {
      const waits = waitedFor.map((pollable) => pollable.wait(signal))
      // Those that lose are let go of; what they then say is nobody's business.
      for (const wait of waits) wait.catch(() => undefined)
      await Promise.race([...waits, whenAborted(signal)])
    } finally {
      over.abort()
    }
  }
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
