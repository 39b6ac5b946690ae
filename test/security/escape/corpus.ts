// All attacks: every file of every group.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Attack } from './attack.ts'

/** An attack with its place in the corpus, `group/file`. */
export interface Listed {
  readonly id: string
  readonly attack: Attack
}

const NO_GROUP = new Set(['levels'])

/** Reads the corpus, in order of groups and names. */
export async function readCorpus(): Promise<Listed[]> {
  const here = import.meta.dirname
  const listed: Listed[] = []
  for (const group of readdirSync(here, { withFileTypes: true })) {
    if (!group.isDirectory() || NO_GROUP.has(group.name)) continue
    for (const file of readdirSync(join(here, group.name))) {
      const module = (await import(`./${group.name}/${file}`)) as { readonly attack: Attack }
      listed.push({ id: `${group.name}/${file.slice(0, -3)}`, attack: module.attack })
    }
  }
  return listed.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
