import type { RegistryTransportResponse } from './transport.ts'

/**
 * Reads a body into one private buffer, or stops: `undefined` as soon as more than `limit` bytes came.
 *
 * The limit is tested before the bytes are kept. Memory grows with what came, never with what was announced.
 */
export async function readBody(
  response: RegistryTransportResponse,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (response.body === null) return new Uint8Array(0)
  let buffer = new Uint8Array(Math.min(limit, 64 * 1024))
  let size = 0
  // Leaving the loop early cancels the stream.
  for await (const chunk of response.body) {
    if (size + chunk.length > limit) return undefined
    if (size + chunk.length > buffer.length) {
      const larger = new Uint8Array(
        Math.min(limit, Math.max(buffer.length * 2, size + chunk.length)),
      )
      larger.set(buffer.subarray(0, size))
      buffer = larger
    }
    buffer.set(chunk, size)
    size += chunk.length
  }
  return size === buffer.length ? buffer : buffer.slice(0, size)
}

/** Lets go of a body nobody wants. */
export async function discardBody(response: RegistryTransportResponse): Promise<void> {
  await response.body?.cancel().catch(() => undefined)
}
