import { Component, EngineError } from '@morphee/component'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { echoComponent } from './echo-component.ts'
import { parseWat } from './toolchain.ts'

const seeds: Uint8Array[] = []
beforeAll(async () => {
  seeds.push(
    await echoComponent(
      {
        kind: 'record',
        fields: [
          { name: 'a', type: { kind: 'string' } },
          { name: 'b', type: { kind: 'list', element: { kind: 'u64' } } },
        ],
      },
      'utf8',
    ),
    await echoComponent(
      {
        kind: 'variant',
        cases: [
          { name: 'a', type: { kind: 'f32' } },
          { name: 'b', type: { kind: 'option', type: { kind: 'char' } } },
        ],
      },
      'utf16',
    ),
    await parseWat(`(component
      (component $c (type $r (resource (rep i32))) (export $e "r" (type $r)) (core func $n (canon resource.new $r))
        (core module $m (import "" "n" (func (param i32) (result i32))) (table 1 funcref) (memory 1))
        (core instance $x (export "n" (func $n))) (core instance (instantiate $m (with "" (instance $x)))))
      (instance $i (instantiate $c)) (export "i" (instance $i)))`),
  )
})

/** Compiles bytes, whatever they are. */
async function verdict(bytes: Uint8Array): Promise<EngineError | undefined> {
  try {
    await Component.compile(bytes, { limits: { maxMemoryBytes: 1 << 20 } })
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError))
      throw new Error(`not a coded error for ${[...bytes].join(' ')}`, { cause: error })
    return error
  }
}

describe('Component.compile()', () => {
  test('gives a component or a coded error for mutated bytes', async () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(fc.nat(2), edits, async (which, changes) => {
        const bytes = (seeds[which] as Uint8Array).slice()
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte
        await verdict(bytes)
      }),
      { numRuns: 1500 },
    )
  })

  test('gives a coded error for a component cut off anywhere', async () => {
    const [seed] = seeds as [Uint8Array]
    for (let end = 0; end < seed.length; end++) {
      const error = await verdict(seed.subarray(0, end))
      // Cut between two sections, what is left may be a smaller component.
      if (error !== undefined) expect(error.code).toMatch(/^ERR_COMPONENT_(MALFORMED|INVALID)$/)
    }
  })

  test('gives a coded error for any bytes behind the preamble', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (tail) => {
        await verdict(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...tail))
      }),
      { numRuns: 2000 },
    )
  })

  test('names the byte where it stopped', async () => {
    const error = await verdict(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 99, 0))
    expect(error).toMatchObject({ code: 'ERR_COMPONENT_MALFORMED', details: { offset: 8 } })
    expect(error?.message).toBe('Cannot read component: unknown section (byte 8)')
  })

  const preamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]
  const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)])
  const types = (...all: number[][]): Uint8Array => {
    const body = [...leb(all.length), ...all.flat()]
    return Uint8Array.of(...preamble, 7, ...leb(body.length), ...body)
  }

  test('refuses types that explode when written out (a tuple of two of the one before, 60 times)', async () => {
    const bomb = types([0x7d], ...Array.from({ length: 60 }, (_, index) => [0x6f, 2, index, index]))
    expect(await verdict(bomb)).toMatchObject({ code: expect.stringMatching(/LIMIT|INVALID/) })
  })

  test('refuses types nested without end', async () => {
    const deep = types(
      [0x7d],
      ...Array.from({ length: 120 }, (_, index) => [
        0x70,
        ...(index < 64 ? [index] : [index | 128, 0]),
      ]),
    )
    expect(await verdict(deep)).toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'maxTypeDepth' },
    })
  })

  test('refuses components nested without end', async () => {
    let inner: number[] = preamble
    for (let i = 0; i < 40; i++) inner = [...preamble, 4, ...leb(inner.length), ...inner]
    expect(await verdict(Uint8Array.from(inner))).toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'maxNesting' },
    })
  })

  test('refuses a vector that claims four billion items, before it allocates', async () => {
    expect(
      await verdict(Uint8Array.of(...preamble, 7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f)),
    ).toMatchObject({ code: 'ERR_COMPONENT_MALFORMED' })
  })

  test('takes a million empty sections in its stride', async () => {
    const bytes = new Uint8Array(8 + 2_000_000)
    bytes.set(preamble)
    for (let i = 8; i < bytes.length; i += 2) bytes[i] = 7
    expect((await verdict(bytes))?.code).toBe('ERR_COMPONENT_MALFORMED')
    const padded = new Uint8Array(8 + 3_000_000)
    padded.set(preamble)
    for (let i = 9; i < padded.length; i += 3) padded[i] = 1
    expect(await verdict(padded)).toBeUndefined()
  })

  test('refuses instances that multiply (ten components, each instantiating the one before ten times)', async () => {
    let text = '(component $c0)'
    for (let i = 1; i < 10; i++) {
      const copies = Array.from({ length: 10 }, () => '(instance (instantiate $p))').join(' ')
      text += `(component $c${i} (alias outer $top $c${i - 1} (component $p)) ${copies})`
    }
    const bytes = await parseWat(`(component $top ${text} (instance (instantiate $c9)))`)
    expect(await verdict(bytes)).toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'maxInstances' },
    })
  })

  test('refuses instance types that explode when written out (each exports the one before twice, 40 times)', async () => {
    let text = '(type $t0 (instance (export "f" (func))))'
    for (let i = 1; i <= 40; i++) {
      text += `(type $t${i} (instance (alias outer $top $t${i - 1} (type $a)) (export "x" (instance (type $a))) (export "y" (instance (type $a)))))`
    }
    const bytes = await parseWat(`(component $top ${text} (import "i" (instance (type $t40))))`)
    const started = performance.now()
    expect(await verdict(bytes)).toMatchObject({ code: 'ERR_COMPONENT_LIMIT' })
    expect(performance.now() - started).toBeLessThan(5_000)
  })
})
