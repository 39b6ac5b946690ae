import { commands } from 'vitest/browser'
import { expectSuite } from './expect-suite.ts'
import type { SuiteFolder } from './run.ts'

/** What `vitest.config.ts` offers a page, which cannot read files: names and base64. */
interface SuiteCommands {
  readonly suiteFolders: () => Promise<string[]>
  readonly suiteFolder: (name: string) => Promise<Readonly<Record<string, string>>>
}
const { suiteFolders, suiteFolder } = commands as unknown as SuiteCommands

async function read(name: string): Promise<SuiteFolder> {
  const files = Object.entries(await suiteFolder(name))
  return new Map(
    files.map(([file, base64]) => [
      file,
      Uint8Array.from(atob(base64), (byte) => byte.codePointAt(0) as number),
    ]),
  )
}

expectSuite((await suiteFolders()).length === 0 ? undefined : read)
