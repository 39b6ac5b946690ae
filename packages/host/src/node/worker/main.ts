// The inside of one worker. It holds no secret and no authority: the guest's effects are asked for over the port, and what
// is answered here (clock, random, config, log) was sent along with the call.
import { type Component, ComponentError, createCodec, EngineError } from '@morphee/component'
import { cleanText } from '@morphee/core'
import { parentPort } from 'node:worker_threads'
import { CONTRACT, CONTRACT_VERSION } from '../../contract/contract.generated.ts'
import { compileGuest } from '../../contract/compile-guest.ts'
import { cleanFailure } from '../../invocation/clean-failure.ts'
import type { GuestFailure } from '../../runtimes/runtime.ts'
import type { FromWorker, ToWorker } from './protocol.ts'

type InvokeMessage = Extract<ToWorker, { kind: 'invoke' }>
type HostFunction = (...args: never[]) => unknown

const MAX_RANDOM_BYTES = 65_536
const LOG_LEVELS = ['debug', 'info', 'warn', 'error']

const port = parentPort
if (port === null) throw new TypeError('This file runs in a worker only')
const send = (message: FromWorker, transfer: ArrayBuffer[] = []): void =>
  port.postMessage(message, transfer)

const components = new Map<string, Promise<Component>>()
const waiting = new Map<number, (bytes: Uint8Array) => void>()
let current: number | undefined
let asks = 0

port.on('message', (message: ToWorker) => {
  if (message.kind === 'answer') {
    if (message.lease !== current) return
    const resolve = waiting.get(message.ask)
    waiting.delete(message.ask)
    resolve?.(message.bytes)
    return
  }
  current = message.lease
  waiting.clear()
  void invoke(message)
})
send({ kind: 'ready' })

async function invoke(message: InvokeMessage): Promise<void> {
  const { lease } = message
  const log = { written: 0, dropped: 0 }
  try {
    const component = await load(message)
    const instance = await component.instantiate(importsFor(message, log), {
      suspending: SUSPENDING,
    })
    send({ kind: 'started', lease })
    // The host has compared this export with the contract before it sent the code.
    const actions = instance.exports[
      `morphee:extension/actions@${CONTRACT_VERSION}`
    ] as unknown as {
      invoke(action: string, input: string): Promise<string> | string
    }
    let answer: Extract<FromWorker, { kind: 'done' }>['answer']
    try {
      const output = await actions.invoke(message.action, message.input)
      if (output.length > message.outputBytes) {
        send({
          kind: 'failed',
          lease,
          reason: 'output-bytes',
          message: '',
          droppedLogLines: log.dropped,
        })
        return
      }
      answer = { kind: 'ok', output }
    } catch (error) {
      if (!(error instanceof ComponentError)) throw error
      answer = { kind: 'failure', failure: cleanFailure(error.payload as GuestFailure) }
    }
    send({
      kind: 'done',
      lease,
      answer,
      droppedLogLines: log.dropped,
    })
  } catch (error) {
    const reason =
      error instanceof EngineError && error.code === 'ERR_COMPONENT_TRAPPED'
        ? (error.details as { readonly reason: string }).reason
        : 'host-error'
    send({
      kind: 'failed',
      lease,
      reason,
      message: cleanText(String(error), 500),
      droppedLogLines: log.dropped,
    })
  }
}

function load(message: InvokeMessage): Promise<Component> {
  const known = components.get(message.digest)
  if (known !== undefined) return known
  if (message.code === undefined) throw new Error('The host named a component that it never sent')
  const component = compileGuest(message.code.bytes, message.code.modules, message.code.limits)
  components.set(message.digest, component)
  return component
}

const SUSPENDING: readonly string[] = Object.values(CONTRACT)
  .filter((fn) => fn.place === 'host')
  .map((fn) => `morphee:extension/${fn.interface}@${CONTRACT_VERSION}#${fn.name}`)

function importsFor(
  message: InvokeMessage,
  log: { written: number; dropped: number },
): Record<string, Record<string, HostFunction>> {
  const deadline = performance.now() + message.remainingMs
  const { lease } = message
  const local: Readonly<Record<string, HostFunction>> = {
    'invocation#id': () => message.invocation,
    'invocation#caller': () => message.caller,
    'invocation#locale': () => message.locale,
    'invocation#time-zone': () => message.timeZone,
    'invocation#remaining-ms': () => BigInt(Math.max(0, Math.floor(deadline - performance.now()))),
    'invocation#progress': progressTo(lease),
    'log#write': (level: string, text: string) => {
      // The limit is tested before the message is made: a flood costs the guest its own time and the host nothing.
      if (log.written >= message.logLines) {
        log.dropped++
        return
      }
      log.written++
      send({
        kind: 'log',
        lease,
        level: LOG_LEVELS.includes(level) ? level : 'info',
        message: cleanText(text, message.logLineBytes),
      })
    },
    'clock#now': () => BigInt(Date.now()),
    'clock#monotonic': () => BigInt(Math.floor(performance.now())) * 1_000_000n,
    'random#bytes': (count: number) => {
      if (count > MAX_RANDOM_BYTES)
        throw new RangeError(`At most ${MAX_RANDOM_BYTES} random bytes a call`)
      return crypto.getRandomValues(new Uint8Array(count))
    },
    'config#get': (key: string) =>
      Object.hasOwn(message.config, key) ? message.config[key] : undefined,
  }

  const imports: Record<string, Record<string, HostFunction>> = Object.create(null)
  for (const fn of Object.values(CONTRACT)) {
    const id = `${fn.interface}#${fn.name}`
    const name = `morphee:extension/${fn.interface}@${CONTRACT_VERSION}`
    const target = (imports[name] ??= Object.create(null) as Record<string, HostFunction>)
    target[fn.jsName] = fn.place === 'host' ? remote(lease, id) : (local[id] as HostFunction)
  }
  return imports
}

const FREE_PROGRESS = 100
const PROGRESS_MS = 50

// A guest that reports in a loop would fill the host's queue faster than it is emptied: after the first hundred, what comes
// within a twentieth of a second of the one before is dropped.
function progressTo(lease: number): HostFunction {
  let sent = 0
  let last = -Infinity
  return (fraction: number | undefined, text: string) => {
    const now = performance.now()
    if (sent >= FREE_PROGRESS && now - last < PROGRESS_MS) return
    sent++
    last = now
    const known = fraction !== undefined && fraction >= 0 && fraction <= 1
    send({
      kind: 'progress',
      lease,
      fraction: known ? fraction : undefined,
      message: cleanText(text, 500),
    })
  }
}

function remote(lease: number, id: string): HostFunction {
  const fn = CONTRACT[id] as (typeof CONTRACT)[string]
  const params = createCodec(fn.params)
  const result = createCodec(fn.result === null ? [] : [fn.result])
  return (async (...args: unknown[]) => {
    const bytes = params.encode(args)
    const ask = ++asks
    const answer = await new Promise<Uint8Array>((resolve) => {
      waiting.set(ask, resolve)
      send({ kind: 'ask', lease, ask, name: id, bytes }, [bytes.buffer as ArrayBuffer])
    })
    const [value] = result.decode(answer) as [{ tag: 'ok' | 'err'; val: unknown }]
    if (fn.result?.kind !== 'result') return value
    if (value.tag === 'err') throw new ComponentError(value.val)
    return value.val
  }) as HostFunction
}
