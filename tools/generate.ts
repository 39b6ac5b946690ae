/** Writes everything that is generated and committed; `npm run check` fails when that changes a file. */
import { generateErrorTable } from './generate/error-table.ts'

await generateErrorTable()
