import { Component, type ComponentInstance, EngineError } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

/** A component around core functions: `run` is exported, `ask` imported. */
async function guest(
  core: string,
  options: { limits?: object; host?: object; instantiate?: object } = {},
): Promise<ComponentInstance> {
  const bytes = await parseWat(`(component
    (import "ask" (func $ask (result u32)))
    (core func $ask_core (canon lower (func $ask)))
    (core instance $env (export "ask" (func $ask_core)))
    (core module $m (import "env" "ask" (func $ask (result i32))) ${core})
    (core instance $i (instantiate $m (with "env" (instance $env))))
    (func (export "run") (result u32) (canon lift (core func $i "run"))))`)
  const component = await Component.compile(bytes, { limits: options.limits ?? {} })
  return component.instantiate({ ask: () => 7, ...options.host }, options.instantiate)
}

/** Calls the host and goes on whatever is thrown at it. */
const SWALLOWS = {
  'try/catch_all':
    '(func (export "run") (result i32) try (result i32) (call $ask) catch_all (i32.const 666) end)',
  'try_table with exnref': `(func (export "run") (result i32)
    (block $caught (result exnref) (try_table (result i32) (catch_all_ref $caught) (call $ask)) (return)) (drop) (i32.const 666))`,
}

function thrownBy(run: () => unknown): EngineError {
  try {
    run()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

async function rejectionOf(promise: unknown): Promise<EngineError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

for (const [name, core] of Object.entries(SWALLOWS)) {
  describe(`a guest that swallows exceptions (${name})`, () => {
    test('goes on normally when the host answers', async () => {
      expect((await guest(core)).exports['run']?.()).toBe(7)
    })

    for (const [what, thrown] of [
      ['an error', new Error('secret')],
      ['a WebAssembly.RuntimeError', new WebAssembly.RuntimeError('unreachable')],
      [
        'a WebAssembly.Exception',
        new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), []),
      ],
      ['a number', 1],
    ] as const) {
      test(`is stopped when a host function throws ${what}`, async () => {
        const instance = await guest(core, {
          host: {
            ask() {
              throw thrown
            },
          },
        })
        const error = thrownBy(() => instance.exports['run']?.())
        expect(error).toMatchObject({
          code: 'ERR_COMPONENT_TRAPPED',
          details: { reason: 'host-error' },
        })
        expect(error.message).not.toContain('secret')
        expect(error.cause).toBe(thrown)
      })
    }

    test('is stopped when a host function returns a wrong value', async () => {
      const instance = await guest(core, { host: { ask: () => 'seven' } })
      expect(thrownBy(() => instance.exports['run']?.()).details).toMatchObject({
        reason: 'host-error',
      })
    })

    test('is stopped when the promise of a suspending host function is rejected', async () => {
      const instance = await guest(core, {
        host: { ask: () => Promise.reject(new Error('late')) },
        instantiate: { suspending: ['ask'] },
      })
      expect((await rejectionOf(instance.exports['run']?.())).details).toMatchObject({
        reason: 'host-error',
      })
      expect((await rejectionOf(instance.exports['run']?.())).code).toBe('ERR_COMPONENT_TRAPPED')
    })

    test('is stopped when a suspending host function throws before it waits', async () => {
      const ask = (): never => {
        throw new Error('early')
      }
      const instance = await guest(core, { host: { ask }, instantiate: { suspending: ['ask'] } })
      expect((await rejectionOf(instance.exports['run']?.())).details).toMatchObject({
        reason: 'host-error',
      })
    })

    test('is stopped when the signal aborts while it is suspended', async () => {
      const controller = new AbortController()
      const instance = await guest(core, {
        host: { ask: () => new Promise(() => undefined) },
        instantiate: { suspending: ['ask'], signal: controller.signal },
      })
      const call = instance.exports['run']?.()
      controller.abort(new Error('user'))
      const error = await rejectionOf(call)
      expect(error.details).toMatchObject({ reason: 'interrupted' })
      expect(error.cause).toBe(controller.signal.reason)
    })

    test('is stopped when the signal aborts during a synchronous host call', async () => {
      const controller = new AbortController()
      const ask = (): number => {
        controller.abort()
        return 7
      }
      const instance = await guest(core, {
        host: { ask },
        instantiate: { signal: controller.signal },
      })
      expect(thrownBy(() => instance.exports['run']?.()).details).toMatchObject({
        reason: 'interrupted',
      })
    })

    test('is stopped when its own stack overflows in the host call', async () => {
      const deep = core
        .replace('(call $ask)', '(drop (call $ask)) (call $run)')
        .replace('(export "run")', '$run (export "run")')
      const instance = await guest(deep)
      try {
        instance.exports['run']?.()
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_COMPONENT_TRAPPED' })
      }
    })
  })
}

describe('a trap', () => {
  for (const [reason, core] of [
    ['unreachable', '(func (export "run") (result i32) unreachable)'],
    [
      'memory-out-of-bounds',
      '(memory 1) (func (export "run") (result i32) (i32.load (i32.const -1)))',
    ],
    [
      'integer-divide-by-zero',
      '(func (export "run") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))',
    ],
    [
      'integer-overflow',
      '(func (export "run") (result i32) (i32.div_s (i32.const 0x80000000) (i32.const -1)))',
    ],
    [
      'invalid-conversion-to-integer',
      '(func (export "run") (result i32) (i32.trunc_f32_u (f32.const nan)))',
    ],
    ['stack-overflow', '(func $r (export "run") (result i32) (i32.add (call $r) (i32.const 1)))'],
    [
      'indirect-call-type-mismatch',
      '(type $f (func (result i32))) (table 1 funcref) (func (export "run") (result i32) (call_indirect (type $f) (i32.const 0)))',
    ],
    [
      'table-out-of-bounds',
      '(table 1 funcref) (func (export "run") (result i32) (drop (table.get 0 (i32.const 9))) (i32.const 1))',
    ],
    [
      'memory-out-of-bounds',
      '(memory 1) (data $d "x") (func (export "run") (result i32) (memory.init $d (i32.const 0) (i32.const 0) (i32.const 9)) (i32.const 1))',
    ],
    [
      'table-out-of-bounds',
      '(table 1 funcref) (elem $e func) (func (export "run") (result i32) (table.init $e (i32.const 0) (i32.const 0) (i32.const 9)) (i32.const 1))',
    ],
    [
      'null-reference',
      '(type $f (func)) (func (export "run") (result i32) (call_ref $f (ref.null $f)) (i32.const 1))',
    ],
    [
      'integer-divide-by-zero',
      '(func (export "run") (result i32) (i32.rem_s (i32.const 1) (i32.const 0)))',
    ],
    ['uncaught-exception', '(tag $t) (func (export "run") (result i32) (throw $t))'],
  ] as const) {
    test(`says which: ${reason} of ${core.slice(0, 40)}`, async () => {
      const instance = await guest(core)
      expect(thrownBy(() => instance.exports['run']?.()).details).toMatchObject({ reason })
      expect(instance.death?.details).toMatchObject({ reason })
      const again = thrownBy(() => instance.exports['run']?.())
      expect(again.code).toBe('ERR_COMPONENT_TRAPPED')
      expect(again.message).toBe(`Cannot call the instance: it trapped before (${reason})`)
    })
  }

  test('in a start function fails the instantiation', async () => {
    const error = await rejectionOf(
      guest('(func $s unreachable) (start $s) (func (export "run") (result i32) (i32.const 1))'),
    )
    expect(error.details).toMatchObject({ reason: 'unreachable' })
  })
})

describe('re-entrance', () => {
  test('from a host function is refused, and the first call goes on', async () => {
    let instance: ComponentInstance | undefined
    let refused: EngineError | undefined
    const ask = (): number => {
      refused = thrownBy(() => instance?.exports['run']?.())
      return 3
    }
    instance = await guest('(func (export "run") (result i32) (call $ask))', { host: { ask } })
    expect(instance.exports['run']?.()).toBe(3)
    expect(refused?.code).toBe('ERR_COMPONENT_REENTERED')
  })

  test('while suspended is refused, and the first call goes on', async () => {
    let answer: (value: number) => void = () => undefined
    const ask = (): Promise<number> => new Promise((resolve) => (answer = resolve))
    const instance = await guest('(func (export "run") (result i32) (call $ask))', {
      host: { ask },
      instantiate: { suspending: ['ask'] },
    })
    const first = instance.exports['run']?.()
    expect((await rejectionOf(instance.exports['run']?.())).code).toBe('ERR_COMPONENT_REENTERED')
    answer(5)
    expect(await first).toBe(5)
  })
})

describe('suspension', () => {
  test('is refused where a host function was not named', async () => {
    const instance = await guest('(func (export "run") (result i32) (call $ask))', {
      host: { ask: () => Promise.reject(new Error('x')) },
    })
    expect(thrownBy(() => instance.exports['run']?.()).details).toMatchObject({
      reason: 'host-error',
    })
  })

  test('in a start function traps', async () => {
    const core =
      '(func $s (drop (call $ask))) (start $s) (func (export "run") (result i32) (i32.const 1))'
    const error = await rejectionOf(
      guest(core, {
        host: { ask: () => Promise.resolve(1) },
        instantiate: { suspending: ['ask'] },
      }),
    )
    expect(error.code).toBe('ERR_COMPONENT_TRAPPED')
  })

  test('close() ends a suspended call', async () => {
    const instance = await guest('(func (export "run") (result i32) (call $ask))', {
      host: { ask: () => new Promise(() => undefined) },
      instantiate: { suspending: ['ask'] },
    })
    const call = instance.exports['run']?.()
    instance.close()
    expect((await rejectionOf(call)).details).toMatchObject({ reason: 'interrupted' })
  })
})

describe('memory', () => {
  const grow = '(func (export "run") (result i32) (memory.grow (i32.const 16)))'

  test('cannot grow beyond the limit', async () => {
    const instance = await guest(`(memory 1) ${grow}`, { limits: { maxMemoryBytes: 8 * 65_536 } })
    expect(instance.exports['run']?.()).toBe(0xffff_ffff)
  })

  test('grows up to the limit', async () => {
    const instance = await guest(`(memory 1) ${grow}`, { limits: { maxMemoryBytes: 17 * 65_536 } })
    expect(instance.exports['run']?.()).toBe(1)
  })

  test('of several memories counts together', async () => {
    const instance = await guest(`(memory 1) (memory 1) ${grow}`, {
      limits: { maxMemoryBytes: 20 * 65_536 },
    })
    expect(instance.exports['run']?.()).toBe(0xffff_ffff)
  })

  test('that is larger than the limit from the start is refused', async () => {
    await expect(
      guest(`(memory 20) ${grow}`, { limits: { maxMemoryBytes: 8 * 65_536 } }),
    ).rejects.toThrowCode('ERR_COMPONENT_LIMIT')
  })

  test('shared with threads is refused by name', async () => {
    const error = await rejectionOf(guest(`(memory 1 2 shared) ${grow}`))
    expect(error).toMatchObject({
      code: 'ERR_COMPONENT_UNSUPPORTED',
      details: { feature: 'threads' },
    })
  })

  test('of 64 bits is refused by name', async () => {
    const error = await rejectionOf(
      guest('(memory i64 1) (func (export "run") (result i32) (i32.const 1))'),
    )
    expect(error).toMatchObject({
      code: 'ERR_COMPONENT_UNSUPPORTED',
      details: { feature: 'memory64' },
    })
  })

  test('of the GC proposal is refused by name', async () => {
    const error = await rejectionOf(
      guest('(type (struct)) (func (export "run") (result i32) (i32.const 1))'),
    )
    expect(error).toMatchObject({ code: 'ERR_COMPONENT_UNSUPPORTED', details: { feature: 'gc' } })
  })

  test('cap leaves tables their limit too', async () => {
    const core =
      '(table 1 funcref) (func (export "run") (result i32) (table.grow 0 (ref.null func) (i32.const 100)))'
    expect((await guest(core, { limits: { maxTableElements: 50 } })).exports['run']?.()).toBe(
      0xffff_ffff,
    )
    expect((await guest(core, { limits: { maxTableElements: 101 } })).exports['run']?.()).toBe(1)
  })
})

/** A component that exports `give`, whose string lies where its core says. */
async function giving(
  core: string,
  type: string,
  encoding = 'utf8',
  limits: object = {},
): Promise<ComponentInstance> {
  const bytes = await parseWat(`(component
    (core module $m (memory (export "memory") 1) ${core})
    (core instance $i (instantiate $m))
    (alias core export $i "memory" (core memory $mem))
    (func (export "give") (result ${type}) (canon lift (core func $i "give") (memory $mem) string-encoding=${encoding})))`)
  return (await Component.compile(bytes, { limits })).instantiate()
}
const at = (pointer: number, length: number, data = ''): string =>
  `(data (i32.const 0) "${[pointer, length]
    .flatMap((n) => [n & 255, (n >> 8) & 255, (n >> 16) & 255, n >>> 24])
    .map((b) => `\\${b.toString(16).padStart(2, '0')}`)
    .join('')}") ${data}
   (func (export "give") (result i32) (i32.const 0))`

describe('a guest that lies', () => {
  for (const [attack, core, type, encoding] of [
    ['with a string past the end of memory', at(65_530, 100), 'string', 'utf8'],
    ['with a string at the top of the address space', at(-1, -1), 'string', 'utf8'],
    ['with a string of 4 GiB', at(0, -1), 'string', 'utf16'],
    [
      'with a string that is no UTF-8',
      at(16, 2, '(data (i32.const 16) "\\ff\\fe")'),
      'string',
      'utf8',
    ],
    ['with an overlong encoding', at(16, 2, '(data (i32.const 16) "\\c0\\80")'), 'string', 'utf8'],
    [
      'with a surrogate in UTF-8',
      at(16, 3, '(data (i32.const 16) "\\ed\\a0\\80")'),
      'string',
      'utf8',
    ],
    [
      'with an unpaired surrogate in UTF-16',
      at(16, 1, '(data (i32.const 16) "\\00\\d8")'),
      'string',
      'utf16',
    ],
    ['with an unaligned UTF-16 string', at(17, 1), 'string', 'utf16'],
    ['with an unaligned list', at(17, 1), '(list u32)', 'utf8'],
    ['with a list past the end of memory', at(65_528, 100), '(list u64)', 'utf8'],
    ['with a list whose size overflows 32 bits', at(8, 0x2000_0001), '(list u64)', 'utf8'],
    ['with bytes past the end of memory', at(65_530, 100), '(list u8)', 'utf8'],
    [
      'with a result pointer out of bounds',
      '(func (export "give") (result i32) (i32.const 65533))',
      'string',
      'utf8',
    ],
    [
      'with an unaligned result pointer',
      '(func (export "give") (result i32) (i32.const 2))',
      'string',
      'utf8',
    ],
    [
      'with a char that is a surrogate',
      '(func (export "give") (result i32) (i32.const 0xd800))',
      'char',
      'utf8',
    ],
    [
      'with a char beyond Unicode',
      '(func (export "give") (result i32) (i32.const 0x110000))',
      'char',
      'utf8',
    ],
  ] as const) {
    test(`${attack} is stopped`, async () => {
      const instance = await giving(core, type, encoding)
      expect(thrownBy(() => instance.exports['give']?.())).toMatchObject({
        code: 'ERR_COMPONENT_TRAPPED',
        details: { reason: 'abi' },
      })
    })
  }

  test('a list of pointers to one long string is stopped by the bytes of one call', async () => {
    const core = `(func (export "give") (result i32) (local $i i32)
      (loop $l
        (i32.store (i32.add (i32.const 16) (i32.mul (local.get $i) (i32.const 8))) (i32.const 0))
        (i32.store (i32.add (i32.const 20) (i32.mul (local.get $i) (i32.const 8))) (i32.const 60000))
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8000))))
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 16))
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 8000)) (i32.const 0))`
    const instance = await giving(core, '(list string)', 'latin1+utf16', {
      maxCallBytes: 1_000_000,
    })
    expect(thrownBy(() => instance.exports['give']?.()).details).toMatchObject({ reason: 'limit' })
  })

  test('a string that ends exactly at the end of memory is fine', async () => {
    for (const encoding of ['utf8', 'utf16', 'latin1+utf16']) {
      const instance = await giving(at(65_534, encoding === 'utf16' ? 1 : 2), 'string', encoding)
      expect(instance.exports['give']?.()).toBe(encoding === 'utf16' ? '\0' : '\0\0')
    }
  })
})

describe('small bytes that become large values', () => {
  const names = Array.from({ length: 32 }, (_, i) => `"f${i}"`).join(' ')
  for (const [attack, type, size] of [
    ['flags of 32 names', `(type $d (flags ${names})) (export $t "t" (type $d))`, 4],
    ['tuples of 100 booleans', `(type $t (tuple ${'bool '.repeat(100)}))`, 100],
    ['fixed lists', '(type $t (list bool 100))', 100],
    ['options inside each other', `(type $t ${'(option '.repeat(50)}bool${')'.repeat(50)})`, 51],
  ] as const) {
    test(`a list of ${attack} is stopped by what it costs the host, not by its bytes`, async () => {
      const length = Math.floor(1_000_000 / size)
      const bytes = await parseWat(`(component
        (core module $m (memory (export "memory") 20) (func (export "give") (result i32)
          (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const ${length})) (i32.const 0)))
        (core instance $i (instantiate $m))
        (alias core export $i "memory" (core memory $mem))
        ${type}
        (func (export "give") (result (list $t)) (canon lift (core func $i "give") (memory $mem))))`)
      const component = await Component.compile(bytes)
      const small = await component.instantiate({}, { limits: { maxCallBytes: 2_000_000 } })
      expect(thrownBy(() => small.exports['give']?.()).details).toMatchObject({ reason: 'limit' })
    })
  }

  test('globals of many instances, which lie outside every heap limit, are refused before anything is compiled', async () => {
    const globals = '(global (mut i64) (i64.const 0))'.repeat(1_001)
    const bytes = await parseWat(`(component
      (core module $m ${globals} (func (export "f")))
      ${'(core instance (instantiate $m))'.repeat(100)})`)
    await expect(Component.compile(bytes)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'maxGlobals' },
    })
  })

  test('a large component instantiated many times is refused before it is compiled', async () => {
    const bytes = await parseWat(`(component
      (component $c (import "i" (instance $i (export "f" (func))))
        ${'(alias export $i "f" (func))'.repeat(2_000)})
      (import "i" (instance $i (export "f" (func))))
      ${'(instance (instantiate $c (with "i" (instance $i))))'.repeat(60)})`)
    await expect(Component.compile(bytes)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'maxDefinitions' },
    })
  })
})

describe('a realloc that lies', () => {
  for (const [attack, body] of [
    ['returns a pointer out of bounds', '(i32.const 0x7ffffff0)'],
    ['returns an unaligned pointer', '(i32.const 17)'],
    ['calls out of the component', '(call $ask)'],
    ['traps', 'unreachable'],
  ] as const) {
    test(`and ${attack} is stopped`, async () => {
      const bytes = await parseWat(`(component
        (import "ask" (func $ask (result u32)))
        (core func $ask_core (canon lower (func $ask)))
        (core instance $env (export "ask" (func $ask_core)))
        (core module $m (import "env" "ask" (func $ask (result i32))) (memory (export "memory") 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) ${body})
          (func (export "take") (param i32 i32)))
        (core instance $i (instantiate $m (with "env" (instance $env))))
        (alias core export $i "memory" (core memory $mem))
        (alias core export $i "realloc" (core func $realloc))
        (func (export "take") (param "v" (list u32)) (canon lift (core func $i "take") (memory $mem) (realloc $realloc))))`)
      const instance = await (await Component.compile(bytes)).instantiate({ ask: () => 16 })
      expect(thrownBy(() => instance.exports['take']?.([1, 2])).code).toBe('ERR_COMPONENT_TRAPPED')
    })
  }
})

test('component.instantiate() refuses a host function that objects inherit', async () => {
  const bytes = await parseWat('(component (import "to-string" (func)))')
  const component = await Component.compile(bytes)
  await expect(component.instantiate({})).rejects.toThrowCode('ERR_COMPONENT_LINK')
})

test('instance.exports has nothing but the exports, and cannot be changed', async () => {
  const instance = await guest('(func (export "run") (result i32) (i32.const 1))')
  expect(Object.getPrototypeOf(instance.exports)).toBe(null)
  expect(Reflect.ownKeys(instance.exports)).toEqual(['run'])
  expect(Object.isFrozen(instance.exports)).toBe(true)
})

test('instance.exports takes a wrong argument for the caller’s mistake, and lives on', async () => {
  const bytes = await parseWat(`(component
    (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m))
    (func (export "f") (param "v" u8) (result u8) (canon lift (core func $i "f"))))`)
  const instance = await (await Component.compile(bytes)).instantiate()
  for (const wrong of [256, -1, 1.5, '1', undefined, null, 1n, Number.NaN]) {
    expect(() => instance.exports['f']?.(wrong)).toThrow(TypeError)
  }
  expect(instance.exports['f']?.(255)).toBe(255)
})
