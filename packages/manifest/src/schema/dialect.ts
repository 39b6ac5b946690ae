// The dialect that strangers' schemas are run in: JSON Schema 2020-12 with every keyword replaced that would build a
// backtracking `RegExp` from foreign text or look a foreign name up in an object's prototype.
import '@hyperjump/json-schema/draft-2020-12'
import {
  addKeyword,
  defineVocabulary,
  getKeyword,
  type Keyword,
  loadDialect,
  Validation,
} from '@hyperjump/json-schema/experimental'
import { entries, typeOf, value } from '@hyperjump/json-schema/instance/experimental'
import { canonicalJson, type JsonObject, type JsonValue } from '@morphee/core'
import { FORMATS } from './formats.ts'
import { type LinearPattern, readLinearPattern } from './linear-pattern.ts'

/** Identifies the dialect; nothing is ever fetched from there. */
export const DIALECT = 'https://morphee.invalid/json-schema'

type Node = Parameters<Keyword<unknown>['interpret']>[1]
type Context = Parameters<Keyword<unknown>['interpret']>[2] & { evaluatedProperties?: Set<string> }

const STANDARD = 'https://json-schema.org/keyword/'
const OWN = `${DIALECT}/keyword/`

const KEPT = [
  'allOf',
  'anyOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'propertyNames',
  'dependentSchemas',
  'dependentRequired',
  'unevaluatedProperties',
  'prefixItems',
  'items',
  'contains',
  'unevaluatedItems',
  'type',
  'required',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'uniqueItems',
  'minContains',
  'maxContains',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
]

// Compiles to pairs of name and schema, in an array: no name ever becomes a member of an object.
const compilePairs = getKeyword<Array<[name: string, schema: string]>>(
  `${STANDARD}dependentSchemas`,
).compile
const compileValue = getKeyword<unknown>(`${STANDARD}maxLength`).compile

const properties: Keyword<ReadonlyMap<string, string>, Context> = {
  id: `${OWN}properties`,
  simpleApplicator: true,
  compile: async (schema, ast, parent) => new Map(await compilePairs(schema, ast, parent)),
  interpret: (schemas, instance, context) =>
    everyMember(instance, (name, member) => {
      const schema = schemas.get(name)
      if (schema === undefined) return true
      context.evaluatedProperties?.add(name)
      return Validation.interpret(schema, member, context)
    }),
}

const patternProperties: Keyword<ReadonlyArray<readonly [LinearPattern, string]>, Context> = {
  id: `${OWN}patternProperties`,
  simpleApplicator: true,
  compile: async (schema, ast, parent) =>
    (await compilePairs(schema, ast, parent)).map(
      ([pattern, inner]) => [linear(pattern), inner] as const,
    ),
  interpret: (patterns, instance, context) =>
    everyMember(instance, (name, member) => {
      let valid = true
      for (const [pattern, schema] of patterns) {
        if (!pattern.test(name)) continue
        context.evaluatedProperties?.add(name)
        if (!Validation.interpret(schema, member, context)) valid = false
      }
      return valid
    }),
}

interface Additional {
  readonly names: ReadonlySet<string>
  readonly patterns: readonly LinearPattern[]
  readonly schema: string
}

const additionalProperties: Keyword<Additional, Context> = {
  id: `${OWN}additionalProperties`,
  simpleApplicator: true,
  compile: async (schema, ast, parent) => {
    const beside = valueAt(
      parent.document.root as unknown as JsonValue,
      parent.cursor,
    ) as JsonObject
    return {
      names: new Set(namesIn(beside, 'properties')),
      patterns: namesIn(beside, 'patternProperties').map(linear),
      schema: await Validation.compile(schema, ast, parent),
    }
  },
  interpret: ({ names, patterns, schema }, instance, context) =>
    everyMember(instance, (name, member) => {
      if (names.has(name) || patterns.some((pattern) => pattern.test(name))) return true
      context.evaluatedProperties?.add(name)
      return Validation.interpret(schema, member, context)
    }),
}

const pattern: Keyword<LinearPattern> = {
  id: `${OWN}pattern`,
  compile: async (...args) => linear((await compileValue(...args)) as string),
  interpret: (matcher, instance) =>
    typeOf(instance) !== 'string' || matcher.test(value<string>(instance)),
}

const format: Keyword<string> = {
  id: `${OWN}format`,
  compile: async (...args) => (await compileValue(...args)) as string,
  interpret: (name, instance) =>
    typeOf(instance) !== 'string' || FORMATS[name]?.test(value<string>(instance)) === true,
}

// The library's own tolerates remainders up to 1e-7, which makes every small number a multiple of everything.
const multipleOf: Keyword<number> = {
  id: `${OWN}multipleOf`,
  compile: async (...args) => (await compileValue(...args)) as number,
  interpret: (factor, instance) => {
    if (typeOf(instance) !== 'number') return true
    const number = value<number>(instance)
    if (number % factor === 0) return true
    const quotient = number / factor
    return (
      Number.isFinite(quotient) &&
      !Number.isInteger(factor) &&
      Math.abs(quotient - Math.round(quotient)) <= Math.abs(quotient) * 2 ** -50
    )
  },
}

// `prepareSchema` writes the allowed values as canonical JSON, so that nothing in them is ever read as a schema.
// A set: a long list held against each of many values would take the square of what both are bounded by.
const values: Keyword<ReadonlySet<string>> = {
  id: `${OWN}values`,
  compile: async (...args) => new Set((await compileValue(...args)) as readonly string[]),
  interpret: (allowed, instance) => allowed.has(canonicalJson(value<JsonValue>(instance))),
}

for (const keyword of [
  properties,
  patternProperties,
  additionalProperties,
  pattern,
  format,
  multipleOf,
  values,
]) {
  addKeyword(keyword as Keyword<unknown>)
}

const VOCABULARY = `${DIALECT}/vocabulary`
defineVocabulary(VOCABULARY, {
  ...Object.fromEntries(KEPT.map((name) => [name, STANDARD + name])),
  $defs: `${STANDARD}definitions`,
  $ref: `${STANDARD}ref`,
  properties: properties.id,
  patternProperties: patternProperties.id,
  additionalProperties: additionalProperties.id,
  pattern: pattern.id,
  format: format.id,
  multipleOf: multipleOf.id,
  enum: values.id,
})
loadDialect(DIALECT, { [VOCABULARY]: true }, false)

function everyMember(instance: Node, holds: (name: string, member: Node) => boolean): boolean {
  if (typeOf(instance) !== 'object') return true
  let valid = true
  for (const [name, member] of entries(instance))
    if (!holds(value<string>(name), member)) valid = false
  return valid
}

function linear(source: string): LinearPattern {
  const matcher = readLinearPattern(source)
  if (typeof matcher === 'string') throw new Error(`The pattern ${matcher}`)
  return matcher
}

function namesIn(schema: JsonObject, keyword: string): string[] {
  return Object.hasOwn(schema, keyword) ? Object.keys(schema[keyword] as JsonObject) : []
}

function valueAt(root: JsonValue, pointer: string): JsonValue {
  let at = root
  for (const step of pointer.split('/').slice(1)) {
    at = (at as JsonObject)[step.replaceAll('~1', '/').replaceAll('~0', '~')] as JsonValue
  }
  return at
}
