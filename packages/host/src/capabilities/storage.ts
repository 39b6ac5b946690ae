import type { CapabilityFunction } from './capability.ts'
import { performEffect } from './perform-effect.ts'

/** `storage.get`: the bytes under a key, or `undefined`. */
export const storageGet: CapabilityFunction = async (context, [key]) =>
  performEffect(
    context,
    { kind: 'storage', permission: 'storage:read' },
    `key ${String(key)}`,
    async () => {
      const value = await context.storage.get(scopeOf(context), String(key))
      return { value, bytes: value?.length ?? 0 }
    },
  )

/** `storage.set`, within the quota of the installation. */
export const storageSet: CapabilityFunction = async (context, [key, value]) =>
  performEffect(
    context,
    { kind: 'storage', permission: 'storage:write' },
    `key ${String(key)}`,
    async () => {
      const bytes = value as Uint8Array
      const { limits } = context.invocation
      await context.storage.set(scopeOf(context), String(key), bytes, {
        quotaBytes: limits.storageBytes,
        valueBytes: limits.fileBytes,
      })
      return { value: undefined, bytes: bytes.length }
    },
    value as Uint8Array,
  )

/** `storage.delete`; a key that is not there is no failure. */
export const storageDelete: CapabilityFunction = async (context, [key]) =>
  performEffect(
    context,
    { kind: 'storage', permission: 'storage:write' },
    `key ${String(key)}`,
    async () => {
      await context.storage.delete(scopeOf(context), String(key))
      return { value: undefined, bytes: 0 }
    },
  )

/** `storage.keys`: one page in byte order. */
export const storageKeys: CapabilityFunction = async (context, [prefix, limit, cursor]) =>
  performEffect(
    context,
    { kind: 'storage', permission: 'storage:read' },
    `keys ${String(prefix)}*`,
    async () => {
      const page = await context.storage.keys(scopeOf(context), {
        prefix: String(prefix),
        limit: Number(limit),
        ...(cursor === undefined ? {} : { cursor: String(cursor) }),
      })
      return { value: { keys: [...page.keys], cursor: page.cursor }, bytes: 0 }
    },
  )

function scopeOf({
  invocation,
}: {
  readonly invocation: { readonly workspace: string; readonly extension: string }
}): {
  readonly workspace: string
  readonly extension: string
} {
  return { workspace: invocation.workspace, extension: invocation.extension }
}
