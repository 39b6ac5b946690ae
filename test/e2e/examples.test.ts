// The code that README files show runs as it stands there.
import { buildExtension } from '@morphee/authoring'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../docs/examples/component.ts'
import { countWords } from '../../docs/examples/embed.ts'

let dir: string
let file: string
let bytes: Uint8Array

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'morphee-examples-'))
  ;({ file, bytes } = await buildExtension(
    join(import.meta.dirname, '../../extensions/word-count'),
    {
      out: join(dir, 'word-count.wasm'),
    },
  ))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

it("the README's example installs an extension and counts the words of its input", async () => {
  expect(await countWords(file, join(dir, 'home'))).toMatchObject({ words: 5 })
})

it("the component package's example compiles, instantiates and calls", async () => {
  expect(await run(bytes)).toMatchObject({ words: 4 })
})
