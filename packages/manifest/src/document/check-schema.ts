import type { JsonValue } from '@morphee/core'
import { checkJsonSchema } from '../schema/check-json-schema.ts'
import type { Path, Report } from './diagnostics.ts'

/** Reports at `path` everything that keeps `schema` from being run. */
export function checkSchemaAt(schema: JsonValue, path: Path, report: Report): void {
  for (const issue of checkJsonSchema(schema)) {
    const inner = issue.pointer
      .split('/')
      .slice(1)
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    report([...path, ...inner], issue.message)
  }
}
