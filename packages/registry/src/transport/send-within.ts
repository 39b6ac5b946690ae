import { isPlatformError } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import type {
  RegistryTransport,
  RegistryTransportRequest,
  RegistryTransportResponse,
} from './transport.ts'

/** How long one request may take, in milliseconds. */
export interface RequestTimes {
  /** Between two signs of life: until the answer begins, then between chunks of its body. */
  readonly idleTimeoutMs: number
  /** Until the last byte. */
  readonly totalTimeoutMs: number
}

/**
 * Sends a request and watches over it until its body has ended or was cancelled.
 *
 * A registry that accepts and never answers, or sends a byte now and then for ever, ends in `ERR_REGISTRY_TIMEOUT`; the
 * caller's signal ends it with that signal's own reason, whether or not the transport listens to it.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_TIMEOUT`, `ERR_REGISTRY_UNREACHABLE`, and coded errors of the transport
 */
export async function sendWithin(
  transport: RegistryTransport,
  request: RegistryTransportRequest,
  registry: string,
  times: RequestTimes,
): Promise<RegistryTransportResponse> {
  const watch = new Watch(request.signal, registry, times)
  try {
    request.signal.throwIfAborted()
    const response = await watch.race(transport({ ...request, signal: watch.signal }))
    if (response.body === null) {
      watch.end()
      return response
    }
    return { ...response, body: watch.over(response.body) }
  } catch (error) {
    throw watch.fail(error)
  }
}

class Watch {
  readonly #caller: AbortSignal
  readonly #registry: string
  readonly #times: RequestTimes
  readonly #controller = new AbortController()
  readonly #total: ReturnType<typeof setTimeout>
  // A reason may be anything, and transports look for codes in it; they get an error, and the caller its own reason from `fail`.
  readonly #onAbort = (): void =>
    this.#stop(new Error('The caller ended the request', { cause: this.#caller.reason }))
  #idle: ReturnType<typeof setTimeout> | undefined

  constructor(caller: AbortSignal, registry: string, times: RequestTimes) {
    this.#caller = caller
    this.#registry = registry
    this.#times = times
    caller.addEventListener('abort', this.#onAbort, { once: true })
    this.#total = setTimeout(() => this.#expire(times.totalTimeoutMs), times.totalTimeoutMs)
    this.#restartIdle()
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `promise`, unless time or the caller ends it first. */
  async race<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this.#controller
    let stop: (() => void) | undefined
    const stopped = new Promise<never>((_, reject) => {
      stop = () => reject(signal.reason)
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop, { once: true })
    })
    try {
      const value = await Promise.race([promise, stopped])
      this.#restartIdle()
      return value
    } finally {
      if (stop !== undefined) signal.removeEventListener('abort', stop)
    }
  }

  /** `body`, watched. */
  over(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    const reader = body.getReader()
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await this.race(reader.read())
            if (!done) return controller.enqueue(value)
            this.end()
            controller.close()
          } catch (error) {
            reader.cancel(error).catch(() => undefined)
            controller.error(this.fail(error))
          }
        },
        cancel: async (reason) => {
          this.end()
          await reader.cancel(reason)
        },
      },
      // Nothing is read ahead: time between reads would count as the registry's.
      { highWaterMark: 0 },
    )
  }

  /** Stops watching and says what `error` means to the caller. */
  fail(error: unknown): unknown {
    this.end()
    if (this.#caller.aborted) return this.#caller.reason
    if (this.#controller.signal.aborted) return this.#controller.signal.reason
    if (isPlatformError(error)) return error
    return new RegistryError(
      'ERR_REGISTRY_UNREACHABLE',
      `Cannot reach ${this.#registry}`,
      { registry: this.#registry },
      { cause: error },
    )
  }

  end(): void {
    clearTimeout(this.#total)
    clearTimeout(this.#idle)
    this.#idle = undefined
    this.#caller.removeEventListener('abort', this.#onAbort)
  }

  #restartIdle(): void {
    clearTimeout(this.#idle)
    const { idleTimeoutMs } = this.#times
    this.#idle = setTimeout(() => this.#expire(idleTimeoutMs), idleTimeoutMs)
  }

  #expire(timeoutMs: number): void {
    this.#stop(
      new RegistryError(
        'ERR_REGISTRY_TIMEOUT',
        `${this.#registry} did not answer in ${timeoutMs} ms`,
        {
          registry: this.#registry,
          timeoutMs,
        },
      ),
    )
  }

  #stop(reason: unknown): void {
    // Nobody may be reading just now; timers that went on would keep the process alive for nothing.
    this.end()
    this.#controller.abort(reason)
  }
}
