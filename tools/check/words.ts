// What must never be committed, whoever writes it: paths of a machine and hosts of mirrors.
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

const FORBIDDEN: ReadonlyArray<readonly [RegExp, string]> = [
  [/(?<![\w.])\/(?:home|Users)\/[a-z]\w*\//, 'a path of one machine'],
  [
    /registry\.npmjs\.org|static\.crates\.io|files\.pythonhosted\.org|proxy\.golang\.org/,
    'the host of a package registry',
  ],
]

export function checkWords(): string[] {
  const problems: string[] = []
  const files = execFileSync('git', ['ls-files', '-z'], { encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)
  for (const file of files) {
    if (
      file === 'tools/check/words.ts' ||
      statSync(file, { throwIfNoEntry: false })?.isFile() !== true
    )
      continue
    const text = readFileSync(file, 'utf8')
    if (text.includes('\0')) continue
    for (const [pattern, what] of FORBIDDEN)
      if (pattern.test(text)) problems.push(`${file}: holds ${what}`)
  }
  return problems
}
