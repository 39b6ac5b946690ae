import { Component, EngineError } from '@morphee/component'
import { wasmLayer } from '@morphee/core'
import { ComponentBuilder } from '@morphee/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { originals } from '../fuzz/components.ts'
import { mutate } from '../fuzz/mutate.ts'
import { Random, seedOfRun } from '../fuzz/random.ts'
import { dummyComponent } from '../toolchain.ts'
import { generateComponent } from './generate-component.ts'
import { hasWasmTools, HOW_TO_GET_IT, WasmTools } from './wasm-tools.ts'

/** Why this engine refuses a component, or `undefined` when it accepts it. */
async function refusal(bytes: Uint8Array): Promise<EngineError | undefined> {
  try {
    await Component.compile(bytes)
    return undefined
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
}

/** What both said about a number of components. */
interface Tally {
  accepted: number
  refused: number
  /** Refused here for a limit or a feature that is not there, which says nothing about validity. */
  abstained: number
  readonly disagreements: string[]
}

// V8's own limits are named by its compiler only.
const ABSTENTION = /^ERR_COMPONENT_(LIMIT|UNSUPPORTED) |implementation limit|count too large/

const present = hasWasmTools()
if (!present) console.log(HOW_TO_GET_IT)

// Seconds on a quiet machine of two cores; minutes on one that is shared.
describe.skipIf(!present)('agreement with wasm-tools', { timeout: 240_000 }, () => {
  const seed = seedOfRun()
  let tools: WasmTools
  beforeAll(() => {
    tools = new WasmTools()
    console.log(`MORPHEE_SEED=${seed} repeats these cases`)
  })
  afterAll(() => tools.close())

  async function compare(bytes: Uint8Array, tally: Tally): Promise<void> {
    // wasm-tools validates core modules by the same command.
    if (wasmLayer(bytes) === 'module') return
    const ours = await refusal(bytes)
    if (ours !== undefined && ABSTENTION.test(`${ours.code} ${ours.message}`)) {
      tally.abstained++
      return
    }
    const theirs = tools.refusal(bytes)
    if ((ours === undefined) !== (theirs === undefined)) {
      const hex = Buffer.from(bytes).toString('hex')
      tally.disagreements.push(
        `here: ${ours?.message ?? 'valid'}\nwasm-tools: ${theirs ?? 'valid'}\n${hex}`,
      )
    } else if (ours === undefined) tally.accepted++
    else tally.refused++
  }

  function newTally(): Tally {
    return { accepted: 0, refused: 0, abstained: 0, disagreements: [] }
  }

  const generated: Uint8Array[] = []

  test('the same generated components are valid', async () => {
    const random = new Random(seed)
    const tally = newTally()
    for (let i = 0; i < 250; i++) {
      const accepts = async (bytes: Uint8Array): Promise<boolean> =>
        (await refusal(bytes)) === undefined
      const bytes = await generateComponent(random, 4 + random.int(20), accepts)
      generated.push(bytes)
      await compare(bytes, tally)
    }
    console.log('generated components:', JSON.stringify(tally))
    expect(tally.disagreements).toEqual([])
    expect(Math.min(tally.accepted, tally.refused)).toBeGreaterThan(50)
  })

  test('the same mutated components are valid', async () => {
    const random = new Random(seed + 1)
    const tally = newTally()
    const pool = [...generated, ...(await originals())]
    for (let i = 0; i < 400; i++) await compare(mutate(random, pool), tally)
    console.log('mutated components:', JSON.stringify(tally))
    expect(tally.disagreements).toEqual([])
    expect(tally.refused).toBeGreaterThan(100)
  })

  test('random core modules in a component compile', async () => {
    const random = new Random(seed + 2)
    const tally = newTally()
    for (let i = 0; i < 40; i++) {
      const input = tools.file('seed', random.bytes(3000))
      const output = tools.path('module.wasm')
      // What this engine refuses by policy would be nothing but abstentions; one in four has a garbage collector all the same.
      const off = ['threads', 'memory64', 'wide-arithmetic', 'custom-page-sizes', 'compact-imports']
      if (!random.chance(4)) off.push('gc')
      const flags = off.flatMap((name) => [`--${name}-enabled`, 'false'])
      if (tools.run('smith', ...flags, input, '-o', output) === undefined) continue
      const builder = new ComponentBuilder()
      builder.module(tools.read('module.wasm'))
      await compare(builder.build(), tally)
    }
    console.log('random modules:', JSON.stringify(tally))
    expect(tally.disagreements).toEqual([])
    expect(tally.accepted).toBeGreaterThan(15)
  })

  test('component.wit() is what wasm-tools prints', async () => {
    const random = new Random(seed + 3)
    let compared = 0
    for (let tries = 0; compared < 40 && tries < 120; tries++) {
      const input = tools.file('seed', random.bytes(2000))
      if (tools.run('wit-smith', input, '-o', tools.path('package.wasm')) === undefined) continue
      const wit = tools.run('component', 'wit', tools.path('package.wasm')) ?? ''
      // Attributes of a package say nothing to a component that the engine would read.
      const plain = withoutAttributes(wit)
      for (const [, world] of plain.matchAll(/^world %?([\w-]+) \{\n[^}]/gm)) {
        const bytes = await dummyComponent(plain, world as string)
        const component = await Component.compile(bytes).catch((error: unknown) => error)
        if (!(component instanceof Component)) continue
        const theirs = tools.run('component', 'wit', tools.file('world.wasm', bytes)) ?? ''
        expect(component.wit(), plain).toBe(withoutAttributes(theirs))
        compared++
      }
    }
    console.log(`WIT printed: ${compared} worlds`)
    expect(compared).toBeGreaterThanOrEqual(40)
  })
})

function withoutAttributes(wit: string): string {
  return wit
    .split('\n')
    .filter((line) => !/^\s*(@|\/\/\/)/.test(line))
    .join('\n')
}
