import type { GuestEngineLimits } from '../../contract/compile-guest.ts'
import type { GuestFailure, HandledEvent } from '../../runtimes/runtime.ts'

/** The code of one extension, compiled once by the host; what it was capped at goes with it. */
export interface GuestCode {
  readonly digest: string
  readonly bytes: Uint8Array
  /** Missing where they cannot be sent; the cell compiles `bytes` then. */
  readonly modules: readonly WebAssembly.Module[] | undefined
  readonly limits: GuestEngineLimits
}

/** One call as its cell sees it: no secret, no authority, and nothing that the guest may not know. */
export interface InvokeMessage {
  readonly kind: 'invoke'
  readonly lease: number
  readonly digest: string
  readonly invocation: string
  readonly caller: string
  readonly locale: string
  readonly timeZone: string
  /** Present when the handler is called with it, and not an action. */
  readonly event?: HandledEvent | undefined
  readonly action: string
  readonly input: string
  /** JSON text of each setting that has a value. */
  readonly config: readonly (readonly [name: string, json: string])[]
  readonly remainingMs: number
  readonly outputBytes: number
  readonly logLines: number
  readonly logLineBytes: number
}

/** What the host says into a cell. `lease` numbers one call; a message of an earlier lease is dropped. */
export type ToGuest =
  /** Sent once a cell and digest, before the first call of it. */
  | { readonly kind: 'code'; readonly code: GuestCode }
  | InvokeMessage
  /** Asks for a `ready` as soon as nothing is left to do. */
  | { readonly kind: 'settle' }
  | {
      readonly kind: 'answer'
      readonly lease: number
      readonly ask: number
      readonly bytes: Uint8Array
      /** Wall time left: more than the cell counts itself, if a person was waited for. */
      readonly remainingMs: number
    }

export type GuestLogLine = { readonly level: string; readonly message: string }

/** What a cell says to the host. All of it is a stranger's. */
export type FromGuest =
  /** Said once when it has started, and in answer to `settle`. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'ask'
      readonly lease: number
      readonly ask: number
      readonly name: string
      readonly bytes: Uint8Array
    }
  | { readonly kind: 'log'; readonly lease: number; readonly lines: readonly GuestLogLine[] }
  | {
      readonly kind: 'progress'
      readonly lease: number
      readonly fraction: number | undefined
      readonly message: string
    }
  | {
      readonly kind: 'done'
      readonly lease: number
      readonly output: string
      readonly droppedLogLines: number
    }
  | {
      readonly kind: 'refused'
      readonly lease: number
      readonly failure: GuestFailure
      readonly droppedLogLines: number
    }
  | {
      readonly kind: 'failed'
      readonly lease: number
      readonly reason: string
      readonly message: string
      readonly droppedLogLines: number
    }
