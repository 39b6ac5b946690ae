import { createCodec } from '@morphee/component'
import { digestOf } from '@morphee/core'
import type { RuntimeCall, RuntimeOutcome } from '@morphee/host'
import { effectiveLimits, type Limits, type IsolationLevel } from '@morphee/manifest'
import {
  compileGuest,
  engineLimits,
  SHARED_INTERRUPTION,
} from '../../src/contract/compile-guest.ts'
import { CONTRACT } from '../../src/contract/contract.generated.ts'
import { createHousing, type HousingOptions } from '../../src/node/isolation/housing.ts'
import type { GuestCode } from '../../src/node/isolation/protocol.ts'
import { buildActingGuest } from './acting-guest.ts'

/** A housing with the acting guest in it. */
export interface Housed {
  /** Has the guest do something in workspace `one`. */
  act(action: string, input: string, fields?: ActFields): Promise<RuntimeOutcome>
  /** Answers with the text of an action that must succeed. */
  answer(action: string, input: string, fields?: ActFields): Promise<string>
  readonly code: GuestCode
  readonly size: number
  forget(): void
  close(): Promise<void>
}

export interface ActFields extends Partial<Omit<RuntimeCall, 'limits'>> {
  readonly limits?: Partial<Limits>
}

export type StoredAnswer = { readonly tag: 'ok' | 'err'; readonly val: unknown }

/** Host calls that answer every `storage#get` with what `answer` gives for its key. */
export function storageCalls(
  answer: (key: string) => StoredAnswer | Promise<StoredAnswer>,
): RuntimeCall['calls'] {
  const { params, result } = CONTRACT['storage#get']
  return {
    async call(name, bytes) {
      if (name !== 'storage#get' || result === null) throw new Error(`Nobody offers ${name}`)
      const [key] = createCodec(params).decode(bytes) as [string]
      return createCodec([result]).encode([await answer(key)])
    },
  }
}

export const stored = (text: string): StoredAnswer => ({
  tag: 'ok',
  val: new TextEncoder().encode(text),
})

let actingGuest: Promise<Uint8Array<ArrayBuffer>> | undefined

/** Opens a housing at one level. */
export async function openHoused(
  level: IsolationLevel,
  options: HousingOptions & {
    readonly limits?: Partial<Limits>
    /** @default the acting guest */
    readonly component?: Uint8Array<ArrayBuffer>
  } = {},
): Promise<Housed> {
  actingGuest ??= buildActingGuest()
  const bytes = options.component ?? (await actingGuest)
  const base = effectiveLimits({ cpuMs: 5000, memoryBytes: 8 * 1024 * 1024, ...options.limits })
  const limits = engineLimits(base)
  const { modules } = await compileGuest(bytes, undefined, limits, SHARED_INTERRUPTION)
  const code = { digest: await digestOf(bytes), bytes, modules, limits }
  const housing = createHousing(options)
  const act: Housed['act'] = (action, input, fields = {}) => {
    const own = { ...base, ...fields.limits }
    return housing.run(level, code, {
      workspace: 'one',
      invocation: 'inv_test',
      caller: 'person',
      locale: 'en',
      timeZone: 'UTC',
      action,
      input,
      config: {},
      remainingMs: own.wallMs,
      calls: storageCalls(() => stored('stored')),
      signal: new AbortController().signal,
      onLog: () => {},
      onDroppedLogLines: () => {},
      onProgress: () => {},
      ...fields,
      limits: own,
    })
  }
  return {
    act,
    code,
    async answer(action, input, fields) {
      const { answer } = await act(action, input, fields)
      if (answer.kind !== 'ok') throw new Error(`Expected an answer, found ${answer.failure.code}`)
      return answer.output
    },
    get size() {
      return housing.size(level)
    },
    forget: () => housing.forget(code.digest),
    close: () => housing.close(),
  }
}
