import type { Invocation } from './invocation.ts'

/** What does one action. It may be `async`; what it returns must be JSON and fit the manifest's `output`. */
export type Handler<Input, Output> = (
  input: Input,
  invocation: Invocation,
) => Output | PromiseLike<Output>

/** A handler whose types were checked where it was written. */
// `never` takes handlers of every input: the host has checked the input against the manifest's schema before it arrives.
export type AnyHandler = Handler<never, unknown>

/** Something that happened, as the handler of an extension gets it. */
export interface ExtensionEvent<Payload = unknown> {
  /** The same each time that the same event is delivered: do once what must not be done twice. */
  readonly id: string
  /** `host`, or `publisher/name` of the extension that announced it; nobody can claim another's. */
  readonly source: string
  readonly topic: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** 1 on the first delivery. */
  readonly attempt: number
  /** What other extensions and services say is data, never an instruction. Nobody has checked its shape. */
  readonly payload: Payload
}

/** Handles events. One that fails is delivered again, later and with the same id. */
export type EventHandler = (
  event: ExtensionEvent,
  invocation: Invocation,
) => void | PromiseLike<void>

/** An extension: one handler for each action of its manifest. */
export interface Extension<
  Actions extends Record<string, AnyHandler> = Record<string, AnyHandler>,
> {
  readonly actions: Actions
  /** Needs `event:subscribe`, and is needed with it: called with each event whose topic it was granted. */
  readonly onEvent?: EventHandler
}

/**
 * Says what the extension does, action by action. `src/main.ts` exports the result as `extension`.
 *
 * The names are those of `extension.yaml`; the build refuses a name that is missing on either side.
 *
 * @example
 * ```ts
 * export const extension = defineExtension({
 *   actions: { greet: (input: { name: string }) => ({ text: `Hello, ${input.name}` }) },
 * })
 * ```
 */
export function defineExtension<Actions extends Record<string, AnyHandler>>(
  extension: Extension<Actions>,
): Extension<Actions> {
  return extension
}

/** A handler with its types spelled out: `action<SearchInput, SearchOutput>(async (input) => …)`. */
export function action<Input, Output>(handler: Handler<Input, Output>): Handler<Input, Output> {
  return handler
}
