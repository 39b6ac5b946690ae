import type { JsonObject, JsonValue } from '@morphee/core'
import { quoted } from '../document/quoted.ts'
import { FORMATS } from './formats.ts'
import { appendPointer, type SchemaIssue } from './issue.ts'
import { readLinearPattern } from './linear-pattern.ts'

/** Most schemas and subschemas in one document. */
export const MAX_SUBSCHEMAS = 2000
/** How deep a schema may nest. */
export const MAX_SCHEMA_DEPTH = 32

/** What the value of a keyword must be. */
type KeywordShape =
  | 'schema'
  | 'schemas'
  | 'schema list'
  | 'count'
  | 'number'
  | 'positive'
  | 'boolean'
  | 'text'
  | 'texts'
  | 'text lists'
  | 'types'
  | 'anything'
  | 'list'
  | 'pattern'
  | 'patterns'
  | 'format'
  | 'reference'
  | 'dialect'

// Every keyword that is run, and those that only describe. One that is missing here (`$id`, `$anchor`, `$dynamicRef`,
// `contentSchema`) is refused: an author who writes it relies on it.
const KEYWORDS: Readonly<Record<string, KeywordShape>> = {
  $schema: 'dialect',
  $comment: 'text',
  $defs: 'schemas',
  $ref: 'reference',
  allOf: 'schema list',
  anyOf: 'schema list',
  oneOf: 'schema list',
  not: 'schema',
  if: 'schema',
  // oxlint-disable-next-line unicorn/no-thenable -- the name of a keyword; its value is text and nobody awaits this
  then: 'schema',
  else: 'schema',
  properties: 'schemas',
  patternProperties: 'patterns',
  additionalProperties: 'schema',
  propertyNames: 'schema',
  dependentSchemas: 'schemas',
  dependentRequired: 'text lists',
  unevaluatedProperties: 'schema',
  prefixItems: 'schema list',
  items: 'schema',
  contains: 'schema',
  unevaluatedItems: 'schema',
  type: 'types',
  const: 'anything',
  enum: 'list',
  required: 'texts',
  pattern: 'pattern',
  format: 'format',
  minLength: 'count',
  maxLength: 'count',
  minItems: 'count',
  maxItems: 'count',
  uniqueItems: 'boolean',
  minContains: 'count',
  maxContains: 'count',
  minProperties: 'count',
  maxProperties: 'count',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'positive',
  title: 'text',
  description: 'text',
  default: 'anything',
  examples: 'list',
  deprecated: 'boolean',
  readOnly: 'boolean',
  writeOnly: 'boolean',
  contentEncoding: 'text',
  contentMediaType: 'text',
}

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']

/** Everything that keeps `schema` from being run as JSON Schema 2020-12; empty when nothing does. Pointers are into the schema. */
export function checkJsonSchema(schema: JsonValue): SchemaIssue[] {
  const check = new Check()
  check.schema(schema, '', 0)
  check.references()
  return check.issues
}

class Check {
  readonly issues: SchemaIssue[] = []
  readonly #seen = new Set<string>()
  readonly #references: Array<readonly [pointer: string, target: string]> = []

  schema(value: JsonValue, pointer: string, depth: number): void {
    this.#seen.add(pointer)
    if (this.#seen.size === MAX_SUBSCHEMAS + 1)
      this.#say(pointer, `the schema has more than ${MAX_SUBSCHEMAS} parts`)
    if (this.#seen.size > MAX_SUBSCHEMAS) return
    if (depth > MAX_SCHEMA_DEPTH) {
      this.#say(pointer, `the schema nests deeper than ${MAX_SCHEMA_DEPTH} levels`)
      return
    }
    if (typeof value === 'boolean') return
    if (!isObject(value)) {
      this.#say(pointer, 'must be a JSON Schema: a set of keywords, true or false')
      return
    }
    for (const [keyword, argument] of Object.entries(value)) {
      const shape = Object.hasOwn(KEYWORDS, keyword) ? KEYWORDS[keyword] : undefined
      if (shape !== undefined)
        this.#keyword(shape, argument, appendPointer(pointer, keyword), depth)
      else if (!keyword.startsWith('x-'))
        this.#say(
          appendPointer(pointer, keyword),
          `${quoted(keyword, 40)} is no keyword that is run here`,
        )
    }
  }

  references(): void {
    for (const [pointer, target] of this.#references) {
      if (!this.#seen.has(target)) this.#say(pointer, 'refers to no schema in this document')
    }
  }

  #keyword(shape: KeywordShape, value: JsonValue, pointer: string, depth: number): void {
    const fault = simpleFault(shape, value)
    if (fault !== undefined) this.#say(pointer, fault)
    else if (shape === 'schema') this.schema(value, pointer, depth + 1)
    else if (shape === 'schemas' || shape === 'patterns') {
      for (const [name, inner] of Object.entries(value as JsonObject)) {
        const pattern = shape === 'patterns' ? readLinearPattern(name) : undefined
        if (typeof pattern === 'string')
          this.#say(appendPointer(pointer, name), `the pattern ${pattern}`)
        this.schema(inner, appendPointer(pointer, name), depth + 1)
      }
    } else if (shape === 'schema list') {
      for (const [i, inner] of (value as readonly JsonValue[]).entries())
        this.schema(inner, appendPointer(pointer, i), depth + 1)
    } else if (shape === 'reference') this.#reference(value as string, pointer)
  }

  #reference(text: string, pointer: string): void {
    let target: string
    try {
      target = decodeURIComponent(text.slice(1))
    } catch {
      target = '?'
    }
    if (!/^#(?:\/|$)/.test(text))
      this.#say(pointer, 'must refer to a part of this document, such as #/$defs/name')
    else this.#references.push([pointer, target])
  }

  #say(pointer: string, message: string): void {
    if (this.issues.length < 100) this.issues.push({ pointer, message })
  }
}

function simpleFault(shape: KeywordShape, value: JsonValue): string | undefined {
  switch (shape) {
    case 'anything':
    case 'schema':
      return depthOf(value) > 64 ? 'nests too deeply' : undefined
    case 'schemas':
    case 'patterns':
      return isObject(value) ? undefined : 'must be a set of schemas by name'
    case 'schema list':
      return Array.isArray(value) && value.length > 0
        ? undefined
        : 'must be a list of at least one schema'
    case 'count':
      return Number.isSafeInteger(value) && (value as number) >= 0
        ? undefined
        : 'must be a whole number from 0'
    case 'number':
      return typeof value === 'number' ? undefined : 'must be a number'
    case 'positive':
      return typeof value === 'number' && value > 0 ? undefined : 'must be a number above 0'
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'text':
    case 'reference':
      return typeof value === 'string' ? undefined : 'must be text'
    case 'texts':
      return isTexts(value) ? undefined : 'must be a list of different texts'
    case 'text lists':
      return isObject(value) && Object.values(value).every(isTexts)
        ? undefined
        : 'must be lists of texts by name'
    case 'list':
      return Array.isArray(value) && depthOf(value) <= 64 ? undefined : 'must be a list'
    case 'types':
      return [value].flat().every((type) => TYPES.includes(type as string)) &&
        [value].flat().length > 0
        ? undefined
        : `must be of ${TYPES.join(', ')}`
    case 'pattern': {
      const pattern = typeof value === 'string' ? readLinearPattern(value) : 'must be text'
      return typeof pattern === 'string' ? pattern : undefined
    }
    case 'format':
      return typeof value === 'string' && Object.hasOwn(FORMATS, value)
        ? undefined
        : `must be one of the formats that are checked: ${Object.keys(FORMATS).join(', ')}`
    case 'dialect':
      return typeof value === 'string' &&
        /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(value)
        ? undefined
        : 'must be https://json-schema.org/draft/2020-12/schema'
  }
}

function isTexts(value: JsonValue): boolean {
  return (
    Array.isArray(value) &&
    value.every((item) => typeof item === 'string') &&
    new Set(value).size === value.length
  )
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** How deep `value` nests, counted without recursion and never beyond what is asked about. */
export function depthOf(value: JsonValue, most = 10_000): number {
  let level: JsonValue[] = [value]
  let depth = 0
  while (level.length > 0 && depth < most) {
    level = level.flatMap((item) =>
      typeof item === 'object' && item !== null ? (Object.values(item) as JsonValue[]) : [],
    )
    depth++
  }
  return depth
}
