import { canonicalJson, type JsonObject, type JsonValue } from '@morphee/core'

const SCHEMA = new Set([
  'not',
  'if',
  'then',
  'else',
  'additionalProperties',
  'propertyNames',
  'unevaluatedProperties',
  'items',
  'contains',
  'unevaluatedItems',
])
const BY_NAME = new Set(['$defs', 'properties', 'patternProperties', 'dependentSchemas'])
const LIST = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])
const DESCRIBES = new Set([
  '$schema',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
  'contentEncoding',
  'contentMediaType',
])

/**
 * `schema`, already checked, in the form in which the library is given it: what only describes is left out and constants are
 * written as text. The library looks for `$ref` and `$id` in data too; after this there is no foreign data for it to look into.
 */
export function prepareSchema(schema: JsonValue): JsonValue {
  if (typeof schema === 'boolean') return schema
  const members: Array<[string, JsonValue]> = []
  for (const [keyword, value] of Object.entries(schema as JsonObject)) {
    if (DESCRIBES.has(keyword) || keyword.startsWith('x-')) continue
    if (SCHEMA.has(keyword)) members.push([keyword, prepareSchema(value)])
    else if (BY_NAME.has(keyword))
      members.push([keyword, mapMembers(value as JsonObject, prepareSchema)])
    else if (LIST.has(keyword))
      members.push([keyword, (value as readonly JsonValue[]).map(prepareSchema)])
    else if (keyword === '$ref')
      members.push([keyword, `#${encodeURI(decodeURIComponent((value as string).slice(1)))}`])
    else if (keyword !== 'const' && keyword !== 'enum') members.push([keyword, value])
  }
  const allowed = allowedValues(schema as JsonObject)
  if (allowed !== undefined) members.push(['enum', allowed])
  return Object.fromEntries(members)
}

function allowedValues(schema: JsonObject): string[] | undefined {
  const constant = Object.hasOwn(schema, 'const')
    ? canonicalJson(schema['const'] as JsonValue)
    : undefined
  const listed = Object.hasOwn(schema, 'enum')
    ? (schema['enum'] as readonly JsonValue[]).map((value) => canonicalJson(value))
    : undefined
  if (constant === undefined) return listed
  return listed === undefined || listed.includes(constant) ? [constant] : []
}

function mapMembers(object: JsonObject, change: (value: JsonValue) => JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]))
}
