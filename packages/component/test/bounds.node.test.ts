import { Component, createCodec, EngineError, type ValueType } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

const HANDLE_LIMIT = 100

/** Two components in one, each of which makes as many resources of its own as it is told. */
const TWO_MAKERS = `(component
  (component $Maker
    (type $r (resource (rep i32)))
    (core func $new (canon resource.new $r))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32)
        (loop $l (if (local.get 0) (then
          (drop (call $new (i32.const 1)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br $l))))))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "count" u32) (canon lift (core func $i "make"))))
  (instance $a (instantiate $Maker)) (instance $b (instantiate $Maker))
  (export "a" (instance $a)) (export "b" (instance $b)))`

describe('resource handles', () => {
  test('are counted over all components of an instance together', async () => {
    const component = await Component.compile(await parseWat(TWO_MAKERS))
    const instance = await component.instantiate({}, { limits: { maxHandles: HANDLE_LIMIT } })
    const make = (name: string, count: number): unknown => instance.exports[name]?.['make']?.(count)
    make('a', HANDLE_LIMIT / 2)
    make('b', HANDLE_LIMIT / 2)
    expect(() => make('b', 1)).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ reason: 'limit' }) }),
    )
  })

  test('count again once they are dropped', async () => {
    const component = await Component.compile(
      await parseWat(`(component
        (type $r (resource (rep i32)))
        (core func $new (canon resource.new $r)) (core func $drop (canon resource.drop $r))
        (core module $m (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
          (func (export "churn") (param i32)
            (loop $l (if (local.get 0) (then (call $drop (call $new (i32.const 1)))
              (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br $l))))))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
        (func (export "churn") (param "count" u32) (canon lift (core func $i "churn"))))`),
    )
    const instance = await component.instantiate({}, { limits: { maxHandles: 2 } })
    expect(instance.exports['churn']?.(1000)).toBeUndefined()
  })
})

describe('what few bytes of a guest become', () => {
  const LENGTH = 50_000
  for (const [what, type] of [
    ['empty lists of bytes', '(list (list u8))'],
    ['empty lists', '(list (list u32))'],
    ['empty maps', '(list (map u8 u8))'],
    ['options inside options', '(list (option (option (option (option bool)))))'],
    ['64-bit integers', '(list (tuple u64 u64 u64 u64))'],
  ] as const) {
    test(`is counted before it is made: ${what}`, async () => {
      const bytes = await parseWat(`(component
        (core module $m (memory (export "memory") 40) (func (export "give") (result i32)
          (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const ${LENGTH})) (i32.const 0)))
        (core instance $i (instantiate $m))
        (func (export "give") (result ${type}) (canon lift (core func $i "give") (memory (core memory $i "memory")))))`)
      const component = await Component.compile(bytes)
      const roomy = await component.instantiate()
      expect(roomy.exports['give']?.()).toHaveLength(LENGTH)
      // Every one of them is a few hundred bytes of the host, and more than 40 in any case.
      const small = await component.instantiate({}, { limits: { maxCallBytes: LENGTH * 40 } })
      expect(() => small.exports['give']?.()).toThrow(EngineError)
      expect(small.death?.details.reason).toBe('limit')
    })
  }

  test('is counted when it is decoded from bytes too', () => {
    const types: readonly ValueType[] = [
      { kind: 'list', element: { kind: 'list', element: { kind: 'u8' } } },
      { kind: 'list', element: { kind: 'list', element: { kind: 'u8' }, length: 1 } },
      { kind: 'map', key: { kind: 'u16' }, value: { kind: 'list', element: { kind: 'char' } } },
    ]
    const values = [
      Array.from({ length: 10_000 }, () => new Uint8Array(0)),
      Array.from({ length: 10_000 }, () => new Uint8Array(1)),
      new Map(Array.from({ length: 10_000 }, (_, index) => [index, []])),
    ]
    types.forEach((type, index) => {
      const bytes = createCodec([type]).encode([values[index]])
      expect(bytes.length).toBeLessThan(40_000)
      expect(createCodec([type]).decode(bytes)).toEqual([values[index]])
      expect(() => createCodec([type], { maxCallBytes: 400_000 }).decode(bytes)).toThrowCode(
        'ERR_COMPONENT_LIMIT',
      )
    })
  })

  test('does not make ordinary values dear: a hundred thousand headers fit', async () => {
    const type: ValueType = {
      kind: 'list',
      element: { kind: 'tuple', types: [{ kind: 'string' }, { kind: 'string' }] },
    }
    const headers = Array.from({ length: 100_000 }, (_, index) => [`x-header-${index}`, 'value'])
    const codec = createCodec([type])
    expect(codec.decode(codec.encode([headers]))).toEqual([headers])
  })
})

describe('text of errors', () => {
  const MANY = Array.from({ length: 5_000 }, (_, index) => `case-${'x'.repeat(100)}${index}`)

  test('is short however many cases a type has and however long they are called', async () => {
    const bytes = await parseWat(`(component
      (type $e' (enum ${MANY.map((name) => `"${name}"`).join(' ')})) (export $e "e" (type $e'))
      (core module $m (func (export "take") (param i32)))
      (core instance $i (instantiate $m))
      (func (export "take") (param "e" $e) (canon lift (core func $i "take"))))`)
    const instance = await (await Component.compile(bytes)).instantiate()
    const texts: string[] = []
    for (const run of [
      () => instance.exports['take']?.('no such case'),
      () => createCodec([{ kind: 'enum', names: MANY }]).encode(['no such case']),
      () =>
        createCodec([
          { kind: 'variant', cases: MANY.map((name) => ({ name, type: null })) },
        ]).encode([{ tag: 'no such case' }]),
    ]) {
      try {
        run()
      } catch (error) {
        texts.push(String(error))
      }
    }
    expect(texts).toHaveLength(3)
    for (const text of texts) expect(text.length).toBeLessThan(1_000)
  })

  test('is short and clean in every error of the engine, its details included', async () => {
    const long = 'x'.repeat(50_000)
    const component = await Component.compile(
      await parseWat(`(component (import "${long}" (func)))`),
    )
    const error = await component.instantiate({}).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_COMPONENT_LINK' })
    expect((error as Error).message.length).toBeLessThan(1_100)
    expect(JSON.stringify((error as EngineError).details).length).toBeLessThan(1_100)
    const forged = new EngineError('ERR_COMPONENT_LINK', 'a\u001b[2J\nb\u202e', { import: '' })
    expect(forged.message).toBe('a[2J b')
  })
})
