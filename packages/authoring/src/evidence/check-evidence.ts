import type { Manifest, PermissionKind } from '@morphee/manifest'
import { AuthoringError } from '../errors.ts'
import { type FunctionSet, subscribes } from '../wit/world.ts'
import { missingPermissions, unusedPermissions } from './permission-of-function.ts'

/**
 * Holds what the code calls against what the manifest asks for, and gives the functions it calls: `http.read`.
 *
 * @throws {@link AuthoringError} `ERR_AUTHORING_PERMISSION_MISSING`, `ERR_AUTHORING_PERMISSION_UNUSED`
 */
export function checkEvidence(manifest: Manifest, used: FunctionSet): string[] {
  const missing = missingPermissions(manifest, used)
  if (missing.imports.length > 0) {
    const asked =
      missing.permissions.length > 0 ? `ask for ${missing.permissions.join(', ')}` : 'drop the call'
    throw new AuthoringError(
      'ERR_AUTHORING_PERMISSION_MISSING',
      `The code calls ${missing.imports.join(', ')}, which extension.yaml does not ask for`,
      missing,
      { hint: `In extension.yaml, under permissions: ${asked}` },
    )
  }
  const permissions = unusedPermissions(manifest, used)
  if (permissions.length > 0) {
    throw new AuthoringError(
      'ERR_AUTHORING_PERMISSION_UNUSED',
      `Permission never used: extension.yaml asks for ${permissions.join(', ')}, and the code calls nothing that needs it`,
      { permissions },
      { hint: 'Remove it from extension.yaml: people are shown what is asked for' },
    )
  }
  return [...used]
    .flatMap(([name, called]) => [...called].map((one) => `${name}.${one}`))
    .toSorted()
}

/**
 * Holds whether the code has an event handler against whether the manifest subscribes to anything.
 *
 * @throws {@link AuthoringError} `ERR_AUTHORING_PERMISSION_MISSING`, `ERR_AUTHORING_PERMISSION_UNUSED`
 */
export function checkHandler(manifest: Manifest, hasHandler: boolean): void {
  if (hasHandler === subscribes(manifest)) return
  const permissions: PermissionKind[] = ['event:subscribe']
  if (hasHandler) {
    throw new AuthoringError(
      'ERR_AUTHORING_PERMISSION_MISSING',
      'The code has an event handler, and extension.yaml subscribes to nothing',
      { permissions, imports: [] },
      { hint: 'In extension.yaml, under permissions: ask for event:subscribe' },
    )
  }
  throw new AuthoringError(
    'ERR_AUTHORING_PERMISSION_UNUSED',
    'Permission never used: extension.yaml asks for event:subscribe, and the code has no event handler',
    { permissions },
    { hint: 'Write the handler, or remove the permission: people are shown what is asked for' },
  )
}
