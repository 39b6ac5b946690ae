import type { GuestEngineLimits } from '../../contract/compile-guest.ts'
import type { GuestFailure } from '../../runtimes/runtime.ts'

/** The code of one extension, compiled once by the host; what it was capped at goes with it. */
export interface GuestCode {
  readonly digest: string
  readonly bytes: Uint8Array
  readonly modules: readonly WebAssembly.Module[]
  readonly limits: GuestEngineLimits
}

/** What the host sends to a worker. `lease` numbers one call; a message of an earlier lease is dropped. */
export type ToWorker =
  | {
      readonly kind: 'invoke'
      readonly lease: number
      readonly digest: string
      /** Sent once a worker and digest; later calls name the digest only. */
      readonly code: GuestCode | undefined
      readonly invocation: string
      readonly caller: string
      readonly locale: string
      readonly timeZone: string
      readonly action: string
      readonly input: string
      readonly config: Readonly<Record<string, string>>
      readonly remainingMs: number
      readonly outputBytes: number
      readonly logLines: number
      readonly logLineBytes: number
    }
  | {
      readonly kind: 'answer'
      readonly lease: number
      readonly ask: number
      readonly bytes: Uint8Array
    }

/** What a worker sends to the host. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly lease: number }
  | {
      readonly kind: 'ask'
      readonly lease: number
      readonly ask: number
      readonly name: string
      readonly bytes: Uint8Array
    }
  | {
      readonly kind: 'log'
      readonly lease: number
      readonly level: string
      readonly message: string
    }
  | {
      readonly kind: 'progress'
      readonly lease: number
      readonly fraction: number | undefined
      readonly message: string
    }
  | {
      readonly kind: 'done'
      readonly lease: number
      readonly answer:
        | { readonly kind: 'ok'; readonly output: string }
        | { readonly kind: 'failure'; readonly failure: GuestFailure }
      readonly droppedLogLines: number
    }
  | {
      readonly kind: 'failed'
      readonly lease: number
      readonly reason: string
      readonly message: string
      readonly droppedLogLines: number
    }
