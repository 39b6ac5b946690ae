import type { RequestListener } from 'node:http'
import {
  type CertificateAuthority,
  type CertificateOptions,
  createCertificateAuthority,
} from './certificate-authority.ts'
import { type DnsServer, startDnsServer } from './dns-server.ts'
import { type LoopbackServer, startHttpsServer } from './https-server.ts'

/** How {@link startLoopback} begins. */
export interface LoopbackOptions {
  /** Names that resolve from the start; `serve` adds the others. */
  readonly hosts?: readonly string[]
}

/** How one server differs from a good one. */
export interface ServeOptions {
  readonly certificate?: CertificateOptions
  /** Signs the server's certificate instead of the trusted authority. */
  readonly authority?: CertificateAuthority
  /** The port that clients name. @default 443 */
  readonly port?: number
}

/** A small internet on this machine: names, addresses, certificates and servers, all real, none of them outside. */
export interface Loopback {
  readonly dns: DnsServer
  /** PEM of the authority that every server's certificate comes from. */
  readonly roots: string
  /**
   * Each host known so far with the loopback address its name resolves to, for a guard that refuses loopback otherwise.
   * A guard reads it when it is made: name the hosts at the start, or serve them first.
   */
  readonly allowedPrivate: readonly { readonly host: string; readonly cidr: string }[]
  /** Where an address of this internet is really to be found; for the transport's option of the same name. */
  readonly dial: (
    address: string,
    port: number,
  ) => { readonly address: string; readonly port: number }
  /** Starts a server for `host` on a port of 127.0.0.1 and lets the host's name lead there. */
  serve(host: string, handler: RequestListener, options?: ServeOptions): Promise<LoopbackServer>
  /** Lets `address` (any, also one that looks public) lead to `server`. */
  route(address: string, server: LoopbackServer, port?: number): void
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Starts a DNS server and a certificate authority, and servers as they are asked for.
 *
 * Every host gets an address of its own in 127.66.0.0/16, and `dial` leads from address and port to the server's real
 * port. So nobody has to listen on 443, no system but Linux has to have more than one loopback address, and a client that
 * connects to another address than the one it checked is found out.
 */
export async function startLoopback(options: LoopbackOptions = {}): Promise<Loopback> {
  const [dns, authority] = await Promise.all([startDnsServer(), createCertificateAuthority()])
  const addresses = new Map<string, string>()
  const allowedPrivate: { host: string; cidr: string }[] = []
  const routes = new Map<string, number>()
  const servers: LoopbackServer[] = []

  function addressOf(host: string): string {
    const known = addresses.get(host)
    if (known !== undefined) return known
    const number = addresses.size + 1
    const address = `127.66.${number >> 8}.${number & 255}`
    addresses.set(host, address)
    allowedPrivate.push({ host, cidr: `${address}/32` })
    dns.answer(host, { addresses: [address] })
    return address
  }

  for (const host of options.hosts ?? []) addressOf(host)
  let closing: Promise<unknown> | undefined
  async function close(): Promise<void> {
    await (closing ??= Promise.all([dns.close(), ...servers.map((server) => server.close())]))
  }
  return {
    dns,
    roots: authority.root,
    allowedPrivate,
    dial(address, port) {
      const real = routes.get(`${address} ${port}`)
      // Port 1 of loopback: nobody listens there, and nothing leaves the machine.
      return { address: '127.0.0.1', port: real ?? 1 }
    },
    async serve(host, handler, { certificate, authority: issuer = authority, port = 443 } = {}) {
      const origin = port === 443 ? `https://${host}` : `https://${host}:${port}`
      const server = await startHttpsServer(origin, await issuer.issue(host, certificate), handler)
      servers.push(server)
      routes.set(`${addressOf(host)} ${port}`, server.port)
      return server
    },
    route(address, server, port = 443) {
      routes.set(`${address} ${port}`, server.port)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
