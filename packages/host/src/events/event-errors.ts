import { cleanLine } from '@morphee/core'
import type { RefusedBy } from '@morphee/manifest'
import { HostError } from '../errors.ts'

/** The refusal of a dead letter that an extension does not have. */
export function unknownDeadLetter(
  extension: string,
  event: string,
): HostError<'ERR_HOST_EVENT_UNKNOWN'> {
  const shown = cleanLine(event, 100)
  return new HostError(
    'ERR_HOST_EVENT_UNKNOWN',
    `Cannot find "${shown}" among the dead letters of "${extension}"`,
    { extension, event: shown },
  )
}

/** The refusal of an event that an extension may not get now. */
export function notAllowed(
  extension: string,
  topic: string,
  refusedBy: RefusedBy,
): HostError<'ERR_HOST_PERMISSION_DENIED'> {
  return new HostError(
    'ERR_HOST_PERMISSION_DENIED',
    `Cannot run "${extension}" for "${topic}": refused by the ${refusedBy}`,
    { permission: 'event:subscribe', refusedBy, target: topic },
  )
}
