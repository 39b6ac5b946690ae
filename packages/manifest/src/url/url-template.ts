import type { JsonObject, JsonValue } from '@morphee/core'
import { ManifestError } from '../errors.ts'
import { isHostLabel } from './request-url.ts'
import { isPublicSuffix, readUrlPattern, type UrlPatternOptions } from './url-pattern.ts'

const PLACEHOLDER = /\{config\.([A-Za-z][\w-]{0,63})\}/g

/** The settings that `{config.x}` placeholders in `text` name. */
export function settingsOf(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] as string)
}

/**
 * Why a pattern with placeholders cannot be used, or `undefined` when it can.
 *
 * A placeholder stands for one host label, one path segment, or, when the config schema types the setting as
 * `format: hostname`, for a whole host. A label directly over a public suffix is refused: whoever fills in the setting
 * could be led to anybody's site.
 */
export function faultOfUrlTemplate(
  text: string,
  configSchema: JsonValue | undefined,
  options: UrlPatternOptions = {},
): string | undefined {
  const sample = sampleOfUrlTemplate(text)
  if (sample.includes('{') || sample.includes('}'))
    return 'the only placeholder is {config.name of a setting}'
  for (const setting of settingsOf(text)) {
    const schema = settingSchema(configSchema, setting)
    if (schema === undefined)
      return `there is no setting ${JSON.stringify(setting)} in config.properties`
    if (schema['type'] !== 'string')
      return `the setting ${JSON.stringify(setting)} must have type: string to stand in a URL`
    if (isWholeHost(text, setting) && schema['format'] !== 'hostname') {
      return `the setting ${JSON.stringify(setting)} stands for a whole host, so its schema needs format: hostname`
    }
  }
  const authority = /^https?:\/\/([^/]*)/.exec(text)?.[1] ?? ''
  for (const [, below] of authority.replace(/:\d+$/, '').matchAll(/(?<=\}\.)(?=([^{}]+)$)/g)) {
    if (below !== undefined && isPublicSuffix(below)) {
      return `anybody can have a name under ${JSON.stringify(below)}, so a setting cannot stand directly before it`
    }
  }
  if (/\}[^./:]|[^./]\{/.test(text.replace(/^https?:\/\//, '/'))) {
    return 'a placeholder stands for a whole host label or a whole path segment'
  }
  // A setting further right could choose whose suffix it is.
  if (
    authority.replaceAll(PLACEHOLDER, '').includes('.') &&
    /\{config\.[\w-]+\}(?::\d+)?$/.test(authority)
  ) {
    return 'a placeholder cannot be the last label of a host'
  }
  const result = readUrlPattern(sample, options)
  return typeof result === 'string' ? result : undefined
}

/** `text` with every placeholder filled in alike: patterns that could meet for some settings meet in their samples. */
export function sampleOfUrlTemplate(text: string): string {
  return text.replace(PLACEHOLDER, (_, setting: string) =>
    isWholeHost(text, setting) ? 'host.sample.example' : 'sample',
  )
}

/**
 * `text` with its placeholders filled in from `config`.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE` when a setting is missing or is no label, host or segment where it stands
 */
export function fillUrlTemplate(text: string, config: JsonObject): string {
  const hostEnd = endOfAuthority(text)
  return text.replace(PLACEHOLDER, (_, setting: string, offset: number) => {
    const value = Object.hasOwn(config, setting) ? config[setting] : undefined
    const inHost = offset < hostEnd
    const whole = inHost && isWholeHost(text, setting)
    if (typeof value !== 'string' || value === '') throw unusable(setting, 'it is not set')
    if (whole ? !isHostname(value) : inHost ? !isHostLabel(value) : !isSegment(value)) {
      const wanted = whole
        ? 'a host name such as example.com'
        : inHost
          ? 'one part of a host name: lower-case letters, digits and hyphens'
          : 'one part of a path: letters, digits, ".", "_", "~" and hyphens'
      throw unusable(setting, `it must be ${wanted}`)
    }
    return value
  })
}

function unusable(setting: string, why: string): ManifestError<'ERR_CONFIG_UNUSABLE'> {
  return new ManifestError(
    'ERR_CONFIG_UNUSABLE',
    `Cannot use the setting "${setting}" in a permission: ${why}`,
    { setting },
  )
}

/** A name with at least two labels, the last of which is no number: a URL parser would read that as an address. */
export function isHostname(text: string): boolean {
  const labels = text.split('.')
  return (
    text.length <= 253 &&
    labels.length >= 2 &&
    labels.every(isHostLabel) &&
    /^[a-z]/.test(labels.at(-1) as string)
  )
}

function isSegment(text: string): boolean {
  return /^[A-Za-z0-9._~-]{1,128}$/.test(text) && text !== '.' && text !== '..'
}

function isWholeHost(text: string, setting: string): boolean {
  return (
    text.slice(text.indexOf('://') + 3, endOfAuthority(text)).replace(/:\d+$/, '') ===
    `{config.${setting}}`
  )
}

function endOfAuthority(text: string): number {
  const end = text.indexOf('/', text.indexOf('://') + 3)
  return end === -1 ? text.length : end
}

function settingSchema(
  configSchema: JsonValue | undefined,
  setting: string,
): JsonObject | undefined {
  const properties = memberOf(configSchema, 'properties')
  const schema = memberOf(properties, setting)
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema)
    ? (schema as JsonObject)
    : undefined
}

function memberOf(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined
}
