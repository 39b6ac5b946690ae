// Every dependency is pinned exactly and has its reason in docs/dependencies.md; an unexplained one is how a tree grows by itself.
import { globSync, readFileSync } from 'node:fs'

export function checkDependencies(): string[] {
  const explained = readFileSync('docs/dependencies.md', 'utf8')
  const problems: string[] = []
  for (const file of ['package.json', ...globSync('{packages,sdks,extensions}/*/package.json')]) {
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Record<
      string,
      Record<string, string> | undefined
    >
    for (const field of [
      'dependencies',
      'devDependencies',
      'optionalDependencies',
      'peerDependencies',
    ]) {
      for (const [name, range] of Object.entries(manifest[field] ?? {})) {
        // An alias names another version of a package that is there already.
        if (!/^(npm:(@[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
          problems.push(`${file}: ${name} is "${range}", not one exact version`)
        if (!name.startsWith('@morphee/') && !explained.includes(`\`${name}\``))
          problems.push(`${file}: ${name} has no line in docs/dependencies.md`)
      }
    }
  }
  return problems
}
