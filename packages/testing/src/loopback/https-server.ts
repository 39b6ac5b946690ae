import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { ServerCertificate } from './certificate-authority.ts'

/** An HTTPS server on 127.0.0.1. */
export interface LoopbackServer {
  /** As the clients under test know it: `https://acme.atlassian.net`. */
  readonly origin: string
  /** The real port on 127.0.0.1. */
  readonly port: number
  /** How many connections were accepted so far; requests of two partitions must not share one. */
  readonly connections: number
  close(): Promise<void>
}

/** Starts an HTTPS server on a free port. `handler` is Node's own: it may answer slowly, wrongly or not at all. */
export async function startHttpsServer(
  origin: string,
  certificate: ServerCertificate,
  handler: RequestListener,
): Promise<LoopbackServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer(
    { ...certificate, ALPNProtocols: ['http/1.1'] },
    (request, response) => {
      const answered: unknown = handler(request, response)
      // A handler that fails, say because the client hung up on it, hangs up in turn.
      if (answered instanceof Promise) answered.catch(() => response.destroy())
    },
  )
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  // A client that hangs up in the handshake is what some tests are about.
  server.on('tlsClientError', () => undefined)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    origin,
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}
