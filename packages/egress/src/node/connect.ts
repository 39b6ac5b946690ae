import { connect as connectTcp, type Socket } from 'node:net'
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
export function openConnection(options: ConnectionOptions): Promise<Socket | TLSSocket> {
  const { url, target, roots, timeoutMs } = options
  const host = hostOf(url)
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const literal = url.hostname.startsWith('[') || /^[\d.]+$/.test(url.hostname)
  const where = { host: target.address, port: target.port, noDelay: true, keepAlive: true }
  const socket =
    url.protocol === 'https:'
      ? connectTls({
          ...where,
          ...(literal ? {} : { servername: host }),
          ...(roots === undefined ? {} : { ca: [...roots] }),
          ALPNProtocols: ['http/1.1'],
          minVersion: 'TLSv1.2',
          // Said here, the environment cannot turn it off.
          rejectUnauthorized: true,
          // The name in the URL, not the address that the connection goes to.
          checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
        })
      : connectTcp(where)
  const timer = setTimeout(() => {
    socket.destroy()
    reject(unreachable(host, 'ETIMEDOUT', undefined))
  }, timeoutMs)
  let open = false
  socket.once('connect', () => {
    open = true
  })
  socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => resolve(socket))
  const onError = (error: NodeJS.ErrnoException): void => {
    reject(
      open && url.protocol === 'https:'
        ? tlsFailure(host, error)
        : unreachable(host, error.code ?? 'failed', error),
    )
  }
  socket.once('error', onError)
  return promise.finally(() => {
    clearTimeout(timer)
    socket.off('error', onError)
  })
}

function tlsFailure(host: string, cause: NodeJS.ErrnoException): EgressError {
  const reason = cause.code ?? 'failed'
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
