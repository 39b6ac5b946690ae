// What an extension asks for while it starts and answers; every engine gets the same functions.

type HostInterface = Record<string, (...args: never[]) => unknown>

const INTERFACES: Readonly<Record<string, HostInterface>> = {
  log: { write: () => {} },
  clock: { now: () => 0n, monotonic: () => 0n },
  random: { bytes: (count: number) => new Uint8Array(count) },
  config: { get: () => undefined },
  invocation: {
    id: () => 'inv',
    caller: () => 'person',
    locale: () => 'en',
    timeZone: () => 'UTC',
    remainingMs: () => 1000n,
    progress: () => {},
  },
  http: { read: () => ({}), readAll: () => [], write: () => ({}) },
}

/** The name under which extensions export their actions. */
export const ACTIONS = 'morphee:extension/actions@0.9.0'

/** A host that does nothing, for extensions that are measured. */
export function extensionHost(): Record<string, HostInterface> {
  return Object.fromEntries(
    Object.entries(INTERFACES).map(([name, value]) => [`morphee:extension/${name}`, value]),
  )
}
