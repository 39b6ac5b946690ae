// Whoever compiles these sources, as our own tests do, needs the types of the host too.
/// <reference path="./host.d.ts" />
/**
 * Secrets that the extension keeps in plain text, by name. Reading needs `vault:read`, changing `vault:write`; people see both
 * in red. To sign in somewhere declare a credential instead, which the host adds and no extension sees. Import it whole:
 * `import * as vault from '@morphee/sdk/vault'`.
 */
import { delete as remove, get as getSecret, set as setSecret } from 'morphee:extension/vault@0.9.0'
import { callHost } from './failure.ts'

/** The secret under `name`, or `undefined`. */
export async function get(name: string): Promise<string | undefined> {
  return callHost(() => getSecret(name)) ?? undefined
}

/** Keeps `value` under `name`, in place of what was there. */
export async function set(name: string, value: string): Promise<void> {
  callHost(() => setSecret(name, value))
}

async function deleteSecret(name: string): Promise<void> {
  callHost(() => remove(name))
}
export { deleteSecret as delete }
