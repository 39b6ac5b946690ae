import { ComponentError, createCodec } from '@morphee/component'
import { CONTRACT, CONTRACT_VERSION } from '../../contract/contract.generated.ts'
import type { HostAnswer } from './guest-runner.ts'
import type { GuestLog } from './guest-log.ts'
import type { InvokeMessage } from './protocol.ts'

type HostFunction = (...args: never[]) => unknown
type Ask = (name: string, bytes: Uint8Array) => HostAnswer | Promise<HostAnswer>

/** The contract as the guests of one cell import it. One call at a time is served; outside of a call nothing is. */
export interface GuestImports {
  readonly interfaces: Readonly<Record<string, Readonly<Record<string, HostFunction>>>>
  /** How often a guest has called any of them. */
  readonly uses: number
  begin(call: GuestCall): void
  end(): void
}

/** The call that a guest's imports serve. */
export interface GuestCall {
  readonly message: InvokeMessage
  readonly log: GuestLog
  /** Asks the host for an effect. */
  readonly ask: Ask
}

/** Functions that are answered by the host, as the engine wants them named. */
export const HOST_FUNCTIONS: readonly string[] = Object.values(CONTRACT)
  .filter((fn) => fn.place === 'host')
  .map((fn) => `morphee:extension/${fn.interface}@${CONTRACT_VERSION}#${fn.name}`)

const MAX_RANDOM_BYTES = 65_536

/** Makes the imports of one cell. */
export function createGuestImports(): GuestImports {
  let current: (GuestCall & { deadline: number }) | undefined
  let uses = 0
  const call = (): GuestCall & { deadline: number } => {
    uses++
    if (current === undefined) throw new Error('A guest called its host outside of a call')
    return current
  }
  const local: Readonly<Record<string, HostFunction>> = {
    'invocation#id': () => call().message.invocation,
    'invocation#caller': () => call().message.caller,
    'invocation#locale': () => call().message.locale,
    'invocation#time-zone': () => call().message.timeZone,
    'invocation#remaining-ms': () =>
      BigInt(Math.max(0, Math.floor(call().deadline - performance.now()))),
    'invocation#progress': (fraction: number | undefined, text: string) =>
      call().log.progress(fraction, text),
    'log#write': (level: string, text: string) => call().log.write(level, text),
    'clock#now': () => {
      call()
      return BigInt(Date.now())
    },
    'clock#monotonic': () => {
      call()
      return BigInt(Math.floor(performance.now())) * 1_000_000n
    },
    'random#bytes': (count: number) => {
      call()
      if (count > MAX_RANDOM_BYTES)
        throw new RangeError(`At most ${MAX_RANDOM_BYTES} random bytes a call`)
      return crypto.getRandomValues(new Uint8Array(count))
    },
    'config#get': (key: string) => call().message.config.find(([name]) => name === key)?.[1],
  }
  const take = (running: { deadline: number }, { bytes, remainingMs }: HostAnswer): Uint8Array => {
    running.deadline = performance.now() + remainingMs
    return bytes
  }
  const ask = (name: string, bytes: Uint8Array): Uint8Array | Promise<Uint8Array> => {
    const running = call()
    const answer = running.ask(name, bytes)
    return answer instanceof Promise
      ? answer.then((one) => take(running, one))
      : take(running, answer)
  }

  const interfaces: Record<string, Record<string, HostFunction>> = Object.create(null)
  for (const [id, fn] of Object.entries(CONTRACT)) {
    const name = `morphee:extension/${fn.interface}@${CONTRACT_VERSION}`
    const target = (interfaces[name] ??= Object.create(null) as Record<string, HostFunction>)
    target[fn.jsName] = fn.place === 'host' ? remote(id, ask) : (local[id] as HostFunction)
  }
  return {
    interfaces,
    get uses() {
      return uses
    },
    begin(begun) {
      current = { ...begun, deadline: performance.now() + begun.message.remainingMs }
    },
    end() {
      current = undefined
    },
  }
}

/** A function of the contract whose arguments go to the host as bytes. */
function remote(
  id: string,
  ask: (name: string, bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
): HostFunction {
  const fn = CONTRACT[id] as (typeof CONTRACT)[string]
  const params = createCodec(fn.params)
  const result = createCodec(fn.result === null ? [] : [fn.result])
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
