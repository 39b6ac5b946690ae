// Code in the documents rots unless it is a file that the compiler reads: a fence that names its source must equal it.
// `npm run generate` writes the fences; the gate only compares.
import { globSync, readFileSync, writeFileSync } from 'node:fs'

/** Problems of the fences in all documents; with `mend`, those that differ are written anew instead. */
export function checkSnippets(mend = false): string[] {
  const problems: string[] = []
  for (const file of [
    'README.md',
    ...globSync('docs/**/*.md'),
    ...globSync('{packages,sdks,extensions}/*/README.md'),
  ]) {
    const text = readFileSync(file, 'utf8')
    const mended = text.replaceAll(
      /^```ts(?: source="([^"]+)")?\n([\s\S]*?)^```/gm,
      (fence: string, source: string | undefined, body: string) => {
        if (source === undefined) {
          problems.push(`${file}: a ts fence names no source="…"`)
          return fence
        }
        let shown: string
        try {
          shown = shownPart(readFileSync(source, 'utf8'))
        } catch {
          problems.push(`${file}: ${source} does not exist`)
          return fence
        }
        if (shown !== body && !mend)
          problems.push(`${file}: the fence of ${source} differs from the file`)
        return `\`\`\`ts source="${source}"\n${shown}\`\`\``
      },
    )
    if (mend && mended !== text) writeFileSync(file, mended)
  }
  return problems
}

// A file may hold more than a document shows; `// #region` lines mark the shown part.
function shownPart(text: string): string {
  const shown = /\/\/ #region\n([\s\S]*?)[ ]*\/\/ #endregion/.exec(text)?.[1] ?? text
  const indent = Math.min(
    ...[...shown.matchAll(/^( *)\S/gm)].map(([, spaces]) => spaces?.length ?? 0),
  )
  return shown.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '')
}
