import { ComponentError } from '@morphee/component'
import type { WasiRequest } from '@morphee/component/wasi'
import { expect, it } from 'vitest'
import { failureOf, type Interface, openWasi, type TestWasi, text, utf8 } from './world.ts'

interface Sent {
  readonly method?: { tag: string; val?: string }
  readonly authority?: string
  readonly path?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

/** Sends as a guest does, and gives the settled answer. */
async function send(world: TestWasi, sent: Sent): Promise<any> {
  const http = world.of('wasi:http/types')
  const { Fields, OutgoingRequest, OutgoingBody } = http as Record<string, any>
  const headers = Fields.fromList((sent.headers ?? []).map(([name, value]) => [name, utf8(value)]))
  const request = new OutgoingRequest(headers)
  request.setMethod(sent.method ?? { tag: 'get' })
  request.setScheme({ tag: 'HTTPS' })
  request.setAuthority(sent.authority ?? 'a.example')
  request.setPathWithQuery(sent.path ?? '/x?y=1')
  const body = sent.body === undefined ? undefined : request.body()
  const future = world.of('wasi:http/outgoing-handler')['handle'](request)
  if (body !== undefined) {
    const stream = body.write()
    stream.write(utf8(sent.body as string))
    OutgoingBody.finish(body, undefined)
  }
  await future.subscribe().block()
  return future.get()
}

const answering =
  (requests: WasiRequest[]) =>
  async (request: WasiRequest): Promise<any> => {
    requests.push(request)
    return { status: 201, headers: [['x-answer', 'yes']], body: utf8('answer') }
  }

it('a request goes through fetch, whole, and its answer comes back', async () => {
  const requests: WasiRequest[] = []
  const world = openWasi({ fetch: answering(requests) })
  const answer = await send(world, {
    method: { tag: 'post' },
    headers: [['Content-Type', 'text/plain']],
    body: 'question',
  })
  expect(requests).toMatchObject([
    {
      method: 'POST',
      url: 'https://a.example/x?y=1',
      headers: [['Content-Type', 'text/plain']],
      body: utf8('question'),
    },
  ])
  const response = answer.val.val
  expect(answer).toMatchObject({ tag: 'ok', val: { tag: 'ok' } })
  expect(response.status()).toBe(201)
  expect(text(response.headers().get('X-Answer')[0])).toBe('yes')
  expect(await failureOf(() => response.headers().append('a', utf8('b')))).toEqual({
    tag: 'immutable',
  })
  const stream = response.consume().stream()
  expect(text(stream.read(100n))).toBe('answer')
  expect(await failureOf(() => stream.read(1n))).toEqual({ tag: 'closed' })
  expect(await failureOf(() => response.consume())).toBeUndefined()
})

it('without a fetch every request is denied, and the host is told', async () => {
  const refused: string[] = []
  const world = openWasi({ onRefused: (name) => void refused.push(name) })
  expect(await send(world, {})).toEqual({
    tag: 'ok',
    val: { tag: 'err', val: { tag: 'HTTP-request-denied' } },
  })
  expect(refused).toEqual(['wasi:http/outgoing-handler'])
})

it('what fetch throws stays with the host, unless it is an answer for the guest', async () => {
  const failing = (error: unknown): Promise<any> =>
    send(openWasi({ fetch: () => Promise.reject(error) }), {})
  expect((await failing(new Error('token canary-1 expired'))).val).toEqual({
    tag: 'err',
    val: { tag: 'internal-error', val: 'the request failed' },
  })
  expect((await failing(new ComponentError({ tag: 'connection-timeout' }))).val).toEqual({
    tag: 'err',
    val: { tag: 'connection-timeout' },
  })
})

it('a body that is dropped before it is finished sends nothing', async () => {
  const requests: WasiRequest[] = []
  const world = openWasi({ fetch: answering(requests) })
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  const request = new OutgoingRequest(new Fields())
  request.setAuthority('a.example')
  const body = request.body()
  const future = world.of('wasi:http/outgoing-handler')['handle'](request)
  body.write().write(utf8('half'))
  body[Symbol.dispose]()
  await future.subscribe().block()
  expect(future.get().val.tag).toBe('err')
  expect(requests).toEqual([])
})

it('the parts of a request cannot change each other', async () => {
  const { Fields, OutgoingRequest } = openWasi().of('wasi:http/types') as Interface
  const request = new OutgoingRequest(new Fields())
  for (const authority of ['a.example/x', 'user@a.example', 'a.example?x', 'a b'])
    expect(await failureOf(() => request.setAuthority(authority))).toBeUndefined()
  for (const path of ['x', '@b.example/', '/a b', '/\r\nhost: b'])
    expect(await failureOf(() => request.setPathWithQuery(path))).toBeUndefined()
  expect(await failureOf(() => request.setMethod({ tag: 'other', val: 'A B' }))).toBeUndefined()
  expect(await failureOf(() => Fields.fromList([['a b', utf8('x')]]))).toEqual({
    tag: 'invalid-syntax',
  })
  expect(await failureOf(() => Fields.fromList([['a', utf8('x\r\ny: z')]]))).toEqual({
    tag: 'invalid-syntax',
  })
})

it('headers and bodies are bounded', async () => {
  const world = openWasi({ maxFileBytes: 1000 })
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  const many = Array.from({ length: 201 }, (_, n) => [`h${n}`, utf8('x')])
  expect(await failureOf(() => Fields.fromList(many))).toEqual({ tag: 'forbidden' })
  expect(await failureOf(() => Fields.fromList([['h', utf8('x'.repeat(70_000))]]))).toEqual({
    tag: 'forbidden',
  })
  const stream = new OutgoingRequest(new Fields()).body().write()
  expect(await failureOf(() => stream.write(new Uint8Array(1001)))).toMatchObject({
    tag: 'last-operation-failed',
  })
})

it("the server's half is there by name, and no response can be set", () => {
  const { Fields, OutgoingResponse, ResponseOutparam } = openWasi().of('wasi:http/types') as Record<
    string,
    any
  >
  const response = new OutgoingResponse(new Fields())
  response.setStatusCode(404)
  expect(response.statusCode()).toBe(404)
  expect(() => ResponseOutparam.set({}, { tag: 'ok', val: response })).toThrow('no request came in')
})
