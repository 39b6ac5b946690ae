import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as authoring from '@morphee/authoring'
import { expect, test } from 'vitest'
import { CONTRACT } from '../src/wit/contract.ts'

test('the package exports these names and no others', () => {
  expect(Object.keys(authoring).toSorted()).toMatchInlineSnapshot(`
    [
      "AuthoringError",
      "MAX_ARTIFACT_BYTES",
      "buildExtension",
      "formatDiagnostic",
      "newExtension",
      "openComponent",
      "reportSections",
    ]
  `)
})

test('the contract that the build uses is the one in spec/wit', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../spec/wit/extension.wit'), 'utf8')
  const lines = text.split('\n').map((line) => line.replace(/\s*\/\/.*$/, ''))
  expect(`${lines.filter((line) => line.trim() !== '').join('\n')}\n`).toBe(CONTRACT)
})
