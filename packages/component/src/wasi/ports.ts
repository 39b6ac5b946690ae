/** The clock of a guest. */
export interface WasiClock {
  /** Milliseconds since 1970, fractions included. */
  now(): number
  /** Nanoseconds from any fixed point. */
  monotonic(): bigint
  /** Resolves after `ms`, or rejects with the signal's reason. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

/** What a guest sees as its files: keys with their bytes. A slash in a key separates folders. */
export interface WasiStorage {
  get(key: string): Promise<Uint8Array | undefined>
  set(key: string, value: Uint8Array): Promise<void>
  delete(key: string): Promise<void>
  /** Every key that begins with `prefix`. */
  keys(prefix: string): Promise<readonly string[]>
}

/** A request of a guest, whole. */
export interface WasiRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal
}

/** The answer, whole. */
export interface WasiResponse {
  readonly status: number
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

/** A guest's way out of itself: everything it can reach is one of these. What is left out is not there. */
export interface WasiPorts {
  /** @default the platform's */
  readonly clock?: WasiClock
  /** @default the platform's */
  readonly randomBytes?: (length: number) => Uint8Array
  readonly args?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** @default nothing */
  readonly stdin?: Uint8Array
  /** @default dropped */
  readonly stdout?: (bytes: Uint8Array) => void
  /** @default dropped */
  readonly stderr?: (bytes: Uint8Array) => void
  /** The root folder. @default no folder at all */
  readonly storage?: WasiStorage
  /** Sends one request. A `TypeError` or any other error is the guest's `error-code`. @default every request is denied */
  readonly fetch?: (request: WasiRequest) => Promise<WasiResponse>
  /** Told of what was refused by name: `wasi:sockets/tcp-create-socket`. */
  readonly onRefused?: (name: string) => void
  /** Told of `wasi:cli/exit`, with the status, before the guest is ended for it. */
  readonly onExit?: (status: number) => void
  /** Ends every wait. */
  readonly signal?: AbortSignal
  /** Largest file, and largest body of a request, in bytes. @default 10 MiB */
  readonly maxFileBytes?: number
  /** Bytes of files and bodies held at once. @default 64 MiB */
  readonly maxBufferedBytes?: number
}

/** {@link WasiPorts} with everything filled in that has a default. */
export interface WasiWorld extends WasiPorts {
  readonly clock: WasiClock
  readonly randomBytes: (length: number) => Uint8Array
  readonly signal: AbortSignal
  readonly maxFileBytes: number
  readonly buffered: BufferBudget
}

/** Counts what is held for a guest; whoever would go over it is told `insufficient-memory`. */
export class BufferBudget {
  readonly #limit: number
  #used = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether `bytes` more may be held, and if so counts them. A negative number gives back. */
  tryTake(bytes: number): boolean {
    if (this.#used + bytes > this.#limit) return false
    this.#used += bytes
    return true
  }
}

const MiB = 1024 * 1024

/** Fills in the defaults. */
export function worldOf(ports: WasiPorts): WasiWorld {
  return {
    ...ports,
    clock: ports.clock ?? platformClock,
    randomBytes: ports.randomBytes ?? platformRandom,
    signal: ports.signal ?? new AbortController().signal,
    maxFileBytes: ports.maxFileBytes ?? 10 * MiB,
    buffered: new BufferBudget(ports.maxBufferedBytes ?? 64 * MiB),
  }
}

const platformClock: WasiClock = {
  now: () => Date.now(),
  monotonic: () => BigInt(Math.round(performance.now() * 1e6)),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      // A timer of the platform holds 31 bits; a longer sleep is as good as endless, and the signal ends it.
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
      signal.addEventListener('abort', ended, { once: true })
      function done(): void {
        signal.removeEventListener('abort', ended)
        resolve()
      }
      function ended(): void {
        clearTimeout(timer)
        reject(signal.reason as Error)
      }
    }),
}

function platformRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  // The platform gives at most 65,536 at once.
  for (let at = 0; at < length; at += 65_536)
    crypto.getRandomValues(bytes.subarray(at, Math.min(at + 65_536, length)))
  return bytes
}
