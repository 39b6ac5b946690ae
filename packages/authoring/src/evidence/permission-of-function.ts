import type { Manifest, PermissionKind } from '@morphee/manifest'
import { type FunctionSet, functionsOf } from '../wit/world.ts'

/** Interfaces that every extension may call. */
const ALWAYS_ALLOWED = ['invocation', 'log', 'clock', 'random', 'config'] as const

/** The functions that stand behind each permission: what the binary shows of it. */
const FUNCTIONS: Partial<Record<PermissionKind, readonly `${string}.${string}`[]>> = {
  'http:read': ['http.read', 'http.read-all'],
  'http:write': ['http.write'],
  'vault:read': ['vault.get'],
  'vault:write': ['vault.set', 'vault.delete'],
  'storage:read': ['storage.get', 'storage.keys'],
  'storage:write': ['storage.set', 'storage.delete'],
  'data:read': ['data.get', 'data.query'],
  'data:write': ['data.create', 'data.update', 'data.delete'],
  'event:emit': ['events.emit'],
}

const PERMISSIONS: ReadonlyMap<string, PermissionKind> = new Map(
  Object.entries(FUNCTIONS).flatMap(([permission, names]) =>
    names.map((name): [string, PermissionKind] => [name, permission as PermissionKind]),
  ),
)

/** The functions that an extension of this manifest may import. */
export function permittedFunctions(manifest: Manifest): FunctionSet {
  const asked = new Set(manifest.permissions.map(({ kind }) => kind))
  const permitted = new Map<string, Set<string>>()
  for (const name of ALWAYS_ALLOWED) permitted.set(name, new Set(functionsOf(name)))
  for (const [path, permission] of PERMISSIONS) {
    if (!asked.has(permission)) continue
    const [name, called] = path.split('.') as [string, string]
    permitted.set(name, (permitted.get(name) ?? new Set()).add(called))
  }
  return permitted
}

/** What the code calls although the manifest does not ask for it. */
export function missingPermissions(
  manifest: Manifest,
  used: FunctionSet,
): { permissions: PermissionKind[]; imports: string[] } {
  const permitted = permittedFunctions(manifest)
  const imports = paths(used).filter((path) => {
    const [name, called] = path.split('.') as [string, string]
    return !permitted.get(name)?.has(called)
  })
  const permissions = imports.flatMap((path) => PERMISSIONS.get(path) ?? [])
  return { permissions: [...new Set(permissions)], imports }
}

/** The permissions of which no function is called. */
export function unusedPermissions(manifest: Manifest, used: FunctionSet): PermissionKind[] {
  const called = new Set(paths(used))
  return manifest.permissions
    .map(({ kind }) => kind)
    .filter((kind) => FUNCTIONS[kind]?.every((path) => !called.has(path)) ?? false)
}

function paths(functions: FunctionSet): string[] {
  return [...functions].flatMap(([name, called]) => [...called].map((one) => `${name}.${one}`))
}
