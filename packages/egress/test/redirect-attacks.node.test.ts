import type { IncomingMessage } from 'node:http'
import { type EgressHop, type EgressRequest, type EgressResponse, REDACTION } from '@morphee/egress'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openContext, textOf } from './ports.ts'
import { startWorld, type World } from './world.ts'

const TOKEN = 'tok-0123456789'
let world: World
let log: { host: string; method: string; url: string; authorization: string | undefined }[] = []
/** What `https://a.example` answers: a status and a Location. */
let redirect: (request: IncomingMessage) => [status: number, location: string] = () => [302, '/']

beforeAll(async () => {
  world = await startWorld()
  for (const host of ['a.example', 'b.example']) {
    await world.serve(host, (request, response) => {
      const { method = '', url = '', headers } = request
      log.push({ host, method, url, authorization: headers.authorization })
      if (url.startsWith('/end') || (host === 'b.example' && url !== '/back'))
        return void response.end(`end at ${host}`)
      const [status, location] =
        host === 'b.example' ? [302, 'https://a.example/end'] : redirect(request)
      response.writeHead(status, { location }).end('moved')
    })
  }
  world.loopback.dns.answer('inside.example', { addresses: ['10.0.0.7'] })
})
beforeEach(() => {
  log = []
})
afterAll(() => world.close())

function get(request: Partial<EgressRequest> = {}, context = {}): Promise<EgressResponse> {
  return world.guard().fetch(
    { url: 'https://a.example/start', ...request },
    openContext({
      credential: ({ origin }) => ({
        audience: [origin],
        headers: [{ name: 'authorization', value: `Bearer ${TOKEN}` }],
      }),
      ...context,
    }),
  )
}

describe('fetch() follows a read', () => {
  for (const status of [301, 302, 303, 307, 308]) {
    test(`through ${status}`, async () => {
      redirect = () => [status, '/end']
      const response = await get()
      expect(response).toMatchObject({ status: 200, url: 'https://a.example/end' })
      expect(log.map(({ method }) => method)).toEqual(['GET', 'GET'])
    })
  }

  test('and keeps the credential on its origin', async () => {
    redirect = () => [302, '/end']
    await get()
    expect(log.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${TOKEN}`,
      `Bearer ${TOKEN}`,
    ])
  })

  test('to another origin without the credential', async () => {
    redirect = () => [302, 'https://b.example/']
    expect(textOf((await get()).body)).toBe('end at b.example')
    expect(log[1]).toMatchObject({ host: 'b.example', authorization: undefined })
  })

  test('to another origin without what the caller brought itself', async () => {
    redirect = () => [302, 'https://b.example/']
    await get(
      { headers: [{ name: 'authorization', value: 'own' }] },
      { guestAuth: true, credential: undefined },
    )
    expect(log.map(({ authorization }) => authorization)).toEqual(['own', undefined])
  })

  test('back from another origin still without the credential', async () => {
    redirect = () => [302, 'https://b.example/back']
    await get()
    expect(log.map(({ host, authorization }) => [host, authorization !== undefined])).toEqual([
      ['a.example', true],
      ['b.example', false],
      ['a.example', false],
    ])
  })

  test('to the fragment-less form of a Location', async () => {
    redirect = () => [302, '/end#frag']
    expect((await get()).url).toBe('https://a.example/end')
  })

  test('without the parameter that overrides the method', async () => {
    redirect = () => [302, '/end?_method=DELETE']
    expect((await get()).url).toBe('https://a.example/end')
  })
})

describe('fetch() refuses a redirect', () => {
  const ROWS: [attack: string, location: string, code: string][] = [
    ['to a host inside the network', 'https://inside.example/', 'ERR_EGRESS_ADDRESS'],
    ['to loopback', 'https://127.0.0.1/', 'ERR_EGRESS_ADDRESS'],
    ['to a metadata service', 'https://169.254.169.254/latest', 'ERR_EGRESS_ADDRESS'],
    ['to IPv6 loopback', 'https://[::1]/', 'ERR_EGRESS_ADDRESS'],
    ['to an odd spelling of loopback', 'https://0x7f.1/', 'ERR_EGRESS_REDIRECT'],
    ['down to http', 'http://a.example/end', 'ERR_EGRESS_REDIRECT'],
    ['to a file', 'file:///etc/passwd', 'ERR_EGRESS_REDIRECT'],
    ['with a user name', 'https://user@a.example/end', 'ERR_EGRESS_REDIRECT'],
    ['with a backslash', '\\\\b.example/', 'ERR_EGRESS_REDIRECT'],
    ['that is no URL', 'https://', 'ERR_EGRESS_REDIRECT'],
    ['in a circle', '/start', 'ERR_EGRESS_REDIRECT'],
    ['that carries the credential away', `https://b.example/?t=${TOKEN}`, 'ERR_EGRESS_REDIRECT'],
    [
      'that carries the credential away in base64',
      `https://b.example/?t=${btoa(`x${TOKEN}`)}`,
      'ERR_EGRESS_REDIRECT',
    ],
  ]
  for (const [attack, location, code] of ROWS) {
    test(attack, async () => {
      redirect = () => [302, location]
      await expect(get()).rejects.toThrowCode(code)
      expect(log.filter(({ host }) => host === 'b.example')).toEqual([])
    })
  }

  test('that carries the credential away, and says that this is why', async () => {
    redirect = () => [302, `https://b.example/?t=${TOKEN}`]
    await expect(get()).rejects.toMatchObject({
      details: { reason: 'the redirect holds the credential' },
    })
  })

  test('to a URL that is not permitted, which is asked for again', async () => {
    redirect = () => [302, 'https://b.example/secret']
    const asked: [string, number, string | undefined][] = []
    const permit = (
      url: URL,
      _method: string,
      step: { hop: number; redirectedFrom?: URL },
    ): object => {
      asked.push([url.href, step.hop, step.redirectedFrom?.href])
      return url.host === 'a.example'
        ? { allowed: true }
        : { allowed: false, reason: 'not granted' }
    }
    await expect(get({}, { permit })).rejects.toThrowCode('ERR_EGRESS_DENIED')
    expect(asked).toEqual([
      ['https://a.example/start', 0, undefined],
      ['https://b.example/secret', 1, 'https://a.example/start'],
    ])
    expect(log).toHaveLength(1)
  })

  test('over the rate, for each hop counts', async () => {
    redirect = () => [302, '/start']
    let left = 2
    const charge = ({ kind }: { kind: string }): object =>
      kind === 'request' && left-- === 0 ? { allowed: false, reason: 'rate' } : { allowed: true }
    await expect(get({}, { charge })).rejects.toThrowCode('ERR_EGRESS_RATE')
    expect(log).toHaveLength(2)
  })

  test('after five of them', async () => {
    let n = 0
    redirect = () => [302, `/hop-${++n}`]
    await expect(get()).rejects.toMatchObject({ code: 'ERR_EGRESS_REDIRECT', details: { hops: 5 } })
    expect(log).toHaveLength(6)
  })
})

describe('fetch() hands over a redirect', () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
    for (const status of [301, 303, 307, 308]) {
      test(`of a ${method} with ${status} as an answer, and sends nothing again`, async () => {
        redirect = () => [status, '/end']
        const response = await get({ method })
        expect(response).toMatchObject({ status, url: 'https://a.example/start' })
        expect(response.headers).toContainEqual({ name: 'location', value: '/end' })
        expect(log).toHaveLength(1)
      })
    }
  }

  test('of a write with the credential cut out of its Location', async () => {
    redirect = () => [302, `https://b.example/?t=${TOKEN}`]
    const response = await get({ method: 'POST' })
    expect(response.headers).toContainEqual({
      name: 'location',
      value: `https://b.example/?t=${REDACTION}`,
    })
    expect(response.redactions).toBe(1)
  })
})

test('fetch() reports an intent and an outcome for each hop', async () => {
  redirect = () => [302, 'https://b.example/']
  const hops: string[] = []
  const onHop = (hop: EgressHop): void => {
    hops.push(
      `${hop.phase} ${hop.hop} ${hop.url.host}${hop.phase === 'outcome' ? ` ${hop.status} ${hop.error}` : ''}`,
    )
  }
  await get({}, { onHop })
  expect(hops).toEqual([
    'intent 0 a.example',
    'outcome 0 a.example 302 undefined',
    'intent 1 b.example',
    'outcome 1 b.example 200 undefined',
  ])
})
