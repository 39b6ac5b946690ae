// oxlint-disable unicorn/no-thenable -- thenables are what promises are tested with
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drain } from '../src/runtime/event-loop.ts'
import { GuestPromise } from '../src/runtime/promise.ts'
import { takeUnhandled } from '../src/runtime/rejections.ts'

const Guest = GuestPromise as unknown as PromiseConstructor

/** What a handler does with what it is given; `link` returns an earlier promise of the scenario. */
const handler = fc.oneof(
  fc.constantFrom('missing' as const, 'value' as const, 'throw' as const, 'thenable' as const),
  fc.record({ link: fc.nat(20) }),
)
const list = fc.array(fc.nat(20), { maxLength: 4 })
const operation = fc.oneof(
  fc.record({
    make: fc.constantFrom(
      'resolve' as const,
      'reject' as const,
      'later' as const,
      'throwing' as const,
      'thenable' as const,
    ),
  }),
  fc.record({ adopt: fc.nat(20) }),
  fc.record({
    settle: fc.nat(20),
    with: fc.constantFrom('resolve' as const, 'reject' as const, 'link' as const),
    link: fc.nat(20),
  }),
  fc.record({ then: fc.nat(20), yes: handler, no: handler }),
  fc.record({ catch: fc.nat(20), no: handler }),
  fc.record({ finally: fc.nat(20), done: handler }),
  fc.record({
    combine: fc.constantFrom(
      'all' as const,
      'allSettled' as const,
      'race' as const,
      'any' as const,
    ),
    of: list,
  }),
  fc.record({ awaiting: list }),
)
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never
type Handler = typeof handler extends fc.Arbitrary<infer Value> ? Value : never

// Plays a scenario with one implementation and notes, in order, what every promise came to.
function play(P: PromiseConstructor, operations: readonly Operation[]): string[] {
  const noted: string[] = []
  const promises: Promise<unknown>[] = []
  const settlers: { resolve: (value?: unknown) => void; reject: (reason?: unknown) => void }[] = []
  let mark = 0
  const at = (index: number): Promise<unknown> | undefined =>
    promises[index % Math.max(1, promises.length)]
  const show = (value: unknown): string => {
    if (value instanceof AggregateError) return `aggregate(${value.errors.map(show).join()})`
    if (value instanceof TypeError) return 'TypeError'
    if (value instanceof P) return 'promise'
    return JSON.stringify(value) ?? 'undefined'
  }
  const act = (what: Handler): ((value: unknown) => unknown) | undefined => {
    if (what === 'missing') return undefined
    const id = mark++
    return (value) => {
      noted.push(`${id} got ${show(value)}`)
      if (what === 'value') return `v${id}`
      if (what === 'throw') throw `t${id}`
      if (what === 'thenable')
        return { then: (resolve: (value: string) => void) => resolve(`th${id}`) }
      return at((what as { link: number }).link)
    }
  }
  const keep = (promise: Promise<unknown> | undefined): void => {
    if (promise === undefined) return
    const id = promises.push(promise) - 1
    promise.then(
      (value) => noted.push(`p${id} = ${show(value)}`),
      (reason) => noted.push(`p${id} ! ${show(reason)}`),
    )
  }
  for (const one of operations) {
    const id = mark++
    if ('make' in one) {
      if (one.make === 'resolve') keep(P.resolve(`r${id}`))
      else if (one.make === 'reject') keep(P.reject(`e${id}`))
      else if (one.make === 'throwing')
        keep(
          new P(() => {
            throw `x${id}`
          }),
        )
      else if (one.make === 'thenable')
        keep(
          P.resolve({
            then(_: unknown, no: (reason: string) => void) {
              no(`n${id}`)
            },
          }),
        )
      else {
        const { promise, resolve, reject } = P.withResolvers<unknown>()
        settlers.push({ resolve, reject })
        keep(promise)
      }
    } else if ('adopt' in one) keep(new P((resolve) => resolve(at(one.adopt))))
    else if ('settle' in one) {
      const settler = settlers[one.settle % Math.max(1, settlers.length)]
      if (one.with === 'link') settler?.resolve(at(one.link))
      else settler?.[one.with](`s${id}`)
    } else if ('then' in one) keep(at(one.then)?.then(act(one.yes), act(one.no)))
    else if ('catch' in one) keep(at(one.catch)?.catch(act(one.no)))
    else if ('finally' in one) keep(at(one.finally)?.finally(act(one.done) as () => void))
    else if ('combine' in one) {
      const combine = P[one.combine].bind(P) as PromiseConstructor['allSettled']
      keep(combine(one.of.map((index) => at(index) ?? index)))
    } else
      keep(
        lowered(
          P,
          one.awaiting.map((index) => at(index)),
          noted,
          id,
        ),
      )
  }
  return noted
}

// An async function as the build writes it: a generator driven by promises.
function lowered(
  P: PromiseConstructor,
  values: unknown[],
  noted: string[],
  id: number,
): Promise<unknown> {
  const generator = (function* (): Generator<unknown, string, unknown> {
    for (const value of values) {
      try {
        noted.push(`${id} awaited ${JSON.stringify(yield value)}`)
      } catch (reason) {
        noted.push(`${id} caught ${typeof reason}`)
      }
    }
    return `a${id}`
  })()
  return new P((resolve, reject) => {
    const step = (x: IteratorResult<unknown>): unknown =>
      x.done
        ? resolve(x.value)
        : P.resolve(x.value).then(
            (value) => step(generator.next(value)),
            (reason) => step(generator.throw(reason)),
          )
    try {
      step(generator.next())
    } catch (error) {
      reject(error)
    }
  })
}

test('GuestPromise settles in the order of the native Promise, whatever is done with it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (operations) => {
      const native = play(Promise, operations)
      // A macrotask: every job of the native promises has run.
      await new Promise((resolve) => setImmediate(resolve))
      const guest = play(Guest, operations)
      drain()
      takeUnhandled()
      expect(guest).toEqual(native)
    }),
    { numRuns: 1500 },
  )
})

describe('GuestPromise', () => {
  test('has every static and method of the native one', () => {
    const own = (of: object): string[] => Reflect.ownKeys(of).map(String).toSorted()
    const statics = own(Promise).filter((key) => !['length', 'name', 'prototype'].includes(key))
    expect(own(GuestPromise)).toEqual(expect.arrayContaining(statics))
    expect(own(GuestPromise.prototype)).toEqual(expect.arrayContaining(own(Promise.prototype)))
  })

  test('makes promises of the subclass, when it is extended', () => {
    class Sub extends Guest<unknown> {}
    expect(Sub.resolve(1)).toBeInstanceOf(Sub)
    expect(Sub.resolve(1).then(() => 2)).toBeInstanceOf(Sub)
    expect(Sub.all([])).toBeInstanceOf(Sub)
    drain()
  })

  test('is rejected with a TypeError, when it is resolved with itself', () => {
    const { promise, resolve } = Guest.withResolvers<unknown>()
    let reason: unknown
    promise.catch((error: unknown) => (reason = error))
    resolve(promise)
    drain()
    expect(reason).toBeInstanceOf(TypeError)
  })

  test('counts a rejection as unhandled only as long as nobody asks', () => {
    const asked = Guest.reject(new Error('asked'))
    void Guest.reject('lost')
    asked.catch(() => undefined)
    drain()
    expect(takeUnhandled()).toEqual(['lost'])
  })

  test('try() passes arguments and turns a throw into a rejection', () => {
    const outcomes: unknown[] = []
    void Guest.try((a: number, b: number) => a + b, 1, 2).then((value) => outcomes.push(value))
    void Guest.try(() => {
      throw new Error('no')
    }).catch((error: Error) => outcomes.push(error.message))
    drain()
    expect(outcomes).toEqual([3, 'no'])
  })
})
