import { createSocket, type Socket } from 'node:dgram'
import type { AddressInfo } from 'node:net'
import dnsPacket, { type Answer } from 'dns-packet'

const RCODES = { SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const

/** What the server says about one name. */
export interface DnsAnswer {
  /** IPv4 and IPv6 addresses, told apart by their look. */
  readonly addresses?: readonly string[]
  /** Another name, whose addresses are added when the server knows them. */
  readonly cname?: string
  readonly rcode?: keyof typeof RCODES
  /** The server says nothing at all. */
  readonly silent?: boolean
}

/** A question that was asked. */
export interface DnsQuestion {
  readonly name: string
  readonly type: string
}

/** A DNS server over UDP on loopback, with answers by program. */
export interface DnsServer {
  /** `127.0.0.1:port`, as resolvers want it. */
  readonly address: string
  /** Every question so far. */
  readonly questions: readonly DnsQuestion[]
  /**
   * What `name` answers from now on, per record type: the first answer to the first question and so on, the last one for
   * ever. Two answers make a name that rebinds.
   */
  answer(name: string, ...answers: readonly [DnsAnswer, ...DnsAnswer[]]): void
  close(): Promise<void>
}

/** Starts a DNS server on a free UDP port of 127.0.0.1. Names it was told nothing about do not exist. */
export async function startDnsServer(): Promise<DnsServer> {
  const table = new Map<string, readonly DnsAnswer[]>()
  const asked = new Map<string, number>()
  const questions: DnsQuestion[] = []
  const socket = createSocket('udp4')

  function next(name: string, type: string): DnsAnswer {
    const answers = table.get(name)
    if (answers === undefined) return { rcode: 'NXDOMAIN' }
    const key = `${type} ${name}`
    const index = asked.get(key) ?? 0
    asked.set(key, index + 1)
    return answers[Math.min(index, answers.length - 1)] ?? {}
  }

  function recordsFor(name: string, type: string, depth = 0): Answer[] | DnsAnswer {
    const answer = next(name, type)
    if (answer.rcode !== undefined || answer.silent === true) return answer
    const records: Answer[] = (answer.addresses ?? [])
      .filter(
        (address) =>
          (type === 'AAAA') === address.includes(':') && (type === 'A' || type === 'AAAA'),
      )
      .map((data) => ({ type: type as 'A' | 'AAAA', name, ttl: 0, data }))
    if (answer.cname !== undefined) {
      records.push({ type: 'CNAME', name, ttl: 0, data: answer.cname })
      const target = depth < 8 ? recordsFor(answer.cname.toLowerCase(), type, depth + 1) : []
      if (Array.isArray(target)) records.push(...target)
    }
    return records
  }

  socket.on('message', (message, peer) => {
    const query = dnsPacket.decode(message)
    const question = query.questions?.[0]
    if (question === undefined) return
    const name = question.name.toLowerCase()
    questions.push({ name, type: question.type })
    const found = recordsFor(name, question.type)
    if (!Array.isArray(found) && found.silent === true) return
    const rcode = Array.isArray(found) ? 0 : RCODES[found.rcode ?? 'SERVFAIL']
    const reply = dnsPacket.encode({
      type: 'response',
      id: query.id ?? 0,
      flags: dnsPacket.RECURSION_DESIRED | dnsPacket.RECURSION_AVAILABLE | rcode,
      questions: [question],
      answers: Array.isArray(found) ? found : [],
    })
    socket.send(reply, peer.port, peer.address)
  })
  await listen(socket)
  return {
    address: `127.0.0.1:${(socket.address() as AddressInfo).port}`,
    questions,
    answer(name, ...answers) {
      table.set(name.toLowerCase(), answers)
      for (const key of asked.keys()) if (key.endsWith(` ${name.toLowerCase()}`)) asked.delete(key)
    },
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  }
}

function listen(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(0, '127.0.0.1', resolve)
  })
}
