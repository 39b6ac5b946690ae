import { Component, EngineError } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { parseWat } from './toolchain.ts'

interface Parts {
  /** What comes in place of the trampolines' module, its table and functions. */
  readonly table?: string
  readonly trampoline?: string
  readonly shim?: string
  readonly fill?: string
  readonly fillImports?: string
  readonly fillWith?: string
  readonly mainImport?: string
  readonly main?: string
  /** What stands between the core and what it imports. */
  readonly beforeLinking?: string
  readonly afterLinking?: string
  readonly exports?: string
}

const NOTE = '(func (param i32 i32) (result i32))'

/** A component as toolchains wrap a core, with some of its parts exchanged. */
function component({
  table = '(table (export "t") 1 1 funcref)',
  trampoline = 'local.get 0 local.get 1 i32.const 0 call_indirect (type $note)',
  shim = '',
  fill = '(elem (i32.const 0) func $note)',
  fillImports = '(import "" "t" (table 1 funcref))',
  fillWith = '',
  mainImport = '(import "env" "note" (func $note (param i32 i32) (result i32)))',
  main = '',
  beforeLinking = '',
  afterLinking = '',
  exports = '',
}: Parts): string {
  return `(component $component
    (import "note" (func $note (param "text" string) (result u32)))
    (import "other" (func $other (param "text" string) (result u32)))
    (import "number" (func $number (param "number" u32)))
    (import "none" (func $none))
    (import "four" (func $four (param "a" u32) (param "b" u32) (param "c" u32) (param "d" u32) (result u32)))
    (core module $shim
      (type $note ${NOTE})
      ${table}
      (func $trampoline (export "0") (type $note) ${trampoline})
      ${shim})
    (core module $main
      ${mainImport}
      (memory (export "memory") 1)
      (data (i32.const 0) "abcdefgh")
      (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 64)
      (func (export "run") (param i32) (result i32) i32.const 1 local.get 0 call $note)
      ${main})
    (core module $fill
      (type $note ${NOTE})
      (import "" "0" (func $note (type $note)))
      ${fillImports}
      ${fill})
    (core instance $shim (instantiate $shim))
    (core instance $main (instantiate $main
      (with "env" (instance (export "note" (func $shim "0"))))))
    ${beforeLinking}
    (alias core export $main "memory" (core memory $memory))
    (core func $lowered (canon lower (func $note) (memory $memory)))
    (core func $lowered-other (canon lower (func $other) (memory $memory)))
    (core func $lowered-number (canon lower (func $number)))
    (core func $lowered-none (canon lower (func $none)))
    (core func $lowered-four (canon lower (func $four)))
    (core instance $fill (instantiate $fill (with "" (instance
      (export "0" (func $lowered))
      (export "1" (func $lowered-other))
      (export "2" (func $lowered-number))
      (export "none" (func $lowered-none))
      (export "3" (func $lowered-four))
      (export "t" (table $shim "t")))) ${fillWith}))
    ${afterLinking}
    (func (export "run") (param "length" u32) (result u32) (canon lift (core func $main "run")))
    ${exports})`
}

type Outcome = { readonly value: unknown } | { readonly code: string; readonly reason: unknown }

interface Run {
  readonly outcomes: readonly Outcome[]
  readonly heard: readonly string[]
  /** How many frames of the guest stood below the host when it failed. */
  readonly frames: number
}

/** What every export of the component gives for some numbers, in fresh instances, and what its host heard. */
async function run(bytes: Uint8Array, keepTrampolines: boolean): Promise<Run> {
  const made = await Component.compile(bytes, { keepTrampolines })
  const heard: string[] = []
  let frames = 0
  const imports = {
    note(text: string) {
      heard.push(`note ${text}`)
      if (text.length === 3) throw new Error('three is too much')
      return text.length
    },
    other(text: string) {
      heard.push(`other ${text}`)
      return text.length + 100
    },
    number(value: number) {
      heard.push(`number ${value}`)
    },
    none() {
      heard.push('none')
    },
    four(...values: number[]) {
      heard.push(`four ${values.join()}`)
      return 32
    },
  }
  const outcomes: Outcome[] = []
  for (const item of made.exports)
    for (const length of [0, 1, 2, 3, 70_000]) {
      try {
        const instance = await made.instantiate(imports)
        const takesText = item.kind === 'func' && item.params[0]?.type.kind === 'string'
        const argument = takesText ? 'x'.repeat(length) : length
        outcomes.push({ value: instance.exports[item.name]?.(argument) })
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        const { reason, frames: places } = error.details
        if (reason === 'host-error') frames = places.length
        outcomes.push({ code: error.code, reason })
      }
    }
  return { outcomes, heard, frames }
}

async function bothWays(wat: string): Promise<{ direct: Run; kept: Run }> {
  const bytes = await parseWat(wat)
  return { direct: await run(bytes, false), kept: await run(bytes, true) }
}

/** A core that makes a text of a number and gives it to a function that takes one. */
const TEXTS = `
  (core module $texts
    (memory (export "memory") 1)
    (func (export "text") (param i32) (result i32)
      (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1)) i32.const 0))
  (core instance $texts (instantiate $texts))`

/** Trampolines for two more functions, filled from the same table. */
const MORE: Parts = {
  table: '(table (export "t") 3 3 funcref)',
  shim: `
    (func (export "1") (param i32) local.get 0 i32.const 1 call_indirect (param i32))
    (func (export "2") (param i32 i32 i32 i32) (result i32)
      local.get 0 local.get 1 local.get 2 local.get 3
      i32.const 2 call_indirect (param i32 i32 i32 i32) (result i32))`,
  fillImports: `
    (import "" "2" (func $number (param i32)))
    (import "" "3" (func $four (param i32 i32 i32 i32) (result i32)))
    (import "" "t" (table 3 funcref))`,
  fill: '(elem (i32.const 0) func $note $number $four)',
}

/** A core that calls what was linked, when it is told to by the filler. */
const STARTED: Parts = {
  main: '(func (export "start") i32.const 0 i32.const 7 call $note drop)',
  fillImports: '(import "m" "start" (func $start)) (import "" "t" (table 1 funcref))',
  fill: '(start $start) (elem (i32.const 0) func $note)',
  fillWith: '(with "m" (instance $main))',
}

/** What the engine does without: each answers the same with and without its modules, and has a frame less. */
const REPLACED: Readonly<Record<string, Parts>> = {
  'what toolchains write': {},
  'a segment that names its table and kind': {
    fill: '(elem (table 0) (offset i32.const 0) func $note)',
  },
  'two trampolines through one slot': {
    shim: '(func (export "1") (type $note) local.get 0 local.get 1 i32.const 0 call_indirect (type $note))',
  },
  'a larger table than is filled': { table: '(table (export "t") 8 8 funcref)' },
  'a slot that no trampoline calls': {
    table: '(table (export "t") 2 2 funcref)',
    fillImports: '(import "" "1" (func $other (type $note))) (import "" "t" (table 2 funcref))',
    fill: '(elem (i32.const 0) func $note $other)',
  },
  'names and other custom sections': { shim: '(@custom "x" "y")' },
  'a trampoline that the core puts into a table of its own': {
    main: `(table 1 funcref) (elem (i32.const 0) func $note) (type $note ${NOTE})
      (func (export "more") (param i32) (result i32)
        i32.const 0 local.get 0 i32.const 0 call_indirect (type $note))`,
    exports: `(func (export "more") (param "length" u32) (result u32)
      (canon lift (core func $main "more")))`,
  },
  'a trampoline that the core exports again': {
    main: '(export "again" (func $note))',
    exports: `(func (export "again") (param "text" string) (result u32)
      (canon lift (core func $main "again") (memory $memory) (realloc (core func $main "realloc"))))`,
  },
  'a core that calls what is not linked yet': {
    main: '(func $start i32.const 1 i32.const 1 call $note drop) (start $start)',
  },
  'functions of several types': MORE,
  'trampolines for each of two cores': {
    afterLinking: `
      (core instance $shim2 (instantiate $shim))
      (core instance $main2 (instantiate $main
        (with "env" (instance (export "note" (func $shim2 "0"))))))
      (core func $lowered2 (canon lower (func $other) (memory (core memory $main2 "memory"))))
      (core instance $fill2 (instantiate $fill (with "" (instance
        (export "0" (func $lowered2)) (export "t" (table $shim2 "t"))))))`,
    exports: `(func (export "run2") (param "length" u32) (result u32)
      (canon lift (core func $main2 "run")))`,
  },
  'a component in a component': {
    exports: `
      (component $inner ${component({}).slice('(component $component'.length, -1)})
      (instance $inner (instantiate $inner (with "note" (func $note)) (with "other" (func $other))
        (with "number" (func $number)) (with "none" (func $none)) (with "four" (func $four))))
      (export "inner" (func $inner "run"))`,
  },
  'a core that catches everything': {
    main: `(func (export "more") (param i32) (result i32)
      block try_table (catch_all 0) i32.const 1 local.get 0 call $note return end unreachable end i32.const -1)`,
    exports: `(func (export "more") (param "length" u32) (result u32)
      (canon lift (core func $main "more")))`,
  },
  'a filler that starts a core': STARTED,
  'a filler that starts a core which traps': {
    ...STARTED,
    main: '(func (export "start") unreachable)',
  },
  'a filler that starts a core which calls what does not answer': {
    ...STARTED,
    main: '(func (export "start") i32.const 0 i32.const 3 call $note drop)',
  },
  'a core that is called between lowering and linking': {
    beforeLinking: `
      (core module $early (import "m" "run" (func $run (param i32) (result i32)))
        (func $start i32.const 1 call $run drop) (start $start))
      (core instance (instantiate $early (with "m" (instance $main))))`,
  },
}

/** What only looks like it: each keeps its modules, since it does something that could be told apart. */
const KEPT: Readonly<Record<string, Parts>> = {
  'a core that imports by a type from a group': {
    mainImport:
      '(rec (type $grouped (func (param i32 i32) (result i32))) (type (func))) (import "env" "note" (func $note (type $grouped)))',
  },
  'a core that imports by a type that may have subtypes': {
    mainImport:
      '(type $open (sub (func (param i32 i32) (result i32)))) (import "env" "note" (func $note (type $open)))',
  },
  'parameters in another order': {
    trampoline: 'local.get 1 local.get 0 i32.const 0 call_indirect (type $note)',
  },
  'a parameter twice': {
    trampoline: 'local.get 1 local.get 1 i32.const 0 call_indirect (type $note)',
  },
  'work after the call': {
    trampoline:
      'local.get 0 local.get 1 i32.const 0 call_indirect (type $note) i32.const 1 i32.add',
  },
  'work before the call': {
    trampoline: 'local.get 0 i32.const 2 local.get 1 drop i32.const 0 call_indirect (type $note)',
  },
  'no call': { trampoline: 'local.get 0 local.get 1 i32.add' },
  'a call of something else': {
    trampoline: 'local.get 0 local.get 1 call $more',
    shim: '(func $more (param i32 i32) (result i32) i32.const 7)',
  },
  'a slot that stays empty': {
    table: '(table (export "t") 2 2 funcref)',
    trampoline: 'local.get 0 local.get 1 i32.const 1 call_indirect (type $note)',
  },
  'a slot beyond the table': {
    trampoline: 'local.get 0 local.get 1 i32.const 9 call_indirect (type $note)',
  },
  'a slot that is a negative number': {
    trampoline: 'local.get 0 local.get 1 i32.const -1 call_indirect (type $note)',
  },
  'a tail call': {
    trampoline: 'local.get 0 local.get 1 i32.const 0 return_call_indirect (type $note)',
  },
  'a table that holds something from the beginning': {
    table: '(table (export "t") 2 2 funcref (ref.func $trampoline))',
  },
  'a start function among the trampolines': { shim: '(func $start) (start $start)' },
  'a memory among the trampolines': { shim: '(memory 1)' },
  'a second table': { shim: '(table 1 funcref)' },
  'a table of its own that is called': {
    shim: '(table $own 1 funcref)',
    trampoline: 'local.get 0 local.get 1 i32.const 0 call_indirect $own (type $note)',
  },
  'a segment among the trampolines': { shim: '(elem (i32.const 0) func $trampoline)' },
  'a filler that starts at another slot': {
    table: '(table (export "t") 2 2 funcref)',
    fill: '(elem (i32.const 1) func $note)',
  },
  'a filler with two segments': {
    fillImports: '(import "" "1" (func $other (type $note))) (import "" "t" (table 1 funcref))',
    fill: '(elem (i32.const 0) func $note) (elem (i32.const 0) func $other)',
  },
  'a filler that fills more than there is': {
    fillImports: '(import "" "t" (table 1 funcref)) (import "" "2" (func $number (param i32)))',
    fill: '(elem (i32.const 0) func $note $number)',
  },
  'a function that is written twice': {
    table: '(table (export "t") 2 2 funcref)',
    fill: '(elem (i32.const 0) func $note $note)',
  },
  'a call of itself that never returns': {
    trampoline: 'local.get 0 local.get 1 i32.const 0 call $trampoline unreachable',
  },
  'a filler that fills nothing': { fill: '(elem declare func $note)' },
  'a filler with a start function': {
    fill: '(elem (i32.const 0) func $note) (start $s) (func $s)',
  },
  'a filler that starts what is lowered': {
    fillImports: '(import "" "none" (func $start)) (import "" "t" (table 1 funcref))',
    fill: '(start $start) (elem (i32.const 0) func $note)',
  },
  'a filler of a function of its own': {
    fill: '(elem (i32.const 0) func $own) (func $own (type $note) i32.const 5)',
  },
  'a filler that calls': {
    fill: `(elem (i32.const 0) func $own)
      (func $own (type $note) local.get 0 local.get 1 call $note i32.const 50 i32.add)`,
  },
  'a function of another type in the slot': {
    fillImports: '(import "" "t" (table 1 funcref)) (import "" "2" (func $number (param i32)))',
    fill: '(elem (i32.const 0) func $number)',
  },
  'a core that reaches into the table': {
    afterLinking: `
      (core module $reach (import "s" "t" (table 1 funcref))
        (elem declare func $own) (func $own (param i32 i32) (result i32) i32.const 9)
        (func $start i32.const 0 ref.func $own table.set 0) (start $start))
      (core instance (instantiate $reach (with "s" (instance $shim))))`,
  },
  'a core that empties the table': {
    afterLinking: `
      (core module $reach (import "s" "t" (table 1 funcref))
        (func $start i32.const 0 ref.null func table.set 0) (start $start))
      (core instance (instantiate $reach (with "s" (instance (export "t" (table $shim "t"))))))`,
  },
  'a second filler': {
    afterLinking: `
      (core module $again (import "" "1" (func $other (param i32 i32) (result i32)))
        (import "" "t" (table 1 funcref))
        (elem (i32.const 0) func $other))
      (core instance (instantiate $again (with "" (instance
        (export "1" (func $lowered-other)) (export "t" (table $shim "t"))))))`,
  },
  'a function that another core calls before it is linked': {
    beforeLinking: `
      (core func $early (canon lower (func $note) (memory (core memory $main "memory"))))
      (core module $calls (import "m" "note" (func $note (param i32 i32) (result i32)))
        (func $start i32.const 0 i32.const 1 call $note drop) (start $start))
      (core instance (instantiate $calls (with "m" (instance (export "note" (func $early))))))`,
    afterLinking: `
      (core module $again (import "" "0" (func $note (param i32 i32) (result i32)))
        (import "" "t" (table 1 funcref))
        (elem (i32.const 0) func $note))
      (core instance (instantiate $again (with "" (instance
        (export "0" (func $early)) (export "t" (table $shim "t"))))))`,
  },
  'a trampoline that is lifted': {
    exports: `(func (export "lifted") (param "text" string) (result u32)
      (canon lift (core func $shim "0") (memory $memory) (realloc (core func $main "realloc"))))`,
  },
  'a lowered function that is a post-return too': {
    ...MORE,
    exports: `(func (export "posted") (param "length" u32) (result u32)
      (canon lift (core func $main "run") (post-return (core func $lowered-number))))`,
  },
  'a lowered function that is a destructor too': {
    ...MORE,
    exports: `
      (type $thing (resource (rep i32) (dtor (core func $lowered-number))))
      (core func $new (canon resource.new $thing))
      (core func $drop (canon resource.drop $thing))
      (core module $maker
        (import "m" "new" (func $new (param i32) (result i32)))
        (import "m" "drop" (func $drop (param i32)))
        (func (export "make") (param i32) local.get 0 call $new call $drop))
      (core instance $maker (instantiate $maker
        (with "m" (instance (export "new" (func $new)) (export "drop" (func $drop))))))
      (func (export "make") (param "length" u32) (canon lift (core func $maker "make")))`,
  },
  'a lowered function that allocates for a lifted one too': {
    ...MORE,
    exports: `(func (export "takes") (param "text" string) (result u32)
      (canon lift (core func $main "two") (memory $memory) (realloc (core func $lowered-four))))`,
    main: '(func (export "two") (param i32 i32) (result i32) local.get 0)',
  },
  'a lowered function that allocates for another one too': {
    ...MORE,
    exports: `
      (component $texts ${TEXTS}
        (func (export "text") (param "length" u32) (result string)
          (canon lift (core func $texts "text") (memory (core memory $texts "memory")))))
      (instance $giver (instantiate $texts))
      (core func $given (canon lower (func $giver "text")
        (memory $memory) (realloc (core func $lowered-four))))
      (core module $taker (import "m" "text" (func $text (param i32 i32)))
        (func (export "take") (param i32) (result i32)
          local.get 0 i32.const 256 call $text i32.const 1))
      (core instance $taker (instantiate $taker
        (with "m" (instance (export "text" (func $given))))))
      (func (export "take") (param "length" u32) (result u32)
        (canon lift (core func $taker "take")))`,
  },
  'a core from elsewhere that reaches into the table': {
    exports: `
      (core module $reach (import "s" "t" (table 1 funcref))
        (func $start i32.const 0 ref.null func table.set 0) (start $start))
      (alias outer $component $reach (core module $elsewhere))
      (core instance (instantiate $elsewhere (with "s" (instance $shim))))`,
  },
  'a lowered function that is lifted': {
    exports: `(func (export "lifted") (param "text" string) (result u32)
      (canon lift (core func $lowered) (memory $memory) (realloc (core func $main "realloc"))))`,
  },
  'a lowered function that another core imports': {
    exports: `
      (core module $also (import "m" "note" (func $note (param i32 i32) (result i32)))
        (func (export "also") (param i32) (result i32) i32.const 2 local.get 0 call $note))
      (core instance $also (instantiate $also (with "m" (instance (export "note" (func $lowered))))))
      (func (export "also") (param "length" u32) (result u32)
        (canon lift (core func $also "also")))`,
  },
}

describe('the modules of trampolines that toolchains write', () => {
  for (const [what, parts] of Object.entries(REPLACED))
    test(`are not instantiated, and nobody can tell: ${what}`, async () => {
      const { direct, kept } = await bothWays(component(parts))
      expect({ ...direct, frames: 0 }).toEqual({ ...kept, frames: 0 })
      expect(direct.frames).toBe(Math.max(kept.frames - 1, 0))
    })

  for (const [what, parts] of Object.entries(KEPT))
    test(`are kept when they are more than that: ${what}`, async () => {
      const { direct, kept } = await bothWays(component(parts))
      expect(direct).toEqual(kept)
    })
})
