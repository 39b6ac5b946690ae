import { write } from 'morphee:extension/log@0.9.0'

/** Lines kept with the invocation; at most 4 KiB each, and 1,000 a call. Never put a secret there. */
export interface Log {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/** Writes to the log of this call. */
export const log: Log = {
  debug: (message) => write('debug', message),
  info: (message) => write('info', message),
  warn: (message) => write('warn', message),
  error: (message) => write('error', message),
}
