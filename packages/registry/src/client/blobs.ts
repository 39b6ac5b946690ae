import { digestOf, type Digest } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { RepositoryReference } from '../reference/reference.ts'
import { discardBody, readBody } from '../transport/read-body.ts'
import type { RegistryTransportResponse } from '../transport/transport.ts'
import { badResponse, type Exchange, isTransient } from './exchange.ts'

/** How blobs are sent. */
export interface PushLimits {
  /** Blobs up to this many bytes go in one request. */
  readonly maxMonolithicBytes: number
  /** Bytes in one request of a larger one. */
  readonly chunkBytes: number
}

const OCTETS = { 'content-type': 'application/octet-stream' }

/** Whether the repository has a blob. */
export async function hasBlob(
  exchange: Exchange,
  reference: RepositoryReference,
  digest: Digest,
  access: 'pull' | 'push',
  signal: AbortSignal,
): Promise<boolean> {
  const response = await exchange.send(reference, {
    method: 'HEAD',
    url: exchange.url(reference, `blobs/${digest}`),
    access,
    expect: [200, 404],
    idempotent: true,
    signal,
  })
  await discardBody(response)
  return response.status === 200
}

/** Reads a blob into one buffer that nobody else holds, and proves that it is the one its descriptor names. */
export async function getBlob(
  exchange: Exchange,
  reference: RepositoryReference,
  descriptor: Descriptor,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { digest, size } = descriptor
  if (size > limit) {
    throw new RegistryError(
      'ERR_REGISTRY_TOO_LARGE',
      `The blob has ${size} bytes; ${limit} are allowed`,
      { what: 'blob', limit },
    )
  }
  for (let attempt = 0; ; attempt++) {
    const response = await exchange.send(reference, {
      method: 'GET',
      url: exchange.url(reference, `blobs/${digest}`),
      access: 'pull',
      headers: { 'accept-encoding': 'identity' },
      expect: [200],
      idempotent: true,
      signal,
    })
    let bytes: Uint8Array<ArrayBuffer> | undefined
    try {
      bytes = await readBody(response, size)
    } catch (error) {
      // The head had come, so the exchange does not see this: a connection lost in mid-body is tried again like any other.
      if (!isTransient(error) || attempt >= exchange.retries) throw error
      await exchange.backOff(attempt, signal)
      continue
    }
    if (bytes === undefined) throw wrongContent(digest, 'too-long')
    if (bytes.length < size) throw wrongContent(digest, 'too-short')
    if ((await digestOf(bytes)) !== digest) throw wrongContent(digest, 'digest')
    return bytes
  }
}

/** Sends a blob, unless the repository has it. */
export async function pushBlob(
  exchange: Exchange,
  reference: RepositoryReference,
  bytes: Uint8Array<ArrayBuffer>,
  mediaType: string,
  limits: PushLimits,
  signal: AbortSignal,
): Promise<Descriptor> {
  const digest = await digestOf(bytes)
  const descriptor = { mediaType, digest, size: bytes.length }
  if (await hasBlob(exchange, reference, digest, 'push', signal)) return descriptor
  const send = bytes.length <= limits.maxMonolithicBytes ? sendWhole : sendChunks
  // Each try is a session of its own: what a broken one left is the registry's to clear away.
  for (let attempt = 0; ; attempt++) {
    try {
      await send(exchange, reference, bytes, digest, limits, signal)
      return descriptor
    } catch (error) {
      if (!mayRepeat(error) || attempt >= exchange.retries) throw error
      await exchange.backOff(attempt, signal)
    }
  }
}

async function sendWhole(
  exchange: Exchange,
  reference: RepositoryReference,
  bytes: Uint8Array<ArrayBuffer>,
  digest: Digest,
  _limits: PushLimits,
  signal: AbortSignal,
): Promise<void> {
  const { location } = await startUpload(exchange, reference, signal)
  await finishUpload(exchange, reference, location, digest, bytes, signal)
}

async function sendChunks(
  exchange: Exchange,
  reference: RepositoryReference,
  bytes: Uint8Array<ArrayBuffer>,
  digest: Digest,
  limits: PushLimits,
  signal: AbortSignal,
): Promise<void> {
  const session = await startUpload(exchange, reference, signal)
  const chunkBytes = Math.max(limits.chunkBytes, session.minChunkBytes)
  let { location } = session
  let offset = 0
  let failures = 0
  while (offset < bytes.length) {
    const end = Math.min(offset + chunkBytes, bytes.length)
    try {
      const response = await exchange.send(reference, {
        method: 'PATCH',
        url: location,
        access: 'push',
        headers: { ...OCTETS, 'content-range': `${offset}-${end - 1}` },
        body: bytes.subarray(offset, end),
        expect: [202],
        idempotent: false,
        signal,
      })
      await discardBody(response)
      location = exchange.follow(reference, response, response.headers.get('location'))
      const received = receivedBytes(response)
      if (received <= offset || received > end)
        throw badResponse(reference.registry, 'it did not keep the chunk it accepted')
      offset = received
      failures = 0
    } catch (error) {
      if (!mayRepeat(error) || failures++ >= exchange.retries) throw error
      await exchange.backOff(failures, signal)
      ;({ location, offset } = await resumeUpload(
        exchange,
        reference,
        location,
        bytes.length,
        signal,
      ))
    }
  }
  await finishUpload(exchange, reference, location, digest, undefined, signal)
}

async function startUpload(
  exchange: Exchange,
  reference: RepositoryReference,
  signal: AbortSignal,
): Promise<{ readonly location: string; readonly minChunkBytes: number }> {
  const response = await exchange.send(reference, {
    method: 'POST',
    url: exchange.url(reference, 'blobs/uploads/'),
    access: 'push',
    body: new Uint8Array(0),
    expect: [202],
    idempotent: false,
    signal,
  })
  await discardBody(response)
  const least = Number(response.headers.get('oci-chunk-min-length') ?? '0')
  return {
    location: exchange.follow(reference, response, response.headers.get('location')),
    minChunkBytes: Number.isSafeInteger(least) && least > 0 ? least : 0,
  }
}

async function finishUpload(
  exchange: Exchange,
  reference: RepositoryReference,
  location: string,
  digest: Digest,
  body: Uint8Array<ArrayBuffer> | undefined,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(location)
  url.searchParams.set('digest', digest)
  const response = await exchange.send(reference, {
    method: 'PUT',
    url: url.href,
    access: 'push',
    headers: OCTETS,
    body: body ?? new Uint8Array(0),
    expect: [201],
    idempotent: false,
    signal,
  })
  await discardBody(response)
}

/** Asks where the registry stands after a chunk whose answer was lost. */
async function resumeUpload(
  exchange: Exchange,
  reference: RepositoryReference,
  location: string,
  size: number,
  signal: AbortSignal,
): Promise<{ location: string; offset: number }> {
  const response = await exchange.send(reference, {
    method: 'GET',
    url: location,
    access: 'push',
    expect: [202, 204],
    idempotent: true,
    signal,
  })
  await discardBody(response)
  const next = response.headers.get('location')
  const offset = receivedBytes(response)
  if (offset > size) throw badResponse(reference.registry, 'it has more than was sent')
  return { location: next === null ? location : exchange.follow(reference, response, next), offset }
}

// `0-0` stands for nothing and for one byte alike; chunks are larger than that, so it is nothing.
function receivedBytes(response: RegistryTransportResponse): number {
  const last = Number(
    /^(?:bytes=)?0-(\d{1,15})$/.exec(response.headers.get('range') ?? '')?.[1] ?? '0',
  )
  return last === 0 ? 0 : last + 1
}

function mayRepeat(error: unknown): boolean {
  if (isTransient(error)) return true
  if (!(error instanceof RegistryError)) return false
  // 404: the session is gone. 416: the registry and we disagree where it stands.
  if (error.code === 'ERR_REGISTRY_NOT_FOUND') return true
  if (error.code !== 'ERR_REGISTRY_REFUSED') return false
  const { status } = error.details as { readonly status: number }
  return status >= 500 || status === 416 || status === 408
}

function wrongContent(digest: Digest, reason: 'digest' | 'too-long' | 'too-short'): RegistryError {
  const what = {
    digest: 'do not hash to it',
    'too-long': 'are more than it should have',
    'too-short': 'are fewer than it should have',
  }[reason]
  return new RegistryError('ERR_REGISTRY_CONTENT', `The bytes served for ${digest} ${what}`, {
    digest,
    reason,
  })
}
