import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/**
 * The `node_modules` folders in which this package's own copy of an SDK lies.
 *
 * An extension that brings its SDK is built with that one. A folder that has never seen `npm install` is built with ours, so
 * that the first extension needs no installation at all.
 */
export function ownPackageFolders(sdk: '@morphee/sdk' | '@morphee/sdk-assemblyscript'): string[] {
  const folders = createRequire(import.meta.url).resolve.paths(sdk) ?? []
  return folders.filter((folder) => existsSync(join(folder, sdk)))
}
