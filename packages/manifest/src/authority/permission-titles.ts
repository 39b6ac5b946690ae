import type { PermissionKind } from '../permissions/kinds.ts'

/** What a permission is called in front of people. */
export const PERMISSION_TITLES: Readonly<Record<PermissionKind, string>> = {
  'http:read': 'Read from web addresses',
  'http:write': 'Send and change at web addresses',
  'guest-auth': 'Sign in to services with keys of its own',
  'vault:read': 'Read secrets in plain text',
  'vault:write': 'Change secrets',
  'storage:read': 'Read what it stored itself',
  'storage:write': 'Store things for itself',
  'data:read': 'Read your records',
  'data:write': 'Change your records',
  'event:emit': 'Announce that something happened',
  'event:subscribe': 'Run when something happens',
}
