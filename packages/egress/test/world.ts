import type { RequestListener } from 'node:http'
import { createEgress, type Egress, type EgressOptions } from '@morphee/egress'
import {
  createDnsResolver,
  createUndiciTransport,
  type UndiciTransportOptions,
} from '@morphee/egress/node'
import {
  type Loopback,
  type LoopbackServer,
  type ServeOptions,
  startLoopback,
} from '@morphee/testing'

/** Real names, certificates and servers, and a guard in front of them. */
export interface World {
  readonly loopback: Loopback
  /** Serves `https://{host}`; a host is served once. */
  serve(host: string, handler: RequestListener, options?: ServeOptions): Promise<LoopbackServer>
  guard(options?: Partial<EgressOptions>, transport?: UndiciTransportOptions): Egress
  close(): Promise<void>
}

export async function startWorld(): Promise<World> {
  const loopback = await startLoopback()
  const guards: Egress[] = []
  return {
    loopback,
    serve: (host, handler, options) => loopback.serve(host, handler, options),
    guard(options = {}, transport = {}) {
      const egress = createEgress({
        transport: createUndiciTransport({
          roots: loopback.roots,
          dial: loopback.dial,
          ...transport,
        }),
        resolver: createDnsResolver({ servers: [loopback.dns.address] }),
        allowedPrivate: loopback.allowedPrivate,
        ...options,
      })
      guards.push(egress)
      return egress
    },
    async close() {
      await Promise.all(guards.map((egress) => egress.close()))
      await loopback.close()
    },
  }
}
