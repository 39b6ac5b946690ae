import { cleanLine } from '@morphee/core'
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
