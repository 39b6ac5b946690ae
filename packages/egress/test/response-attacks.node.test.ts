import type { IncomingMessage, ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { type EgressHop, type EgressRequest, type EgressResponse, REDACTION } from '@morphee/egress'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openContext, textOf } from './ports.ts'
import { startWorld, type World } from './world.ts'

let world: World
let answer: (request: IncomingMessage, response: ServerResponse) => void

beforeAll(async () => {
  world = await startWorld()
  await world.serve('a.example', (request, response) => answer(request, response))
})
afterAll(() => world.close())

function get(request: Partial<EgressRequest> = {}, context = {}): Promise<EgressResponse> {
  return world.guard().fetch({ url: 'https://a.example/', ...request }, openContext(context))
}

/** Answers with these bytes, just as they are. */
function raw(...parts: (string | Buffer)[]): typeof answer {
  return (_request, { socket }) => {
    for (const part of parts) socket?.write(part)
    socket?.end()
  }
}

function encoded(coding: string, body: Buffer): typeof answer {
  return (_request, response) => response.writeHead(200, { 'content-encoding': coding }).end(body)
}

const TEXT = 'Ünïcode '.repeat(1000)
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024))

describe('fetch() decompresses', () => {
  const ROWS: [coding: string, body: Buffer][] = [
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['GZIP', gzipSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateRawSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['identity', Buffer.from(TEXT)],
  ]
  for (const [index, [coding, body]] of ROWS.entries()) {
    test(`${coding} (${index})`, async () => {
      answer = encoded(coding, body)
      const response = await get()
      expect(textOf(response.body)).toBe(TEXT)
      if (coding !== 'identity') {
        expect(response.headers.map(({ name }) => name)).not.toContain('content-encoding')
        expect(response.headers.map(({ name }) => name)).not.toContain('content-length')
      }
    })
  }

  test('nothing when it is told not to, and asks for nothing', async () => {
    let asked: unknown
    answer = (request, response) => {
      asked = request.headers['accept-encoding']
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'))
    }
    const response = await get({ decompress: false })
    expect(asked).toBe('identity')
    expect(response.body).toEqual(new Uint8Array(gzipSync('x')))
    expect(response.headers).toContainEqual({ name: 'content-encoding', value: 'gzip' })
  })

  test('nothing in an answer without a body', async () => {
    answer = (_request, response) => response.writeHead(304, { 'content-encoding': 'gzip' }).end()
    expect((await get()).body).toEqual(new Uint8Array(0))
  })
})

describe('fetch() refuses', () => {
  const LIMIT = 100_000
  const ROWS: [attack: string, answer: typeof answer, code: string, details?: object][] = [
    [
      'a body that says it is too large, before its first byte',
      (_request, response) =>
        void response.writeHead(200, { 'content-length': String(LIMIT + 1) }).flushHeaders(),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      { part: 'wire', limit: LIMIT },
    ],
    [
      'a body without end',
      (_request, response) => {
        const write = (): void => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        }
        response.on('drain', write)
        write()
      },
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      { part: 'wire', limit: LIMIT },
    ],
    [
      'a gzip bomb',
      encoded('gzip', BOMB),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      { part: 'body', limit: LIMIT },
    ],
    [
      'a deflate bomb',
      encoded('deflate', deflateSync(Buffer.alloc(8 << 20))),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
    ],
    [
      'a brotli bomb',
      encoded('br', brotliCompressSync(Buffer.alloc(8 << 20))),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
    ],
    [
      'compression on top of compression',
      encoded('gzip, gzip', gzipSync(BOMB)),
      'ERR_EGRESS_RESPONSE',
      { reason: 'content-encoding' },
    ],
    [
      'a coding that nobody asked for',
      encoded('zstd', Buffer.from('x')),
      'ERR_EGRESS_RESPONSE',
      { reason: 'content-encoding' },
    ],
    [
      'gzip that is none',
      encoded('gzip', Buffer.from('no gzip at all')),
      'ERR_EGRESS_RESPONSE',
      { reason: 'compression' },
    ],
    [
      'gzip that ends too early',
      encoded('gzip', gzipSync(TEXT).subarray(0, 60)),
      'ERR_EGRESS_RESPONSE',
      { reason: 'compression' },
    ],
    [
      'gzip with a wrong checksum',
      encoded('gzip', corrupt(gzipSync(TEXT), -6)),
      'ERR_EGRESS_RESPONSE',
      { reason: 'compression' },
    ],
    [
      'gzip with something behind it',
      encoded('gzip', Buffer.concat([gzipSync('x'), Buffer.from('tail')])),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'a body shorter than its length',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc'),
      'ERR_EGRESS_UNREACHABLE',
      { sent: true },
    ],
    [
      'chunks that break off',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc'),
      'ERR_EGRESS_UNREACHABLE',
      { sent: true },
    ],
    [
      'a chunk without a size',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\nabc\r\n'),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'both a length and chunks',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'two lengths',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc'),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'a length that is no number',
      raw('HTTP/1.1 200 OK\r\ncontent-length: abc\r\n\r\nabc'),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'a header folded over two lines',
      raw('HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\ncontent-length: 0\r\n\r\n'),
      'ERR_EGRESS_RESPONSE',
    ],
    [
      'a header with a NUL',
      raw('HTTP/1.1 200 OK\r\nx-a: \u0000\r\ncontent-length: 0\r\n\r\n'),
      'ERR_EGRESS_RESPONSE',
    ],
    ['another protocol', raw('SSH-2.0-OpenSSH_9.2\r\n'), 'ERR_EGRESS_RESPONSE'],
    ['silence and a hang-up', raw(), 'ERR_EGRESS_UNREACHABLE', { sent: true }],
    [
      'headers without end',
      raw('HTTP/1.1 200 OK\r\n', `x-a: ${'a'.repeat(70_000)}\r\n\r\n`),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      { part: 'headers' },
    ],
    [
      'more headers than anybody needs',
      raw(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(300)}content-length: 0\r\n\r\n`),
      'ERR_EGRESS_RESPONSE_TOO_LARGE',
      { part: 'headers' },
    ],
    [
      'an upgrade that nobody asked for',
      raw('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
      'ERR_EGRESS_UNREACHABLE',
    ],
  ]
  for (const [attack, behaviour, code, details] of ROWS) {
    test(attack, async () => {
      answer = behaviour
      const sent = get({ maxResponseBytes: LIMIT })
      await expect(sent).rejects.toThrowCode(code)
      await sent.catch((error: { details: object }) =>
        expect(error.details).toMatchObject(details ?? {}),
      )
    })
  }

  const SLOW: [attack: string, answer: typeof answer][] = [
    ['never answers', () => undefined],
    [
      'stops in its headers',
      (_request, { socket }) => void socket?.write('HTTP/1.1 200 OK\r\nx-a: '),
    ],
    [
      'stops in its body',
      (_request, response) => void response.writeHead(200, { 'content-length': '9' }).write('abc'),
    ],
    [
      'stops in its compressed body',
      (_request, response) =>
        void response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .write(gzipSync(TEXT).subarray(0, 30)),
    ],
    [
      'drips',
      (_request, response) => {
        const timer = setInterval(() => response.write('.'), 5)
        response.on('close', () => clearInterval(timer))
      },
    ],
    [
      'sends interim answers without end',
      (_request, { socket }) => {
        const timer = setInterval(() => socket?.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 5)
        socket?.on('close', () => clearInterval(timer))
      },
    ],
  ]
  for (const [attack, behaviour] of SLOW) {
    test(`a server that ${attack}, at the deadline`, async () => {
      answer = behaviour
      const outcomes: unknown[] = []
      const onHop = (hop: EgressHop): void => {
        if (hop.phase === 'outcome') outcomes.push(hop.error)
      }
      await expect(get({ timeoutMs: 150 }, { onHop })).rejects.toMatchObject({
        code: 'ERR_EGRESS_TIMEOUT',
        details: { host: 'a.example', timeoutMs: 150, sent: true },
      })
      expect(outcomes).toEqual(['ERR_EGRESS_TIMEOUT'])
    })
  }

  test('what is over the bandwidth, in the middle of the body', async () => {
    answer = (_request, response) => response.end(Buffer.alloc(1 << 20))
    let quota = 300_000
    const charge = (moved: { kind: string; received?: number }): object => {
      quota -= moved.received ?? 0
      return quota > 0 ? { allowed: true } : { allowed: false, reason: 'bandwidth' }
    }
    await expect(get({}, { charge })).rejects.toThrowCode('ERR_EGRESS_RATE')
  })
})

describe('fetch() hands over', () => {
  test('no cookies and no headers of the connection', async () => {
    answer = raw(
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nset-cookie2: b\r\nConnection: close\r\nKeep-Alive: x\r\nAlt-Svc: h3\r\n',
      'Proxy-Authenticate: Basic\r\nETag: "1"\r\nLink: <x>; rel="next"\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 2\r\n\r\nok',
    )
    expect((await get()).headers).toEqual([
      { name: 'etag', value: '"1"' },
      { name: 'link', value: '<x>; rel="next"' },
      { name: 'x-two', value: '1' },
      { name: 'x-two', value: '2' },
      { name: 'content-length', value: '2' },
    ])
  })

  for (const status of [204, 304, 401, 404, 410, 412, 429, 500, 503]) {
    test(`status ${status} as an answer`, async () => {
      answer = (_request, response) => void response.writeHead(status, { 'retry-after': '7' }).end()
      const outcomes: unknown[] = []
      const onHop = (hop: EgressHop): void => {
        if (hop.phase === 'outcome') outcomes.push(hop.retryAfterMs)
      }
      const response = await get({}, { onHop })
      expect(response.status).toBe(status)
      expect(response.headers).toContainEqual({ name: 'retry-after', value: '7' })
      expect(outcomes).toEqual([status === 429 || status === 503 ? 7000 : undefined])
    })
  }

  test('the answer behind an early hint', async () => {
    answer = raw(
      'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
    )
    const response = await get()
    expect([response.status, textOf(response.body)]).toEqual([200, 'ok'])
  })

  test('an empty body for HEAD, whatever length it tells', async () => {
    answer = (_request, response) =>
      response.writeHead(200, { 'content-length': '123456789' }).end()
    const response = await get({ method: 'HEAD', maxResponseBytes: 10 })
    expect(response.body).toHaveLength(0)
    expect(response.headers).toContainEqual({ name: 'content-length', value: '123456789' })
  })

  test('a second answer on the connection to nobody', async () => {
    answer = raw(
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nsmugg',
    )
    const egress = world.guard()
    const first = await egress.fetch({ url: 'https://a.example/1' }, openContext())
    answer = (_request, response) => response.end('second')
    const second = await egress.fetch({ url: 'https://a.example/2' }, openContext())
    expect([textOf(first.body), textOf(second.body)]).toEqual(['ok', 'second'])
  })
})

describe('fetch() cuts an echoed credential out of', () => {
  const PASSWORD = 'p@ss/w"ord+&<1>'
  const BASIC = btoa(`ada:${PASSWORD}`)
  const FORMS: [form: string, text: string][] = [
    ['the header as it was sent', `Basic ${BASIC}`],
    ['the base64 of the pair', BASIC],
    ['the pair', `ada:${PASSWORD}`],
    ['the password', PASSWORD],
    ['the password in percent-encoding', encodeURIComponent(PASSWORD)],
    ['the password in lower-case percent-encoding', encodeURIComponent(PASSWORD).toLowerCase()],
    ['the password in JSON', JSON.stringify(PASSWORD).slice(1, -1)],
    [
      'the password in JSON with escaped slashes',
      JSON.stringify(PASSWORD).slice(1, -1).replace('/', '\\/'),
    ],
    ['the password in HTML', 'p@ss/w&quot;ord+&amp;&lt;1&gt;'],
    ['the base64 of the password', btoa(PASSWORD)],
    [
      'the base64url of the password',
      btoa(PASSWORD).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    ],
    ['the password in base64, shifted by one', btoa(`x${PASSWORD}tail`)],
    ['the password in base64, shifted by two', btoa(`xy${PASSWORD}tail`)],
  ]
  const credential = (): object => ({
    audience: ['https://a.example'],
    headers: [{ name: 'authorization', value: `Basic ${BASIC}` }],
  })
  // Of an encoded text the ends may stay, which hold bits of other characters.
  const leaks = (text: string, form: string): boolean => text.includes(form.slice(4, -6))

  for (const [form, text] of FORMS) {
    test(`a body: ${form}`, async () => {
      answer = (_request, response) => response.end(`before ${text} after`)
      const response = await get({}, { credential })
      const body = textOf(response.body)
      expect(body).toContain(REDACTION)
      expect(body).toMatch(/^before .* after$/)
      expect(leaks(body, text)).toBe(false)
      expect(response.redactions).toBe(1)
    })

    test(`a header: ${form}`, async () => {
      answer = (_request, response) => response.writeHead(200, { 'x-echo': text }).end()
      const response = await get({}, { credential })
      const value = response.headers.find(({ name }) => name === 'x-echo')!.value
      expect(value).toContain(REDACTION)
      expect(leaks(value, text)).toBe(false)
      expect(response.redactions).toBe(1)
    })
  }

  test('a compressed body', async () => {
    answer = encoded('gzip', gzipSync(`x ${PASSWORD} y`))
    expect(textOf((await get({}, { credential })).body)).toBe(`x ${REDACTION} y`)
  })

  test('an answer of 401', async () => {
    answer = (_request, response) => response.writeHead(401).end(`bad password ${PASSWORD}`)
    expect(textOf((await get({}, { credential })).body)).toBe(`bad password ${REDACTION}`)
  })

  test('a query parameter of the credential', async () => {
    answer = (request, response) => response.end(request.url)
    const query = (): object => ({
      audience: ['https://a.example'],
      query: [{ name: 'appid', value: 'key-123456' }],
    })
    expect(textOf((await get({}, { credential: query })).body)).toBe(`/?appid=${REDACTION}`)
  })
})

function corrupt(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length + at]! ^= 0xff
  return copy
}
