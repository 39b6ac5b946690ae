import type { Digest } from '@morphee/core'
import type { Attachment } from '../client/attach.ts'
import type { RegistryClient } from '../client/client.ts'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { formatReference, isTag, type Reference } from '../reference/reference.ts'
import { ANNOTATIONS } from './annotations.ts'
import { type ArtifactFacts, createArtifactDocuments, formatTime } from './layout.ts'
import { certificateThumbprints } from './thumbprints.ts'

/** What is published, where, and by whom. */
export interface PublishOptions {
  readonly client: RegistryClient
  /** Where to. Its tag, if any, is the version. */
  readonly reference: Reference
  /** The component with its manifest embedded. */
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly facts: ArtifactFacts
  /** Time of the build, from `SOURCE_DATE_EPOCH` where there is one. */
  readonly created: Date
  /**
   * Signs the manifest that was pushed and returns a Notary Project JWS envelope, or several: a key of more than 2048 bits
   * makes two. The descriptor has the annotation `dev.morphee.wasm.digest`, which belongs into the signed payload.
   */
  readonly signDescriptor: (
    descriptor: Descriptor,
  ) => Promise<Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[]>
  /** Moves the tag of a version that exists. Hosts that installed it refuse the other bytes. @default false */
  readonly force?: boolean
  readonly signal?: AbortSignal
}

/** What was published. */
export interface PublishedArtifact {
  /** By tag and digest. */
  readonly reference: Required<Reference>
  readonly manifestDigest: Digest
  readonly wasmDigest: Digest
  readonly signatures: readonly Descriptor[]
}

/**
 * Publishes an extension: blobs, manifest by digest, signature, and the tag last, so that nobody ever sees an unsigned version.
 *
 * A version that exists is an error, unless what is there is the same to the byte, when what is missing is completed: a
 * publish that was cut off can be run again. Two different publishes of one version at once are not told apart by any
 * registry; the later tag stays.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_VERSION_EXISTS`, `ERR_REGISTRY_REFERENCE`, `ERR_REGISTRY_ARTIFACT` and the client's codes
 */
export async function publishArtifact(options: PublishOptions): Promise<PublishedArtifact> {
  const { client, wasm, facts } = options
  const call = options.signal === undefined ? {} : { signal: options.signal }
  const repository = {
    registry: options.reference.registry,
    repository: options.reference.repository,
  }
  const tagged = { ...repository, tag: versionTag(options.reference, facts.version) }

  const documents = await createArtifactDocuments(wasm, facts, options.created)
  const existing = await existingDigest(client, tagged, call)
  if (existing !== undefined && existing !== documents.manifestDigest && options.force !== true) {
    throw new RegistryError(
      'ERR_REGISTRY_VERSION_EXISTS',
      `Cannot publish ${formatReference(tagged)}: the version exists`,
      { reference: formatReference(tagged), digest: existing },
    )
  }
  await client.pushBlob(repository, wasm, MEDIA_TYPES.wasm, call)
  await client.pushBlob(repository, documents.config, MEDIA_TYPES.wasmConfig, call)
  const manifest = await client.putManifest(
    repository,
    documents.manifest,
    MEDIA_TYPES.imageManifest,
    call,
  )
  const signed = await options.signDescriptor({
    ...manifest,
    annotations: { [ANNOTATIONS.wasmDigest]: documents.wasmDigest },
  })
  const signatures: Descriptor[] = []
  for (const envelope of signed instanceof Uint8Array ? [signed] : signed) {
    signatures.push(await client.attach(repository, await toAttachment(manifest, envelope), call))
  }
  if (signatures.length === 0) throw new TypeError('signDescriptor returned no envelope')
  await client.putManifest(tagged, documents.manifest, MEDIA_TYPES.imageManifest, call)
  const { manifestDigest, wasmDigest } = documents
  return {
    reference: { ...tagged, digest: manifestDigest },
    manifestDigest,
    wasmDigest,
    signatures,
  }
}

async function toAttachment(
  subject: Descriptor,
  envelope: Uint8Array<ArrayBuffer>,
): Promise<Attachment> {
  return {
    subject,
    artifactType: MEDIA_TYPES.notarySignature,
    content: envelope,
    contentType: MEDIA_TYPES.joseEnvelope,
    annotations: {
      [ANNOTATIONS.created]: formatTime(new Date()),
      [ANNOTATIONS.thumbprints]: await certificateThumbprints(envelope),
    },
  }
}

function versionTag(reference: Reference, version: string): string {
  const reason =
    reference.digest !== undefined
      ? 'a digest is known only after publishing'
      : reference.tag !== undefined && reference.tag !== version
        ? `its tag is not the version ${version}`
        : isTag(version)
          ? undefined
          : 'the version cannot be a tag: build metadata ("+") cannot be published'
  if (reason === undefined) return version
  throw new RegistryError(
    'ERR_REGISTRY_REFERENCE',
    `Cannot publish to ${formatReference(reference)}: ${reason}`,
    { reason },
  )
}

async function existingDigest(
  client: RegistryClient,
  reference: Reference,
  call: { readonly signal?: AbortSignal },
): Promise<Digest | undefined> {
  try {
    return await client.resolve(reference, call)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'ERR_REGISTRY_NOT_FOUND') return undefined
    throw error
  }
}
