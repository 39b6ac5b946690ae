import { Component, type EngineLimits, EngineError } from '@morphee/component'
import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack, EngineDrive, GuestLimits } from '../attack.ts'
import type { OpenLevel, Result } from '../levels.ts'

const PAGE_BYTES = 65_536

const BYSTANDER = `(component
  (core module $m (global $n (mut i32) (i32.const 0)) (memory (export "memory") 1)
    (func (export "next") (result i32)
      (i32.store (i32.const 8) (i32.add (i32.load (i32.const 8)) (i32.const 1))) (i32.load (i32.const 8))))
  (core instance $i (instantiate $m))
  (func (export "next") (result u32) (canon lift (core func $i "next"))))`

/** Attacks in this very thread, beside one instance that lives through all of them and one that is made after each. */
export async function openEngineLevel(): Promise<OpenLevel> {
  const bystander = await Component.compile(await parseWat(BYSTANDER))
  const old = await bystander.instantiate()
  let calls = 0
  return {
    attack: runAttack,
    async checkBystanders() {
      const fresh = await bystander.instantiate()
      const [first, next] = [fresh.exports['next']?.(), old.exports['next']?.()]
      if (first !== 1) throw new Error(`a fresh instance counts ${String(first)} instead of 1`)
      if (next !== ++calls)
        throw new Error(`an old instance counts ${String(next)} instead of ${calls}`)
    },
    close: async () => {},
  }
}

const drive: EngineDrive = {
  compile: async (wat, options) => Component.compile(await parseWat(`(component ${wat})`), options),
  instantiate: async (wat, imports, options) =>
    (await drive.compile(wat)).instantiate(imports, options),
}

async function runAttack({ guest }: Attack): Promise<Result> {
  if (guest.kind === 'extension') throw new TypeError('An extension needs a host')
  if (guest.kind === 'embedder') return resultOf(() => guest.drive(drive))
  const bytes =
    guest.kind === 'bytes' ? await guest.bytes() : await parseWat(`(component ${guest.wat})`)
  let component: Component
  try {
    const limits = guest.kind === 'component' ? engineLimits(guest.limits) : {}
    component = await Component.compile(bytes, { limits })
  } catch (error) {
    return refusal(error)
  }
  if (guest.kind === 'bytes') return { kind: 'returned' }
  return resultOf(async () => {
    const pauses = component.imports.some(({ name }) => name === 'pause')
    const instance = await component.instantiate(
      { pause: () => Promise.resolve() },
      pauses ? { suspending: ['pause'] } : {},
    )
    try {
      await instance.exports['run']?.()
    } catch (error) {
      // What was stopped stays stopped.
      if (instance.death === undefined)
        throw new Error('it was stopped and lives on', { cause: error })
      throw error
    }
  })
}

function engineLimits({ memoryPages, handles }: GuestLimits = {}): Partial<EngineLimits> {
  return {
    ...(memoryPages === undefined ? {} : { maxMemoryBytes: memoryPages * PAGE_BYTES }),
    ...(handles === undefined ? {} : { maxHandles: handles }),
  }
}

async function resultOf(run: () => Promise<unknown>): Promise<Result> {
  try {
    await run()
    return { kind: 'returned' }
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ERR_COMPONENT_TRAPPED') {
      const { details, message } = error as EngineError<'ERR_COMPONENT_TRAPPED'>
      return { kind: 'trapped', reason: details.reason, message, details }
    }
    return refusal(error)
  }
}

/** @throws what is no coded error: that is an escape. */
export function refusal(error: unknown): Result {
  if (!(error instanceof EngineError)) throw error
  const { code, details, message } = error
  const { limit, feature } = details as { readonly limit?: string; readonly feature?: string }
  const because = limit ?? feature
  return { kind: 'refused', code, ...(because === undefined ? {} : { because }), message, details }
}
