import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildExtension, newExtension, openComponent } from '@morphee/authoring'
import { describe, expect, test } from 'vitest'
import { emptyFolder, installSdks } from './project.ts'

describe('newExtension()', () => {
  for (const language of ['typescript', 'assemblyscript'] as const) {
    test(`makes an extension in ${language} that builds and does what its test expects`, async () => {
      const dir = join(await emptyFolder(), 'made')
      const files = await newExtension({ dir, name: 'acme/hello', language })
      const source = language === 'typescript' ? 'src/main.ts' : 'assembly/index.ts'
      expect(files.toSorted()).toEqual(
        [
          '.gitignore',
          'README.md',
          'extension.yaml',
          'package.json',
          source,
          'test/greet.test.ts',
        ].toSorted(),
      )
      for (const file of files) expect(await readFile(join(dir, file), 'utf8')).not.toContain('{{')
      await installSdks(dir)
      const { bytes, manifest } = await buildExtension(dir)
      expect(manifest.name).toBe('acme/hello')
      expect(await (await openComponent(bytes))('greet', { name: 'Ada' })).toEqual({
        text: 'Hello, Ada',
      })
    })
  }

  for (const name of ['hello', 'Acme/hello', '../x/y', 'acme/hello/more', 'acme/', 'a{{/b']) {
    test(`refuses the name ${JSON.stringify(name)}`, async () => {
      const dir = await emptyFolder()
      await expect(newExtension({ dir, name, language: 'typescript' })).rejects.toThrowCode(
        'ERR_AUTHORING_NAME_INVALID',
      )
    })
  }

  test('refuses a folder that holds something', async () => {
    const dir = await emptyFolder()
    await writeFile(join(dir, 'mine.txt'), 'precious')
    await expect(
      newExtension({ dir, name: 'acme/hello', language: 'typescript' }),
    ).rejects.toThrowCode('ERR_AUTHORING_FOLDER_TAKEN')
  })
})
