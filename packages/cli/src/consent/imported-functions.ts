import type { Component } from '@morphee/component'

/** `http.read`, `log.write`, …: the functions a component imports, which is all it can ask the host for. */
export function importedFunctions(imports: Component['imports']): string[] {
  const names: string[] = []
  for (const item of imports) {
    if (item.kind !== 'instance') {
      names.push(item.name)
      continue
    }
    const short = item.name.replace(/^morphee:extension\//, '').replace(/@.*$/, '')
    for (const member of item.exports)
      if (member.kind === 'func') names.push(`${short}.${member.name}`)
  }
  return names.sort()
}
