import type { JsonObject, JsonValue } from '@morphee/core'
import type { Manifest } from '../manifest.ts'
import { type ExtensionName, tryParseExtensionName, tryParseVersion } from '../name.ts'
import { type Feature, SUPPORTED } from '../permissions/kinds.ts'
import { assetPathFault } from './asset-path.ts'
import { checkActions } from './check-actions.ts'
import { checkCredentials } from './check-credentials.ts'
import { checkLimits } from './check-limits.ts'
import { checkPermissions } from './check-permissions.ts'
import type { Path, Report } from './diagnostics.ts'
import { checkSchemaAt } from './check-schema.ts'
import { describe, memberOf, Shape } from './shape.ts'
import { quoted } from './quoted.ts'

/** How a document is checked. */
export interface CheckOptions {
  /** What the host that will run it can enforce; all else is refused as "not supported yet". @default SUPPORTED */
  readonly supports?: readonly Feature[]
  /** Allow URL patterns of `http` to loopback, as in a development host. @default false */
  readonly development?: boolean
}

/** What a check needs at every level. */
export interface CheckContext {
  readonly shape: Shape
  readonly report: Report
  readonly supports: ReadonlySet<Feature>
  readonly development: boolean
  readonly config: JsonValue | undefined
}

const FIELDS = [
  'manifest',
  'name',
  'version',
  'title',
  'description',
  'license',
  'icon',
  'permissions',
  'credentials',
  'config',
  'actions',
  'limits',
  'locales',
]
const RESERVED = ['lifetime', 'schedules', 'webhooks', 'panels']

/** The manifest that `document` is, or `undefined` after everything wrong with it was reported. */
export function checkManifest(
  document: JsonValue,
  report: Report,
  options: CheckOptions = {},
): Manifest | undefined {
  let faults = 0
  const shape = new Shape((path, message) => {
    faults++
    report(path, message)
  })
  const root = shape.map(document, [])
  if (root === undefined) return undefined
  for (const name of Object.keys(root)) {
    if (RESERVED.includes(name)) shape.report([name], `${quoted(name)} is not supported yet`)
    else if (!FIELDS.includes(name))
      shape.report([name], `unknown field ${quoted(name)}; known here: ${FIELDS.join(', ')}`)
  }
  const context: CheckContext = {
    shape,
    report: shape.report,
    supports: new Set(options.supports ?? SUPPORTED),
    development: options.development === true,
    config: memberOf(root, 'config'),
  }
  const read = <Value>(
    name: string,
    check: (value: JsonValue, path: Path) => Value,
  ): Value | undefined => {
    const value = memberOf(root, name)
    return value === undefined ? undefined : check(value, [name])
  }
  if (memberOf(root, 'manifest') !== 1) {
    shape.report(
      ['manifest'],
      `must be 1, the only version of this format there is, not ${describe(memberOf(root, 'manifest'))}`,
    )
  }
  const name = checkName(memberOf(root, 'name'), shape)
  const version = checkVersion(memberOf(root, 'version'), shape)
  const title = shape.text(memberOf(root, 'title'), ['title'], 80)
  const description = read('description', (value, path) => shape.text(value, path, 1000, 'many'))
  const license = read('license', (value, path) => checkLicense(value, path, shape))
  const icon = read('icon', (value, path) => checkIcon(value, path, shape))
  const config = read('config', (value, path) => checkConfig(value, path, shape))
  const permissions =
    read('permissions', (value, path) => checkPermissions(value, path, context)) ?? []
  const credentials =
    read('credentials', (value, path) => checkCredentials(value, path, context)) ?? {}
  const actions = checkActions(memberOf(root, 'actions'), ['actions'], context, permissions)
  const limits = read('limits', (value, path) => checkLimits(value, path, shape)) ?? {}
  const locales = read('locales', (value, path) => checkLocales(value, path, shape)) ?? {}
  if (
    faults > 0 ||
    name === undefined ||
    version === undefined ||
    title === undefined ||
    actions === undefined
  )
    return undefined
  return {
    manifest: 1,
    name,
    version,
    title,
    ...(description === undefined ? {} : { description }),
    ...(license === undefined ? {} : { license }),
    ...(icon === undefined ? {} : { icon }),
    permissions,
    credentials,
    ...(config === undefined ? {} : { config }),
    actions,
    limits,
    locales,
  }
}

function checkName(value: JsonValue | undefined, shape: Shape): ExtensionName | undefined {
  const text = shape.string(value, ['name'])
  if (text === undefined) return undefined
  const name = tryParseExtensionName(text)
  if (name === undefined) {
    shape.report(
      ['name'],
      `must be publisher/name in lower-case ASCII letters, digits and hyphens, not ${quoted(text)}`,
    )
  }
  return name
}

function checkVersion(value: JsonValue | undefined, shape: Shape): string | undefined {
  if (typeof value === 'number') {
    shape.report(
      ['version'],
      'must be text; put it in quotes or give it three parts, such as 1.2.0',
    )
    return undefined
  }
  const text = shape.string(value, ['version'])
  if (text === undefined) return undefined
  const version = tryParseVersion(text)
  if (version === undefined) {
    shape.report(
      ['version'],
      `must be a semantic version such as 1.2.0, without build metadata, not ${quoted(text)}`,
    )
  }
  return version
}

function checkLicense(value: JsonValue, path: Path, shape: Shape): string | undefined {
  const text = shape.text(value, path, 100)
  if (text === undefined || /^[A-Za-z0-9.+()-]+(?: [A-Za-z0-9.+()-]+)*$/.test(text)) return text
  shape.report(path, 'must be an SPDX expression such as Apache-2.0')
  return undefined
}

function checkIcon(value: JsonValue, path: Path, shape: Shape): string | undefined {
  const text = shape.string(value, path)
  if (text === undefined) return undefined
  // SVG can hold scripts and references, so an icon is a raster image.
  const fault =
    assetPathFault(text) ??
    (/\.(?:png|jpg|webp)$/.test(text) ? undefined : 'must be a .png, .jpg or .webp image')
  if (fault === undefined) return text
  shape.report(path, fault)
  return undefined
}

function checkConfig(value: JsonValue, path: Path, shape: Shape): JsonObject | undefined {
  const object = shape.map(value, path)
  if (object === undefined) return undefined
  if (memberOf(object, 'type') !== 'object') {
    shape.report([...path, 'type'], 'must be object: settings are a set of named values')
  }
  checkSchemaAt(value, path, shape.report)
  return object
}

function checkLocales(
  value: JsonValue,
  path: Path,
  shape: Shape,
): Record<string, string> | undefined {
  const object = shape.map(value, path)
  if (object === undefined) return undefined
  const locales: Record<string, string> = {}
  for (const [tag, file] of Object.entries(object).slice(0, 100)) {
    const at = [...path, tag]
    const text = shape.string(file, at)
    if (!isLanguageTag(tag))
      shape.report(at, `${quoted(tag)} is no language tag such as de or pt-BR`)
    else if (text !== undefined) {
      const fault =
        assetPathFault(text) ?? (text.endsWith('.json') ? undefined : 'must be a .json file')
      if (fault === undefined) locales[tag] = text
      else shape.report(at, fault)
    }
  }
  return locales
}

function isLanguageTag(tag: string): boolean {
  try {
    return (
      /^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/.test(tag) && Intl.getCanonicalLocales(tag)[0] === tag
    )
  } catch {
    return false
  }
}
