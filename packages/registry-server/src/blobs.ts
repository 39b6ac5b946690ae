import type { ContentDigest } from './digest.ts'
import { parseByteRange } from './range.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Registry } from './registry.ts'
import type { Call, Reply } from './reply.ts'
import { isRepositoryName, parseDigest } from './route.ts'
import type { Uploads } from './uploads.ts'

/** GET and HEAD of a blob, whole or one range of it. */
export async function getBlob(
  registry: Registry,
  call: Call,
  repository: string,
  digest: ContentDigest,
): Promise<Reply> {
  const size = registry.find(repository)?.blobs.has(digest.text)
    ? await registry.storage.size(digest)
    : undefined
  if (size === undefined) throw new ProtocolError('BLOB_UNKNOWN', 'There is no such blob')
  const headers = {
    'accept-ranges': 'bytes',
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest.text,
    etag: `"${digest.text}"`,
  }
  const range = parseByteRange(call.request.headers.range, size)
  if (range === undefined) {
    return {
      status: 200,
      headers: { ...headers, 'content-length': size },
      body: registry.storage.read(digest, 0, size - 1),
    }
  }
  if (range === 'unsatisfiable') {
    throw new ProtocolError('SIZE_INVALID', 'The blob has no such bytes', {
      status: 416,
      headers: { 'content-range': `bytes */${size}` },
    })
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': range.end - range.start + 1,
      'content-range': `bytes ${range.start}-${range.end}/${size}`,
    },
    body: registry.storage.read(digest, range.start, range.end),
  }
}

/** Takes a blob off a repository's list, and its bytes away when no other repository lists it. */
export async function deleteBlob(
  registry: Registry,
  repository: string,
  digest: ContentDigest,
): Promise<Reply> {
  if (registry.find(repository)?.blobs.has(digest.text) !== true) {
    throw new ProtocolError('BLOB_UNKNOWN', 'There is no such blob')
  }
  await registry.change(repository, (state) => state.blobs.delete(digest.text))
  await registry.removeUnlisted([digest.text])
  return { status: 202 }
}

/** POST to `uploads/`: mounts a blob, takes one whole, or opens a session. */
export async function startUpload(
  registry: Registry,
  uploads: Uploads,
  call: Call,
  repository: string,
): Promise<Reply> {
  const query = call.url.searchParams
  const mount = query.get('mount')
  if (
    mount !== null &&
    (await mountBlob(registry, repository, parseDigest(mount), query.get('from')))
  ) {
    return created(repository, parseDigest(mount))
  }
  const digest = query.get('digest')
  const parsed = digest === null ? undefined : parseDigest(digest)
  const id = await uploads.start(repository)
  if (parsed === undefined) return progress(repository, id, 0, 202)
  try {
    await uploads.append(repository, id, call.request, undefined)
  } catch (error) {
    await uploads.cancel(repository, id)
    throw error
  }
  await uploads.finish(repository, id, parsed)
  return created(repository, parsed)
}

/** PATCH, PUT, GET and DELETE of an upload session. */
export async function continueUpload(
  uploads: Uploads,
  call: Call,
  repository: string,
  id: string,
): Promise<Reply> {
  switch (call.method) {
    case 'GET':
      return progress(repository, id, uploads.received(repository, id), 204)
    case 'DELETE':
      await uploads.cancel(repository, id)
      return { status: 204 }
    case 'PATCH': {
      const size = await uploads.append(repository, id, call.request, contentRange(call))
      return progress(repository, id, size, 202)
    }
    case 'PUT': {
      const digest = parseDigest(call.url.searchParams.get('digest') ?? '')
      await uploads.append(repository, id, call.request, contentRange(call))
      await uploads.finish(repository, id, digest)
      return created(repository, digest)
    }
    default:
      throw new ProtocolError('UNSUPPORTED', 'The method is not supported here')
  }
}

async function mountBlob(
  registry: Registry,
  repository: string,
  digest: ContentDigest,
  from: string | null,
): Promise<boolean> {
  if (from !== null && !isRepositoryName(from)) return false
  return registry.change(repository, (state) => {
    const held =
      from === null
        ? registry.holdsBlob(digest)
        : registry.find(from)?.blobs.has(digest.text) === true
    if (held) state.blobs.add(digest.text)
    return held
  })
}

// The specification writes `<start>-<end>`; RFC 9110's `bytes <start>-<end>/<size>` is accepted as well.
function contentRange(call: Call): { readonly start: number; readonly end: number } | undefined {
  const header = call.request.headers['content-range']
  if (header === undefined) return undefined
  const match = /^(?:bytes )?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header)
  const start = Number(match?.[1])
  const end = Number(match?.[2])
  if (match === null || end < start) {
    throw new ProtocolError('BLOB_UPLOAD_INVALID', 'Content-Range is not valid', { status: 416 })
  }
  return { start, end }
}

function progress(repository: string, id: string, size: number, status: 202 | 204): Reply {
  return {
    status,
    headers: {
      location: `/v2/${repository}/blobs/uploads/${id}`,
      'docker-upload-uuid': id,
      range: `0-${Math.max(size - 1, 0)}`,
    },
  }
}

function created(repository: string, digest: ContentDigest): Reply {
  return {
    status: 201,
    headers: {
      location: `/v2/${repository}/blobs/${digest.text}`,
      'docker-content-digest': digest.text,
    },
  }
}
