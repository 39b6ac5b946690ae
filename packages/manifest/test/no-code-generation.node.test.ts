import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

it('schemas are run without generating code, as under a strict content security policy', () => {
  const script = `
    import { compileJsonSchema } from '@morphee/manifest'
    try { new Function('return 1'); throw new Error('the flag does nothing') } catch (error) { if (error.name !== 'EvalError') throw error }
    const schema = await compileJsonSchema({ type: 'object', properties: { a: { pattern: '^x$' } }, unevaluatedProperties: false })
    console.log(JSON.stringify(schema.validate({ a: 'y' })))`
  const flags = [
    '--conditions=@morphee/source',
    '--disallow-code-generation-from-strings',
    '--input-type=module',
    '-e',
    script,
  ]
  const output = execFileSync(process.execPath, flags, {
    encoding: 'utf8',
    cwd: import.meta.dirname,
  })
  expect(JSON.parse(output)).toEqual([
    { pointer: '/a', message: 'does not have the form that is wanted' },
  ])
})
