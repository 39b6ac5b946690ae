// Code in the documents rots unless it is a file that the compiler reads: a fence that names its source must equal it.
import { globSync, readFileSync } from 'node:fs'

export function checkSnippets(): string[] {
  const problems: string[] = []
  for (const file of [
    'README.md',
    ...globSync('docs/**/*.md'),
    ...globSync('{packages,sdks,extensions}/*/README.md'),
  ]) {
    const text = readFileSync(file, 'utf8')
    for (const match of text.matchAll(/^```ts(?: source="([^"]+)")?\n([\s\S]*?)^```/gm)) {
      const [, source, body] = match
      if (source === undefined) {
        problems.push(`${file}: a ts fence names no source="…"`)
        continue
      }
      let original: string
      try {
        original = readFileSync(source, 'utf8')
      } catch {
        problems.push(`${file}: ${source} does not exist`)
        continue
      }
      // A file may hold more than a document shows; `// #region` lines mark the shown part.
      const shown = dedent(
        /\/\/ #region\n([\s\S]*?)[ ]*\/\/ #endregion/.exec(original)?.[1] ?? original,
      )
      if (shown !== body) problems.push(`${file}: the fence of ${source} differs from the file`)
    }
  }
  return problems
}

function dedent(text: string): string {
  const indent = Math.min(
    ...[...text.matchAll(/^( *)\S/gm)].map(([, spaces]) => spaces?.length ?? 0),
  )
  return text.replaceAll(new RegExp(`^ {${indent}}`, 'gm'), '')
}
