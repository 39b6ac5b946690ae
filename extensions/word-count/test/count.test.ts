import { join } from 'node:path'
import { buildExtension, type Invoke, openComponent } from '@morphee/authoring'
import { beforeAll, describe, expect, test } from 'vitest'

let invoke: Invoke
beforeAll(async () => {
  const { bytes, imports } = await buildExtension(join(import.meta.dirname, '..'))
  expect(imports).toEqual(['log.write'])
  invoke = await openComponent(bytes)
})

describe('count', () => {
  for (const [text, words, lines, characters, longest] of [
    ['', 0, 0, 0, ''],
    ['one', 1, 1, 3, 'one'],
    ['one two\nthree\n', 3, 2, 14, 'three'],
    ['\n\n', 0, 2, 2, ''],
    ['a  b\tc', 3, 1, 6, 'a'],
    ['héllo wörld', 2, 1, 11, 'héllo'],
    ['🎉🎉🎉 abc', 2, 1, 7, '🎉🎉🎉'],
    ['日本語\u3000テキスト', 2, 1, 8, 'テキスト'],
    ['\ud800 x', 2, 1, 3, '\ud800'],
  ] as const) {
    test(`counts ${JSON.stringify(text)}`, async () => {
      expect(await invoke('count', { text })).toEqual({ words, lines, characters, longest })
    })
  }
})
