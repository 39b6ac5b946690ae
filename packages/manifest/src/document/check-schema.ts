import { isCleanText, type JsonObject, type JsonValue } from '@morphee/core'
import { checkJsonSchema } from '../schema/check-json-schema.ts'
import type { Path, Report } from './diagnostics.ts'

/**
 * Reports at `path` everything that keeps `schema` from being run, and every text in it that cannot be shown as it is: a schema
 * becomes a form for people and a tool for agents, names of members and values of `enum` included.
 */
export function checkSchemaAt(schema: JsonValue, path: Path, report: Report): void {
  for (const issue of checkJsonSchema(schema)) {
    const inner = issue.pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    report([...path, ...inner], issue.message)
  }
  reportUncleanTexts(schema, path, report)
}

function reportUncleanTexts(value: JsonValue, path: Path, report: Report): void {
  if (typeof value === 'string') {
    if (!isCleanText(value)) report(path, 'holds control, bidirectional or invisible characters')
  } else if (Array.isArray(value)) {
    for (const [i, item] of (value as readonly JsonValue[]).entries())
      reportUncleanTexts(item, [...path, i], report)
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value as JsonObject)) {
      if (!isCleanText(name))
        report(path, 'has a member whose name holds control, bidirectional or invisible characters')
      reportUncleanTexts(member, [...path, name], report)
    }
  }
}
