import ipaddr from 'ipaddr.js'

// Reachable from inside a cloud's machines, some of them at addresses that look public.
const METADATA: ReadonlySet<string> = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
])

/**
 * Which special range `address` lies in, or `undefined` when it is an ordinary address of the public internet.
 *
 * Beside the registries' own lists (loopback, private, link-local, shared, documentation, benchmarking, multicast,
 * reserved) every IPv6 form that carries an IPv4 address is special: mapped, compatible, translated, NAT64, 6to4, Teredo,
 * ISATAP. What is no address at all is `invalid`, and a cloud's metadata service is `metadata`.
 */
export function specialRange(address: string): string | undefined {
  // Four decimal parts only: the library also reads `0x7f.1` and `2130706433`, and a resolver has no reason to say that.
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address))
    return 'invalid'
  const parsed = ipaddr.parse(address)
  if (METADATA.has(parsed.toString())) return 'metadata'
  const range = parsed.range()
  if (range !== 'unicast') return range
  return parsed instanceof ipaddr.IPv6 ? oddUnicast(parsed) : undefined
}

function oddUnicast({ parts }: ipaddr.IPv6): string | undefined {
  // Only 2000::/3 is handed out. The rest of "unicast" holds `::127.0.0.1` and whatever comes next.
  if (((parts[0] ?? 0) & 0xe000) !== 0x2000) {
    return parts.slice(0, 6).every((part) => part === 0) ? 'ipv4Compatible' : 'unassigned'
  }
  // RFC 5214: the interface identifier `[02]00:5efe` is followed by an IPv4 address.
  if (parts[5] === 0x5efe && ((parts[4] ?? 0) & ~0x0200) === 0) return 'isatap'
  return undefined
}
