// What a guest says, made fit to be shown. Both sides of a cell do it: inside, so that little crosses; and outside, because
// the inside may be the guest's own by then.
import { cleanText } from '@morphee/core'
import type { LogLine, Progress } from '../../invocation/invoke-request.ts'

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error']
const MAX_PROGRESS_TEXT = 500

export function toLogLine(level: string, text: string, maxBytes: number): LogLine {
  return {
    level: LEVELS.includes(level) ? (level as LogLine['level']) : 'info',
    message: cleanText(text, maxBytes),
  }
}

export function toProgress(fraction: number | undefined, text: string): Progress {
  const known = fraction !== undefined && fraction >= 0 && fraction <= 1
  return { fraction: known ? fraction : undefined, message: cleanText(text, MAX_PROGRESS_TEXT) }
}

const FREE_PROGRESS = 100

/**
 * Says each time whether one more report of progress is let through.
 *
 * A guest that reports in a loop would fill the host's queue faster than it is emptied: after the first hundred, what comes
 * within `gapMs` of the one before is dropped.
 */
export function createProgressGate(gapMs: number): () => boolean {
  let passed = 0
  let last = -Infinity
  return () => {
    const now = performance.now()
    if (passed >= FREE_PROGRESS && now - last < gapMs) return false
    passed++
    last = now
    return true
  }
}

/** A reason why a guest trapped, in the engine's spelling; anything else is `other`. */
export function toTrapReason(reason: string): string {
  return /^[a-z]+(?:-[a-z]+){0,4}$/.test(reason) && reason.length <= 40 ? reason : 'other'
}
