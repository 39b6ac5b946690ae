import { createEgress } from '@morphee/egress'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakeResolver, fakeTransport, openContext } from './ports.ts'

const REFUSED: [attack: string, url: string][] = [
  ['a user name that looks like the host', 'https://acme.example@evil.example/'],
  ['a user name and password', 'https://user:secret@acme.example/'],
  ['an empty user name', 'https://@acme.example/'],
  ['a backslash that ends the host for some readers', 'https://acme.example\\@evil.example/'],
  ['a backslash instead of slashes', 'https:\\\\acme.example/'],
  ['a single slash', 'https:/acme.example/'],
  ['no slash', 'https:acme.example/'],
  ['a relative URL', '/rest/api'],
  ['a protocol-relative URL', '//acme.example/'],
  ['a fragment', 'https://acme.example/#@evil.example'],
  ['an empty fragment', 'https://acme.example/#'],
  ['a tab inside the host', 'https://ac\tme.example/'],
  ['a line end in the path', 'https://acme.example/a\nb'],
  ['leading white space', ' https://acme.example/'],
  ['a space in the path', 'https://acme.example/a b'],
  ['a NUL', 'https://acme.example/\u0000'],
  ['plain http', 'http://acme.example/'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:text/plain,x'],
  ['a blob', 'blob:https://acme.example/1'],
  ['a web socket', 'wss://acme.example/'],
  ['JavaScript', 'javascript:alert(1)'],
  ['port 0', 'https://acme.example:0/'],
  ['a port beyond the last', 'https://acme.example:65536/'],
  ['a hexadecimal IPv4 address', 'https://0x7f.1/'],
  ['a hexadecimal number as IPv4 address', 'https://0x7f000001/'],
  ['a decimal number as IPv4 address', 'https://2130706433/'],
  ['an octal number as IPv4 address', 'https://017700000001/'],
  ['octal parts of an IPv4 address', 'https://0177.0.0.1/'],
  ['a short IPv4 address', 'https://127.1/'],
  ['full-width digits', 'https://１２７.0.0.1/'],
  ['an IPv4 address with a trailing dot', 'https://127.0.0.1./'],
  ['a name with a trailing dot', 'https://acme.example./'],
  ['an empty label', 'https://acme..example/'],
  ['a host in percent-encoding', 'https://%61cme.example/'],
  ['a dot in percent-encoding', 'https://acme%2eexample/'],
  ['a zone in an IPv6 address', 'https://[fe80::1%25eth0]/'],
  ['a name that is too long', `https://${'a'.repeat(64)}.example/`],
  ['too many labels', `https://${'a.'.repeat(130)}example/`],
  ['a star as host', 'https://*.example/'],
  ['a lone surrogate', 'https://acme.example/\ud800'],
  ['a URL of 9,000 characters', `https://acme.example/${'a'.repeat(9000)}`],
  ['nothing', ''],
]

function guard(plain = false): { egress: ReturnType<typeof createEgress>; sent: { url: URL }[] } {
  const transport = fakeTransport()
  const resolver = fakeResolver({ localhost: ['127.0.0.1'] })
  return {
    egress: createEgress({ transport, resolver, allowPlainHttpLoopback: plain }),
    sent: transport.sent,
  }
}

describe('fetch() refuses a URL with', () => {
  for (const [attack, url] of REFUSED) {
    test(attack, async () => {
      const { egress, sent } = guard()
      await expect(egress.fetch({ url }, openContext())).rejects.toThrowCode('ERR_EGRESS_URL')
      expect(sent).toEqual([])
    })
  }
})

describe('fetch() sends', () => {
  const SENT: [what: string, url: string, wire: string][] = [
    ['a plain URL', 'https://acme.example/a?b=c', 'https://acme.example/a?b=c'],
    ['an upper-case host in lower case', 'HTTPS://ACME.Example/A', 'https://acme.example/A'],
    ['an international name by IDNA', 'https://bücher.example/', 'https://xn--bcher-kva.example/'],
    [
      'a path whose dots are resolved before anybody is asked',
      'https://acme.example/a/../b',
      'https://acme.example/b',
    ],
    [
      'a path whose encoded dots are resolved too',
      'https://acme.example/a/%2e%2E/b',
      'https://acme.example/b',
    ],
    ['an explicit port', 'https://acme.example:8443/', 'https://acme.example:8443/'],
    [
      'a URL without what would override the method',
      'https://acme.example/?_method=DELETE&a=1',
      'https://acme.example/?a=1',
    ],
    [
      'a URL without what PHP and Rack would take for it',
      'https://acme.example/?a=%C3%A4&.method=DELETE&%5Bmethod=PUT&_method%00x=PUT&b=1;_method=PUT&c',
      'https://acme.example/?a=%C3%A4&c',
    ],
  ]
  for (const [what, url, wire] of SENT) {
    test(what, async () => {
      const { egress, sent } = guard()
      const asked: string[] = []
      const context = openContext({
        permit: (target) => {
          asked.push(target.href)
          return { allowed: true }
        },
      })
      await egress.fetch({ url }, context)
      expect(sent.map((request) => request.url.href)).toEqual([wire])
      expect(asked).toEqual([wire])
    })
  }

  test('plain http to loopback only, where that is open', async () => {
    const { egress, sent } = guard(true)
    await egress.fetch({ url: 'http://localhost:5000/v2/' }, openContext())
    expect(sent).toHaveLength(1)
    await expect(egress.fetch({ url: 'http://acme.example/' }, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_ADDRESS',
    )
  })
})

test('fetch() never sends to another origin than the one that was permitted, whatever the URL', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.webUrl({ validSchemes: ['https'], withFragments: true, withQueryParameters: true }),
        fc.string().map((text) => `https://${text}`),
        fc
          .string({
            unit: fc.constantFrom('a', '.', '@', '/', '\\', ':', '%', '2', 'e', '#', '?', '[', ']'),
          })
          .map((text) => `https://acme.example${text}`),
      ),
      async (url) => {
        const { egress, sent } = guard()
        let permitted = ''
        const context = openContext({
          permit: (target) => {
            permitted = target.href
            // A host that changes what it was asked about changes nothing.
            target.hostname = 'elsewhere.example'
            return { allowed: true }
          },
        })
        await egress
          .fetch({ url }, { ...context, guestAuth: true })
          .catch((error: { code?: string }) => {
            expect(error.code).toMatch(/^ERR_EGRESS_/)
          })
        for (const request of sent) expect(request.url.href).toBe(permitted)
      },
    ),
  )
})
