import type { ValueType } from '@morphee/component'
// By path: the tests of a lower layer use the builder without the package depending on a higher one.
import {
  type BuilderFunc,
  type BuilderType,
  bumpRealloc,
  buildModule,
  ComponentBuilder,
  type CoreType,
  op,
} from '../../../testing/src/wasm/index.ts'

export type Encoding = 'utf8' | 'utf16' | 'latin1+utf16'
export interface CoreSignature {
  readonly params: readonly CoreType[]
  readonly results: readonly CoreType[]
}
export interface Signature {
  readonly params: readonly ValueType[]
  readonly result: ValueType | null
  readonly lift: CoreSignature
  readonly lower: CoreSignature
}

const HEAP = 1 << 17
const RESULT_AT = 1 << 16

function funcOf({ params, result }: Pick<Signature, 'params' | 'result'>): BuilderFunc {
  return {
    params: params.map((type, index) => ({ name: `p${index}`, type: type as BuilderType })),
    ...(result !== null && { result: result as BuilderType }),
  }
}

function typesOf({ params, result }: Signature): BuilderType[] {
  return [...params, ...(result === null ? [] : [result])] as BuilderType[]
}

/** Its export `run` hands its arguments to the import `ask` and returns the answer, knowing the core signatures only. */
function relay(signature: Signature, encoding: Encoding): Uint8Array {
  const c = new ComponentBuilder()
  const func = funcOf(signature)
  c.importTypes(...typesOf(signature))
  const ask = c.importFunc('ask', func)
  const libc = c.coreInstance(
    c.module(
      buildModule({
        memory: { min: 8, export: 'memory' },
        globals: [{ type: 'i32', mutable: true, value: HEAP }],
        funcs: [bumpRealloc],
      }),
    ),
  )
  const options = {
    memory: c.coreAlias('memory', libc, 'memory'),
    realloc: c.coreAlias('func', libc, 'cabi_realloc'),
    encoding,
  }
  const { lift, lower } = signature
  const spills = lower.params.length > lift.params.length
  const main = c.coreInstance(
    c.module(
      buildModule({
        imports: [{ module: 'env', name: 'ask', ...lower }],
        funcs: [
          {
            ...lift,
            body: [
              lift.params.map((_, index) => op.localGet(index)),
              spills ? op.i32Const(RESULT_AT) : [],
              op.call(0),
              spills ? op.i32Const(RESULT_AT) : [],
            ],
            export: 'run',
          },
        ],
      }),
    ),
    { env: c.coreExports({ ask: c.lower(ask, options) }) },
  )
  c.export('run', 'func', c.lift(c.coreAlias('func', main, 'run'), func, options))
  return c.build()
}

/** Two relays behind each other: a call goes from the host to one guest, to the other, to the host, and back the same way. */
export function chain(signature: Signature, first: Encoding, second: Encoding): Uint8Array {
  const c = new ComponentBuilder()
  const types = c.importTypes(...typesOf(signature))
  const ask = c.importFunc('ask', funcOf(signature))
  const inner = c.instantiate(c.component(relay(signature, second)), { types, funcs: { ask } })
  const outer = c.instantiate(c.component(relay(signature, first)), {
    types,
    funcs: { ask: c.alias('func', inner, 'run') },
  })
  c.export('run', 'func', c.alias('func', outer, 'run'))
  return c.build()
}

const REINTERPRET: Readonly<Partial<Record<CoreType, number[]>>> = { f32: [0xbc], f64: [0xbd] }
const AS_BITS = { i32: 'u32', f32: 'u32', i64: 'u64', f64: 'u64' } as const

/** Its export `put` tells the import `seen` the bits of every core value that its arguments were lowered to. */
export function bitsOf(params: readonly ValueType[], core: readonly CoreType[]): Uint8Array {
  const c = new ComponentBuilder()
  const seen = c.importFunc('seen', {
    params: core.map((type, index) => ({ name: `c${index}`, type: { kind: AS_BITS[type] } })),
  })
  const raw = core.map((type): CoreType => (AS_BITS[type] === 'u32' ? 'i32' : 'i64'))
  const main = c.coreInstance(
    c.module(
      buildModule({
        imports: [{ module: 'env', name: 'seen', params: raw }],
        funcs: [
          {
            params: core,
            body: [
              core.map((type, index) => [op.localGet(index), REINTERPRET[type] ?? []]),
              op.call(0),
            ],
            export: 'put',
          },
        ],
      }),
    ),
    { env: c.coreExports({ seen: c.lower(seen) }) },
  )
  c.export(
    'put',
    'func',
    c.lift(c.coreAlias('func', main, 'put'), funcOf({ params, result: null })),
  )
  return c.build()
}

/** Its export `get` gives the value that lies as `image` at `at`, in one page of memory. */
export function stored(
  type: ValueType,
  encoding: Encoding,
  image: Uint8Array,
  at: number,
): Uint8Array {
  return giving(type, encoding, 'i32', op.i32Const(at), [{ at, bytes: image }])
}

/** Its export `get` gives the core value of these bits. */
export function constant(type: ValueType, core: CoreType, value: bigint): Uint8Array {
  const width = core === 'f32' ? 4 : 8
  const little = Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn))
  const body = {
    i32: op.i32Const(Number(BigInt.asIntN(32, value))),
    i64: op.i64Const(BigInt.asIntN(64, value)),
    f32: [0x43, ...little],
    f64: [0x44, ...little],
  }
  return giving(type, 'utf8', core, body[core], [])
}

function giving(
  type: ValueType,
  encoding: Encoding,
  result: CoreType,
  body: readonly number[],
  data: readonly { readonly at: number; readonly bytes: Uint8Array }[],
): Uint8Array {
  const c = new ComponentBuilder()
  const main = c.coreInstance(
    c.module(
      buildModule({
        memory: { min: 1, export: 'memory' },
        funcs: [{ results: [result], body, export: 'get' }],
        data,
      }),
    ),
  )
  const memory = c.coreAlias('memory', main, 'memory')
  const get = c.coreAlias('func', main, 'get')
  c.export('get', 'func', c.lift(get, funcOf({ params: [], result: type }), { memory, encoding }))
  return c.build()
}
