import { Component, type HostImports } from '@morphee/component'
import { interfaceId } from '../wit/world.ts'

/** Calls one action with a JSON value. */
export type Invoke = (action: string, input: unknown) => Promise<unknown>

/**
 * Instantiates a built extension for a test of its code, with the host that the test gives it.
 *
 * There are no permissions, schemas or limits here: those are the host's, and a `DevelopmentHost` has them.
 *
 * @throws `ComponentError` with the failure as `payload`, when the action fails
 */
export async function openComponent(bytes: Uint8Array, imports: HostImports = {}): Promise<Invoke> {
  const component = await Component.compile(bytes)
  const instance = await component.instantiate({ ...quietHost(), ...imports }, {})
  const actions = instance.exports[interfaceId('actions')]
  return async (action, input) => {
    const output = await actions?.['invoke']?.(action, JSON.stringify(input))
    return JSON.parse(output as string) as unknown
  }
}

// What every extension may call, for tests that have no opinion about it.
function quietHost(): HostImports {
  return {
    [interfaceId('invocation')]: {
      id: () => 'inv_test',
      caller: () => 'person',
      locale: () => 'en',
      timeZone: () => 'UTC',
      remainingMs: () => 60_000n,
      progress: () => undefined,
    },
    [interfaceId('log')]: { write: () => undefined },
    [interfaceId('clock')]: {
      now: () => BigInt(Date.now()),
      monotonic: () => BigInt(Math.round(performance.now() * 1e6)),
    },
    [interfaceId('random')]: {
      bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)),
    },
    [interfaceId('config')]: { get: () => undefined },
  }
}
