import { connect } from 'node:tls'
import { promises as dns } from 'node:dns'
import { createCertificateAuthority, startDnsServer, startLoopback } from '@morphee/testing'
import { describe, expect, test } from 'vitest'

function resolverFor(address: string): dns.Resolver {
  const resolver = new dns.Resolver({ timeout: 200, tries: 1 })
  resolver.setServers([address])
  return resolver
}

describe('startDnsServer()', () => {
  test('answers what it was told, in both families, and remembers the questions', async () => {
    const server = await startDnsServer()
    server.answer('a.example', { addresses: ['1.2.3.4', '2606:4700::1'] })
    const resolver = resolverFor(server.address)
    expect(await resolver.resolve4('A.Example')).toEqual(['1.2.3.4'])
    expect(await resolver.resolve6('a.example')).toEqual(['2606:4700::1'])
    expect(server.questions).toEqual([
      { name: 'a.example', type: 'A' },
      { name: 'a.example', type: 'AAAA' },
    ])
    await server.close()
  })

  test('rebinds', async () => {
    const server = await startDnsServer()
    server.answer('a.example', { addresses: ['1.1.1.1'] }, { addresses: ['10.0.0.1'] })
    const resolver = resolverFor(server.address)
    const answers = [
      await resolver.resolve4('a.example'),
      await resolver.resolve4('a.example'),
      await resolver.resolve4('a.example'),
    ]
    expect(answers.flat()).toEqual(['1.1.1.1', '10.0.0.1', '10.0.0.1'])
    await server.close()
  })

  test('follows aliases, and survives a circle of them', async () => {
    const server = await startDnsServer()
    server.answer('www.example', { cname: 'a.example' })
    server.answer('a.example', { addresses: ['1.1.1.1'] })
    server.answer('loop.example', { cname: 'loop.example' })
    const resolver = resolverFor(server.address)
    expect(await resolver.resolve4('www.example')).toEqual(['1.1.1.1'])
    expect(await resolver.resolve4('loop.example')).toEqual([])
    await server.close()
  })

  for (const [rcode, code] of [
    ['SERVFAIL', 'ESERVFAIL'],
    ['NXDOMAIN', 'ENOTFOUND'],
    ['REFUSED', 'EREFUSED'],
  ] as const) {
    test(`says ${rcode} when told to`, async () => {
      const server = await startDnsServer()
      server.answer('a.example', { rcode })
      await expect(resolverFor(server.address).resolve4('a.example')).rejects.toMatchObject({
        code,
      })
      await server.close()
    })
  }

  test('says nothing when told to', async () => {
    const server = await startDnsServer()
    server.answer('a.example', { silent: true })
    await expect(resolverFor(server.address).resolve4('a.example')).rejects.toMatchObject({
      code: 'ETIMEOUT',
    })
    await server.close()
  })
})

describe('startLoopback()', () => {
  test('gives each host its own address, and leads it to its server', async () => {
    await using loopback = await startLoopback({ hosts: ['a.example'] })
    const [a, b] = await Promise.all([
      loopback.serve('a.example', (_request, response) => response.end('a')),
      loopback.serve('b.example', (_request, response) => response.end('b')),
    ])
    const resolver = resolverFor(loopback.dns.address)
    const [addressA, addressB] = [
      await resolver.resolve4('a.example'),
      await resolver.resolve4('b.example'),
    ]
    expect(addressA).not.toEqual(addressB)
    expect(loopback.dial(addressA[0]!, 443)).toEqual({ address: '127.0.0.1', port: a.port })
    expect(loopback.dial(addressB[0]!, 443)).toEqual({ address: '127.0.0.1', port: b.port })
    expect(loopback.allowedPrivate).toEqual([
      { host: 'a.example', cidr: `${addressA[0]}/32` },
      { host: 'b.example', cidr: `${addressB[0]}/32` },
    ])
  })

  test('may be closed twice', async () => {
    const loopback = await startLoopback()
    await loopback.close()
    await loopback.close()
  })

  test('leads an address it does not know nowhere, and never off the machine', async () => {
    await using loopback = await startLoopback()
    expect(loopback.dial('93.184.215.14', 443)).toEqual({ address: '127.0.0.1', port: 1 })
  })

  test('shows a certificate of its authority for the host', async () => {
    await using loopback = await startLoopback()
    const { port } = await loopback.serve('a.example', (_request, response) => response.end())
    const authorized = await new Promise((resolve, reject) => {
      const socket = connect(
        { port, host: '127.0.0.1', servername: 'a.example', ca: loopback.roots },
        () => {
          resolve(socket.authorized)
          socket.destroy()
        },
      ).once('error', reject)
    })
    expect(authorized).toBe(true)
  })

  test('hangs up when a handler fails', async () => {
    await using loopback = await startLoopback()
    const { port } = await loopback.serve('a.example', async () => {
      throw new Error('no')
    })
    const got = await new Promise<string>((resolve, reject) => {
      let text = ''
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: 'a.example',
        ca: loopback.roots,
      })
      socket.on('data', (chunk) => (text += chunk))
      socket.on('close', () => resolve(text)).on('error', reject)
      socket.write('GET / HTTP/1.1\r\nhost: a.example\r\n\r\n')
    })
    expect(got).toBe('')
  })
})

test('createCertificateAuthority() makes another authority each time', async () => {
  const [one, two] = await Promise.all([createCertificateAuthority(), createCertificateAuthority()])
  expect(one.root).not.toBe(two.root)
  expect(one.root).toMatch(/^-----BEGIN CERTIFICATE-----/)
})
