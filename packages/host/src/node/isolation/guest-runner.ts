// The inside of a cell. It holds no secret and no authority: the guest's effects are asked for at the door, and what is
// answered here (clock, random, config, log) was sent along with the call.
import {
  type Component,
  ComponentError,
  type ComponentInstance,
  EngineError,
  formatTrapFrame,
  type InstantiateOptions,
  InterruptionFlag,
  MemoryPool,
} from '@morphee/component'
import type { Wasi } from '@morphee/component/wasi'
import { cleanText } from '@morphee/core'
import { compileGuest, SHARED_INTERRUPTION } from '../../contract/compile-guest.ts'
import { CONTRACT_VERSION } from '../../contract/contract.generated.ts'
import { cleanFailure } from '../../invocation/clean-failure.ts'
import type { GuestFailure } from '../../runtimes/runtime.ts'
import { createGuestImports, HOST_FUNCTIONS } from './guest-imports.ts'
import { createGuestWasi, importsWasi } from './guest-wasi.ts'
import { createGuestLog, type GuestLog } from './guest-log.ts'
import type { FromGuest, GuestCode, InvokeMessage, ToGuest } from './protocol.ts'

/** What the host answers to a question. */
export type HostAnswer = Pick<Extract<ToGuest, { kind: 'answer' }>, 'bytes' | 'remainingMs'>

/** The way out of a cell. */
export interface GuestDoor {
  send(message: FromGuest): void
  /**
   * Waits for the answer to a question that was sent: on the spot where the cell has a thread to itself, or with a promise,
   * during which the guest sleeps.
   */
  answer(lease: number, ask: number): HostAnswer | Promise<HostAnswer>
  /** Whether {@link GuestDoor.answer} gives promises. */
  readonly suspends: boolean
}

/** Runs the calls that come into a cell, one after the other, each in a fresh instance. */
export interface GuestRunner {
  take(message: Exclude<ToGuest, { readonly kind: 'answer' }>): Promise<void>
  /** Ends the guest that sleeps at the door, if one does. */
  stop(): void
}

/** How a cell makes instances. */
export interface GuestEngine {
  compile(code: GuestCode): Promise<Component>
  /** What can stop an instance while it computes, where the cell cannot be ended as a whole. */
  readonly interruption?: InstantiateOptions['interruption']
  /** The next instance is made while nobody waits for it, if making the last one took less than so many milliseconds. */
  readonly preparesWithinMs: number
}

/** What takes longer is done in its call, whose time it is. */
const QUICK_MS = 20

/** The engine of a cell that has a thread to itself and ends as a whole, before which somebody may raise `interruption`. */
export function ownThreadEngine(
  interruption: InterruptionFlag = new InterruptionFlag(),
): GuestEngine {
  return {
    compile: ({ bytes, modules, limits }) =>
      compileGuest(bytes, modules, limits, SHARED_INTERRUPTION),
    interruption,
    preparesWithinMs: QUICK_MS,
  }
}

interface Guest {
  readonly instance: ComponentInstance
  /** Present when it imports WASI. */
  readonly wasi: Wasi | undefined
}

interface Prepared extends Guest {
  readonly digest: string
}

/** Makes the runner behind `door`. */
export function createGuestRunner(
  door: GuestDoor,
  engine: GuestEngine = ownThreadEngine(),
): GuestRunner {
  const components = new Map<string, Promise<Component>>()
  const imports = createGuestImports()
  const options: InstantiateOptions = {
    suspending: door.suspends ? HOST_FUNCTIONS : [],
    memories: new MemoryPool(),
    ...(engine.interruption === undefined ? {} : { interruption: engine.interruption }),
  }
  /** Code whose last instance came into being in no time and without a word to the host. */
  const silent = new Set<string>()
  let prepared: Prepared | undefined
  let running: Guest | undefined
  /** Ends what a guest waits for by itself: its timers outlive it otherwise, and keep all of its memory. */
  let waits: AbortController | undefined
  let asks = 0

  async function invoke(message: InvokeMessage): Promise<void> {
    const { lease } = message
    const log = createGuestLog(message, door.send)
    imports.begin({
      message,
      log,
      ask(name, bytes) {
        // What was logged before an effect is seen before it.
        log.flush()
        const ask = ++asks
        door.send({ kind: 'ask', lease, ask, name, bytes })
        return door.answer(lease, ask)
      },
    })
    const answer = await run(message)
    imports.end()
    const over = running
    running = undefined
    finish(answer, lease, log)
    if (answer.kind !== 'failed') over?.instance.retire()
    if (answer.kind !== 'failed') await prepare(message.digest)
  }

  function finish(answer: Answer, lease: number, log: GuestLog): void {
    log.flush()
    door.send({ ...answer, lease, droppedLogLines: log.dropped })
  }

  async function run(message: InvokeMessage): Promise<Answer> {
    try {
      running = takePrepared(message.digest) ?? (await instantiate(message.digest))
      const output = await callExport(running.instance, message)
      await saveFiles(running)
      if (output.length > message.outputBytes)
        return { kind: 'failed', reason: 'output-bytes', message: '' }
      return { kind: 'done', output }
    } catch (error) {
      if (error instanceof ComponentError)
        return { kind: 'refused', failure: cleanFailure(error.payload as GuestFailure) }
      if (!(error instanceof EngineError) || error.code !== 'ERR_COMPONENT_TRAPPED')
        return { kind: 'failed', reason: 'host-error', message: cleanText(String(error), 500) }
      const { reason, frames } = (error as EngineError<'ERR_COMPONENT_TRAPPED'>).details
      const lines = frames.slice(0, 8).map((frame) => `  at ${formatTrapFrame(frame)}`)
      return { kind: 'failed', reason, message: cleanText([error, ...lines].join('\n'), 2_000) }
    }
  }

  async function instantiate(digest: string): Promise<Guest> {
    const component = await components.get(digest)
    if (component === undefined) throw new Error('The host named a component that it never sent')
    if (importsWasi(component)) return instantiateWithWasi(component)
    const { uses } = imports
    const started = performance.now()
    const instance = await component.instantiate(imports.interfaces, options)
    const isQuick = performance.now() - started < engine.preparesWithinMs
    if (isQuick && imports.uses === uses) silent.add(digest)
    else silent.delete(digest)
    return { instance, wasi: undefined }
  }

  // Files and streams are the instance's own, so each has a WASI of its own; and its waits suspend, whatever the door does.
  async function instantiateWithWasi(component: Component): Promise<Guest> {
    waits = new AbortController()
    const wasi = createGuestWasi(imports.interfaces, waits.signal)
    const instance = await component.instantiate(
      { ...imports.interfaces, ...wasi.imports },
      { ...options, suspending: [...(options.suspending ?? []), ...wasi.suspending] },
    )
    return { instance, wasi }
  }

  function takePrepared(digest: string): Guest | undefined {
    const ready = prepared
    prepared = undefined
    return ready?.digest === digest ? ready : undefined
  }

  // Nobody answers here, and what it takes is nobody's time. So it is done only for code that has come into being before, within a call, in no time and
  // without calling anything. That it does the same again is hoped for and not relied on: whoever gives the cell to other code asks first
  // whether it is done, and a cell that is not done soon is ended.
  async function prepare(digest: string): Promise<void> {
    if (!silent.has(digest)) return
    try {
      prepared = { digest, ...(await instantiate(digest)) }
    } catch {
      // The next call meets the same, and says so.
      silent.delete(digest)
    }
  }

  return {
    async take(message) {
      if (message.kind === 'invoke') return invoke(message)
      if (message.kind === 'settle') return door.send({ kind: 'ready' })
      const component = engine.compile(message.code)
      // Whoever invokes it is told.
      component.catch(() => {})
      components.set(message.code.digest, component)
    },
    stop() {
      running?.instance.close()
      waits?.abort()
    },
  }
}

/** Waits until what a guest wrote through WASI and closed is stored. @throws ComponentError when it could not be */
async function saveFiles({ wasi }: Guest): Promise<void> {
  try {
    await wasi?.settle()
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error
    const failure: GuestFailure = {
      code: 'internal',
      message: `A file that was closed could not be stored: ${String(error.payload)}`,
    }
    throw new ComponentError(failure, { cause: error })
  }
}

type Answer =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'refused'; readonly failure: GuestFailure }
  | { readonly kind: 'failed'; readonly reason: string; readonly message: string }

const ACTIONS = `morphee:extension/actions@${CONTRACT_VERSION}`
const HANDLER = `morphee:extension/event-handler@${CONTRACT_VERSION}`

// The host has compared these exports with the contract before it sent the code.
function callExport(
  instance: ComponentInstance,
  { action, input, event }: InvokeMessage,
): Promise<string> | string {
  if (event === undefined) {
    const actions = instance.exports[ACTIONS] as unknown as {
      invoke(action: string, input: string): Promise<string> | string
    }
    return actions.invoke(action, input)
  }
  const handler = instance.exports[HANDLER] as unknown as { handle(event: object): unknown }
  return Promise.resolve(
    handler.handle({ ...event, time: BigInt(event.time), context: undefined }),
  ).then(() => '')
}
