import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { type EgressHop, REDACTION } from '@morphee/egress'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openContext, textOf } from './ports.ts'
import { startWorld, type World } from './world.ts'

const MIB = 1 << 20
let world: World
let sentBytes = 0
const block = Buffer.alloc(64 * 1024, 'abcdefg ')

beforeAll(async () => {
  world = await startWorld()
  await world.serve('blobs.example', async (request, response) => {
    if (request.method === 'PUT') {
      const hash = createHash('sha256')
      for await (const chunk of request) hash.update(chunk as Buffer)
      return response.end(hash.digest('hex'))
    }
    if (request.url === '/gzip')
      return response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5000)))
    if (request.url === '/echo') return response.end(`it is ${request.headers.authorization}`)
    if (request.url === '/stall') return void response.write('some')
    sentBytes = 0
    const size = Number(new URL(request.url!, 'https://x').searchParams.get('size'))
    const write = (): void => {
      while (sentBytes < size && !response.destroyed) {
        sentBytes += block.length
        if (!response.write(block)) return void response.once('drain', write)
      }
      response.end()
    }
    return write()
  })
})
afterAll(() => world.close())

async function drain(body: ReadableStream<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of body) size += chunk.length
  return size
}

describe('stream()', () => {
  test('hands 64 MiB through in little memory', async () => {
    const egress = world.guard({ maxResponseBytes: 128 * MIB })
    const { body, status } = await egress.stream(
      { url: `https://blobs.example/?size=${64 * MIB}` },
      openContext(),
    )
    expect(status).toBe(200)
    expect(await drain(body)).toBe(64 * MIB)
  })

  test('takes no more from the server than its reader does', async () => {
    const egress = world.guard({ maxResponseBytes: 1024 * MIB })
    const { body } = await egress.stream(
      { url: `https://blobs.example/?size=${512 * MIB}` },
      openContext(),
    )
    const reader = body.getReader()
    await reader.read()
    // Whole exchanges on another connection: time enough for the first to run away.
    for (let i = 0; i < 60; i++) {
      await egress.fetch({ url: `https://blobs.example/gzip` }, openContext({ partition: 'other' }))
    }
    expect(sentBytes).toBeLessThan(16 * MIB)
    await reader.cancel()
  })

  test('uploads 32 MiB as they are', async () => {
    const hash = createHash('sha256')
    let left = 512
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (left-- === 0) return controller.close()
        hash.update(block)
        controller.enqueue(block)
      },
    })
    const request = { url: 'https://blobs.example/', method: 'PUT', body, bodyLength: 32 * MIB }
    const response = await world.guard().fetch(request, openContext())
    expect(textOf(response.body)).toBe(hash.digest('hex'))
  })

  test('does not wait for a body that never comes, and tells whoever makes it', async () => {
    const cancelled = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({ cancel: () => cancelled.resolve() })
    const request = { url: 'https://blobs.example/', method: 'PUT', body, timeoutMs: 150 }
    await expect(world.guard().fetch(request, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_TIMEOUT',
    )
    await cancelled.promise
  })

  test('stands under the same cap', async () => {
    const egress = world.guard()
    const { body } = await egress.stream(
      { url: `https://blobs.example/?size=${MIB}`, maxResponseBytes: 1000 },
      openContext(),
    )
    await expect(drain(body)).rejects.toThrowCode('ERR_EGRESS_RESPONSE_TOO_LARGE')
  })

  test('stands under the same deadline', async () => {
    const egress = world.guard()
    const { body } = await egress.stream(
      { url: 'https://blobs.example/stall', timeoutMs: 150 },
      openContext(),
    )
    await expect(drain(body)).rejects.toThrowCode('ERR_EGRESS_TIMEOUT')
  })

  test('ends at the deadline and reports so, though nobody reads', async () => {
    const ended = Promise.withResolvers<string | undefined>()
    const onHop = (hop: EgressHop): void => {
      if (hop.phase === 'outcome') ended.resolve(hop.error)
    }
    await world
      .guard()
      .stream({ url: 'https://blobs.example/stall', timeoutMs: 100 }, openContext({ onHop }))
    expect(await ended.promise).toBe('ERR_EGRESS_TIMEOUT')
  })

  test('reports the outcome when the last byte is read, not before', async () => {
    const phases: string[] = []
    const onHop = (hop: EgressHop): void => {
      phases.push(
        hop.phase === 'outcome' ? `${hop.phase} ${hop.bytesReceived > 5 * MIB}` : hop.phase,
      )
    }
    const egress = world.guard()
    const { body } = await egress.stream(
      { url: `https://blobs.example/?size=${6 * MIB}` },
      openContext({ onHop }),
    )
    expect(phases).toEqual(['intent'])
    await drain(body)
    expect(phases).toEqual(['intent', 'outcome true'])
  })

  test('reports a reader who gives up', async () => {
    const errors: (string | undefined)[] = []
    const onHop = (hop: EgressHop): void => {
      if (hop.phase === 'outcome') errors.push(hop.error)
    }
    const { body } = await world
      .guard()
      .stream({ url: `https://blobs.example/?size=${6 * MIB}` }, openContext({ onHop }))
    const reader = body.getReader()
    await reader.read()
    await reader.cancel()
    expect(errors).toEqual(['cancelled'])
  })

  test('reports a reader who gives up before the first byte, and hangs up', async () => {
    const errors: (string | undefined)[] = []
    const onHop = (hop: EgressHop): void => {
      if (hop.phase === 'outcome') errors.push(hop.error)
    }
    const egress = world.guard()
    const { body } = await egress.stream(
      { url: 'https://blobs.example/stall' },
      openContext({ onHop }),
    )
    await body.cancel()
    expect(errors).toEqual(['cancelled'])
  })

  test('decompresses', async () => {
    const { body, headers } = await world
      .guard()
      .stream({ url: 'https://blobs.example/gzip' }, openContext())
    expect(headers.map(({ name }) => name)).not.toContain('content-encoding')
    expect(await drain(body)).toBe(5000)
  })

  test('cuts an echoed credential out', async () => {
    const context = openContext({
      credential: () => ({
        audience: ['https://blobs.example'],
        headers: [{ name: 'authorization', value: 'Bearer tok-123456' }],
      }),
    })
    const { body } = await world.guard().stream({ url: 'https://blobs.example/echo' }, context)
    expect(await new Response(body).text()).toBe(`it is Bearer ${REDACTION}`)
  })
})
