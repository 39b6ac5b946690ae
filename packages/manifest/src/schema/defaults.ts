import type { JsonObject, JsonValue } from '@morphee/core'

/** What the settings are before anybody fills them in: the `default` of each top-level property of a config schema. */
export function defaultsOf(configSchema: JsonValue | undefined): Record<string, JsonValue> {
  const properties = memberObject(configSchema, 'properties')
  const defaults: Array<[string, JsonValue]> = []
  for (const name of Object.keys(properties ?? {})) {
    const schema = memberObject(properties, name)
    if (schema !== undefined && Object.hasOwn(schema, 'default'))
      defaults.push([name, schema['default'] as JsonValue])
  }
  return Object.fromEntries(defaults)
}

function memberObject(value: JsonValue | undefined, name: string): JsonObject | undefined {
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    !Object.hasOwn(value, name)
  )
    return undefined
  const member = (value as JsonObject)[name]
  return typeof member === 'object' && member !== null && !Array.isArray(member)
    ? (member as JsonObject)
    : undefined
}
