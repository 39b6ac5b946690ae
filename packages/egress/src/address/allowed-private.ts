import ipaddr from 'ipaddr.js'

/** One host that may lead into one special range, by the operator's decision. */
export interface AllowedPrivate {
  /** Exact host name, or an address literal. */
  readonly host: string
  /** Such as `10.1.0.0/16` or `fd00::/8`. */
  readonly cidr: string
}

/** Whether a host may lead to an address. */
export type PrivateAddressRule = (host: string, address: string) => boolean

/** Whether `text` is a range of addresses in CIDR notation. */
export function isAddressRange(text: string): boolean {
  return ipaddr.isValidCIDR(text)
}

/**
 * Reads the operator's list once.
 *
 * The metadata services of clouds are let through by no pair; the caller has asked for that before.
 *
 * @throws TypeError when a CIDR is not one
 */
export function compileAllowedPrivate(pairs: readonly AllowedPrivate[]): PrivateAddressRule {
  const rules = pairs.map(({ host, cidr }) => {
    if (!isAddressRange(cidr)) throw new TypeError(`"${cidr}" is not an address range`)
    const [network, bits] = ipaddr.parseCIDR(cidr)
    return { host: host.toLowerCase().replace(/^\[|\]$/g, ''), network, bits }
  })
  return (host, address) => {
    const parsed = ipaddr.parse(address)
    return rules.some(
      (rule) =>
        rule.host === host &&
        rule.network.kind() === parsed.kind() &&
        parsed.match(rule.network, rule.bits),
    )
  }
}
