import { createEgress, type EgressContext } from '@morphee/egress'
import { describe, expect, test } from 'vitest'
import { fakeResolver, fakeTransport, openContext } from './ports.ts'

const AUDIENCE = ['https://a.example']
type Step = 'permit' | 'charge' | 'resolve' | 'credential' | 'intent' | 'send' | 'outcome'

/** Runs one request in which `refusing` says no, and tells what happened in which order. */
async function run(
  refusing?: Step,
  addresses = ['93.184.215.14'],
): Promise<{ steps: Step[]; error: any }> {
  const steps: Step[] = []
  const fail = (step: Step): void => {
    steps.push(step)
    if (step === refusing) throw new Error(step)
  }
  const context: EgressContext = openContext({
    permit: () => {
      steps.push('permit')
      return refusing === 'permit'
        ? { allowed: false, reason: 'no', refusedBy: 'grant' }
        : { allowed: true }
    },
    charge: ({ kind }) => {
      if (kind === 'request') steps.push('charge')
      return refusing === 'charge'
        ? { allowed: false, reason: 'too often', retryAfterMs: 5 }
        : { allowed: true }
    },
    credential: () => {
      fail('credential')
      return { audience: AUDIENCE, headers: [{ name: 'authorization', value: 'Bearer abcdefgh' }] }
    },
    onHop: ({ phase }) => fail(phase),
  })
  const transport = fakeTransport(() => {
    fail('send')
    return {}
  })
  const resolver = {
    resolve: async () => {
      fail('resolve')
      return addresses
    },
  }
  const egress = createEgress({ transport, resolver })
  const error = await egress.fetch({ url: 'https://a.example/x' }, context).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { steps, error }
}

describe('fetch() keeps its order:', () => {
  test('permission, rate, name, credential, intent, wire, outcome', async () => {
    const { steps, error } = await run()
    expect(error).toBeUndefined()
    expect(steps).toEqual([
      'permit',
      'charge',
      'resolve',
      'credential',
      'intent',
      'send',
      'outcome',
    ])
  })

  test('what is not permitted is not even looked up', async () => {
    const { steps, error } = await run('permit')
    expect(steps).toEqual(['permit'])
    expect(error).toMatchObject({
      code: 'ERR_EGRESS_DENIED',
      message: 'Cannot send GET https://a.example/x: no',
      details: { refusedBy: 'grant', method: 'GET', url: 'https://a.example/x' },
    })
  })

  test('what is over the rate is not looked up', async () => {
    const { steps, error } = await run('charge')
    expect(steps).toEqual(['permit', 'charge'])
    expect(error).toMatchObject({ code: 'ERR_EGRESS_RATE', details: { retryAfterMs: 5 } })
  })

  test('no credential is read for a special address', async () => {
    const { steps, error } = await run(undefined, ['10.0.0.1'])
    expect(steps).toEqual(['permit', 'charge', 'resolve'])
    expect(error).toMatchObject({
      code: 'ERR_EGRESS_ADDRESS',
      details: { range: 'private', host: 'a.example' },
    })
  })

  test('nothing is sent when the intent cannot be written', async () => {
    const { steps, error } = await run('intent')
    expect(steps).toEqual(['permit', 'charge', 'resolve', 'credential', 'intent'])
    expect(error.message).toBe('intent')
  })

  test('an intent that was written gets its outcome when sending fails', async () => {
    const { steps } = await run('send')
    expect(steps.slice(-3)).toEqual(['intent', 'send', 'outcome'])
  })
})

describe('fetch() passes on', () => {
  test("the reason of the caller's signal, while a person is asked", async () => {
    const caller = new AbortController()
    const egress = createEgress({ transport: fakeTransport(), resolver: fakeResolver() })
    const reason = new Error('no longer wanted')
    const sent = egress.fetch(
      { url: 'https://a.example/', signal: caller.signal },
      openContext({
        permit: () => {
          queueMicrotask(() => caller.abort(reason))
          return new Promise(() => undefined)
        },
      }),
    )
    await expect(sent).rejects.toBe(reason)
  })

  test('the reason of a signal that is aborted already, and asks nobody', async () => {
    const egress = createEgress({ transport: fakeTransport(), resolver: fakeResolver() })
    const reason = new Error('too late')
    const context = openContext({ permit: () => expect.unreachable() })
    const signal = AbortSignal.abort(reason)
    await expect(egress.fetch({ url: 'https://a.example/', signal }, context)).rejects.toBe(reason)
  })

  test('an approval that takes longer than the deadline, without counting the wait', async () => {
    const egress = createEgress({ transport: fakeTransport(), resolver: fakeResolver() })
    const approved = Promise.withResolvers<{ allowed: true }>()
    setTimeout(() => approved.resolve({ allowed: true }), 60)
    const response = await egress.fetch(
      { url: 'https://a.example/', timeoutMs: 30 },
      openContext({ permit: () => approved.promise }),
    )
    expect(response.status).toBe(200)
  })

  test('a deadline of more milliseconds than a timer can count', async () => {
    const egress = createEgress({ transport: fakeTransport(), resolver: fakeResolver() })
    const later = new Promise<{ allowed: true }>((resolve) => {
      setTimeout(() => resolve({ allowed: true }), 20)
    })
    const request = { url: 'https://a.example/', timeoutMs: 2 ** 40 }
    const response = await egress.fetch(request, openContext({ charge: () => later }))
    expect(response.status).toBe(200)
  })
})

test('fetch() ends the wait for a resolver that never answers', async () => {
  const egress = createEgress({
    transport: fakeTransport(),
    resolver: { resolve: () => new Promise(() => undefined) },
  })
  await expect(
    egress.fetch({ url: 'https://a.example/', timeoutMs: 20 }, openContext()),
  ).rejects.toMatchObject({
    code: 'ERR_EGRESS_TIMEOUT',
    details: { host: 'a.example', timeoutMs: 20, sent: false },
  })
})

test('fetch() refuses a credential whose audience is another origin', async () => {
  for (const audience of [
    'https://b.example',
    'https://a.example:8443',
    'http://a.example',
    'https://a.example.evil.example',
    'a.example',
    'https://a.example/',
  ]) {
    const transport = fakeTransport()
    const egress = createEgress({ transport, resolver: fakeResolver() })
    const context = openContext({
      credential: () => ({
        audience: [audience],
        headers: [{ name: 'authorization', value: 'x' }],
      }),
    })
    await expect(egress.fetch({ url: 'https://a.example/' }, context)).rejects.toThrowCode(
      'ERR_EGRESS_AUDIENCE',
    )
    expect(transport.sent).toEqual([])
  }
})

test('fetch() tries the next address only while nothing was sent', async () => {
  const { EgressError } = await import('@morphee/egress')
  for (const [sent, attempts] of [
    [false, 2],
    [true, 1],
  ] as const) {
    const addresses: string[] = []
    const hops: string[] = []
    const egress = createEgress({
      resolver: fakeResolver({ 'a.example': ['1.1.1.1', '1.1.1.2'] }),
      transport: {
        async send({ address, onSend }) {
          addresses.push(address)
          if (sent) onSend()
          throw new EgressError('ERR_EGRESS_UNREACHABLE', 'Gone', {
            host: 'a.example',
            reason: 'X',
            sent,
          })
        },
        close: async () => undefined,
      },
    })
    const request = { url: 'https://a.example/', method: 'POST', body: new Uint8Array(3) }
    const context = openContext({
      onHop: (hop) =>
        void hops.push(
          hop.phase === 'intent' ? hop.address : `${hop.error} ${hop.sent} ${hop.bytesSent > 0}`,
        ),
    })
    await expect(egress.fetch(request, context)).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
    expect(addresses).toHaveLength(attempts)
    expect(hops).toEqual(
      addresses.flatMap((address) => [address, `ERR_EGRESS_UNREACHABLE ${sent} ${sent}`]),
    )
  }
})

test('fetch() ends at the deadline though the transport does not notice it', async () => {
  const transport = {
    send: async () => ({
      status: 200,
      headers: [],
      body: new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) }),
    }),
    close: async () => undefined,
  }
  const egress = createEgress({ transport, resolver: fakeResolver() })
  await expect(
    egress.fetch({ url: 'https://a.example/', timeoutMs: 20 }, openContext()),
  ).rejects.toThrowCode('ERR_EGRESS_TIMEOUT')
})

test('fetch() sends what was checked, though whoever is told changes what it is told', async () => {
  const transport = fakeTransport()
  const egress = createEgress({ transport, resolver: fakeResolver() })
  const elsewhere = (url: URL): void => {
    url.hostname = 'elsewhere.example'
  }
  const context = openContext({
    onHop: ({ url }) => elsewhere(url),
    charge: (charge) => {
      if (charge.kind === 'request') elsewhere(charge.url)
      return { allowed: true }
    },
    credential: (url) => {
      elsewhere(url)
      return undefined
    },
  })
  const response = await egress.fetch({ url: 'https://a.example/' }, context)
  expect(transport.sent.map(({ url }) => url.host)).toEqual(['a.example'])
  expect(response.url).toBe('https://a.example/')
})
