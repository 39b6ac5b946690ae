import { readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuthoringError, buildExtension, formatDiagnostic, openComponent } from '@morphee/authoring'
import { digestOf } from '@morphee/core'
import { readArtifact } from '@morphee/manifest'
import { describe, expect, test } from 'vitest'
import { emptyFolder, manifest, project } from './project.ts'

const main = (body: string, imports = "import { fetch } from '@morphee/sdk'"): string =>
  `import { defineExtension } from '@morphee/sdk'\n${imports}\nexport const extension = defineExtension({ actions: { act: async () => { ${body} } } })`
const as = (body: string, imports = ''): string =>
  `${imports}\n@action export function act(): string { ${body} }`

async function errorOf(files: Readonly<Record<string, string>>): Promise<AuthoringError> {
  const error: unknown = await buildExtension(await project(files)).then(
    () => new Error('It was built'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof AuthoringError) return error
  throw error
}

test('a stranger’s project: a schema file that is a link to a file outside of it is not read', async () => {
  const outside = await emptyFolder()
  await writeFile(join(outside, 'private.json'), '{"type":"object","title":"private"}')
  const dir = await project({
    'extension.yaml': manifest([], ['act']).replace('input: {}', 'input: { $ref: schema.json }'),
    'assembly/index.ts': as('return "1"'),
  })
  await symlink(join(outside, 'private.json'), join(dir, 'schema.json'))
  await expect(buildExtension(dir)).rejects.toThrowCode('ERR_MANIFEST_INVALID')
})

describe('buildExtension()', () => {
  test('writes one file with the manifest embedded, and says what is in it', async () => {
    const dir = await project({
      'extension.yaml': manifest([], ['act']),
      'assembly/index.ts': as('return "1"'),
    })
    const steps: string[] = []
    const result = await buildExtension(dir, {
      out: join(dir, 'out/x.wasm'),
      onProgress: (step) => steps.push(step),
    })
    expect(new Uint8Array(await readFile(join(dir, 'out/x.wasm')))).toEqual(result.bytes)
    expect(readArtifact(result.bytes).manifest).toEqual(result.manifest)
    expect(steps).toEqual(['manifest', 'compile', 'componentize', 'inspect', 'embed', 'write'])
    expect(Object.keys(result.durationMs)).toEqual(steps)
    expect(result.sections.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(result.bytes.length)
    expect(result.sections[0]?.name).toBe('core modules')
  })

  test('gives the same AssemblyScript file for the same source', async () => {
    const files = { 'extension.yaml': manifest([], ['act']), 'assembly/index.ts': as('return "1"') }
    const [a, b] = [
      await buildExtension(await project(files)),
      await buildExtension(await project(files)),
    ]
    expect(await digestOf(a.bytes)).toBe(await digestOf(b.bytes))
  })

  test('lets fetch() refuse what the manifest does not ask for, and keeps it out of the binary', async () => {
    const dir = await project({
      'extension.yaml': manifest(['http:read'], ['act']),
      'src/main.ts': main("return (await fetch('https://a.test/')).status"),
    })
    const { imports } = await buildExtension(dir)
    expect(imports).toContain('http.read')
    expect(imports).not.toContain('http.write')
  })

  test('leaves out what the code does not touch', async () => {
    const dir = await project({
      'extension.yaml': manifest([], ['act']),
      'src/main.ts': main('return 1', ''),
    })
    const { imports } = await buildExtension(dir)
    expect(imports.filter((name) => !name.startsWith('invocation.'))).toEqual(['log.write'])
  })

  for (const [language, source] of [
    ['TypeScript', { 'src/main.ts': main("return (await fetch('https://a.test/')).status") }],
    [
      'AssemblyScript',
      {
        'assembly/index.ts': as(
          'return http.read(new Request("https://a.test/")).text()',
          'import { http, Request } from "@morphee/sdk-assemblyscript"',
        ),
      },
    ],
  ] as const) {
    test(`refuses ${language} that calls what the manifest does not ask for`, async () => {
      const error = await errorOf({ 'extension.yaml': manifest([], ['act']), ...source })
      expect(error.code).toBe('ERR_AUTHORING_PERMISSION_MISSING')
      expect(error.details).toMatchObject({ permissions: expect.arrayContaining(['http:read']) })
    })

    test(`refuses ${language} when the manifest asks for what is never called`, async () => {
      const error = await errorOf({
        'extension.yaml': manifest(['http:read', 'storage:write'], ['act']),
        ...source,
      })
      expect(error.code).toBe('ERR_AUTHORING_PERMISSION_UNUSED')
      expect(error.details).toEqual({ permissions: ['storage:write'] })
      expect(error.message).toBe(
        'Permission never used: extension.yaml asks for storage:write, and the code calls nothing that needs it',
      )
    })
  }

  test('refuses storage.set() under storage:read', async () => {
    const error = await errorOf({
      'extension.yaml': manifest(['storage:read'], ['act']),
      'src/main.ts': main(
        "await storage.get('k'); await storage.set('k', new Uint8Array())",
        "import * as storage from '@morphee/sdk/storage'",
      ),
    })
    expect(error.details).toEqual({ permissions: ['storage:write'], imports: ['storage.set'] })
  })

  for (const [what, files, line] of [
    [
      'TypeScript',
      { 'src/main.ts': 'export const a = 1\nexport const b = = 2\n' },
      'src/main.ts:2:18: Unexpected "="',
    ],
    [
      'a missing TypeScript module',
      { 'src/main.ts': "import './gone.ts'\n" },
      'src/main.ts:1:8: Could not resolve "./gone.ts"',
    ],
    [
      'AssemblyScript',
      { 'assembly/index.ts': '\n@action export function act(): string { return 1 + ; }' },
      'assembly/index.ts:2:52: Expression expected.',
    ],
    [
      'AssemblyScript of the wrong type',
      { 'assembly/index.ts': '@action\nexport function act(): string {\n  return nothing\n}' },
      "assembly/index.ts:3:10: Cannot find name 'nothing'.",
    ],
  ] as const) {
    test(`names file, line and column of a fault in ${what}`, async () => {
      const error = await errorOf({ 'extension.yaml': manifest([], ['act']), ...files })
      expect(error.code).toBe('ERR_AUTHORING_SOURCE_INVALID')
      const { diagnostics } = error.details as {
        diagnostics: Parameters<typeof formatDiagnostic>[0][]
      }
      expect(diagnostics.map(formatDiagnostic)).toContain(line)
    })
  }

  for (const [what, call, message] of [
    ['the time', 'Date.now()', /The time is not known while the extension is built/],
    [
      'a random number',
      'crypto.randomUUID()',
      /A random number is not known while the extension is built/,
    ],
    ['anything that throws', "(() => { throw new RangeError('odd') })()", /odd/],
  ] as const) {
    test(`refuses a top level that asks for ${what}`, async () => {
      const error = await errorOf({
        'extension.yaml': manifest([], ['act']),
        'src/main.ts': `${main('return 1', '')}\nexport const early = ${call}`,
      })
      expect(error.code).toBe('ERR_AUTHORING_SOURCE_INVALID')
      expect(error.message).toMatch(message)
    })
  }

  test('ends a top level that never returns, and says so', async () => {
    const dir = await project({
      'extension.yaml': manifest([], ['act']),
      'src/main.ts': `${main('return 1', '')}\nfor (;;) {}`,
    })
    const error = await buildExtension(dir, { maxLoadMs: 1500 }).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({
      code: 'ERR_AUTHORING_SOURCE_INVALID',
      message: 'Cannot load the extension: its top level did not return within 1.5 s',
    })
  })

  for (const [language, files] of [
    ['TypeScript', { 'src/main.ts': main('return 1', '') }],
    ['AssemblyScript', { 'assembly/index.ts': as('return "1"') }],
  ] as const) {
    test(`refuses ${language} whose actions are not the manifest's`, async () => {
      const error = await errorOf({ 'extension.yaml': manifest([], ['other']), ...files })
      expect(error.code).toBe('ERR_AUTHORING_ACTIONS_DIFFER')
      expect(error.details).toEqual({ missing: ['other'], undeclared: ['act'] })
    })
  }

  test('refuses a folder without a manifest, and one without a source', async () => {
    await expect(buildExtension(await emptyFolder())).rejects.toThrowCode(
      'ERR_AUTHORING_MANIFEST_MISSING',
    )
    expect((await errorOf({ 'extension.yaml': manifest([], ['act']) })).code).toBe(
      'ERR_AUTHORING_LANGUAGE_UNKNOWN',
    )
  })

  test('refuses a language of package.json that it does not know', async () => {
    const error = await errorOf({
      'extension.yaml': manifest([], ['act']),
      'package.json': '{"morphee":{"language":"cobol"}}',
      'src/main.ts': '',
    })
    expect(error.details).toEqual({ language: 'cobol', known: ['typescript', 'assemblyscript'] })
  })

  for (const [sdk, file] of [
    ['@morphee/sdk', 'src/main.ts'],
    ['@morphee/sdk-assemblyscript', 'assembly/index.ts'],
  ] as const) {
    test(`builds a folder that has never seen npm install with its own ${sdk}`, async () => {
      const dir = await emptyFolder()
      await writeFile(join(dir, 'extension.yaml'), manifest([], ['act']))
      await (
        await import('node:fs/promises')
      ).cp(
        await project({ [file]: sdk === '@morphee/sdk' ? main('return 1', '') : as('return "1"') }),
        dir,
        {
          recursive: true,
          filter: (from) => !from.includes('node_modules'),
        },
      )
      const { bytes } = await buildExtension(dir)
      const call = await openComponent(bytes)
      expect(await call('act', {})).toBe(1)
    })
  }

  test('a manifest cannot read files outside its folder', async () => {
    const yaml = manifest([], ['act']).replace(
      'input: {}',
      'input: { $ref: ../../../etc/hostname }',
    )
    await expect(
      buildExtension(
        await project({ 'extension.yaml': yaml, 'src/main.ts': main('return 1', '') }),
      ),
    ).rejects.toThrowCode('ERR_MANIFEST_INVALID')
  })

  test('writes nothing when it refuses', async () => {
    const dir = await project({
      'extension.yaml': manifest(['http:read'], ['act']),
      'assembly/index.ts': as('return "1"'),
    })
    await expect(buildExtension(dir, { out: join(dir, 'x.wasm') })).rejects.toThrowCode(
      'ERR_AUTHORING_PERMISSION_UNUSED',
    )
    await expect(readFile(join(dir, 'x.wasm'))).rejects.toThrow(/ENOENT/)
  })
})
