import {
  buildSchemaDocument,
  compile,
  getSchema,
  type Keyword,
  Validation,
} from '@hyperjump/json-schema/experimental'
import { fromJs } from '@hyperjump/json-schema/instance/experimental'
import type { JsonValue } from '@morphee/core'
import { ManifestError } from '../errors.ts'
import { checkJsonSchema, depthOf } from './check-json-schema.ts'
import { DIALECT } from './dialect.ts'
import type { SchemaIssue } from './issue.ts'
import { explain } from './explain.ts'
import { prepareSchema } from './prepare.ts'

/** A schema that is ready to check values. */
export interface JsonSchema {
  /**
   * What keeps `value` from fitting, at most {@link MAX_ISSUES}; empty when it fits.
   *
   * @throws {@link ManifestError} `ERR_SCHEMA_BUDGET` when the schema makes the check too long or too deep
   */
  validate(value: JsonValue): SchemaIssue[]
}

/** Most issues that one validation reports. */
export const MAX_ISSUES = 50
/** How deep a value may nest. */
export const MAX_VALUE_DEPTH = 100
/** How many pairs of schema and value one validation may look at. */
export const MAX_EVALUATIONS = 500_000
/** How deep schemas may apply one another in one validation. */
export const MAX_EVALUATION_DEPTH = 400

/**
 * Makes a stranger's JSON Schema (2020-12) ready to use. No code is generated from it, nothing is fetched, patterns run in linear time.
 *
 * References reach inside the document only; keywords and formats that are not run here are refused rather than ignored.
 *
 * @throws {@link ManifestError} `ERR_SCHEMA_INVALID`
 */
export async function compileJsonSchema(schema: JsonValue): Promise<JsonSchema> {
  const issues = checkJsonSchema(schema)
  if (issues.length > 0) {
    const first = issues[0] as SchemaIssue
    throw new ManifestError(
      'ERR_SCHEMA_INVALID',
      `Cannot use the JSON Schema: ${first.pointer || 'it'} ${first.message}`,
      { issues },
    )
  }
  const prepared = prepareSchema(schema)
  const root =
    typeof prepared === 'boolean' ? { allOf: [prepared] } : (prepared as Record<string, JsonValue>)
  // The library keeps schemas by address; this one is looked up in its own cache only, so the address need not be unique.
  const address = `${DIALECT}/document`
  const document = buildSchemaDocument(
    root as Parameters<typeof buildSchemaDocument>[0],
    address,
    DIALECT,
  )
  // `checkJsonSchema` has done what the meta-schema would do.
  Object.assign(document, { validated: true })
  const browser = { _cache: { [address]: document } } as unknown as Parameters<typeof getSchema>[1]
  const { ast, schemaUri } = await compile(
    await getSchema(address, browser as NonNullable<typeof browser>),
  )
  const budget = createBudget()
  // On the schema itself, because the library runs some subschemas with the schema's own plugins only.
  ast.plugins.add(budget)
  return {
    validate(value) {
      if (depthOf(value, MAX_VALUE_DEPTH + 1) > MAX_VALUE_DEPTH)
        return [{ pointer: '', message: `nests deeper than ${MAX_VALUE_DEPTH} levels` }]
      budget.reset()
      const context: IssueContext = { ast, plugins: [...ast.plugins, collector] }
      return Validation.interpret(schemaUri, fromJs(value as Parameters<typeof fromJs>[0]), context)
        ? []
        : (context.issues ?? []).slice(0, MAX_ISSUES)
    },
  }
}

type Plugin = NonNullable<Keyword<unknown>['plugin']>
type Context = Parameters<NonNullable<Plugin['beforeSchema']>>[2]
type IssueContext = Context & { issues?: SchemaIssue[] }

function createBudget(): Plugin & { reset(): void } {
  let left = MAX_EVALUATIONS
  let depth = 0
  return {
    reset() {
      left = MAX_EVALUATIONS
      depth = 0
    },
    beforeSchema() {
      left--
      depth++
      if (left >= 0 && depth <= MAX_EVALUATION_DEPTH) return
      const limit = left < 0 ? MAX_EVALUATIONS : MAX_EVALUATION_DEPTH
      throw new ManifestError(
        'ERR_SCHEMA_BUDGET',
        `Cannot check the value: the JSON Schema needs more than ${limit} ${left < 0 ? 'steps' : 'levels'}`,
        { limit },
      )
    },
    afterSchema() {
      depth--
    },
  }
}

// Issues travel up only through keywords that pass their subschemas' verdict on: what failed inside `not`, or in one
// alternative of an `anyOf` that another one saved, is nobody's mistake.
const collector: Plugin = {
  afterKeyword(node, instance, context, valid, schemaContext, keyword) {
    if (valid) return
    const outer = schemaContext as IssueContext
    outer.issues ??= []
    if (outer.issues.length >= MAX_ISSUES) return
    const inner = (context as IssueContext).issues ?? []
    outer.issues.push(
      ...(keyword.simpleApplicator === true && !node[0].endsWith('/propertyNames')
        ? inner
        : explain(node[0], node[2], instance)),
    )
  },
  afterSchema(url, instance, context, valid) {
    if (valid || context.ast[url] !== false) return
    const outer = context as IssueContext
    outer.issues ??= []
    outer.issues.push({ pointer: instance.pointer, message: 'is not allowed' })
  },
}
