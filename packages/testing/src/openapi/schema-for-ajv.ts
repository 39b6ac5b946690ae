/**
 * An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a choice with `null`.
 *
 * A validator for JSON Schema knows no `nullable`, and one that half knows it refuses it where no `type` stands beside it.
 */
export function schemaForAjv(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(schemaForAjv)
  if (typeof value !== 'object' || value === null) return value
  const { nullable, ...rest } = value as { nullable?: unknown }
  const schema = Object.fromEntries(
    Object.entries(rest).map(([key, child]) => [key, schemaForAjv(child)]),
  )
  // A property may be called `nullable`; then its value is a schema.
  if (typeof nullable === 'object') return { ...schema, nullable: schemaForAjv(nullable) }
  return nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema
}
