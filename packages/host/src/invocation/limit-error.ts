import { HostError } from '../errors.ts'

/** The one wording for an invocation that was stopped by a limit. */
export function limitError(
  limit: string,
  value: number,
  unit: string,
  verb: string,
): HostError<'ERR_HOST_LIMIT'> {
  return new HostError(
    'ERR_HOST_LIMIT',
    `Stopped by the ${limit} limit: the extension ${verb} more than ${value} ${unit}`,
    {
      limit,
      value,
      unit,
    },
  )
}

/** {@link limitError} for wall time. */
export function wallTimeLimit(wallMs: number): HostError<'ERR_HOST_LIMIT'> {
  return limitError('wall-time', wallMs, 'ms', 'took')
}
