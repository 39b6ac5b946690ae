import { createEgress, type Egress, type EgressOptions } from '@morphee/egress'
import { createDnsResolver, createUndiciTransport } from '@morphee/egress/node'
import type { Loopback } from '@morphee/testing'

/**
 * The network of the demo: real DNS, TLS and HTTP, all of it on loopback.
 *
 * The guard is the one of production. Only what it is handed differs: the demo's own resolver and certificate authority, and
 * leave to reach the addresses that the demo's names resolve to.
 */
export function createLoopbackEgress(
  loopback: Loopback,
  { allowedPrivate = loopback.allowedPrivate }: Pick<EgressOptions, 'allowedPrivate'> = {},
): Egress {
  return createEgress({
    resolver: createDnsResolver({ servers: [loopback.dns.address] }),
    transport: createUndiciTransport({
      roots: loopback.roots,
      dial: (address, port) =>
        address.startsWith('127.66.') ? loopback.dial(address, port) : { address, port },
    }),
    allowedPrivate,
    allowPlainHttpLoopback: true,
  })
}
