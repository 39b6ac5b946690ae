/** Writes everything that is generated and committed; `npm run check` fails when that changes a file. */
import { checkSnippets } from './check/snippets.ts'
import { generateErrorTable } from './generate/error-table.ts'

await generateErrorTable()
// After the table, which the packages themselves import.
const { generateContract } = await import('./generate/contract.ts')
await generateContract()
checkSnippets(true)
