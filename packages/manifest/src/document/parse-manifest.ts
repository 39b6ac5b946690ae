import { encodeUtf8, type JsonObject, type JsonValue } from '@morphee/core'
import { ManifestError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import { assetPathFault } from './asset-path.ts'
import { checkManifest, type CheckOptions } from './check-manifest.ts'
import { arrange, type Diagnostic, formatPath, type Path } from './diagnostics.ts'
import { memberOf } from './shape.ts'
import { quoted } from './quoted.ts'
import { readYaml } from './yaml-document.ts'

/** How {@link parseManifestYaml} reads. */
export interface ParseManifestOptions extends CheckOptions {
  /** Shown in diagnostics. @default 'extension.yaml' */
  readonly fileName?: string
  /** The text of a schema file, by its path relative to the manifest, or `undefined` when there is none. */
  readonly readFile?: (relativePath: string) => string | undefined
}

/** Largest `extension.yaml`, and largest schema file, in bytes of UTF-8. */
export const MAX_YAML_BYTES: number = 256 * 1024

/**
 * Reads `extension.yaml` (spec/manifest.schema.json) and inlines the schema files it refers to.
 *
 * Everything that is wrong is reported at once, each with file, line, column and path. What a host cannot enforce is refused
 * as "not supported yet": a permission that is parsed is enforced.
 *
 * @throws {@link ManifestError} `ERR_MANIFEST_INVALID`, `ERR_MANIFEST_TOO_LARGE`
 */
export function parseManifestYaml(text: string, options: ParseManifestOptions = {}): Manifest {
  const file = options.fileName ?? 'extension.yaml'
  assertSize(text, file)
  const diagnostics: Diagnostic[] = []
  const yaml = readYaml(text, (position, message) =>
    diagnostics.push({ path: '$', message, file, ...position }),
  )
  if (yaml === undefined) throw invalid(file, diagnostics)
  const report = (path: Path, message: string): void => {
    diagnostics.push({ path: formatPath(path), message, file, ...yaml.positionOf(path) })
  }
  const document = inlineSchemas(yaml.value, report, options.readFile)
  const manifest = checkManifest(document, report, options)
  if (manifest === undefined || diagnostics.length > 0) throw invalid(file, diagnostics)
  return manifest
}

/** The error for `diagnostics`, in the order of the text. */
export function invalid(
  file: string,
  diagnostics: readonly Diagnostic[],
): ManifestError<'ERR_MANIFEST_INVALID'> {
  const { sorted, first } = arrange(diagnostics)
  return new ManifestError(
    'ERR_MANIFEST_INVALID',
    `Cannot use the manifest ${quoted(file)}${first}`,
    { diagnostics: sorted },
  )
}

function assertSize(text: string, file: string): void {
  // A UTF-16 code unit is at least one byte, so most of a huge text is never encoded.
  const actual = text.length > MAX_YAML_BYTES ? text.length : encodeUtf8(text).length
  if (actual <= MAX_YAML_BYTES) return
  throw new ManifestError(
    'ERR_MANIFEST_TOO_LARGE',
    `Cannot read ${quoted(file)}: it is larger than ${MAX_YAML_BYTES} bytes`,
    {
      limit: MAX_YAML_BYTES,
      actual,
    },
  )
}

type Reporter = (path: Path, message: string) => void

/** `document` with `{ $ref: file }` in the place of a whole schema replaced by what the file holds. */
function inlineSchemas(
  document: JsonValue,
  report: Reporter,
  readFile: ParseManifestOptions['readFile'],
): JsonValue {
  const root = asObject(document)
  if (root === undefined) return document
  const changed: Record<string, JsonValue> = { ...root }
  const config = memberOf(root, 'config')
  if (config !== undefined) changed['config'] = inlineSchema(config, ['config'], report, readFile)
  const actions = asObject(memberOf(root, 'actions'))
  if (actions !== undefined) {
    changed['actions'] = mapMembers(actions, (action, name) => {
      const spec = asObject(action)
      if (spec === undefined) return action
      return mapMembers(spec, (value, field) =>
        field === 'input' || field === 'output'
          ? inlineSchema(value, ['actions', name, field], report, readFile)
          : value,
      )
    })
  }
  return changed
}

function inlineSchema(
  value: JsonValue,
  path: Path,
  report: Reporter,
  readFile: ParseManifestOptions['readFile'],
): JsonValue {
  const schema = asObject(value)
  const reference = schema === undefined ? undefined : memberOf(schema, '$ref')
  if (
    schema === undefined ||
    typeof reference !== 'string' ||
    reference.startsWith('#') ||
    reference.includes(':')
  )
    return value
  const say = (message: string): JsonValue => {
    report([...path, '$ref'], message)
    return true
  }
  if (Object.keys(schema).length > 1) return say('a reference to a schema file stands alone')
  const fault = assetPathFault(reference)
  if (fault !== undefined) return say(fault)
  const text = readFile?.(reference)
  if (text === undefined) return say(`there is no file ${quoted(reference)}`)
  if (text.length > MAX_YAML_BYTES)
    return say(`${quoted(reference)} is larger than ${MAX_YAML_BYTES} bytes`)
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return say(`${quoted(reference)} is not JSON`)
  }
}

function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}

function mapMembers(
  object: JsonObject,
  change: (value: JsonValue, name: string) => JsonValue,
): JsonObject {
  // `fromEntries` defines members, so `__proto__` stays an ordinary one.
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change(value, name)]),
  )
}
