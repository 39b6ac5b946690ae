import { Component, ComponentError, type ValueType } from '@morphee/component'
import fc from 'fast-check'
import { inspect, isDeepStrictEqual } from 'node:util'
import { expect, test } from 'vitest'
import { arbitraryType, arbitraryValue } from '../arbitrary-values.ts'
import { echoComponent } from '../echo-component.ts'
import { seedOfRun } from '../fuzz/random.ts'
import { JcoComponent } from './jco.ts'
import { hasMap, KNOWN_DIFFERENCES } from './known-differences.ts'
import { LIE_BYTES, liarComponent } from './liar-component.ts'
import { type Outcome, outcomeOf, plain } from './outcome.ts'

// Seconds on a quiet machine of two cores; minutes on one that is shared.
const PATIENT = { timeout: 240_000 }

// jco has no latin1+utf16: it refuses to write code for it.
const ENCODINGS = ['utf8', 'utf16']
const seed = seedOfRun() | 0
console.log(`MORPHEE_SEED=${seed >>> 0} repeats these cases`)

/** Cases of one kind, and where the two engines differed. */
class Comparison {
  cases = 0
  readonly known = new Map<string, number>()
  readonly differences: string[] = []

  add(type: ValueType, told: unknown, ours: Outcome, jco: Outcome): void {
    this.cases++
    if ('error' in ours && 'error' in jco) return
    if (isDeepStrictEqual(ours, jco)) return
    const known = KNOWN_DIFFERENCES.find(({ applies }) => applies(ours, jco, type))
    if (known !== undefined) {
      this.known.set(known.name, (this.known.get(known.name) ?? 0) + 1)
      return
    }
    const show = (value: unknown): string => inspect(value, { depth: 8, breakLength: 200 })
    this.differences.push(
      `${JSON.stringify(type)}\ntold ${show(told)}\nhere ${show(ours)}\njco  ${show(jco)}`,
    )
  }

  passOver(reason: string): void {
    this.known.set(reason, (this.known.get(reason) ?? 0) + 1)
  }

  report(what: string): void {
    const known = [...this.known].map(([name, times]) => `${name}: ${times}`)
    console.log(
      [`${what}: ${this.cases} cases, ${this.differences.length} differences`, ...known].join(
        '\n  ',
      ),
    )
  }
}

/** A component in the hands of both engines. */
interface Pair {
  readonly type: ValueType
  readonly component: Component
  readonly jco: JcoComponent
}

/** `count` random types, each with a component made for it. Types for which jco writes code that is no JavaScript are passed over. */
async function* pairs(
  comparison: Comparison,
  count: number,
  make: (type: ValueType, encoding: string) => Promise<Uint8Array>,
): AsyncGenerator<Pair> {
  for (const encoding of ENCODINGS) {
    let made = 0
    for (const type of fc.sample(arbitraryType, { seed, numRuns: count * 4 })) {
      const bytes = await make(type, encoding)
      const component = await Component.compile(bytes)
      const jco = await JcoComponent.compile(bytes).catch((error: unknown) => {
        if (error instanceof SyntaxError && hasMap(type)) return undefined
        throw error
      })
      if (jco === undefined) {
        comparison.passOver('jco writes code for a map that is no JavaScript')
        continue
      }
      yield { type, component, jco }
      await jco.close()
      if (++made === count) break
    }
  }
}

/** A host's `echo`, which notes what it was given. */
function echoHost(type: ValueType, seen: { value?: unknown }): Record<string, unknown> {
  const echo = (value: any): unknown => {
    seen.value = plain(value)
    if (type.kind !== 'result') return value
    if (value.tag === 'err') throw new ComponentError(value.val)
    return value.val
  }
  return { 't:t/i': { echo } }
}

test(
  'a thousand values through a guest and a host come back as they do from jco',
  PATIENT,
  async () => {
    const comparison = new Comparison()
    for await (const { type, component, jco } of pairs(comparison, 25, echoComponent)) {
      for (const value of fc.sample(arbitraryValue(type), { seed, numRuns: 20 })) {
        const [here, there]: [{ value?: unknown }, { value?: unknown }] = [{}, {}]
        const { exports } = await component.instantiate(echoHost(type, here))
        const theirs = await jco.instantiate(echoHost(type, there))
        const ours = outcomeOf(() => exports['t:t/e']?.['echo']?.(value))
        comparison.add(
          type,
          value,
          ours,
          outcomeOf(() => theirs['t:t/e'].echo(value)),
        )
        if ('value' in there) expect(here.value).toEqual(there.value)
      }
    }
    comparison.report('values')
    expect(comparison.differences).toEqual([])
    expect(comparison.cases).toBe(1000)
  },
)

const word = fc.oneof(
  // Small numbers are lengths and cases, those near the ends of memory are pointers, and some are no characters.
  fc.constantFrom(0, 1, 2, 3, 4, 8, 16, 1040, 1044, 4096, 262_140, 262_144, 0xd800, 0x110000),
  fc.constantFrom(0x80000000, 0xffffffff, 255, 256),
  fc.nat(300),
  fc.integer(),
)
const lies = fc.array(word, { minLength: 32, maxLength: LIE_BYTES / 4 })

test('what a guest returns that may be no value ends as it does in jco', PATIENT, async () => {
  const comparison = new Comparison()
  for await (const { type, component, jco } of pairs(comparison, 30, liarComponent)) {
    for (const words of fc.sample(lies, { seed, numRuns: 10 })) {
      const told = new Uint8Array(Uint32Array.from(words).buffer)
      const { exports } = await component.instantiate()
      const theirs = (await jco.instantiate({}))['t:t/e']
      exports['t:t/e']?.['tell']?.(told)
      theirs.tell(told)
      const ours = outcomeOf(() => exports['t:t/e']?.['say']?.())
      comparison.add(
        type,
        words,
        ours,
        outcomeOf(() => theirs.say()),
      )
    }
  }
  comparison.report('lies')
  expect(comparison.differences).toEqual([])
  expect(comparison.cases).toBe(600)
})
