import { cleanText } from '@morphee/core'
import type { GuestFailure } from '../runtimes/runtime.ts'

const MAX_MESSAGE = 1000
const MAX_DETAILS = 10_000

/**
 * A failure that a guest chose, made fit for callers, logs and terminals.
 *
 * The code keeps the form of the contract or becomes `internal`; the message is a stranger's text, cleaned and bounded; details
 * that are no JSON text, or too long to be kept whole, are left out.
 */
export function cleanFailure({ code, message, details, retryAfterMs }: GuestFailure): GuestFailure {
  return {
    code: /^[a-z][a-z0-9-]{0,63}$/.test(code) ? code : 'internal',
    message: cleanText(message, MAX_MESSAGE),
    ...(details !== undefined && isJson(details) ? { details } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

function isJson(text: string): boolean {
  if (text.length > MAX_DETAILS) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
