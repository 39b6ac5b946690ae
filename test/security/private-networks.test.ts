// A private network that the operator opened, and a name that leads somewhere else the next time it is asked for.
import { createEgress, isAddressRange } from '@morphee/egress'
import { createDnsResolver, createUndiciTransport } from '@morphee/egress/node'
import { parsePolicyYaml } from '@morphee/manifest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTestHost, type TestHost } from '../../packages/host/test/fixture/test-host.ts'
import { type Attack, openAttack, SITE } from './attack.ts'

let a: Attack
let t: TestHost
let home: string
const stolen: string[] = []

/** Where the name leads next: past what the policy opened, into what it must never reach. */
const ELSEWHERE = [
  ['its own machine', '127.0.0.1'],
  ['its own machine over IPv6', '::1'],
  ['its own machine, mapped into IPv6', '::ffff:127.0.0.1'],
  ['the metadata of a cloud', '169.254.169.254'],
  ['another private network', '10.0.0.5'],
  ['a neighbour in the network that was opened for another name', '127.66.200.9'],
] as const

beforeAll(async () => {
  a = await openAttack()
  const { loopback } = a
  home = loopback.allowedPrivate.find(({ host }) => host === SITE)?.cidr.split('/')[0] ?? ''
  const names = [SITE]
  const thief = await loopback.serve(
    'thief.example',
    (request, response) => {
      stolen.push(request.url ?? '')
      response.end('{}')
    },
    { certificate: { names } },
  )
  // Each of them answers: if the guard let one through, it would be seen.
  for (const [, address] of ELSEWHERE) loopback.route(address, thief)
  const policy = parsePolicyYaml(
    `policy: 1
network: { private: [{ host: ${SITE}, range: ${home}/32 }, { host: other.services.example, range: 127.66.0.0/16 }] }`,
    { fileName: 'policy.yaml', isAddressRange },
  )
  const egress = createEgress({
    resolver: createDnsResolver({ servers: [loopback.dns.address] }),
    transport: createUndiciTransport({ roots: loopback.roots, dial: loopback.dial }),
  })
  t = await createTestHost({ egress, policy })
  await t.install(a.probe.wasm, { config: { site: 'acme' } })
})
afterAll(async () => {
  await t.close()
  await a.close()
})
beforeEach(() => {
  a.seen.length = 0
  stolen.length = 0
  a.answer = (_request, response) => void response.end('{}')
})

async function fetches(...paths: readonly string[]): Promise<readonly unknown[]> {
  const steps = paths.map((path) => ({ do: 'fetch', url: `https://${SITE}/api/${path}` }))
  const { output } = await t.call('acme/probe', 'read', { steps })
  return (output as { readonly results: readonly unknown[] }).results
}

const REFUSED = { failure: { message: expect.stringContaining('public internet') } }

it('the good case: a name that stays where it is, across a redirect', async () => {
  a.loopback.dns.answer(SITE, { addresses: [home] })
  a.answer = ({ url }, response) =>
    void (url === '/api/a' ? response.writeHead(302, { location: '/api/b' }) : response).end('{}')
  expect(await fetches('a')).toMatchObject([{ ok: { status: 200 } }])
  expect(a.seen.map(({ url }) => url)).toEqual(['/api/a', '/api/b'])
})

describe('a name in a private network that was opened leads to', () => {
  for (const [where, address] of ELSEWHERE) {
    const rebind = (): void =>
      a.loopback.dns.answer(SITE, { addresses: [home] }, { addresses: [address] })

    it(`${where}, once its address was checked: the address that was checked is connected to, and the next request is refused`, async () => {
      rebind()
      expect(await fetches('one', 'two')).toMatchObject([{ ok: { status: 200 } }, REFUSED])
      expect(a.seen.map(({ url }) => url)).toEqual(['/api/one'])
      expect(stolen).toEqual([])
    })

    it(`${where}, when it is redirected to itself`, async () => {
      rebind()
      a.answer = (_request, response) =>
        void response.writeHead(302, { location: '/api/next' }).end()
      expect(await fetches('one')).toMatchObject([REFUSED])
      expect(a.seen.map(({ url }) => url)).toEqual(['/api/one'])
      expect(stolen).toEqual([])
    })

    it(`${where}, beside the address that was opened`, async () => {
      a.loopback.dns.answer(SITE, { addresses: [home, address] })
      expect(await fetches('one')).toMatchObject([REFUSED])
      expect([...a.seen, ...stolen]).toEqual([])
    })
  }
})
