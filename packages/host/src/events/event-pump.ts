import { startTimeout, type StartTimer } from '../invocation/start-timer.ts'

/** What {@link createEventPump} drives. */
export interface PumpServices {
  /** Delivers until nothing is due. */
  readonly deliver: () => Promise<unknown>
  /** Milliseconds until something is due again; `undefined` when nothing waits. */
  readonly waitMs: () => Promise<number | undefined>
  /** Told of what kept events from being delivered at all; it goes on. */
  readonly onError?: (error: unknown) => void
  readonly startTimer?: StartTimer
}

/** Delivers again and again: when something is announced here, when it is due, and now and then for other processes. */
export interface EventPump {
  start(): void
  /** Something was announced. */
  wake(): void
  /** Ends after what is under way. */
  stop(): Promise<void>
}

/** How long what another process announced may go unnoticed. */
const POLL_MS = 1_000

/** Makes a pump that stands still until it is started. */
export function createEventPump(services: PumpServices): EventPump {
  const { deliver, waitMs, onError, startTimer = startTimeout } = services
  let running: Promise<void> | undefined
  let stopped = false
  let woken = false
  let wakeUp: (() => void) | undefined

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false
      let wait: number | undefined
      try {
        await deliver()
        wait = await waitMs()
      } catch (error) {
        // A store that is busy or full now may not be so in a second, and one fault is not the end of all deliveries.
        onError?.(error)
      }
      if (!woken && !stopped) await pause(Math.min(wait ?? POLL_MS, POLL_MS))
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = startTimer(ms, resolve)
      wakeUp = () => {
        cancel()
        resolve()
      }
    })
  }

  const wake = (): void => {
    woken = true
    wakeUp?.()
  }
  return {
    start() {
      running ??= run()
    },
    wake,
    async stop() {
      stopped = true
      wake()
      await running
    },
  }
}
