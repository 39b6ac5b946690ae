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
    openWasi({ fetch: answering(400), maxBufferedBytes: 1000 })
  const full = ['ok', 'ok', 'HTTP-response-body-size']
  expect(await ask(open(), 3, () => undefined)).toEqual(full)
  expect(await ask(open(), 3, (response) => response.consume())).toEqual(full)
  expect(await ask(open(), 3, (response) => response.consume().stream())).toEqual(full)
})

it('answers that it lets go of do not, and a stream that outlives its body is over', async () => {
  const world = openWasi({ fetch: answering(400), maxBufferedBytes: 1000 })
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
  const world = openWasi({ fetch: answering(400), maxBufferedBytes: 1000 })
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
