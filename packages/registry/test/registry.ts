/** A registry on loopback that can be made to lie, and a client of it that loses no time. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  createRegistryClient,
  parseReference,
  type Reference,
  type RegistryClient,
  type RegistryClientOptions,
} from '@morphee/registry'
import { type RegistryServerOptions, startRegistryServer } from '@morphee/registry-server'
import { egressTransport } from './egress-transport.ts'

export type Intercept = (
  request: IncomingMessage,
  response: ServerResponse,
) => boolean | Promise<boolean>

export interface TestRegistry {
  readonly url: string
  readonly client: RegistryClient
  /** `<registry>/acme/jira<suffix>`. */
  readonly reference: (suffix?: string) => Reference
  /** Another client of the same registry. */
  readonly connect: (options?: Partial<RegistryClientOptions>) => RegistryClient
  /** Lets `intercept` see every request from now on. */
  lie(intercept: Intercept): void
  [Symbol.asyncDispose](): Promise<void>
}

export async function startRegistry(
  options: RegistryServerOptions = {},
  clientOptions: Partial<RegistryClientOptions> = {},
): Promise<TestRegistry> {
  let intercept: Intercept = () => false
  const server = await startRegistryServer({
    ...options,
    intercept: (request, response) => intercept(request, response),
  })
  const connect = (more: Partial<RegistryClientOptions> = {}): RegistryClient =>
    createRegistryClient({ transport: egressTransport, retryDelayMs: 1, ...clientOptions, ...more })
  return {
    url: server.url,
    client: connect(),
    connect,
    reference: (suffix = '') => parseReference(`${server.registry}/acme/jira${suffix}`),
    lie: (next) => {
      intercept = next
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

/** Answers with a body whose length is said. */
export function answer(
  response: ServerResponse,
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): true {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body)
  return true
}
