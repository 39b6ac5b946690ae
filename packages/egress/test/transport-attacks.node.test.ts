import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { createEgress } from '@morphee/egress'
import {
  createDnsResolver,
  createSystemResolver,
  createUndiciTransport,
} from '@morphee/egress/node'
import { createCertificateAuthority, type LoopbackServer } from '@morphee/testing'
import { encodeUtf8 } from '@morphee/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openContext, textOf } from './ports.ts'
import { startWorld, type World } from './world.ts'

let world: World
let server: LoopbackServer
const DAY = 86_400_000

beforeAll(async () => {
  world = await startWorld()
  server = await world.serve('a.example', (request, response) => {
    response.setHeader('x-sni', String((request.socket as TLSSocket).servername))
    response.setHeader('x-host', request.headers.host ?? '')
    response.end('a')
  })
})
afterAll(() => world.close())

describe('TLS:', () => {
  test('the name of the URL is in SNI and Host, whatever the address', async () => {
    const response = await world.guard().fetch({ url: 'https://a.example/' }, openContext())
    expect(response.headers).toContainEqual({ name: 'x-sni', value: 'a.example' })
    expect(response.headers).toContainEqual({ name: 'x-host', value: 'a.example' })
  })

  const ROWS: [attack: string, host: string, options: () => Promise<object>, reason: RegExp][] = [
    [
      'a certificate for another name',
      'name.example',
      async () => ({ certificate: { names: ['b.example'] } }),
      /ALTNAME/,
    ],
    [
      'a certificate for the address instead of the name',
      'ip.example',
      async () => ({ certificate: { names: ['127.0.0.1', '127.66.0.9'] } }),
      /ALTNAME/,
    ],
    [
      'a certificate with a star over two labels',
      'x.y.example',
      async () => ({ certificate: { names: ['*.example'] } }),
      /ALTNAME/,
    ],
    [
      'an expired certificate',
      'old.example',
      async () => ({
        certificate: {
          notBefore: new Date(Date.now() - 2 * DAY),
          notAfter: new Date(Date.now() - DAY),
        },
      }),
      /EXPIRED/,
    ],
    [
      'a certificate from tomorrow',
      'new.example',
      async () => ({
        certificate: {
          notBefore: new Date(Date.now() + DAY),
          notAfter: new Date(Date.now() + 2 * DAY),
        },
      }),
      /NOT_YET_VALID/,
    ],
    [
      'a certificate of a stranger',
      'other.example',
      async () => ({ authority: await createCertificateAuthority() }),
      /VERIFY|ISSUER|SELF_SIGNED|SIGNATURE/,
    ],
  ]
  for (const [attack, host, options, reason] of ROWS) {
    test(`${attack} is refused before anything is sent`, async () => {
      let asked = 0
      await world.serve(
        host,
        (_request, response) => void (asked++, response.end('leak')),
        await options(),
      )
      const sent: boolean[] = []
      const request = { url: `https://${host}/`, headers: [] }
      const context = openContext({
        onHop: (hop) => void (hop.phase === 'outcome' && sent.push(hop.sent)),
      })
      const fetched = world.guard().fetch(request, context)
      await expect(fetched).rejects.toMatchObject({
        code: 'ERR_EGRESS_TLS',
        details: { host, reason: expect.stringMatching(reason) },
      })
      expect([asked, sent]).toEqual([0, [false]])
    })
  }

  test('nothing in the environment turns the check off', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED']
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      const egress = world.guard({}, { roots: (await createCertificateAuthority()).root })
      await expect(egress.fetch({ url: 'https://a.example/' }, openContext())).rejects.toThrowCode(
        'ERR_EGRESS_TLS',
      )
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before
    }
  })

  test('the roots of Node do not hold a test authority', async () => {
    const egress = createEgress({
      transport: createUndiciTransport({ dial: world.loopback.dial }),
      resolver: createDnsResolver({ servers: [world.loopback.dns.address] }),
      allowedPrivate: world.loopback.allowedPrivate,
    })
    await expect(egress.fetch({ url: 'https://a.example/' }, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_TLS',
    )
    await egress.close()
  })

  test('a server that speaks no TLS is refused', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    )
    await once(plain, 'listening')
    const { port } = plain.address() as AddressInfo
    const egress = world.guard({}, { dial: () => ({ address: '127.0.0.1', port }) })
    await expect(egress.fetch({ url: 'https://a.example/' }, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_TLS',
    )
    plain.close()
  })

  test('a server that never finishes its handshake is left after the time for connecting', async () => {
    const sockets: Socket[] = []
    const silent = createServer(
      (socket) => void sockets.push(socket.on('error', () => undefined)),
    ).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const egress = world.guard(
      {},
      { dial: () => ({ address: '127.0.0.1', port }), connectTimeoutMs: 60 },
    )
    await expect(egress.fetch({ url: 'https://a.example/' }, openContext())).rejects.toMatchObject({
      code: 'ERR_EGRESS_UNREACHABLE',
      details: { reason: 'ETIMEDOUT', sent: false },
    })
    for (const socket of sockets) socket.destroy()
    silent.close()
  })
})

describe('names:', () => {
  test('the address that was checked is the one that is connected to, though the name changes at once', async () => {
    let inside = 0
    const target = await world.serve(
      'inside.example',
      (_request, response) => void (inside++, response.end('loot')),
      {
        certificate: { names: ['rebind.example'] },
      },
    )
    // To the first question the name is at a public address that leads to `a`, to every later one inside.
    world.loopback.route('93.184.215.14', server)
    world.loopback.route('10.0.0.1', target)
    world.loopback.dns.answer(
      'rebind.example',
      { addresses: ['93.184.215.14'] },
      { addresses: ['10.0.0.1'] },
    )
    const dialled: string[] = []
    const dial = (address: string, port: number): { address: string; port: number } => {
      dialled.push(address)
      return world.loopback.dial(address, port)
    }
    const egress = world.guard({}, { dial })
    // The certificate of `a` is not for this name, so the request ends there; what counts is where it went.
    await expect(
      egress.fetch({ url: 'https://rebind.example/' }, openContext()),
    ).rejects.toThrowCode('ERR_EGRESS_TLS')
    expect([dialled, inside]).toEqual([['93.184.215.14'], 0])
    await expect(
      egress.fetch({ url: 'https://rebind.example/' }, openContext()),
    ).rejects.toThrowCode('ERR_EGRESS_ADDRESS')
    expect([dialled, inside]).toEqual([['93.184.215.14'], 0])
  })

  test('a kept connection does not outlive the check of its address', async () => {
    const host = 'moves.example'
    const here = await world.serve(host, (_request, response) => response.end('here'))
    const egress = world.guard()
    await egress.fetch({ url: `https://${host}/` }, openContext())
    world.loopback.dns.answer(host, { addresses: ['192.168.0.1'] })
    await expect(egress.fetch({ url: `https://${host}/` }, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_ADDRESS',
    )
    expect(here.connections).toBe(1)
  })

  const ROWS: [what: string, name: string, answer: object, code: string, reason?: string][] = [
    [
      'an alias to a private address',
      'alias.example',
      { cname: 'private.example' },
      'ERR_EGRESS_ADDRESS',
    ],
    [
      'a private IPv6 address beside a public IPv4 one',
      'mixed.example',
      { addresses: ['93.184.215.14', 'fd00::1'] },
      'ERR_EGRESS_ADDRESS',
    ],
    ['no such name', 'none.example', { rcode: 'NXDOMAIN' }, 'ERR_EGRESS_UNREACHABLE', 'ENOTFOUND'],
    [
      'a server failure',
      'broken.example',
      { rcode: 'SERVFAIL' },
      'ERR_EGRESS_UNREACHABLE',
      'ESERVFAIL',
    ],
    ['a refusal', 'refused.example', { rcode: 'REFUSED' }, 'ERR_EGRESS_UNREACHABLE', 'EREFUSED'],
    ['no address', 'empty.example', { addresses: [] }, 'ERR_EGRESS_UNREACHABLE', 'ENODATA'],
  ]
  for (const [what, name, answer, code, reason] of ROWS) {
    test(`${what} ends in ${code}`, async () => {
      world.loopback.dns.answer('private.example', { addresses: ['10.0.0.5'] })
      world.loopback.dns.answer(name, answer)
      const sent = world.guard().fetch({ url: `https://${name}/` }, openContext())
      await expect(sent).rejects.toMatchObject({
        code,
        details: reason === undefined ? {} : { reason, sent: false },
      })
    })
  }

  test('a DNS server that says nothing ends at the deadline', async () => {
    world.loopback.dns.answer('silent.example', { silent: true })
    const sent = world
      .guard()
      .fetch({ url: 'https://silent.example/', timeoutMs: 80 }, openContext())
    await expect(sent).rejects.toMatchObject({
      code: 'ERR_EGRESS_TIMEOUT',
      details: { sent: false },
    })
  })

  test('an alias to a host that is allowed is followed', async () => {
    await world.serve('www.example', (_request, response) => response.end('via alias'))
    world.loopback.dns.answer('cname.example', { cname: 'www.example' })
    const resolver = createDnsResolver({ servers: [world.loopback.dns.address] })
    expect(await resolver.resolve('cname.example', new AbortController().signal)).toEqual(
      await resolver.resolve('www.example', new AbortController().signal),
    )
  })

  test('each request asks anew', async () => {
    const egress = world.guard()
    const count = (): number =>
      world.loopback.dns.questions.filter(({ name, type }) => name === 'a.example' && type === 'A')
        .length
    const before = count()
    for (let i = 0; i < 3; i++) await egress.fetch({ url: 'https://a.example/' }, openContext())
    expect(count() - before).toBe(3)
  })

  test('the system resolver knows its own machine', async () => {
    const addresses = await createSystemResolver().resolve(
      'localhost',
      new AbortController().signal,
    )
    expect(addresses.every((address) => address === '::1' || address.startsWith('127.'))).toBe(true)
  })

  test('the system resolver says so when there is no such name', async () => {
    const sent = createSystemResolver().resolve(
      'no-such-name.invalid',
      new AbortController().signal,
    )
    await expect(sent).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
  })
})

describe('connections:', () => {
  let number = 0
  async function counted(): Promise<{ host: string; server: LoopbackServer }> {
    const host = `pool-${++number}.example`
    return { host, server: await world.serve(host, (_request, response) => response.end('x')) }
  }
  const kinds: [what: string, partitions: string[], connections: number][] = [
    ['are kept within a partition', ['one', 'one', 'one'], 1],
    ['are not shared between partitions', ['one', 'two', 'one', 'two'], 2],
  ]
  for (const [what, partitions, connections] of kinds) {
    test(what, async () => {
      const { host, server: pooled } = await counted()
      const egress = world.guard()
      for (const partition of partitions)
        await egress.fetch({ url: `https://${host}/` }, openContext({ partition }))
      expect(pooled.connections).toBe(connections)
    })
  }

  test('are kept after answers without a body', async () => {
    const host = 'empty-answers.example'
    const pooled = await world.serve(host, (request, response) =>
      response.writeHead(Number(request.url!.slice(1))).end(),
    )
    const egress = world.guard()
    for (const status of [204, 304, 205, 204])
      await egress.fetch({ url: `https://${host}/${status}` }, openContext())
    expect(pooled.connections).toBe(1)
  })

  test('a write is sent once, though the kept connection breaks under it', async () => {
    const paths: string[] = []
    const host = 'once.example'
    await world.serve(host, (request, response) => {
      paths.push(`${request.method} ${request.url}`)
      if (request.method === 'POST') request.socket.destroy()
      else response.end('x')
    })
    const egress = world.guard()
    await egress.fetch({ url: `https://${host}/` }, openContext())
    const sent = egress.fetch(
      { url: `https://${host}/write`, method: 'POST', body: encodeUtf8('x') },
      openContext(),
    )
    await expect(sent).rejects.toMatchObject({
      code: 'ERR_EGRESS_UNREACHABLE',
      details: { sent: true },
    })
    expect(paths).toEqual(['GET /', 'POST /write'])
  })

  test('a second address is tried when nobody listens at the first', async () => {
    const host = 'two.example'
    const live = await world.serve(host, (_request, response) => response.end('second'))
    world.loopback.dns.answer(host, { addresses: ['93.184.215.1', '93.184.215.2'] })
    world.loopback.route('93.184.215.2', live)
    const hops: string[] = []
    const body = new Blob(['streamed']).stream()
    const response = await world
      .guard()
      .fetch(
        { url: `https://${host}/`, method: 'POST', body },
        openContext({ onHop: (hop) => void hops.push(`${hop.phase} ${hop.address}`) }),
      )
    expect(textOf(response.body)).toBe('second')
    expect(hops).toEqual([
      'intent 93.184.215.1',
      'outcome 93.184.215.1',
      'intent 93.184.215.2',
      'outcome 93.184.215.2',
    ])
  })

  test("a caller's signal ends the wait with its own reason, and the connection", async () => {
    const host = 'abort.example'
    const closed = Promise.withResolvers<void>()
    const asked = Promise.withResolvers<void>()
    await world.serve(host, (request) => {
      request.socket.once('close', () => closed.resolve())
      asked.resolve()
    })
    const caller = new AbortController()
    const reason = new Error('enough')
    const sent = world
      .guard()
      .fetch({ url: `https://${host}/`, signal: caller.signal }, openContext())
    await asked.promise
    caller.abort(reason)
    await expect(sent).rejects.toBe(reason)
    await closed.promise
  })

  test('a signal aborted with a text ends the wait and not the process', async () => {
    const host = 'abort-text.example'
    const asked = Promise.withResolvers<void>()
    await world.serve(host, () => asked.resolve())
    const caller = new AbortController()
    const sent = world
      .guard()
      .fetch({ url: `https://${host}/`, signal: caller.signal }, openContext())
    await asked.promise
    caller.abort('enough')
    await expect(sent).rejects.toBe('enough')
  })

  test('close() ends what is open and refuses what comes after', async () => {
    const host = 'closing.example'
    const asked = Promise.withResolvers<void>()
    await world.serve(host, () => asked.resolve())
    const egress = world.guard()
    const sent = egress.fetch({ url: `https://${host}/` }, openContext())
    const refused = expect(sent).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
    await asked.promise
    await egress.close()
    await refused
    await expect(egress.fetch({ url: `https://${host}/` }, openContext())).rejects.toMatchObject({
      code: 'ERR_EGRESS_UNREACHABLE',
      details: { reason: 'closed', sent: false },
    })
  })

  test('close() ends a connection that is just being made', async () => {
    const sockets: Promise<unknown>[] = []
    const silent = createServer(
      (socket) => void sockets.push(once(socket.on('error', () => undefined).resume(), 'close')),
    ).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const egress = world.guard({}, { dial: () => ({ address: '127.0.0.1', port }) })
    const refused = expect(
      egress.fetch({ url: 'https://a.example/' }, openContext()),
    ).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
    await once(silent, 'connection')
    await egress.close()
    await Promise.all(sockets)
    await refused
    silent.close()
  })
})

describe('plain http on loopback:', () => {
  const opened: { close(): unknown }[] = []
  afterEach(() => {
    for (const one of opened.splice(0)) one.close()
  })

  test('is sent where it is open', async () => {
    const { createServer: createHttp } = await import('node:http')
    const plain = createHttp((_request, response) => response.end('plain')).listen(0, '127.0.0.1')
    opened.push(plain)
    await once(plain, 'listening')
    const { port } = plain.address() as AddressInfo
    const egress = createEgress({
      transport: createUndiciTransport(),
      resolver: createSystemResolver(),
      allowPlainHttpLoopback: true,
    })
    expect(
      textOf((await egress.fetch({ url: `http://127.0.0.1:${port}/` }, openContext())).body),
    ).toBe('plain')
    expect(
      textOf(
        (
          await egress.fetch(
            { url: `http://127.0.0.1:${port}/`, method: 'PUT', body: encodeUtf8('x') },
            openContext(),
          )
        ).body,
      ),
    ).toBe('plain')
    await egress.close()
  })
})
