import { contentDigest, tryParseContentDigest, type ContentDigest } from './digest.ts'
import { parseManifestDocument, type ManifestDocument } from './manifest-document.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Registry } from './registry.ts'
import { readBody, type Call, type Reply } from './reply.ts'
import type { ManifestReference } from './route.ts'
import type { RepositoryState } from './storage/storage.ts'

/** Largest manifest in bytes: what the specification asks registries to accept at least, and clients to expect at most. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024

/** GET and HEAD of a manifest. */
export async function getManifest(
  registry: Registry,
  repository: string,
  reference: ManifestReference,
): Promise<Reply> {
  const state = registry.require(repository)
  const digest =
    reference.kind === 'digest'
      ? reference.digest
      : tryParseContentDigest(state.tags.get(reference.tag) ?? '')
  const manifest = digest === undefined ? undefined : state.manifests.get(digest.text)
  if (digest === undefined || manifest === undefined) {
    throw new ProtocolError('MANIFEST_UNKNOWN', 'There is no such manifest')
  }
  return {
    status: 200,
    headers: {
      'content-type': manifest.mediaType,
      'content-length': manifest.size,
      'docker-content-digest': digest.text,
      etag: `"${digest.text}"`,
    },
    body: registry.storage.read(digest, 0, manifest.size - 1),
  }
}

/** PUT of a manifest by tag or digest. */
export async function putManifest(
  registry: Registry,
  call: Call,
  repository: string,
  reference: ManifestReference,
  options: { readonly referrersApi: boolean },
): Promise<Reply> {
  const contentType = call.request.headers['content-type']?.split(';')[0]?.trim() ?? ''
  const bytes = await readBody(call.request, MAX_MANIFEST_BYTES)
  const document = parseManifestDocument(bytes, contentType)
  const digest = contentDigest(
    bytes,
    reference.kind === 'digest' ? reference.digest.algorithm : 'sha256',
  )
  if (reference.kind === 'digest' && reference.digest.text !== digest.text) {
    throw new ProtocolError('DIGEST_INVALID', 'The manifest does not hash to the digest')
  }
  await registry.change(repository, async (state) => {
    requireContent(state, document)
    if ((await registry.storage.size(digest)) === undefined) {
      const content = await registry.storage.begin()
      await content.append(bytes)
      await content.commit(digest)
    }
    const { mediaType, artifactType, subject, annotations } = document
    state.manifests.set(digest.text, {
      mediaType,
      size: bytes.length,
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(subject === undefined ? {} : { subject }),
      ...(annotations === undefined ? {} : { annotations }),
    })
    if (reference.kind === 'tag') state.tags.set(reference.tag, digest.text)
  })
  return {
    status: 201,
    headers: {
      location: `/v2/${repository}/manifests/${digest.text}`,
      'docker-content-digest': digest.text,
      ...(document.subject === undefined || !options.referrersApi
        ? {}
        : { 'oci-subject': document.subject }),
    },
  }
}

/** DELETE: of a tag only the tag; of a digest the manifest and every tag on it. */
export async function deleteManifest(
  registry: Registry,
  repository: string,
  reference: ManifestReference,
): Promise<Reply> {
  const removed = await registry.change(repository, (state) => remove(state, reference))
  await registry.removeUnlisted(removed)
  return { status: 202 }
}

function remove(state: RepositoryState, reference: ManifestReference): ContentDigest['text'][] {
  if (reference.kind === 'tag') {
    if (!state.tags.delete(reference.tag)) {
      throw new ProtocolError('MANIFEST_UNKNOWN', 'There is no such tag')
    }
    return []
  }
  const { text } = reference.digest
  if (!state.manifests.delete(text)) {
    throw new ProtocolError('MANIFEST_UNKNOWN', 'There is no such manifest')
  }
  for (const [tag, digest] of state.tags) if (digest === text) state.tags.delete(tag)
  return [text]
}

function requireContent(state: RepositoryState, document: ManifestDocument): void {
  // A subject may come later (distribution specification 1.1, "Pushing Manifests with Subject"); everything else must be there.
  for (const digest of document.blobs) {
    if (!state.blobs.has(digest)) {
      throw new ProtocolError('MANIFEST_BLOB_UNKNOWN', `The repository has no blob ${digest}`)
    }
  }
  for (const digest of document.manifests) {
    if (!state.manifests.has(digest)) {
      throw new ProtocolError('MANIFEST_BLOB_UNKNOWN', `The repository has no manifest ${digest}`)
    }
  }
}
