import { type Component, ComponentError } from '@morphee/component'
import { createWasi, type Wasi, type WasiRequest, type WasiResponse } from '@morphee/component/wasi'
import { CONTRACT_VERSION } from '../../contract/contract.generated.ts'
import type { GuestFailure } from '../../runtimes/runtime.ts'

type HostFunction = (...args: never[]) => unknown
type Interfaces = Readonly<Record<string, Readonly<Record<string, HostFunction>>>>

/** Whether a component imports anything of WASI. */
export function importsWasi(component: Component): boolean {
  return component.imports.some(({ name }) => name.startsWith('wasi:'))
}

/**
 * WASI 0.2 in terms of the contract: files are the extension's storage, requests go through `http`, standard streams to the log.
 *
 * It has no way of its own to anything. What a guest does through it is decided, charged and recorded as if it had called the
 * contract, and a refusal is the interface's own error. Requests carry no credential, since WASI has no word for one.
 * `signal` ends every wait of the guest.
 */
export function createGuestWasi(interfaces: Interfaces, signal: AbortSignal): Wasi {
  const of = (name: string): Record<string, (...args: unknown[]) => unknown> =>
    interfaces[`morphee:extension/${name}@${CONTRACT_VERSION}`] as never
  const [clock, random, http, storage] = ['clock', 'random', 'http', 'storage'].map(of) as [
    ReturnType<typeof of>,
    ReturnType<typeof of>,
    ReturnType<typeof of>,
    ReturnType<typeof of>,
  ]
  const log = (level: string, message: string): unknown => of('log')['write']?.(level, message)
  const stdout = createLines((line) => log('info', line))
  const stderr = createLines((line) => log('warn', line))
  const endLines = (): void => {
    stdout.end()
    stderr.end()
  }
  const wasi = createWasi({
    clock: {
      now: () => Number(clock['now']?.()),
      monotonic: () => clock['monotonic']?.() as bigint,
      sleep,
    },
    randomBytes(length) {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += RANDOM_CHUNK)
        bytes.set(random['bytes']?.(Math.min(RANDOM_CHUNK, length - at)) as Uint8Array, at)
      return bytes
    },
    stdout: stdout.write,
    stderr: stderr.write,
    storage: {
      get: (key) =>
        told(() => storage['get']?.(key) as Promise<Uint8Array | undefined>, FILE_CODES),
      set: (key, value) => told(() => storage['set']?.(key, value) as Promise<void>, FILE_CODES),
      delete: (key) => told(() => storage['delete']?.(key) as Promise<void>, FILE_CODES),
      keys: (prefix) => told(() => allKeys(storage, prefix), FILE_CODES),
    },
    fetch: (request) => told(() => send(http, request), HTTP_CODES),
    onRefused: (name) => log('warn', `${name} is refused: extensions have no sockets`),
    onExit(status) {
      endLines()
      log('warn', `The extension ended itself with exit status ${status}`)
    },
    signal,
  })
  return {
    ...wasi,
    settle() {
      endLines()
      return wasi.settle()
    },
  }
}

const RANDOM_CHUNK = 65_536
const KEYS_PAGE = 1000
/** Most keys that a folder, and what is below it, is looked through for. */
const MAX_KEYS = 100_000

async function allKeys(
  storage: Record<string, (...args: unknown[]) => unknown>,
  prefix: string,
): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = (await storage['keys']?.(prefix, KEYS_PAGE, cursor)) as {
      readonly keys: readonly string[]
      readonly cursor: string | undefined
    }
    keys.push(...page.keys)
    ;({ cursor } = page)
  } while (cursor !== undefined && keys.length < MAX_KEYS)
  return keys
}

async function send(
  http: Record<string, (...args: unknown[]) => unknown>,
  { method, url, headers, body }: WasiRequest,
): Promise<WasiResponse> {
  const reads = method === 'GET' || method === 'HEAD'
  const answer = (await http[reads ? 'read' : 'write']?.({
    method,
    url,
    headers: headers.map(([name, value]) => ({ name, value })),
    body,
    credential: undefined,
    timeoutMs: undefined,
  })) as {
    readonly status: number
    readonly headers: readonly { readonly name: string; readonly value: string }[]
    readonly body: Uint8Array
  }
  return {
    status: answer.status,
    headers: answer.headers.map(({ name, value }) => [name, value] as const),
    body: answer.body,
  }
}

/** What a failure of the contract is called in `wasi:filesystem`. */
const FILE_CODES = (failure: GuestFailure): unknown =>
  ({
    'permission-denied': 'not-permitted',
    'limit-exceeded': 'insufficient-space',
    'invalid-input': 'invalid',
  })[failure.code] ?? 'io'

/** What a failure of the contract is called in `wasi:http`. */
const HTTP_CODES = (failure: GuestFailure): unknown => {
  switch (failure.code) {
    case 'permission-denied':
    case 'invalid-input':
      return { tag: 'HTTP-request-denied' }
    case 'unreachable':
      return { tag: 'connection-refused' }
    case 'timeout':
      return { tag: 'connection-timeout' }
    case 'limit-exceeded':
      return { tag: 'HTTP-response-body-size', val: undefined }
    default:
      return { tag: 'internal-error', val: failure.message }
  }
}

async function told<T>(
  work: () => Promise<T>,
  codeOf: (failure: GuestFailure) => unknown,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ComponentError)) throw error
    throw new ComponentError(codeOf(error.payload as GuestFailure), { cause: error })
  }
}

/** A stream of text as lines. */
interface Lines {
  write(this: void, bytes: Uint8Array): void
  /** Nothing more comes: the last line may have no end. */
  end(): void
}

/** Gives whole lines; what has no end yet waits, at most so much of it. */
function createLines(write: (line: string) => void): Lines {
  const decoder = new TextDecoder()
  let begun = ''
  const writeBegun = (): void => {
    if (begun !== '') write(begun)
    begun = ''
  }
  return {
    write(bytes) {
      begun += decoder.decode(bytes, { stream: true })
      const whole = begun.split('\n')
      begun = whole.pop() ?? ''
      for (const line of whole) write(line)
      if (begun.length >= MAX_LINE) writeBegun()
    },
    end() {
      begun += decoder.decode()
      writeBegun()
    },
  }
}

const MAX_LINE = 4096

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, Math.min(ms, 2 ** 31 - 1))
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        reject(signal.reason as Error)
      },
      { once: true },
    )
  })
}
