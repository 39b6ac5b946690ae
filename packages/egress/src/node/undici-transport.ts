import type { Socket } from 'node:net'
import { Pool } from 'undici'
import { EgressError } from '../errors.ts'
import type { EgressTransport, TransportRequest } from '../transport.ts'
import { hostOf } from '../url/parse-target.ts'
import { type DialTarget, openConnection } from './connect.ts'
import { ExchangeHandler } from './exchange-handler.ts'

const MAX_POOLS = 256

/** How {@link createUndiciTransport} is set up. */
export interface UndiciTransportOptions {
  /**
   * PEM certificates that servers' chains must end in, *instead of* those that Node was built with; to add to those, pass
   * `[...tls.rootCertificates, own]`.
   */
  readonly roots?: string | readonly string[]
  /** Most connections per partition, origin and address. @default 16 */
  readonly maxConnections?: number
  /** @default 10_000 */
  readonly connectTimeoutMs?: number
  /** How long an idle connection is kept. @default 4_000 */
  readonly keepAliveMs?: number
  /**
   * Where a checked address is really to be found. For tests and a `DevelopmentHost` only, where nobody may listen on port
   * 443: the address was resolved and checked as in production, the name is still proven by certificate, and the last step
   * leads to a port of this machine.
   */
  readonly dial?: (address: string, port: number) => DialTarget
}

/**
 * The transport of Node: HTTP/1.1 over TCP and TLS, by undici.
 *
 * It connects to the address it is given and to no other, follows no redirect, keeps no cookie, knows no proxy and sends
 * each request once. Connections are shared only by requests of one partition to one origin at one address.
 */
export function createUndiciTransport(options: UndiciTransportOptions = {}): EgressTransport {
  const pools = new Map<string, Pool>()
  const connecting = new Set<Socket>()
  const roots = typeof options.roots === 'string' ? [options.roots] : options.roots
  const dial = options.dial ?? ((address, port) => ({ address, port }))
  let closed = false

  function openPool(request: TransportRequest, key: string): Pool {
    const { url, address, maxHeaderBytes } = request
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
    const pool = new Pool(url.origin, {
      connections: options.maxConnections ?? 16,
      pipelining: 1,
      keepAliveTimeout: options.keepAliveMs ?? 4_000,
      maxHeaderSize: maxHeaderBytes,
      // The guard's deadline covers both; the parser's own clocks are coarser.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (_options, callback) => {
        const target = dial(address, port)
        const timeoutMs = options.connectTimeoutMs ?? 10_000
        const socket = openConnection({ url, target, roots, timeoutMs }, (...result) => {
          connecting.delete(socket)
          callback(...result)
        })
        connecting.add(socket)
      },
    })
    const forgetIdle = (): void => {
      const { connected, pending, running } = pool.stats
      if (connected > 0 || pending > 0 || running > 0 || pools.get(key) !== pool) return
      pools.delete(key)
      void pool.close()
    }
    pool.on('disconnect', forgetIdle)
    pool.on('connectionError', forgetIdle)
    return pool
  }

  function poolFor(request: TransportRequest): Pool {
    const { partition, url, address, maxHeaderBytes } = request
    const key = JSON.stringify([partition, url.origin, address, maxHeaderBytes])
    const pool = pools.get(key) ?? openPool(request, key)
    // Deleted and set again, the key moves to the young end.
    pools.delete(key)
    pools.set(key, pool)
    const [oldestKey, oldest] = pools.entries().next().value ?? []
    if (pools.size > MAX_POOLS && oldestKey !== undefined && oldest !== undefined) {
      pools.delete(oldestKey)
      void oldest.close()
    }
    return pool
  }

  return {
    async send(request) {
      if (closed) {
        const host = hostOf(request.url)
        throw new EgressError('ERR_EGRESS_UNREACHABLE', `Cannot connect to "${host}": closed`, {
          host,
          reason: 'closed',
          sent: false,
        })
      }
      request.signal.throwIfAborted()
      const handler = new ExchangeHandler(request)
      poolFor(request).dispatch(
        {
          path: `${request.url.pathname}${request.url.search}`,
          method: request.method,
          headers: request.headers.flatMap(({ name, value }) => [name, value]),
          // undici takes any async iterable; its types know only Node's own.
          body: (request.body ?? null) as Uint8Array | null,
        },
        handler,
      )
      return handler.answer
    },
    async close() {
      closed = true
      const open = [...pools.values()]
      pools.clear()
      for (const socket of connecting) socket.destroy(new Error('The transport was closed'))
      await Promise.all(open.map((pool) => pool.destroy()))
    },
  }
}
