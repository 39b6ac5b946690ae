import { HostError } from '../errors.ts'
import type { ExtensionSecrets } from '../secrets/extension-secrets.ts'
import type { CapabilityContext, CapabilityFunction } from './capability.ts'
import { performEffect } from './perform-effect.ts'

/** `vault.get`: a secret in plain text, or `undefined`. */
export const vaultGet: CapabilityFunction = (context, [name]) =>
  performEffect(
    context,
    { kind: 'vault', permission: 'vault:read', name: String(name) },
    String(name),
    async () => {
      const value = await secretsOf(context).get(String(name))
      return { value, bytes: value?.length ?? 0 }
    },
  )

/** `vault.set`. A person who is asked sees the name and a commitment to the value, and never the value: questions are kept. */
export const vaultSet: CapabilityFunction = async (context, [name, value]) => {
  const secrets = secretsOf(context)
  const text = String(value)
  const commitment = await secrets.commitment(String(name), text)
  return performEffect(
    context,
    { kind: 'vault', permission: 'vault:write', name: String(name) },
    `${String(name)}/set to hmac-sha256:${commitment}`,
    async () => {
      await secrets.set(String(name), text)
      return { value: undefined, bytes: text.length }
    },
  )
}

/** `vault.delete`; a name that is not there is no failure. */
export const vaultDelete: CapabilityFunction = (context, [name]) =>
  performEffect(
    context,
    { kind: 'vault', permission: 'vault:write', name: String(name) },
    `${String(name)}/delete`,
    async () => {
      await secretsOf(context).delete(String(name))
      return { value: undefined, bytes: 0 }
    },
  )

// Built-ins have no installation, and so nothing that a secret could belong to.
function secretsOf({ secrets }: CapabilityContext): ExtensionSecrets {
  if (secrets !== undefined) return secrets
  throw new HostError('ERR_HOST_ARGUMENT', 'Cannot use the vault: built-ins have no secrets', {
    argument: 'name',
    accepted: 'nothing here',
  })
}
