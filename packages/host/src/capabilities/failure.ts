import { cleanText, ERROR_TABLE, type ErrorCode, isPlatformError } from '@morphee/core'
import type { GuestFailure } from '../runtimes/runtime.ts'

/** The members of an error's details that a guest may read; everything else stays in the host's log. */
const PUBLIC_DETAILS = [
  'refusedBy',
  'permission',
  'limit',
  'value',
  'unit',
  'retryAfterMs',
  'header',
  'credential',
  'accepted',
]

/**
 * What a guest learns of an error: a code of the contract, a message for people, and the documented details.
 *
 * Errors that are not coded are our own bugs; the guest sees `internal` and nothing of their text.
 */
export function toGuestFailure(error: unknown): GuestFailure {
  if (!isPlatformError(error)) return { code: 'internal', message: 'The host could not do this' }
  const row = ERROR_TABLE[error.code as ErrorCode] as (typeof ERROR_TABLE)[ErrorCode] | undefined
  if (row === undefined || row.guest === null)
    return { code: 'internal', message: 'The host could not do this' }
  const details = (error.details ?? {}) as Record<string, unknown>
  const shown: Record<string, unknown> = { error: error.code }
  for (const name of PUBLIC_DETAILS) {
    if (Object.hasOwn(details, name) && details[name] !== undefined) shown[name] = details[name]
  }
  const retry = details['retryAfterMs']
  return {
    code: row.guest,
    message: cleanText(error.message, 1000),
    details: JSON.stringify(shown),
    retryAfterMs: typeof retry === 'number' ? Math.min(Math.ceil(retry), 0xffff_ffff) : undefined,
  }
}

/**
 * Whether an error ends the guest instead of being its failure: our own bugs, and what could not be recorded. Without a
 * record there is no effect, and a guest that could go on would try again.
 */
export function endsGuest(error: unknown): boolean {
  if (!isPlatformError(error)) return true
  return error.code.startsWith('ERR_AUDIT_') || error.code.startsWith('ERR_COMPONENT_')
}
