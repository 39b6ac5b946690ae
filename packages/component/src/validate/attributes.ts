import type { ExternName } from '../binary/ast.ts'
import { invalid } from '../errors.ts'
import { isVersionSplit, isWholeVersion, tryParseExternName } from '../names/extern-name.ts'

/**
 * Checks what stands beside the name of an import or export of a `sort` (Component Model, Binary.md, "Import and Export Definitions").
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`
 */
export function checkAttributes(attributes: ExternName, sort: string, offset: number): void {
  const { name, implements: implemented, versionSuffix } = attributes
  if (implemented !== undefined) {
    if (tryParseExternName(name)?.kind !== 'label')
      throw invalid(offset, `name ${JSON.stringify(name)} is not valid with implements`)
    if (sort !== 'instance')
      throw invalid(offset, 'only instances can have an implements attribute')
    const interfaceName = tryParseExternName(implemented)
    if (interfaceName === undefined)
      throw invalid(offset, `${JSON.stringify(implemented)} is not a valid name`)
    if (interfaceName.kind !== 'interface')
      throw invalid(offset, `name ${JSON.stringify(implemented)} must be an interface`)
  }
  const versioned = tryParseExternName(implemented ?? name)
  const version = versioned?.kind === 'interface' ? versioned.version : undefined
  if (versionSuffix === undefined) {
    if (version !== undefined && !isWholeVersion(version))
      throw invalid(offset, `name ${JSON.stringify(name)} has half a version, and no suffix`)
    return
  }
  if (sort !== 'instance') throw invalid(offset, 'only instances can have a version suffix')
  if (version === undefined || !isVersionSplit(version, versionSuffix)) {
    throw invalid(
      offset,
      `version suffix ${JSON.stringify(versionSuffix)} does not make a version of what it follows`,
    )
  }
}
