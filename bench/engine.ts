// The engine against bare V8: the same cores, instantiated and called with hand-written glue, interleaved in one process.
import { Component } from '@morphee/component'
import { buildModule, bumpRealloc, ComponentBuilder, op } from '@morphee/testing'

const STRING = { kind: 'string' } as const

/** `echo` returns the string it is given. Its allocator starts over in every call. */
const core = (pages: number): Uint8Array =>
  buildModule({
    memory: { min: pages, export: 'memory' },
    globals: [{ type: 'i32', mutable: true, value: 64 }],
    funcs: [
      bumpRealloc,
      {
        params: ['i32', 'i32'],
        results: ['i32'],
        body: [
          [op.i32Const(64), op.globalSet(0)],
          [op.i32Const(16), op.localGet(0), op.i32Store()],
          [op.i32Const(16), op.localGet(1), op.i32Store(4)],
          op.i32Const(16),
        ],
        export: 'echo',
      },
    ],
  })

function echoComponent(pages: number): Uint8Array {
  const c = new ComponentBuilder()
  const instance = c.coreInstance(c.module(core(pages)))
  const options = {
    memory: c.coreAlias('memory', instance, 'memory'),
    realloc: c.coreAlias('func', instance, 'cabi_realloc'),
  }
  const type = { params: [{ name: 'text', type: STRING }], result: STRING }
  c.export('echo', 'func', c.lift(c.coreAlias('func', instance, 'echo'), type, options))
  return c.build()
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What a person would write by hand for this one function. */
function bareEcho(module: WebAssembly.Module): (text: string) => string {
  const exported = new WebAssembly.Instance(module).exports
  const memory = exported['memory'] as WebAssembly.Memory
  const realloc = exported['cabi_realloc'] as (...args: number[]) => number
  const echo = exported['echo'] as (...args: number[]) => number
  let bytes = new Uint8Array(memory.buffer)
  let view = new DataView(memory.buffer)
  const renew = (): void => {
    if (bytes.buffer === memory.buffer) return
    bytes = new Uint8Array(memory.buffer)
    view = new DataView(memory.buffer)
  }
  return (text) => {
    const pointer = realloc(0, 0, 1, text.length)
    renew()
    const { written } = encoder.encodeInto(text, bytes.subarray(pointer, pointer + text.length))
    const result = echo(pointer, written)
    renew()
    const at = view.getUint32(result, true)
    return decoder.decode(bytes.subarray(at, at + view.getUint32(result + 4, true)))
  }
}

/** Median microseconds of one run of each, taken in turns. */
function compare(rounds: number, times: number, ...runs: (() => unknown)[]): number[] {
  const samples = runs.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, index) => {
      const start = performance.now()
      for (let i = 0; i < times; i++) run()
      samples[index]?.push(((performance.now() - start) * 1000) / times)
    })
  }
  return samples.map((all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0)
}

const quick = process.argv.includes('--quick')
const rounds = quick ? 5 : 31
const component = await Component.compile(echoComponent(64))
const small = await Component.compile(echoComponent(1))
const [module] = component.modules as [WebAssembly.Module]
const rows: { what: string; engineUs: number; bareUs: number; ratio: number }[] = []
const add = (what: string, [engineUs = 0, bareUs = 0]: number[]): void => {
  rows.push({
    what,
    engineUs: +engineUs.toFixed(3),
    bareUs: +bareUs.toFixed(3),
    ratio: +(engineUs / bareUs).toFixed(2),
  })
}

const instantiate = async (): Promise<number[]> => {
  const [engine, bare]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    let start = performance.now()
    for (let i = 0; i < 200; i++) await small.instantiate()
    engine.push((performance.now() - start) * 5)
    start = performance.now()
    for (let i = 0; i < 200; i++) new WebAssembly.Instance(small.modules[0] as WebAssembly.Module)
    bare.push((performance.now() - start) * 5)
  }
  return [engine, bare].map((all) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0)
}
add('instantiate', await instantiate())

const { exports } = await component.instantiate()
const engineEcho = exports['echo'] as unknown as (text: string) => string
const bare = bareEcho(module)
for (const [what, text, times] of [
  ['echo 7 B', 'x'.repeat(7), 20_000],
  ['echo 1 KB', 'x'.repeat(1024), 10_000],
  ['echo 30 KB', 'x'.repeat(30_000), 1_000],
  ['echo 1 MiB', 'x'.repeat(1 << 20), 30],
] as const) {
  add(
    what,
    compare(
      rounds,
      quick ? Math.ceil(times / 20) : times,
      () => engineEcho(text),
      () => bare(text),
    ),
  )
}

if (process.argv.includes('--json'))
  console.log(JSON.stringify({ passed: rows.length, failed: 0, unsupported: 0, skipped: 0, rows }))
else console.table(rows)
