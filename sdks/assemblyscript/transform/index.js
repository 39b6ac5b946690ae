// What `morphee build` needs to know of this SDK: the compiler's options and transforms.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import jsonTransform from 'json-as'
import { ActionsTransform } from './actions.js'

export { ActionsTransform }

/** The transforms, in their order; `onActions` is told the wire names of the actions found. */
export function createTransforms(onActions) {
  return [jsonTransform, ActionsTransform.reporting(onActions)]
}

const jsonPackage = createRequire(import.meta.url).resolve('json-as/package.json')

/** Folders where the compiler finds what this SDK depends on: json-as lives there, and beside it what that depends on. */
export const packageFolders = [dirname(dirname(jsonPackage))]

/** Options of the compiler that the glue relies on. */
export const compilerOptions = [
  '--runtime',
  'minimal',
  '--exportStart',
  '_initialize',
  '--use',
  'abort=~lib/@morphee/sdk-assemblyscript/assembly/abort/abortCall',
]
