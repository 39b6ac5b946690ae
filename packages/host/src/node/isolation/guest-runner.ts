// The inside of a cell. It holds no secret and no authority: the guest's effects are asked for at the door, and what is
// answered here (clock, random, config, log) was sent along with the call.
import {
  type Component,
  ComponentError,
  createCodec,
  EngineError,
  type InstantiateOptions,
} from '@morphee/component'
import { cleanText } from '@morphee/core'
import { compileGuest } from '../../contract/compile-guest.ts'
import { CONTRACT, CONTRACT_VERSION } from '../../contract/contract.generated.ts'
import { cleanFailure } from '../../invocation/clean-failure.ts'
import type { GuestFailure } from '../../runtimes/runtime.ts'
import { createGuestLog, type GuestLog } from './guest-log.ts'
import type { FromGuest, GuestCode, InvokeMessage, ToGuest } from './protocol.ts'

type HostFunction = (...args: never[]) => unknown

/** The way out of a cell. */
export interface GuestDoor {
  send(message: FromGuest): void
  /**
   * Waits for the answer to a question that was sent: on the spot where the cell has a thread to itself, or with a promise,
   * during which the guest sleeps.
   */
  answer(lease: number, ask: number): Uint8Array | Promise<Uint8Array>
  /** Whether {@link GuestDoor.answer} gives promises. */
  readonly suspends: boolean
}

/** Runs the calls that come into a cell, one after the other, each in a fresh instance. */
export interface GuestRunner {
  take(message: Exclude<ToGuest, { readonly kind: 'answer' }>): Promise<void>
}

const MAX_RANDOM_BYTES = 65_536

/** How a cell makes instances. */
export interface GuestEngine {
  compile(code: GuestCode): Promise<Component>
  /** What can stop them from outside, where the cell cannot be ended as a whole. */
  readonly instantiation: Pick<InstantiateOptions, 'interruption' | 'signal'>
}

/** Instances for a cell that ends as a whole. */
const PLAIN_ENGINE: GuestEngine = {
  compile: ({ bytes, modules, limits }) => compileGuest(bytes, modules, limits),
  instantiation: {},
}

/** Makes the runner behind `door`. */
export function createGuestRunner(
  door: GuestDoor,
  engine: GuestEngine = PLAIN_ENGINE,
): GuestRunner {
  const components = new Map<string, Promise<Component>>()
  let asks = 0

  async function invoke(message: InvokeMessage): Promise<void> {
    const { lease } = message
    const log = createGuestLog(message, door.send)
    const answer = await run(message, log)
    log.flush()
    door.send({ ...answer, lease, droppedLogLines: log.dropped })
  }

  async function run(message: InvokeMessage, log: GuestLog): Promise<Answer> {
    try {
      const component = components.get(message.digest)
      if (component === undefined) throw new Error('The host named a component that it never sent')
      const instance = await (
        await component
      ).instantiate(importsFor(message, log), {
        ...engine.instantiation,
        suspending: door.suspends ? SUSPENDING : [],
      })
      try {
        // The host has compared this export with the contract before it sent the code.
        const actions = instance.exports[ACTIONS] as unknown as {
          invoke(action: string, input: string): Promise<string> | string
        }
        const output = await actions.invoke(message.action, message.input)
        if (output.length > message.outputBytes)
          return { kind: 'failed', reason: 'output-bytes', message: '' }
        return { kind: 'done', output }
      } finally {
        instance.close()
      }
    } catch (error) {
      if (error instanceof ComponentError)
        return { kind: 'refused', failure: cleanFailure(error.payload as GuestFailure) }
      const reason =
        error instanceof EngineError && error.code === 'ERR_COMPONENT_TRAPPED'
          ? (error.details as { readonly reason: string }).reason
          : 'host-error'
      return { kind: 'failed', reason, message: cleanText(String(error), 500) }
    }
  }

  function importsFor(
    message: InvokeMessage,
    log: GuestLog,
  ): Record<string, Record<string, HostFunction>> {
    const deadline = performance.now() + message.remainingMs
    const config = new Map(message.config)
    const local: Readonly<Record<string, HostFunction>> = {
      'invocation#id': () => message.invocation,
      'invocation#caller': () => message.caller,
      'invocation#locale': () => message.locale,
      'invocation#time-zone': () => message.timeZone,
      'invocation#remaining-ms': () =>
        BigInt(Math.max(0, Math.floor(deadline - performance.now()))),
      'invocation#progress': (fraction: number | undefined, text: string) =>
        log.progress(fraction, text),
      'log#write': (level: string, text: string) => log.write(level, text),
      'clock#now': () => BigInt(Date.now()),
      'clock#monotonic': () => BigInt(Math.floor(performance.now())) * 1_000_000n,
      'random#bytes': (count: number) => {
        if (count > MAX_RANDOM_BYTES)
          throw new RangeError(`At most ${MAX_RANDOM_BYTES} random bytes a call`)
        return crypto.getRandomValues(new Uint8Array(count))
      },
      'config#get': (key: string) => config.get(key),
    }
    const ask = (name: string, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> => {
      // What was logged before an effect is seen before it.
      log.flush()
      const number = ++asks
      door.send({ kind: 'ask', lease: message.lease, ask: number, name, bytes })
      return door.answer(message.lease, number)
    }

    const imports: Record<string, Record<string, HostFunction>> = Object.create(null)
    for (const [id, fn] of Object.entries(CONTRACT)) {
      const name = `morphee:extension/${fn.interface}@${CONTRACT_VERSION}`
      const target = (imports[name] ??= Object.create(null) as Record<string, HostFunction>)
      target[fn.jsName] = fn.place === 'host' ? remote(id, ask) : (local[id] as HostFunction)
    }
    return imports
  }

  return {
    take: async (message) => {
      if (message.kind === 'invoke') return invoke(message)
      const { code } = message
      const component = engine.compile(code)
      // Whoever invokes it is told.
      component.catch(() => {})
      components.set(code.digest, component)
    },
  }
}

type Answer =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'refused'; readonly failure: GuestFailure }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }

const ACTIONS = `morphee:extension/actions@${CONTRACT_VERSION}`
const SUSPENDING: readonly string[] = Object.values(CONTRACT)
  .filter((fn) => fn.place === 'host')
  .map((fn) => `morphee:extension/${fn.interface}@${CONTRACT_VERSION}#${fn.name}`)

function remote(
  id: string,
  ask: (name: string, bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): HostFunction {
  const fn = CONTRACT[id] as (typeof CONTRACT)[string]
  const { params, result } = codecsOf(id)
  const read = (answer: Uint8Array): unknown => {
    const [value] = result.decode(answer) as [{ tag: 'ok' | 'err'; val: unknown }]
    if (fn.result?.kind !== 'result') return value
    if (value.tag === 'err') throw new ComponentError(value.val)
    return value.val
  }
  return (...args: unknown[]) => {
    const answer = ask(id, params.encode(args))
    return answer instanceof Promise ? answer.then(read) : read(answer)
  }
}

type Codecs = {
  readonly params: ReturnType<typeof createCodec>
  readonly result: ReturnType<typeof createCodec>
}
const codecs = new Map<string, Codecs>()

function codecsOf(id: string): Codecs {
  let known = codecs.get(id)
  if (known === undefined) {
    const fn = CONTRACT[id] as (typeof CONTRACT)[string]
    known = {
      params: createCodec(fn.params),
      result: createCodec(fn.result === null ? [] : [fn.result]),
    }
    codecs.set(id, known)
  }
  return known
}
