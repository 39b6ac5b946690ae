import { log } from '../log.ts'
import { inspect } from './inspect.ts'

type Write = (...values: unknown[]) => void

/** `console` on the log of the call. Values that are no strings are printed like JSON, with cycles and errors spelled out. */
export interface Console {
  debug: Write
  log: Write
  info: Write
  warn: Write
  error: Write
  trace: Write
  assert(condition?: unknown, ...values: unknown[]): void
}

const line = (values: readonly unknown[]): string =>
  values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' ')

export const console: Console = {
  debug: (...values) => log.debug(line(values)),
  log: (...values) => log.info(line(values)),
  info: (...values) => log.info(line(values)),
  warn: (...values) => log.warn(line(values)),
  error: (...values) => log.error(line(values)),
  trace: (...values) => log.debug(`${line(values)}\n${new Error().stack ?? ''}`),
  assert: (condition, ...values) => {
    if (!condition) log.error(line(['Assertion failed:', ...values]))
  },
}

export { console as 'globalThis.console' }
