import { createCodec } from '@morphee/component'
import type { JsonObject, JsonValue } from '@morphee/core'
import { CONTRACT } from '../contract/contract.generated.ts'
import { wallTimeLimit } from '../invocation/limit-error.ts'
import { startWallTimer } from '../invocation/wall-timer.ts'
import type { BaseMorphRuntime, GuestFailure, RuntimeCall, RuntimeOutcome } from './runtime.ts'

/** One of the application's records, as the contract hands it over. */
export interface BuiltinEntry {
  readonly id: string
  readonly revision: string
  /** JSON text. */
  readonly json: string
}

/** What a built-in action gets: the same doors an extension has, typed. */
export interface BuiltinContext {
  readonly workspace: string
  readonly locale: string
  readonly signal: AbortSignal
  readonly data: {
    get(collection: string, id: string): Promise<BuiltinEntry | undefined>
    query(
      collection: string,
      filter: JsonObject,
      limit: number,
      cursor?: string,
    ): Promise<{ readonly entries: readonly BuiltinEntry[]; readonly cursor?: string | undefined }>
    create(collection: string, value: JsonObject): Promise<BuiltinEntry>
    update(collection: string, entry: BuiltinEntry, value: JsonObject): Promise<BuiltinEntry>
    delete(collection: string, entry: BuiltinEntry): Promise<void>
  }
  readonly events: { emit(topic: string, payload: JsonObject): Promise<void> }
  readonly storage: {
    get(key: string): Promise<Uint8Array | undefined>
    set(key: string, value: Uint8Array): Promise<void>
    delete(key: string): Promise<void>
    keys(
      prefix: string,
      limit: number,
      cursor?: string,
    ): Promise<{ readonly keys: readonly string[]; readonly cursor?: string | undefined }>
  }
}

/** One action of a built-in integration. Throw {@link BuiltinFailure} to answer with a failure. */
export type BuiltinAction = (input: JsonValue, context: BuiltinContext) => Promise<JsonValue>

/** A failure that a built-in action answers with, as a guest would. */
export class BuiltinFailure extends Error {
  override readonly name = 'BuiltinFailure'
  readonly failure: GuestFailure
  constructor(failure: GuestFailure) {
    super(failure.message)
    this.failure = failure
  }
}

/**
 * A runtime for integrations that are part of the application.
 *
 * Their effects go through the same host calls, so they are permitted, counted and recorded like everybody's. They run on the
 * host's own thread and are trusted not to hang: the CPU limit does not stop them, the wall limit does.
 */
export function createBuiltinRuntime(
  actions: Readonly<Record<string, BuiltinAction>>,
): BaseMorphRuntime {
  return {
    kind: 'builtin',
    async invoke(call): Promise<RuntimeOutcome> {
      if (call.event !== undefined) throw new TypeError('A built-in has no event handler')
      const run = Object.hasOwn(actions, call.action) ? actions[call.action] : undefined
      if (run === undefined) throw new TypeError(`The built-in has no action ${call.action}`)
      const started = performance.now()
      const answer = await Promise.race([
        answerOf(run(JSON.parse(call.input) as JsonValue, contextOf(call))),
        aborted(call.signal),
        timedOut(call),
      ])
      return { answer, cpuMs: performance.now() - started }
    },
    close: async () => {},
  }
}

async function answerOf(running: Promise<JsonValue>): Promise<RuntimeOutcome['answer']> {
  try {
    return { kind: 'ok', output: JSON.stringify(await running) }
  } catch (error) {
    if (error instanceof BuiltinFailure) return { kind: 'failure', failure: error.failure }
    throw error
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error)
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}

function timedOut(call: RuntimeCall): Promise<never> {
  return new Promise((_, reject) => {
    const timer = startWallTimer(call.remainingMs, call.waits, () =>
      reject(wallTimeLimit(call.limits.wallMs)),
    )
    // The signal of a call aborts at its end, however that comes.
    call.signal.addEventListener('abort', () => timer.end(), { once: true })
  })
}

function contextOf(call: RuntimeCall): BuiltinContext {
  const through = async (id: string, args: unknown[]): Promise<unknown> => {
    const fn = CONTRACT[id] as (typeof CONTRACT)[string]
    const bytes = await call.calls.call(id, createCodec(fn.params).encode(args))
    const [result] = createCodec(fn.result === null ? [] : [fn.result]).decode(bytes) as [
      { readonly tag: 'ok' | 'err'; readonly val: unknown },
    ]
    if (result.tag === 'err') throw new BuiltinFailure(result.val as GuestFailure)
    return result.val
  }
  return {
    workspace: call.workspace,
    locale: call.locale,
    signal: call.signal,
    data: {
      get: (collection, id) =>
        through('data#get', [collection, id]) as Promise<BuiltinEntry | undefined>,
      query: (collection, filter, limit, cursor) =>
        through('data#query', [collection, JSON.stringify(filter), limit, cursor]) as ReturnType<
          BuiltinContext['data']['query']
        >,
      create: (collection, value) =>
        through('data#create', [collection, JSON.stringify(value)]) as Promise<BuiltinEntry>,
      update: (collection, { id, revision }, value) =>
        through('data#update', [
          collection,
          id,
          revision,
          JSON.stringify(value),
        ]) as Promise<BuiltinEntry>,
      delete: (collection, { id, revision }) =>
        through('data#delete', [collection, id, revision]) as Promise<void>,
    },
    events: {
      emit: (topic, payload) =>
        through('events#emit', [topic, JSON.stringify(payload)]) as Promise<void>,
    },
    storage: {
      get: (key) => through('storage#get', [key]) as Promise<Uint8Array | undefined>,
      set: (key, value) => through('storage#set', [key, value]) as Promise<void>,
      delete: (key) => through('storage#delete', [key]) as Promise<void>,
      keys: (prefix, limit, cursor) =>
        through('storage#keys', [prefix, limit, cursor]) as ReturnType<
          BuiltinContext['storage']['keys']
        >,
    },
  }
}
