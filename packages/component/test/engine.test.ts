import { canSuspend, Component, ComponentError } from '@morphee/component'
import { expect, test } from 'vitest'
// By path: the tests of a lower layer use the builder without the package depending on a higher one.
import { buildModule, bumpRealloc, ComponentBuilder, op } from '../../testing/src/wasm/index.ts'

const STRING = { kind: 'string' } as const

/** `run` asks the host and gives its answer, a string each way. */
function relay(encoding: 'utf8' | 'utf16' | 'latin1+utf16'): Uint8Array {
  const c = new ComponentBuilder()
  const ask = c.importFunc('ask', {
    params: [{ name: 'text', type: STRING }],
    result: { kind: 'result', ok: STRING, error: STRING },
  })
  const memoryOwner = c.coreInstance(
    c.module(
      buildModule({
        memory: { min: 1, export: 'memory' },
        globals: [{ type: 'i32', mutable: true, value: 64 }],
        funcs: [bumpRealloc],
      }),
    ),
  )
  const memory = c.coreAlias('memory', memoryOwner, 'memory')
  const realloc = c.coreAlias('func', memoryOwner, 'cabi_realloc')
  const options = { memory, realloc, encoding }
  const env = c.coreExports({ ask: c.lower(ask, options) })
  const main = c.coreInstance(
    c.module(
      buildModule({
        imports: [{ module: 'env', name: 'ask', params: ['i32', 'i32', 'i32'] }],
        funcs: [
          {
            params: ['i32', 'i32'],
            results: ['i32'],
            body: [op.localGet(0), op.localGet(1), op.i32Const(16), op.call(0), op.i32Const(16)],
            export: 'run',
          },
        ],
      }),
    ),
    { env },
  )
  const run = c.lift(
    c.coreAlias('func', main, 'run'),
    {
      params: [{ name: 'text', type: STRING }],
      result: { kind: 'result', ok: STRING, error: STRING },
    },
    options,
  )
  c.export('run', 'func', run)
  return c.build()
}

for (const encoding of ['utf8', 'utf16', 'latin1+utf16'] as const) {
  for (const text of [
    '',
    'plain',
    'café',
    'wörld — 日本語 🎉',
    'x'.repeat(5000),
    'é'.repeat(5000),
    '\0',
  ]) {
    test(`a string crosses four times in ${encoding}: ${JSON.stringify(text.slice(0, 12))}`, async () => {
      const component = await Component.compile(relay(encoding))
      const instance = await component.instantiate({ ask: (heard: string) => `${heard}!` })
      expect(instance.exports['run']?.(text)).toBe(`${text}!`)
    })
  }
}

test('an error result is thrown on both sides', async () => {
  const component = await Component.compile(relay('utf8'))
  const instance = await component.instantiate({
    ask() {
      throw new ComponentError('no')
    },
  })
  expect(() => instance.exports['run']?.('x')).toThrow(expect.objectContaining({ payload: 'no' }))
  expect(() => instance.exports['run']?.('again')).toThrow(ComponentError)
})

test('a lone surrogate becomes U+FFFD on its way in', async () => {
  for (const encoding of ['utf8', 'utf16', 'latin1+utf16'] as const) {
    const instance = await (
      await Component.compile(relay(encoding))
    ).instantiate({ ask: (heard: string) => heard })
    expect(instance.exports['run']?.('a\ud800b')).toBe('a\ufffdb')
  }
})

test.runIf(canSuspend())('a promise of the host suspends the guest', async () => {
  const component = await Component.compile(relay('utf8'))
  const instance = await component.instantiate(
    { ask: async (heard: string) => `later ${heard}` },
    { suspending: ['ask'] },
  )
  expect(await instance.exports['run']?.('x')).toBe('later x')
})

test('a guest that traps in its start function is refused', async () => {
  const c = new ComponentBuilder()
  c.coreInstance(c.module(buildModule({ funcs: [{ body: op.unreachable }], start: 0 })))
  const component = await Component.compile(c.build())
  await expect(component.instantiate()).rejects.toThrowCode('ERR_COMPONENT_TRAPPED')
})
