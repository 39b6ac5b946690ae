import type { PermissionKind } from './kinds.ts'

/** A request that a manifest declares as reading although its method is none of GET and HEAD. */
export interface HttpOperation {
  readonly method: 'POST'
  /** URL pattern. */
  readonly url: string
  /** The body is a GraphQL document; only queries pass. */
  readonly graphql?: 'query'
  /** With `graphql`: the only top-level fields that pass. All of them when left out. */
  readonly fields?: readonly string[]
}

/** Methods and URLs of services. */
export interface HttpPermission {
  readonly kind: 'http:read' | 'http:write'
  /** URL patterns; in a manifest with `{config.x}` placeholders, everywhere else filled in. */
  readonly urls: readonly string[]
  /** Under `http:read` only. */
  readonly operations?: readonly HttpOperation[]
}

/** Secrets in plain text, by name. */
export interface VaultPermission {
  readonly kind: 'vault:read' | 'vault:write'
  readonly names: readonly string[]
}

/** The application's records, by collection. */
export interface DataPermission {
  readonly kind: 'data:read' | 'data:write'
  readonly collections: readonly string[]
}

/** What happened, by topic. */
export interface EventPermission {
  readonly kind: 'event:emit' | 'event:subscribe'
  readonly topics: readonly string[]
}

/** What is had whole or not at all. */
export interface PlainPermission {
  readonly kind: 'storage:read' | 'storage:write' | 'guest-auth'
}

/** One permission with its scope: plain data, to be stored and compared. */
export type Permission =
  | HttpPermission
  | VaultPermission
  | DataPermission
  | EventPermission
  | PlainPermission

/** Several permissions; what any one of them allows, they allow. */
export type PermissionSet = readonly Permission[]

/** A permission as a manifest asks for it. */
export type PermissionRequest = Permission & {
  /** Why, in the author's words: at most 200 characters on one line. */
  readonly reason?: string
  /** The extension works without it. */
  readonly optional?: boolean
}

/** The texts that limit `permission`: patterns of URLs, names, collections or topics; empty for what has no scope. */
export function scopesOf(permission: Permission): readonly string[] {
  switch (permission.kind) {
    case 'http:read':
    case 'http:write':
      return permission.urls
    case 'vault:read':
    case 'vault:write':
      return permission.names
    case 'data:read':
    case 'data:write':
      return permission.collections
    case 'event:emit':
    case 'event:subscribe':
      return permission.topics
    case 'storage:read':
    case 'storage:write':
    case 'guest-auth':
      return []
  }
}

/** The permission of `kind` limited to `scopes`, and under `http:read` to `operations`. */
export function permissionOf(
  kind: PermissionKind,
  scopes: readonly string[],
  operations: readonly HttpOperation[] = [],
): Permission {
  switch (kind) {
    case 'http:read':
      return operations.length === 0 ? { kind, urls: scopes } : { kind, urls: scopes, operations }
    case 'http:write':
      return { kind, urls: scopes }
    case 'vault:read':
    case 'vault:write':
      return { kind, names: scopes }
    case 'data:read':
    case 'data:write':
      return { kind, collections: scopes }
    case 'event:emit':
    case 'event:subscribe':
      return { kind, topics: scopes }
    case 'storage:read':
    case 'storage:write':
    case 'guest-auth':
      return { kind }
  }
}
