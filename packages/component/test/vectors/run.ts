import { Component, ComponentError, EngineError, type ValueType } from '@morphee/component'
import calls from '../../../../spec/vectors/component/calls.json' with { type: 'json' }
import lifts from '../../../../spec/vectors/component/lifts.json' with { type: 'json' }
import refused from '../../../../spec/vectors/component/refused.json' with { type: 'json' }
import { bitsOf, chain, constant, type Encoding, type Signature, stored } from './guests.ts'
import { fromHex, show, toJs } from './value.ts'

const ENCODINGS: readonly Encoding[] = ['utf8', 'utf16', 'latin1+utf16']

interface CallCase extends Signature {
  readonly name: string
  readonly calls: readonly {
    readonly args: readonly unknown[]
    readonly answer: unknown
    readonly core?: readonly string[]
    readonly memory?: string | Readonly<Record<Encoding, string>>
  }[]
}

/** What became of one group of vectors. */
export interface VectorResult {
  passed: number
  readonly failures: string[]
}

/** The groups of vectors, each a function that runs them. */
export const GROUPS: Readonly<Record<string, () => Promise<VectorResult>>> = {
  'calls between host and guests': () =>
    forEach(calls.cases as readonly unknown[] as readonly CallCase[], throughGuests),
  'arguments as core values': () =>
    forEach(calls.cases as readonly unknown[] as readonly CallCase[], asCoreValues),
  'answers as they lie in memory': () =>
    forEach(calls.cases as readonly unknown[] as readonly CallCase[], fromMemory),
  'core values that nothing is lowered to': () => forEach(lifts.cases, fromCoreValue),
  'bytes that are no value': () => forEach(refused.cases, isRefused),
}

type Check = (what: string, found: unknown, expected: unknown) => void

async function forEach<Case extends { readonly name: string }>(
  cases: readonly Case[],
  run: (one: Case, check: Check) => Promise<void>,
): Promise<VectorResult> {
  const result: VectorResult = { passed: 0, failures: [] }
  for (const one of cases) {
    const check: Check = (what, found, expected) => {
      if (show(found) === show(expected)) result.passed++
      else
        result.failures.push(
          `${one.name}: ${what}: expected ${show(expected)}, found ${show(found)}`,
        )
    }
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, to fail one by one
      await run(one, check)
    } catch (error) {
      result.failures.push(`${one.name}: ${String(error)}`)
    }
  }
  return result
}

function hasText(type: ValueType): boolean {
  return JSON.stringify(type).includes('"string"')
}

/** What a call returned or threw, as the value of its function's type. */
function outcome(type: ValueType | null, call: () => unknown): unknown {
  if (type?.kind !== 'result') return call()
  try {
    return { tag: 'ok', val: call() }
  } catch (error) {
    if (error instanceof ComponentError) return { tag: 'err', val: error.payload }
    throw error
  }
}

async function throughGuests(one: CallCase, check: Check): Promise<void> {
  const { params, result } = one
  const texts = [...params, ...(result === null ? [] : [result])].some(hasText)
  const encodings = texts ? ENCODINGS : ENCODINGS.slice(0, 1)
  for (const first of encodings) {
    for (const second of encodings) {
      let answer: any
      let seen: unknown[] = []
      const ask = (...args: unknown[]): unknown => {
        seen = args
        if (result?.kind !== 'result') return answer
        if (answer.tag === 'err') throw new ComponentError(answer.val)
        return answer.val
      }
      // oxlint-disable-next-line no-await-in-loop -- few and small
      const component = await Component.compile(chain(one, first, second))
      // oxlint-disable-next-line no-await-in-loop -- few and small
      const instance = await component.instantiate({ ask })
      for (const call of one.calls) {
        const args = params.map((type, index) => toJs(type, call.args[index]))
        answer = result === null ? undefined : toJs(result, call.answer)
        const back = outcome(result, () => instance.exports['run']?.(...args))
        check(`the arguments from ${first} to ${second}`, seen, args)
        check(`the answer from ${second} to ${first}`, back, answer)
      }
    }
  }
}

async function asCoreValues({ params, lift, calls: all }: CallCase, check: Check): Promise<void> {
  if (!all.some((call) => call.core !== undefined)) return
  const lowered = await loweredBy(params, lift.params)
  for (const { args, core } of all) {
    if (core !== undefined)
      check('core values', lowered(params.map((type, index) => toJs(type, args[index]))), core)
  }
}

/** What arguments are lowered to, as the vectors have it. */
async function loweredBy(
  params: readonly ValueType[],
  core: Signature['lift']['params'],
): Promise<(args: readonly unknown[]) => string[]> {
  let bits: unknown[] = []
  const seen = (...values: unknown[]): void => {
    bits = values
  }
  const component = await Component.compile(bitsOf(params, core))
  const instance = await component.instantiate({ seen })
  return (args) => {
    instance.exports['put']?.(...args)
    return bits.map(String)
  }
}

async function fromMemory({ result, calls: all }: CallCase, check: Check): Promise<void> {
  for (const { answer, memory } of all) {
    if (memory === undefined || result === null) continue
    const images = typeof memory === 'string' ? { utf8: memory } : memory
    for (const [encoding, image] of Object.entries(images)) {
      // oxlint-disable-next-line no-await-in-loop -- few and small
      const get = await getterOf(
        stored(result, encoding as Encoding, fromHex(image), calls.memoryAt),
      )
      check(`lifted from ${encoding}`, outcome(result, get), toJs(result, answer))
    }
  }
}

async function getterOf(bytes: Uint8Array): Promise<() => unknown> {
  const instance = await (await Component.compile(bytes)).instantiate()
  return () => instance.exports['get']?.()
}

async function fromCoreValue(one: (typeof lifts.cases)[number], check: Check): Promise<void> {
  const type = one.type as ValueType
  const [flat] = one.flat as readonly ('i32' | 'i64' | 'f32' | 'f64')[]
  const [core] = one.core
  if (flat === undefined || core === undefined) throw new Error('a lift of one core value')
  const value = (await getterOf(constant(type, flat, BigInt(core))))()
  const expected = toJs(type, one.value)
  check('lifted', value, expected)
  // What the guest added to it does not come out at another guest: the payload of a NaN, bits beyond a type.
  const lowered = await loweredBy([type], [flat])
  check('lowered again', lowered([value]), lowered([expected]))
}

async function isRefused(one: (typeof refused.cases)[number], check: Check): Promise<void> {
  const get = await getterOf(
    stored(one.type as ValueType, one.encoding as Encoding, fromHex(one.memory), refused.memoryAt),
  )
  try {
    check('refused', get(), one.why)
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'ERR_COMPONENT_TRAPPED') throw error
    check('refused', (error as EngineError<'ERR_COMPONENT_TRAPPED'>).details.reason, 'abi')
  }
}
