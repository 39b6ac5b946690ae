import { type Bytes, flatten, name, section, signed, u32, vec } from './bytes.ts'

/** A core value type. */
export type CoreType = 'i32' | 'i64' | 'f32' | 'f64'

const TYPES: Readonly<Record<CoreType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c }

/** Instructions, as the bytes they are; what is not here can be written as numbers. */
export const op = {
  unreachable: [0x00],
  end: [0x0b],
  return: [0x0f],
  drop: [0x1a],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  i32And: [0x71],
  i32Const: (value: number): number[] => [0x41, ...signed(value)],
  i64Const: (value: bigint): number[] => [0x42, ...signed(value)],
  localGet: (index: number): number[] => [0x20, ...u32(index)],
  localSet: (index: number): number[] => [0x21, ...u32(index)],
  globalGet: (index: number): number[] => [0x23, ...u32(index)],
  globalSet: (index: number): number[] => [0x24, ...u32(index)],
  call: (index: number): number[] => [0x10, ...u32(index)],
  i32Load: (offset = 0): number[] => [0x28, 2, ...u32(offset)],
  i32Store: (offset = 0): number[] => [0x36, 2, ...u32(offset)],
  memoryGrow: [0x40, 0],
  memorySize: [0x3f, 0],
  memoryCopy: [0xfc, 10, 0, 0],
  /** `loop` without an end: a guest that hangs. */
  forever: [0x03, 0x40, 0x0c, 0, 0x0b],
} as const

/** A function of a module. */
export interface FuncSpec {
  readonly params?: readonly CoreType[]
  readonly results?: readonly CoreType[]
  readonly locals?: readonly CoreType[]
  /** Instructions without the final `end`. */
  readonly body: Bytes
  readonly export?: string
}

/** A core module. Imported functions come first in the index space, then `funcs`, in order. */
export interface ModuleSpec {
  readonly imports?: readonly {
    readonly module: string
    readonly name: string
    readonly params?: readonly CoreType[]
    readonly results?: readonly CoreType[]
  }[]
  readonly funcs?: readonly FuncSpec[]
  readonly memory?: { readonly min: number; readonly max?: number; readonly export?: string }
  readonly globals?: readonly {
    readonly type: 'i32'
    readonly mutable?: boolean
    readonly value: number
  }[]
  readonly data?: readonly { readonly at: number; readonly bytes: Iterable<number> }[]
  readonly start?: number
}

function funcType(params: readonly CoreType[] = [], results: readonly CoreType[] = []): Bytes {
  return [0x60, vec(params.map((type) => [TYPES[type]])), vec(results.map((type) => [TYPES[type]]))]
}

/** The bytes of a core module, for tests. Nothing is checked: what is wrong in `spec` is wrong in the module. */
export function buildModule(spec: ModuleSpec): Uint8Array<ArrayBuffer> {
  const { imports = [], funcs = [], memory, globals = [], data = [], start } = spec
  const exports: Bytes[] = []
  funcs.forEach((func, index) => {
    if (func.export !== undefined) exports.push([name(func.export), 0, u32(imports.length + index)])
  })
  if (memory?.export !== undefined) exports.push([name(memory.export), 2, 0])
  // Each type once, as toolchains have it: an engine may refuse a module of thousands.
  const types = new Map<string, { readonly index: number; readonly type: Bytes }>()
  const typeOf = ({
    params = [],
    results = [],
  }: Pick<FuncSpec, 'params' | 'results'>): number[] => {
    const key = `${params.join()}>${results.join()}`
    const known = types.get(key) ?? { index: types.size, type: funcType(params, results) }
    types.set(key, known)
    return u32(known.index)
  }
  const imported = imports.map((one) => [name(one.module), name(one.name), 0, typeOf(one)])
  const defined = funcs.map(typeOf)
  const parts: Bytes[] = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, vec([...types.values()].map(({ type }) => type))),
    section(2, vec(imported)),
    section(3, vec(defined)),
  ]
  if (memory !== undefined) {
    parts.push(
      section(
        5,
        vec([
          memory.max === undefined ? [0, u32(memory.min)] : [1, u32(memory.min), u32(memory.max)],
        ]),
      ),
    )
  }
  parts.push(
    section(
      6,
      vec(
        globals.map(({ mutable, value }) => [
          0x7f,
          mutable === true ? 1 : 0,
          op.i32Const(value),
          op.end,
        ]),
      ),
    ),
  )
  parts.push(section(7, vec(exports)))
  if (start !== undefined) parts.push(section(8, u32(start)))
  parts.push(
    section(
      10,
      vec(
        funcs.map(({ locals = [], body }) => {
          const code = flatten([vec(locals.map((type) => [1, TYPES[type]])), body, op.end])
          return [u32(code.length), code]
        }),
      ),
    ),
  )
  if (data.length > 0) {
    parts.push(
      section(
        11,
        vec(
          data.map(({ at, bytes }) => {
            const all = [...bytes]
            return [0, op.i32Const(at), op.end, u32(all.length), all]
          }),
        ),
      ),
    )
  }
  return Uint8Array.from(flatten(parts))
}

/**
 * `cabi_realloc` as the simplest allocator there is: it only moves forward, by the module's first global, which the caller adds,
 * and never gives back.
 */
export const bumpRealloc: FuncSpec = {
  params: ['i32', 'i32', 'i32', 'i32'],
  results: ['i32'],
  locals: ['i32'],
  body: [
    [op.globalGet(0), op.localGet(2), op.i32Add, op.i32Const(1), op.i32Sub],
    [op.i32Const(0), op.localGet(2), op.i32Sub, op.i32And, op.localSet(4)],
    [op.localGet(4), op.localGet(3), op.i32Add, op.globalSet(0)],
    [op.localGet(4), op.localGet(0), op.localGet(1), op.memoryCopy],
    op.localGet(4),
  ],
  export: 'cabi_realloc',
}
