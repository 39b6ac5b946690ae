// What a guest can make its host hold for it, beside its own memory: everything counts, and is given back when it is let go of.
import { expect, it } from 'vitest'
import { failureOf, openWasi, storageOver, utf8 } from './world.ts'

const answering = (bytes: number) => async (): Promise<any> => ({
  status: 200,
  headers: [],
  body: new Uint8Array(bytes),
})

/** Asks as often as `times` and keeps what comes of it; gives the tags of the answers. */
async function ask(
  world: ReturnType<typeof openWasi>,
  times: number,
  use: (future: any) => unknown,
): Promise<string[]> {
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  const tags: string[] = []
  for (let n = 0; n < times; n++) {
    const request = new OutgoingRequest(new Fields())
    request.setAuthority('a.example')
    const future = world.of('wasi:http/outgoing-handler')['handle'](request)
    await future.subscribe().block()
    const { val } = future.get()
    tags.push(val.tag === 'ok' ? 'ok' : val.val.tag)
    if (val.tag === 'ok') use(val.val)
  }
  return tags
}

it('answers that a guest keeps count, whether it has looked at them or not', async () => {
  const open = (): ReturnType<typeof openWasi> =>
    openWasi({ fetch: answering(40_000), maxBufferedBytes: 100_000 })
  const full = ['ok', 'ok', 'HTTP-response-body-size']
  expect(await ask(open(), 3, () => undefined)).toEqual(full)
  expect(await ask(open(), 3, (response) => response.consume())).toEqual(full)
  expect(await ask(open(), 3, (response) => response.consume().stream())).toEqual(full)
})

it('answers that it lets go of do not, and a stream that outlives its body is over', async () => {
  const world = openWasi({ fetch: answering(40_000), maxBufferedBytes: 100_000 })
  const { IncomingBody } = world.of('wasi:http/types') as Record<string, any>
  const ok = Array.from({ length: 10 }, () => 'ok')
  expect(await ask(world, 10, (response) => response[Symbol.dispose]())).toEqual(ok)
  expect(await ask(world, 10, (response) => IncomingBody.finish(response.consume()))).toEqual(ok)
  let stream: any
  expect(
    await ask(world, 10, (response) => {
      const body = response.consume()
      response[Symbol.dispose]()
      stream = body.stream()
      expect(stream.read(10n).length).toBe(10)
      body[Symbol.dispose]()
    }),
  ).toEqual(ok)
  expect(await failureOf(() => stream.read(10n))).toEqual({ tag: 'closed' })
})

it('an answer that comes after nobody waits for it is not kept', async () => {
  const world = openWasi({ fetch: answering(40_000), maxBufferedBytes: 100_000 })
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  for (let n = 0; n < 5; n++) {
    const request = new OutgoingRequest(new Fields())
    request.setAuthority('a.example')
    const future = world.of('wasi:http/outgoing-handler')['handle'](request)
    const over = future.subscribe()
    future[Symbol.dispose]()
    await over.block()
  }
  expect(await ask(world, 2, () => undefined)).toEqual(['ok', 'ok'])
})

it('a body that is written byte by byte costs about its bytes', async () => {
  const { OutgoingRequest, Fields } = openWasi().of('wasi:http/types') as Record<string, any>
  const stream = new OutgoingRequest(new Fields()).body().write()
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 1_000_000; n++) stream.write(new Uint8Array(1))
  // An array for each byte is more than 200 MB, and none of it can be collected.
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(150e6)
})

it('listings of folders count until they are let go of', async () => {
  const keys = new Map(Array.from({ length: 100 }, (_, n) => [`many/${n}`, utf8('x')] as const))
  const world = openWasi({ storage: storageOver(keys), maxBufferedBytes: 20_000 })
  const [[root]] = world.of('wasi:filesystem/preopens')['getDirectories']()
  const many = await root.openAt({}, 'many', {}, { read: true })
  const first = await many.readDirectory()
  await many.readDirectory()
  expect(await failureOf(() => many.readDirectory())).toBe('insufficient-memory')
  first[Symbol.dispose]()
  expect(await failureOf(() => many.readDirectory())).toBe('no failure')
})

it('headers count, each copy for itself, until they are let go of', async () => {
  const world = openWasi({ maxBufferedBytes: 100_000 })
  const { Fields } = world.of('wasi:http/types') as Record<string, any>
  const first = Fields.fromList([['a', new Uint8Array(60_000).fill(65)]])
  const second = new Fields()
  const more = (): unknown => second.append('b', new Uint8Array(60_000).fill(65))
  expect(await failureOf(more)).toEqual({ tag: 'forbidden' })
  // Functions that give headers cannot fail, so the guest ends.
  expect(() => first.clone()).toThrow('no memory left')
  first[Symbol.dispose]()
  expect(await failureOf(more)).toBe('no failure')
  second.delete('b')
  expect(await failureOf(more)).toBe('no failure')
})

it('headers of requests and answers are given back with them', async () => {
  const headers = [['x', 'y'.repeat(20_000)]] as const
  const world = openWasi({
    fetch: async () => ({ status: 200, headers, body: new Uint8Array() }),
    maxBufferedBytes: 100_000,
  })
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  for (let n = 0; n < 20; n++) {
    const request = new OutgoingRequest(Fields.fromList([['x', new Uint8Array(30_000).fill(65)]]))
    request.headers()[Symbol.dispose]()
    if (n % 2 === 0) request.setAuthority('a.example')
    else {
      request[Symbol.dispose]()
      continue
    }
    const future = world.of('wasi:http/outgoing-handler')['handle'](request)
    await future.subscribe().block()
    const response = future.get().val.val
    response.headers()[Symbol.dispose]()
    response[Symbol.dispose]()
  }
})

it('a body of a request that is never sent is given back, and its stream keeps nothing', async () => {
  const world = openWasi({ maxBufferedBytes: 100_000 })
  const { Fields, OutgoingRequest, OutgoingBody } = world.of('wasi:http/types') as Record<
    string,
    any
  >
  const streams: any[] = []
  for (let n = 0; n < 10; n++) {
    const request = new OutgoingRequest(new Fields())
    const body = request.body()
    const stream = body.write()
    stream.write(new Uint8Array(60_000))
    if (n % 2 === 0) OutgoingBody.finish(body, undefined)
    request[Symbol.dispose]()
    streams.push(stream)
  }
  for (const stream of streams)
    expect(await failureOf(() => stream.write(new Uint8Array(1)))).toEqual({ tag: 'closed' })
})

it('a stream that outlives its descriptor keeps the file open, and what it writes is saved', async () => {
  const world = openWasi({ maxBufferedBytes: 100_000 })
  const [[root]] = world.of('wasi:filesystem/preopens')['getDirectories']()
  world.keys.set('large', new Uint8Array(60_000))
  world.keys.set('other', new Uint8Array(60_000))
  const large = await root.openAt({}, 'large', {}, { read: true })
  const stream = large.readViaStream(0n)
  large[Symbol.dispose]()
  await world.wasi.settle()
  const other = (): Promise<any> => root.openAt({}, 'other', {}, { write: true })
  expect(await failureOf(other)).toBe('insufficient-memory')
  expect(stream.read(10n)).toHaveLength(10)
  stream[Symbol.dispose]()
  await world.wasi.settle()
  const file = await other()
  const output = file.writeViaStream(0n)
  file[Symbol.dispose]()
  await world.wasi.settle()
  output.write(utf8('late'))
  output[Symbol.dispose]()
  await world.wasi.settle()
  expect(world.keys.get('other')?.subarray(0, 4)).toEqual(utf8('late'))
})

it('a request that nobody waits for counts until it is over', async () => {
  const { promise, resolve } = Promise.withResolvers<any>()
  const world = openWasi({ fetch: () => promise, maxBufferedBytes: 10_000 })
  const { Fields, OutgoingRequest } = world.of('wasi:http/types') as Record<string, any>
  const open = (): any => {
    const request = new OutgoingRequest(new Fields())
    request.setAuthority('a.example')
    return world.of('wasi:http/outgoing-handler')['handle'](request)
  }
  open()[Symbol.dispose]()
  const second = open()
  expect(await failureOf(open)).toMatchObject({ tag: 'internal-error' })
  resolve({ status: 200, headers: [], body: new Uint8Array() })
  await second.subscribe().block()
  expect(await failureOf(open)).toBe('no failure')
})

it('parts of a request are bounded', async () => {
  const { Fields, OutgoingRequest } = openWasi().of('wasi:http/types') as Record<string, any>
  const request = new OutgoingRequest(new Fields())
  const long = 'x'.repeat(8193)
  expect(await failureOf(() => request.setPathWithQuery(`/${long}`))).toBeUndefined()
  expect(await failureOf(() => request.setAuthority(long))).toBeUndefined()
  expect(await failureOf(() => request.setMethod({ tag: 'other', val: long }))).toBeUndefined()
})
