// Each defence that the corpus names is there, and can be switched off: `npm run security -- --without-defences` shows that the attack
// works then, and takes too long to be run with every change.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readCorpus } from './corpus.ts'
import { type Edit, SHOWN_AT, WITHOUT } from './defences.ts'

const ROOT = join(import.meta.dirname, '../../..')
const corpus = await readCorpus()
const texts = new Map<string, Promise<string>>()

function read(file: string): Promise<string> {
  const known = texts.get(file) ?? readFile(join(ROOT, file), 'utf8')
  texts.set(file, known)
  return known
}

async function isThere({ file, search, replace }: Edit, of: string): Promise<boolean> {
  return search !== replace && (await read(file ?? of)).includes(search)
}

it('every attack names its defence, and every defence an attack', () => {
  const ids = corpus.map(({ id }) => id)
  expect(Object.keys(WITHOUT).toSorted()).toEqual(ids.toSorted())
  expect(ids).toEqual(expect.arrayContaining(Object.keys(SHOWN_AT)))
})

it('what is switched off is in the code as it is written there', async () => {
  const gone: string[] = []
  for (const { id, attack } of corpus)
    for (const edit of WITHOUT[id] ?? [])
      if (!(await isThere(edit, attack.defence.file))) gone.push(`${id}: ${edit.search.trim()}`)
  expect(gone).toEqual([])
})
