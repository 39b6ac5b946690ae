import { ComponentError } from '../errors.ts'
import type { WasiWorld } from './ports.ts'

class Network {}
class TcpSocket {}
class UdpSocket {}
class IncomingDatagramStream {}
class OutgoingDatagramStream {}
class ResolveAddressStream {}

/**
 * The interfaces of `wasi:sockets`, all of which refuse.
 *
 * They are there because toolchains import them whether a program uses them or not. A guest gets `access-denied` and no socket
 * ever exists; the host is told by name.
 */
export function createSockets({ onRefused }: WasiWorld): Readonly<Record<string, object>> {
  const refuse = (name: string) => (): never => {
    onRefused?.(`wasi:sockets/${name}`)
    throw new ComponentError('access-denied')
  }
  return {
    network: { Network, networkErrorCode: () => undefined },
    'instance-network': { instanceNetwork: () => new Network() },
    tcp: { TcpSocket },
    'tcp-create-socket': { createTcpSocket: refuse('tcp-create-socket') },
    udp: { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'udp-create-socket': { createUdpSocket: refuse('udp-create-socket') },
    'ip-name-lookup': { ResolveAddressStream, resolveAddresses: refuse('ip-name-lookup') },
  }
}
