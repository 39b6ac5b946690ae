import type { JsonObject } from '@morphee/core'
import type { HostCalls } from '../capabilities/host-calls.ts'
import type { Limits } from '@morphee/manifest'
import type { PersonWaits } from '../invocation/person-waits.ts'
import type { LogLine, Progress } from '../invocation/invoke-request.ts'

/** What runs the code of an extension. `js` and `python` are reserved for later runtimes. */
export type RuntimeKind = 'wasm' | 'builtin'

/** One action as callers see it. All text is the author's: data, cleaned and bounded when the manifest was read. */
export interface ActionDescription {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly effect: 'read' | 'write' | 'destructive'
  readonly input: JsonObject
  readonly output: JsonObject
}

/** An event as the handler of an extension gets it: `event-handler.event` of the contract. */
export interface HandledEvent {
  /** The same on every delivery of the same event. */
  readonly id: string
  /** `host`, or `publisher/name` of the extension that announced it. */
  readonly source: string
  readonly topic: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** 1 on the first delivery. */
  readonly attempt: number
  /** Canonical JSON. */
  readonly payload: string
}

/** One call as a runtime sees it: the input is checked, the authority is behind `calls`. */
export interface RuntimeCall {
  readonly workspace: string
  readonly invocation: string
  /** `person`, `agent`, `schedule`, `event` or `webhook`. */
  readonly caller: string
  readonly locale: string
  readonly timeZone: string
  /** Present when the handler is called with it, and not an action; `action` is a name for messages then, and `input` empty. */
  readonly event?: HandledEvent | undefined
  readonly action: string
  /** Canonical JSON: the bytes that were checked, shown and digested. */
  readonly input: string
  /** JSON text of each setting that has a value. */
  readonly config: Readonly<Record<string, string>>
  readonly limits: Limits
  /** Milliseconds of wall time left when the call starts. */
  readonly remainingMs: number
  /** Missing where nobody is asked. */
  readonly waits?: PersonWaits | undefined
  readonly calls: HostCalls
  readonly signal: AbortSignal
  readonly onLog: (line: LogLine) => void
  readonly onDroppedLogLines: (count: number) => void
  readonly onProgress: (progress: Progress) => void
}

/** How a call ended. Traps, limits and cancellation are thrown as `HostError`. */
export interface RuntimeOutcome {
  /** What the guest answered: JSON text, or the failure it chose. */
  readonly answer:
    | { readonly kind: 'ok'; readonly output: string }
    | { readonly kind: 'failure'; readonly failure: GuestFailure }
  readonly cpuMs: number
}

/** `types.failure` of the contract. */
export interface GuestFailure {
  readonly code: string
  readonly message: string
  readonly details?: string | undefined
  readonly retryAfterMs?: number | undefined
}

/**
 * What the host needs of anything that runs an extension.
 *
 * A caller of the `InterfaceManager` cannot tell an installed extension from a built-in one, because both are behind this.
 */
export interface BaseMorphRuntime {
  readonly kind: RuntimeKind
  /**
   * Runs one action to its end.
   *
   * @throws `ERR_HOST_TRAPPED`, `ERR_HOST_LIMIT`, `ERR_HOST_CANCELLED`
   */
  invoke(call: RuntimeCall): Promise<RuntimeOutcome>
  close(): Promise<void>
}
