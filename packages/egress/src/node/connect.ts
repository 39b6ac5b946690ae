import { connect as connectTcp, type Socket, type TcpNetConnectOpts } from 'node:net'
import { checkServerIdentity, connect as connectTls, type TLSSocket } from 'node:tls'
import { EgressError } from '../errors.ts'
import { hostOf } from '../url/parse-target.ts'

/** Where a checked address is really to be found. See {@link UndiciTransportOptions.dial}. */
export interface DialTarget {
  readonly address: string
  readonly port: number
}

/** What {@link openConnection} needs to know. */
export interface ConnectionOptions {
  readonly url: URL
  readonly target: DialTarget
  /** PEM. Without it, the roots that Node was built with. */
  readonly roots: readonly string[] | undefined
  readonly timeoutMs: number
}

/** Opens a connection to an address, and proves for `https` that the host named in the URL is at its end. */
export function openConnection(
  options: ConnectionOptions,
  done: (...result: [null, Socket] | [Error, null]) => void,
): Socket {
  const { url, timeoutMs } = options
  const host = hostOf(url)
  const secure = url.protocol === 'https:'
  const socket = secure ? startTls(options, host) : connectTcp(whereTo(options))
  let connected = false
  let settled = false
  function settle(error: Error | null): void {
    if (settled) return
    settled = true
    clearTimeout(timer)
    if (error === null) {
      socket.off('error', onError)
      done(null, socket)
    } else {
      // A late error of the dying socket has nobody to go to.
      socket.on('error', () => undefined)
      socket.destroy()
      done(error, null)
    }
  }
  function onError(error: NodeJS.ErrnoException): void {
    const reason = error.code ?? 'failed'
    settle(connected && secure ? tlsFailure(host, reason, error) : unreachable(host, reason, error))
  }
  const timer = setTimeout(() => settle(unreachable(host, 'ETIMEDOUT', undefined)), timeoutMs)
  socket.on('error', onError)
  socket.once('connect', () => {
    connected = true
    if (!secure) settle(null)
  })
  socket.once('secureConnect', () => settle(null))
  return socket
}

function startTls(options: ConnectionOptions, host: string): TLSSocket {
  const literal = options.url.hostname.startsWith('[') || /^[\d.]+$/.test(host)
  return connectTls({
    ...whereTo(options),
    // An address is no server name (RFC 6066 section 3).
    ...(literal ? {} : { servername: host }),
    ...(options.roots === undefined ? {} : { ca: [...options.roots] }),
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
    // Said here, the environment cannot turn it off.
    rejectUnauthorized: true,
    // The name in the URL, not the address that the connection goes to.
    checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
  })
}

function whereTo({ target }: ConnectionOptions): TcpNetConnectOpts {
  return { host: target.address, port: target.port, noDelay: true, keepAlive: true }
}

function tlsFailure(host: string, reason: string, cause: unknown): EgressError {
  return new EgressError(
    'ERR_EGRESS_TLS',
    `Cannot connect to "${host}": it does not prove who it is (${reason})`,
    { host, reason },
    { cause },
  )
}

function unreachable(host: string, reason: string, cause: unknown): EgressError {
  return new EgressError(
    'ERR_EGRESS_UNREACHABLE',
    `Cannot connect to "${host}": ${reason}`,
    { host, reason, sent: false },
    { cause },
  )
}
