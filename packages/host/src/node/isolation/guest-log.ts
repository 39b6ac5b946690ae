import { createProgressGate, toLogLine, toProgress } from './guest-words.ts'
import type { FromGuest, GuestLogLine, InvokeMessage } from './protocol.ts'

/** What one call says beside its answer. */
export interface GuestLog {
  write(level: string, text: string): void
  progress(fraction: number | undefined, text: string): void
  /** Sends what was kept back. */
  flush(): void
  /** Lines over the limit. */
  readonly dropped: number
}

/** Lines that are sent as they come: what a guest said before it hung is worth most. */
const PROMPT_LINES = 32
const BATCH_LINES = 32
const PROGRESS_MS = 50

/** The log and the progress of the call that `message` began, bounded before anything is made of a line. */
export function createGuestLog(
  { lease, logLines, logLineBytes }: InvokeMessage,
  send: (message: FromGuest) => void,
): GuestLog {
  const mayProgress = createProgressGate(PROGRESS_MS)
  let written = 0
  let dropped = 0
  let kept: GuestLogLine[] = []

  const flush = (): void => {
    if (kept.length === 0) return
    const lines = kept
    kept = []
    send({ kind: 'log', lease, lines })
  }
  return {
    get dropped() {
      return dropped
    },
    flush,
    write(level, text) {
      // The limit is tested before the line is made: a flood costs the guest its own time and the host nothing.
      if (written >= logLines) {
        dropped++
        return
      }
      written++
      kept.push(toLogLine(level, text, logLineBytes))
      if (written <= PROMPT_LINES || kept.length >= BATCH_LINES) flush()
    },
    progress(fraction, text) {
      if (!mayProgress()) return
      flush()
      send({ kind: 'progress', lease, ...toProgress(fraction, text) })
    },
  }
}
