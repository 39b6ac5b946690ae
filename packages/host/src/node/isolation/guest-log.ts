import { cleanText } from '@morphee/core'
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

const LEVELS = ['debug', 'info', 'warn', 'error']
/** Lines that are sent as they come: what a guest said before it hung is worth most. */
const PROMPT_LINES = 32
const BATCH_LINES = 32

const FREE_PROGRESS = 100
const PROGRESS_MS = 50

/** The log and the progress of the call that `message` began, bounded before anything is made of a line. */
export function createGuestLog(
  { lease, logLines, logLineBytes }: InvokeMessage,
  send: (message: FromGuest) => void,
): GuestLog {
  let written = 0
  let dropped = 0
  let kept: GuestLogLine[] = []
  let progressSent = 0
  let lastProgress = -Infinity

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
      kept.push({
        level: LEVELS.includes(level) ? level : 'info',
        message: cleanText(text, logLineBytes),
      })
      if (written <= PROMPT_LINES || kept.length >= BATCH_LINES) flush()
    },
    // A guest that reports in a loop would fill the host's queue faster than it is emptied: after the first hundred, what
    // comes within a twentieth of a second of the one before is dropped.
    progress(fraction, text) {
      const now = performance.now()
      if (progressSent >= FREE_PROGRESS && now - lastProgress < PROGRESS_MS) return
      progressSent++
      lastProgress = now
      flush()
      const known = fraction !== undefined && fraction >= 0 && fraction <= 1
      send({
        kind: 'progress',
        lease,
        fraction: known ? fraction : undefined,
        message: cleanText(text, 500),
      })
    },
  }
}
