import type { JsonObject, JsonValue } from '@morphee/core'
import type { UrlPatternOptions } from './url-pattern.ts'
import { faultOfUrlTemplate, fillUrlTemplate } from './url-template.ts'

/** Why a credential cannot be for the origin `text`, or `undefined` when it can: scheme, host and port, exact but for `{config.x}`. */
export function faultOfOriginTemplate(
  text: string,
  configSchema: JsonValue | undefined,
  options: UrlPatternOptions = {},
): string | undefined {
  if (!/^https?:\/\/[^/]*$/.test(text))
    return 'write an origin: https://host, with nothing after it'
  if (text.includes('*')) return 'a credential goes to exact hosts only'
  return faultOfUrlTemplate(text, configSchema, options)
}

/**
 * The origin that `text` names with its settings filled in.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE`
 */
export function fillOriginTemplate(text: string, config: JsonObject): string {
  return new URL(fillUrlTemplate(text, config)).origin
}
