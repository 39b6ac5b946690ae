/** Every permission of the language (spec/permissions.md), in the order in which people are shown them. */
export const PERMISSION_KINDS = [
  'http:read',
  'http:write',
  'guest-auth',
  'vault:read',
  'vault:write',
  'storage:read',
  'storage:write',
  'data:read',
  'data:write',
  'event:emit',
  'event:subscribe',
] as const

/** The name of a permission. */
export type PermissionKind = (typeof PERMISSION_KINDS)[number]

/** The member that holds what a permission is limited to, per kind; `null` when there is nothing to limit. */
export const SCOPE_OF: Readonly<
  Record<PermissionKind, 'urls' | 'names' | 'collections' | 'topics' | null>
> = {
  'http:read': 'urls',
  'http:write': 'urls',
  'guest-auth': null,
  'vault:read': 'names',
  'vault:write': 'names',
  'storage:read': null,
  'storage:write': null,
  'data:read': 'collections',
  'data:write': 'collections',
  'event:emit': 'topics',
  'event:subscribe': 'topics',
}

/** What a `read` action never has, whatever it lists under `uses`: the ways to change something outside. */
export const NEVER_IN_READ: ReadonlySet<PermissionKind> = new Set([
  'http:write',
  'vault:write',
  'data:write',
  'event:emit',
])

/** What a host may be able to enforce: the permissions, and the `operations` of `http:read`. */
export type Feature = PermissionKind | 'http:read operations'

/**
 * What every host of this version enforces. Everything else of the language is refused as "not supported yet" unless the caller's
 * `supports` says otherwise; there is nothing else now.
 */
export const SUPPORTED: readonly Feature[] = [
  'http:read',
  'http:read operations',
  'http:write',
  'guest-auth',
  'vault:read',
  'vault:write',
  'storage:read',
  'storage:write',
  'data:read',
  'data:write',
  'event:emit',
  'event:subscribe',
]

/** The whole language, for readers that only show what an extension asks for and never run it. */
export const ALL_FEATURES: readonly Feature[] = [...PERMISSION_KINDS, 'http:read operations']

/** Reads the name of a permission, or `undefined` when it is none. */
export function tryParsePermissionKind(text: string): PermissionKind | undefined {
  return PERMISSION_KINDS.find((kind) => kind === text)
}
