import { Component, EngineError } from '@morphee/component'
import { generateComponent } from '../oracle/generate-component.ts'
import { dummyComponent, parseWat } from '../toolchain.ts'
import { echoComponent } from '../echo-component.ts'
import { HangWatchdog } from './hang-watchdog.ts'
import { HOSTILE } from './hostile.ts'
import { mutate } from './mutate.ts'
import { Random } from './random.ts'

/** What a run has tried, and what became of it. */
export interface ComponentFuzz {
  readonly inputs: number
  readonly bytes: number
  /** Compiled, described, and printed as WIT and as declarations. */
  readonly accepted: number
  /** Refusals by code. */
  readonly refused: Readonly<Record<string, number>>
  /** Milliseconds of the processor for each KiB of the slowest input of 4 KiB and more, and for the slowest smaller one. Said, never asserted. */
  readonly slowest: {
    readonly msPerKib: number
    readonly msOfSmall: number
    readonly seedOfSmall: number
  }
}

const CODES: ReadonlySet<string> = new Set([
  'ERR_COMPONENT_MALFORMED',
  'ERR_COMPONENT_INVALID',
  'ERR_COMPONENT_UNSUPPORTED',
  'ERR_COMPONENT_LIMIT',
])
const MUTANTS = 60

/** Small components of every kind: made by toolchains, and the small ones of the hostile corpus. */
export async function originals(): Promise<Uint8Array[]> {
  const hostile = HOSTILE.filter(
    ({ name }) => !/million|0,000|00 (imports|instances|exports)/.test(name),
  )
  return [
    await echoComponent(
      {
        kind: 'record',
        fields: [
          { name: 'a', type: { kind: 'string' } },
          { name: 'b', type: { kind: 'list', element: { kind: 'u64' } } },
        ],
      },
      'utf16',
    ),
    await echoComponent(
      {
        kind: 'variant',
        cases: [
          { name: 'a', type: { kind: 'f32' } },
          { name: 'b', type: { kind: 'option', type: { kind: 'char' } } },
        ],
      },
      'utf8',
    ),
    await dummyComponent(
      `package t:t@1.2.0;
       interface a { resource r { constructor(n: list<u8>); m: func() -> result<r, string>; s: static func(r: borrow<r>); } flags f { a, b } go: func(f: f) -> tuple<u8, f>; }
       interface b { use a.{r, f as g}; record c { r: r, g: g } f: func(c: c) -> option<c>; }
       world w { import a; import b; use a.{r}; import f: func(r: r); export b; export g: func() -> r; }`,
      't:t/w',
    ),
    await parseWat(`(component
      (component $c (type $r (resource (rep i32))) (export $e "r" (type $r)) (core func $n (canon resource.new $r))
        (core module $m (import "" "n" (func (param i32) (result i32))) (table 1 funcref) (memory 1))
        (core instance $x (export "n" (func $n))) (core instance (instantiate $m (with "" (instance $x)))))
      (instance $i (instantiate $c)) (export "i" (instance $i)))`),
    ...hostile.map(({ bytes }) => bytes()).filter((bytes) => bytes.length < 10_000),
  ]
}

/**
 * Reads generated and changed components, until `isOver`: each compiles and can be described, or is refused with a code and the byte
 * where that was found out.
 *
 * @throws on the first that does anything else, with the case's own seed and the bytes
 */
export async function fuzzComponents(
  seed: number,
  isOver: (cases: number) => boolean,
): Promise<ComponentFuzz> {
  const count = { inputs: 0, bytes: 0, accepted: 0, refused: {} as Record<string, number> }
  const slowest = { msPerKib: 0, msOfSmall: 0, seedOfSmall: 0 }
  let caseSeed = seed
  const made = await originals()
  await using watchdog = new HangWatchdog(30_000)

  const read = async (bytes: Uint8Array): Promise<boolean> => {
    count.inputs++
    count.bytes += bytes.length
    const start = process.cpuUsage()
    const refused = await verdict(bytes)
    const { user, system } = process.cpuUsage(start)
    const ms = (user + system) / 1000
    if (bytes.length < 4096 && ms > slowest.msOfSmall)
      Object.assign(slowest, { msOfSmall: ms, seedOfSmall: caseSeed })
    if (bytes.length >= 4096)
      slowest.msPerKib = Math.max(slowest.msPerKib, (ms * 1024) / bytes.length)
    if (refused === undefined) count.accepted++
    else count.refused[refused] = (count.refused[refused] ?? 0) + 1
    return refused === undefined
  }

  for (let n = 0; !isOver(n); n++) {
    caseSeed = (seed + n) >>> 0
    const random = new Random(caseSeed)
    watchdog.begin(caseSeed)
    let bytes: Uint8Array = new Uint8Array()
    const readNext = (next: Uint8Array): Promise<boolean> => read((bytes = next))
    try {
      const pool = [...made]
      for (let i = 0; i < 2; i++)
        pool.push(await generateComponent(random, 4 + random.int(20), readNext))
      for (let i = 0; i < MUTANTS; i++) {
        const mutant = mutate(random, pool)
        // What is still valid after a change is worth changing again.
        if (await readNext(mutant)) pool.push(mutant)
      }
    } catch (error) {
      throw new Error(
        `MORPHEE_SEED=${caseSeed} repeats it alone; the component: ${Buffer.from(bytes).toString('hex').slice(0, 20_000)}`,
        { cause: error },
      )
    }
  }
  return { ...count, slowest }
}

/** The code that `bytes` are refused with. @throws when that is none, or it does not say where */
async function verdict(bytes: Uint8Array): Promise<string | undefined> {
  try {
    const component = await Component.compile(bytes)
    void [component.imports, component.exports, component.wit(), component.declarations()]
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError) || !CODES.has(error.code)) throw error
    if (error.code === 'ERR_COMPONENT_LIMIT') return error.code
    const { offset } = error.details as { readonly offset: unknown }
    if (!Number.isInteger(offset) || (offset as number) < 0 || (offset as number) > bytes.length)
      throw new Error(`"${error.message}" names byte ${String(offset)} of ${bytes.length}`)
    return error.code
  }
}
