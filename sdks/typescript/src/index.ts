// Whoever compiles these sources, as our own tests do, needs the types of the host too.
/// <reference path="./host.d.ts" />
export { config, type Config } from './config.ts'
export {
  action,
  type AnyHandler,
  defineExtension,
  type EventHandler,
  type Extension,
  type ExtensionEvent,
  type Handler,
} from './extension.ts'
export { Failure, type FailureCode, type FailureOptions } from './failure.ts'
export { fetch, type FetchOptions } from './http/fetch.ts'
export { Headers, type HeadersInit } from './http/headers.ts'
export { Response } from './http/response.ts'
export { invocation, type Invocation } from './invocation.ts'
export { log, type Log } from './log.ts'
