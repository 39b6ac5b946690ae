import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRegistryHandler, type RegistryHandlerOptions } from './handler.ts'

/** Where {@link startRegistryServer} listens, and how the registry behaves. */
export interface RegistryServerOptions extends RegistryHandlerOptions {
  /** TCP port; 0 takes a free one. @default 0 */
  readonly port?: number
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string
}

/** A registry that listens. */
export interface RegistryServer {
  /** Such as `http://127.0.0.1:5000`. */
  readonly url: string
  /** What references to it start with, such as `127.0.0.1:5000`. */
  readonly registry: string
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a small OCI registry over plain HTTP, meant for loopback; behind TLS use `createRegistryHandler`.
 *
 * @example
 * ```ts
 * await using registry = await startRegistryServer()
 * console.log(`${registry.registry}/acme/jira:1.0.0`)
 * ```
 */
export async function startRegistryServer(
  options: RegistryServerOptions = {},
): Promise<RegistryServer> {
  const handler = await createRegistryHandler(options)
  let registry = ''
  let names: readonly string[] = []
  const server = createServer((request, response) => {
    // A page in a browser reaches loopback too; by DNS rebinding even under its own name. No registry client sends either of these.
    const name = request.headers.host ?? ''
    const isStranger = names.length > 0 ? !names.includes(name) : !/^[\w.:[\]-]{1,300}$/.test(name)
    if (isStranger || request.headers.origin !== undefined) {
      response.writeHead(421, { 'content-length': 0, connection: 'close' }).end()
      return
    }
    void handler.handle(request, response, `http://${name}`)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve)
  })
  const { address, family, port } = server.address() as AddressInfo
  registry = `${family === 'IPv6' ? `[${address}]` : address}:${port}`
  const isLoopback = address === '::1' || address.startsWith('127.')
  if (isLoopback) names = [registry, `localhost:${port}`]
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    await closed
    await handler.close()
  }
  return { url: `http://${registry}`, registry, close, [Symbol.asyncDispose]: close }
}
