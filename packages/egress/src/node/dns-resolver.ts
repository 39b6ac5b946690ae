import { promises as dns } from 'node:dns'
import { EgressError } from '../errors.ts'
import type { Resolver } from '../transport.ts'

/** The resolver of the operating system, with its hosts file and everything. */
export function createSystemResolver(): Resolver {
  return {
    async resolve(host) {
      try {
        const answers = await dns.lookup(host, { all: true, order: 'verbatim' })
        return answers.map(({ address }) => address)
      } catch (error) {
        throw notFound(host, error)
      }
    },
  }
}

/** How {@link createDnsResolver} is set up. */
export interface DnsResolverOptions {
  /** IP addresses, with a port if it is not 53: `127.0.0.1:5353`. */
  readonly servers: readonly string[]
  /** For one try. @default 2_000 */
  readonly timeoutMs?: number
  /** @default 2 */
  readonly tries?: number
}

/** Asks the given DNS servers for A and AAAA records, and nothing else on this machine. */
export function createDnsResolver(options: DnsResolverOptions): Resolver {
  const { servers, timeoutMs = 2_000, tries = 2 } = options
  return {
    async resolve(host, signal) {
      signal.throwIfAborted()
      const resolver = new dns.Resolver({ timeout: timeoutMs, tries })
      resolver.setServers([...servers])
      const cancel = (): void => resolver.cancel()
      signal.addEventListener('abort', cancel, { once: true })
      try {
        const [v4, v6] = await Promise.allSettled([
          resolver.resolve4(host),
          resolver.resolve6(host),
        ])
        // A name with one family only answers the other with "no data", and some servers with an error.
        if (v4.status === 'rejected' && v6.status === 'rejected') throw notFound(host, v4.reason)
        return [...valueOf(v4), ...valueOf(v6)]
      } finally {
        signal.removeEventListener('abort', cancel)
      }
    },
  }
}

function valueOf(result: PromiseSettledResult<string[]>): string[] {
  return result.status === 'fulfilled' ? result.value : []
}

function notFound(host: string, cause: unknown): EgressError {
  const reason = (cause as NodeJS.ErrnoException).code ?? 'failed'
  return new EgressError(
    'ERR_EGRESS_UNREACHABLE',
    `Cannot find "${host}": ${reason}`,
    { host, reason, sent: false },
    { cause },
  )
}
