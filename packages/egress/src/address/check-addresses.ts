import { EgressError } from '../errors.ts'
import type { PrivateAddressRule } from './allowed-private.ts'
import { specialRange } from './special-range.ts'

const MAX_ADDRESSES = 64

/** What decides about special addresses. */
export interface AddressRules {
  readonly allowedPrivate: PrivateAddressRule
  /** Whether plain `http` to loopback is open. */
  readonly plainHttpLoopback: boolean
  /** Ports of the machine itself that stay closed, however they are reached: the host's own listeners. */
  readonly closedPorts: () => Iterable<number>
}

/**
 * Refuses an answer of the resolver in which any address is special.
 *
 * Any, not all: a name that has a public and a private address is how a check on the first one is passed and the second
 * one reached.
 *
 * @throws `ERR_EGRESS_ADDRESS`
 */
export function checkAddresses(
  url: URL,
  host: string,
  addresses: readonly string[],
  rules: AddressRules,
): void {
  const plain = url.protocol === 'http:'
  if (addresses.length > MAX_ADDRESSES) refuse(host, `${addresses.length} addresses`, 'too-many')
  for (const address of addresses) {
    const range = specialRange(address)
    if (range === 'loopback' && [...rules.closedPorts()].includes(portOf(url))) {
      refuse(host, address, 'host-listener')
    }
    if (plain) {
      if (range !== 'loopback' || !rules.plainHttpLoopback)
        refuse(host, address, range ?? 'plain-http')
      continue
    }
    if (range === undefined) continue
    const never = range === 'invalid' || range === 'metadata'
    if (never || !rules.allowedPrivate(host, address)) refuse(host, address, range)
  }
}

/** The port a URL names or implies. */
function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
}

function refuse(host: string, address: string, range: string): never {
  throw new EgressError(
    'ERR_EGRESS_ADDRESS',
    `Cannot connect to "${host}": its address ${address.slice(0, 64)} is not one of the public internet (${range})`,
    { host, address: address.slice(0, 64), range },
  )
}
