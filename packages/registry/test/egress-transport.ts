/** The real way to the network, as a host sets it up: the egress guard, open to loopback for the tests' registries. */
import { createEgress, type Egress } from '@morphee/egress'
import { createSystemResolver, createUndiciTransport } from '@morphee/egress/node'
import { type RegistryTransport, transportFromEgress } from '@morphee/registry'

const egress: Egress = createEgress({
  transport: createUndiciTransport(),
  resolver: createSystemResolver(),
  allowPlainHttpLoopback: true,
})

/** Every request that was permitted, hop by hop. */
export const asked: string[] = []

export const egressTransport: RegistryTransport = transportFromEgress(egress, {
  partition: 'registry',
  permit: (url, method) => {
    asked.push(`${method} ${url.origin}${url.pathname}`)
    return { allowed: true }
  },
})
