import { createEgress, specialRange } from '@morphee/egress'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeResolver, fakeTransport, openContext } from './ports.ts'

const SPECIAL: [what: string, address: string][] = [
  ['loopback', '127.0.0.1'],
  ['all of loopback', '127.255.255.254'],
  ['this network', '0.0.0.0'],
  ['a host of this network', '0.1.2.3'],
  ['private 10/8', '10.0.0.1'],
  ['private 172.16/12', '172.31.255.255'],
  ['private 192.168/16', '192.168.1.1'],
  ['shared by carriers', '100.64.0.1'],
  ['link-local', '169.254.1.1'],
  ['a cloud metadata service', '169.254.169.254'],
  ['a metadata service at a public address', '168.63.129.16'],
  ['a metadata service in 192.0.0/24', '192.0.0.192'],
  ['protocol assignments', '192.0.0.8'],
  ['documentation', '192.0.2.1'],
  ['6to4 relays', '192.88.99.1'],
  ['benchmarking', '198.18.0.1'],
  ['the second half of benchmarking', '198.19.255.255'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 unspecified', '::'],
  ['IPv6 loopback', '::1'],
  ['IPv6 link-local', 'fe80::1'],
  ['IPv6 site-local', 'fec0::1'],
  ['IPv6 unique local', 'fd12:3456::1'],
  ['IPv6 metadata', 'fd00:ec2::254'],
  ['IPv6 multicast', 'ff02::1'],
  ['IPv6 documentation', '2001:db8::1'],
  ['IPv6 newer documentation', '3fff::1'],
  ['IPv6 discard', '100::1'],
  ['IPv6 benchmarking', '2001:2::1'],
  ['IPv6 outside of what is handed out', '4000::1'],
  ['segment routing', '5f00::1'],
  ['v4-mapped loopback', '::ffff:127.0.0.1'],
  ['v4-mapped in hexadecimal', '::ffff:7f00:1'],
  ['v4-mapped public', '::ffff:8.8.8.8'],
  ['v4-compatible loopback', '::127.0.0.1'],
  ['v4-compatible private', '::a00:1'],
  ['v4-translated', '::ffff:0:7f00:1'],
  ['NAT64 of loopback', '64:ff9b::7f00:1'],
  ['NAT64 of metadata', '64:ff9b::a9fe:a9fe'],
  ['local NAT64', '64:ff9b:1::1'],
  ['6to4 of loopback', '2002:7f00:1::'],
  ['Teredo', '2001:0:7f00:1::1'],
  ['ISATAP of private', '2a00:1450::5efe:a00:1'],
  ['ISATAP with the universal bit', '2a00:1450::200:5efe:a00:1'],
  ['IPv6 with a zone', 'fe80::1%eth0'],
  ['an odd spelling', '0x7f.1'],
  ['a number', '2130706433'],
  ['octal', '0177.0.0.1'],
  ['a name', 'localhost'],
  ['nothing', ''],
]
const PUBLIC = [
  '93.184.215.14',
  '1.1.1.1',
  '100.128.0.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2a00:1450:4001::200e',
]

async function resolvesTo(
  ...addresses: string[]
): Promise<{ code: string | undefined; sent: number }> {
  const transport = fakeTransport()
  const egress = createEgress({ transport, resolver: fakeResolver({ 'a.example': addresses }) })
  const error = await egress.fetch({ url: 'https://a.example/' }, openContext()).then(
    () => undefined,
    (thrown: { code: string }) => thrown.code,
  )
  return { code: error, sent: transport.sent.length }
}

describe('fetch() refuses a name that leads to', () => {
  for (const [what, address] of SPECIAL) {
    test(what, async () => {
      expect(specialRange(address)).toBeTypeOf('string')
      expect(await resolvesTo(address)).toEqual({ code: 'ERR_EGRESS_ADDRESS', sent: 0 })
      // Hidden behind an address that is fine.
      expect(await resolvesTo('93.184.215.14', address)).toEqual({
        code: 'ERR_EGRESS_ADDRESS',
        sent: 0,
      })
    })
  }

  test('more addresses than anybody needs', async () => {
    const many = Array.from({ length: 65 }, (_, i) => `1.1.1.${i}`)
    expect(await resolvesTo(...many)).toEqual({ code: 'ERR_EGRESS_ADDRESS', sent: 0 })
  })
})

describe('fetch() refuses the address literal', () => {
  for (const url of [
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[0:0:0:0:0:ffff:7f00:0001]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[64:ff9b::10.0.0.1]/',
  ]) {
    test(url, async () => {
      const transport = fakeTransport()
      const egress = createEgress({ transport, resolver: fakeResolver() })
      await expect(egress.fetch({ url }, openContext())).rejects.toThrowCode('ERR_EGRESS_ADDRESS')
      expect(transport.sent).toEqual([])
    })
  }
})

describe('specialRange()', () => {
  for (const address of PUBLIC) {
    test(`lets ${address} pass`, async () => {
      expect(specialRange(address)).toBeUndefined()
      expect(await resolvesTo(address)).toEqual({ code: undefined, sent: 1 })
    })
  }

  test('finds every IPv6 form that carries an IPv4 address special', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff }), fc.nat({ max: 0xffff }), (high, low) => {
        const [a, b] = [high.toString(16), low.toString(16)]
        for (const form of [
          `::ffff:${a}:${b}`,
          `::${a}:${b}`,
          `64:ff9b::${a}:${b}`,
          `2002:${a}:${b}::1`,
        ]) {
          expect(specialRange(form)).toBeTypeOf('string')
        }
      }),
    )
  })
})

describe('allowedPrivate', () => {
  const pairs = [{ host: 'wiki.example', cidr: '10.1.0.0/16' }]
  const rows: [what: string, host: string, addresses: string[], passes: boolean][] = [
    ['lets its host reach its range', 'wiki.example', ['10.1.2.3'], true],
    ['does not let it out of the range', 'wiki.example', ['10.2.0.1'], false],
    ['does not let another host in', 'evil.example', ['10.1.2.3'], false],
    ['does not cover a second address', 'wiki.example', ['10.1.2.3', '127.0.0.1'], false],
    ['does not cover the same address in another form', 'wiki.example', ['::ffff:10.1.2.3'], false],
  ]
  for (const [what, host, addresses, passes] of rows) {
    test(what, async () => {
      const transport = fakeTransport()
      const resolver = fakeResolver({ [host]: addresses })
      const egress = createEgress({ transport, resolver, allowedPrivate: pairs })
      const sent = egress.fetch({ url: `https://${host}/` }, openContext())
      if (passes) await sent
      else await expect(sent).rejects.toThrowCode('ERR_EGRESS_ADDRESS')
      expect(transport.sent).toHaveLength(passes ? 1 : 0)
    })
  }

  test('never opens a metadata service', async () => {
    const egress = createEgress({
      transport: fakeTransport(),
      resolver: fakeResolver({ 'a.example': ['169.254.169.254'] }),
      allowedPrivate: [{ host: 'a.example', cidr: '0.0.0.0/0' }],
    })
    await expect(egress.fetch({ url: 'https://a.example/' }, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_ADDRESS',
    )
  })

  test('is refused at once when a range is none', () => {
    const options = { transport: fakeTransport(), resolver: fakeResolver() }
    expect(() =>
      createEgress({ ...options, allowedPrivate: [{ host: 'a', cidr: '10.1' }] }),
    ).toThrow(TypeError)
  })

  test("does not open the host's own listeners", async () => {
    const transport = fakeTransport()
    const egress = createEgress({
      transport,
      resolver: fakeResolver({ 'dev.example': ['127.0.0.1'] }),
      allowedPrivate: [{ host: 'dev.example', cidr: '127.0.0.0/8' }],
      closedLoopbackPorts: () => [8443],
    })
    await expect(
      egress.fetch({ url: 'https://dev.example:8443/' }, openContext()),
    ).rejects.toThrowCode('ERR_EGRESS_ADDRESS')
    await egress.fetch({ url: 'https://dev.example:9443/' }, openContext())
    expect(transport.sent).toHaveLength(1)
  })
})
