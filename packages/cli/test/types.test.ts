import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createMorphee, type Morphee } from './morphee.ts'

let morphee: Morphee
beforeAll(async () => {
  morphee = await createMorphee()
  await morphee('new', 'hello', '--language', 'assemblyscript')
  const { code, stderr } = await morphee('build', 'hello')
  expect(code, stderr).toBe(0)
}, 60_000)
afterAll(() => morphee.close())

const BUILT = 'hello/build/hello.wasm'

it('morphee inspect --wit shows what a component imports and exports, as WIT', async () => {
  const { code, stdout } = await morphee('inspect', BUILT, '--wit')
  expect(code).toBe(0)
  expect(stdout).toContain('  export morphee:extension/actions@0.9.0;\n')
  expect(stdout).toContain(
    '    invoke: func(action: string, input: string) -> result<string, failure>;\n',
  )
  const { wit } = JSON.parse((await morphee('inspect', BUILT, '--wit', '--json')).stdout)
  expect(stdout).toContain(wit)
  expect((await morphee('inspect', BUILT)).stdout).not.toContain('world root')
})

it('morphee types writes declarations for hosts', async () => {
  const { code, stdout } = await morphee('types', BUILT)
  expect(code).toBe(0)
  expect(stdout).toContain('  invoke(action: string, input: string): string\n')
  const written = await morphee('types', BUILT, '--suspending', '-o', 'hello.d.ts')
  expect(written.stdout).toBe('✓ hello.d.ts\n')
  expect(await readFile(join(morphee.home, 'hello.d.ts'), 'utf8')).toContain(
    '  invoke(action: string, input: string): Promise<string>\n',
  )
})

it('morphee types refuses what is no component, with a code', async () => {
  const { code, stderr } = await morphee('types', 'hello/extension.yaml')
  expect(stderr).toContain('ERR_COMPONENT_MALFORMED')
  expect(code).toBe(1)
})
