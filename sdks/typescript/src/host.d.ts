// The host's functions as QuickJS guests see them: one module an interface of spec/wit/extension.wit, records in camelCase,
// a missing option as null, a failed result thrown as an error whose `payload` is the failure. Only files of this package import them.
declare module 'morphee:extension/types@0.9.0' {
  export interface HostFailure {
    code: string
    message: string
    details?: string | null | undefined
    retryAfterMs?: number | null | undefined
  }
}
declare module 'morphee:extension/invocation@0.9.0' {
  export function id(): string
  export function caller(): string
  export function locale(): string
  export function timeZone(): string
  export function remainingMs(): number | bigint
  export function progress(fraction: number | undefined, message: string): void
}
declare module 'morphee:extension/log@0.9.0' {
  export function write(level: 'debug' | 'info' | 'warn' | 'error', message: string): void
}
declare module 'morphee:extension/clock@0.9.0' {
  export function now(): number | bigint
  export function monotonic(): number | bigint
}
declare module 'morphee:extension/random@0.9.0' {
  export function bytes(count: number): Uint8Array
}
declare module 'morphee:extension/config@0.9.0' {
  export function get(key: string): string | null | undefined
}
declare module 'morphee:extension/http@0.9.0' {
  import type { HostFailure } from 'morphee:extension/types@0.9.0'
  export interface HostHeader {
    name: string
    value: string
  }
  export interface HostRequest {
    method: string
    url: string
    headers: HostHeader[]
    body: Uint8Array | undefined
    credential: string | undefined
    timeoutMs: number | undefined
  }
  export interface HostResponse {
    status: number
    headers: HostHeader[]
    body: Uint8Array
    url: string
  }
  export function read(request: HostRequest): HostResponse
  export function readAll(
    requests: HostRequest[],
  ): ({ tag: 'ok'; val: HostResponse } | { tag: 'err'; val: HostFailure })[]
  export function write(request: HostRequest): HostResponse
}
// The same functions; where the manifest does not ask for one, the build puts a refusal in its place instead of failing.
declare module 'morphee:permitted/http' {
  export * from 'morphee:extension/http@0.9.0'
}
declare module 'morphee:extension/storage@0.9.0' {
  export function get(key: string): Uint8Array | null | undefined
  export function set(key: string, value: Uint8Array): void
  // `delete` is no name for a function declaration.
  function remove(key: string): void
  export { remove as delete }
  export function keys(
    prefix: string,
    limit: number,
    cursor: string | undefined,
  ): { keys: string[]; cursor?: string | null }
}
declare module 'morphee:extension/vault@0.9.0' {
  export function get(name: string): string | null | undefined
  export function set(name: string, value: string): void
  function remove(name: string): void
  export { remove as delete }
}
declare module 'morphee:extension/data@0.9.0' {
  export interface HostEntry {
    id: string
    revision: string
    json: string
  }
  export function get(collection: string, id: string): HostEntry | null | undefined
  export function query(
    collection: string,
    filter: string,
    limit: number,
    cursor: string | undefined,
  ): { entries: HostEntry[]; cursor?: string | null }
  export function create(collection: string, json: string): HostEntry
  export function update(collection: string, id: string, revision: string, json: string): HostEntry
  function remove(collection: string, id: string, revision: string): void
  export { remove as delete }
}
// What the component exports; the host calls it.
declare module 'morphee:extension/event-handler@0.9.0' {
  export interface HostEvent {
    id: string
    source: string
    topic: string
    time: number | bigint
    attempt: number
    payload: string
    context?: string | null | undefined
  }
}
declare module 'morphee:extension/events@0.9.0' {
  export function emit(topic: string, payload: string): void
}
