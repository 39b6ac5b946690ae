import { encodeUtf8, type Digest } from '@morphee/core'
import type { Descriptor } from '../oci/descriptor.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import type { RepositoryReference } from '../reference/reference.ts'
import { pushBlob, type PushLimits } from './blobs.ts'
import type { Exchange } from './exchange.ts'
import { isBlobUnseen, putManifest, type PutManifestResult } from './manifests.ts'
import { ensureListed } from './referrers.ts'

/** Something to be attached to a manifest: a signature, a bill of materials. */
export interface Attachment {
  /** The manifest it refers to. */
  readonly subject: Descriptor
  /** What it is, such as `application/vnd.cncf.notary.signature`. */
  readonly artifactType: string
  readonly content: Uint8Array<ArrayBuffer>
  /** Media type of `content`. */
  readonly contentType: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** The blob `{}`, the config of manifests that need none (image specification 1.1, "Guidance for an Empty Descriptor"). */
const EMPTY = {
  mediaType: MEDIA_TYPES.empty,
  digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' as Digest,
  size: 2,
  data: 'e30=',
}

/** Pushes an attachment and makes sure it is listed. */
export async function attach(
  exchange: Exchange,
  reference: RepositoryReference,
  attachment: Attachment,
  limits: PushLimits,
  pauseMs: number,
  signal: AbortSignal,
): Promise<Descriptor> {
  const { registry, repository } = reference
  const { subject, artifactType } = attachment
  const annotations = attachment.annotations ?? {}
  const layer = await pushBlob(
    exchange,
    reference,
    attachment.content,
    attachment.contentType,
    limits,
    signal,
  )
  await pushBlob(exchange, reference, encodeUtf8('{}'), MEDIA_TYPES.empty, limits, signal)
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.imageManifest,
    artifactType,
    config: EMPTY,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  }
  const bytes = encodeUtf8(JSON.stringify(manifest))
  const { descriptor, listedFor } = await putUntilBlobsAreSeen(
    exchange,
    { registry, repository },
    bytes,
    signal,
  )
  const entry = { ...descriptor, artifactType, annotations }
  await ensureListed(exchange, reference, subject.digest, entry, listedFor, pauseMs, signal)
  return entry
}

/**
 * distribution 2.8 answers 400 for a moment while another client uploads the same `{}` blob to the repository. Our blobs
 * are there, we put them there: so try again.
 */
async function putUntilBlobsAreSeen(
  exchange: Exchange,
  reference: RepositoryReference,
  bytes: Uint8Array<ArrayBuffer>,
  signal: AbortSignal,
): Promise<PutManifestResult> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await putManifest(exchange, reference, bytes, MEDIA_TYPES.imageManifest, signal)
    } catch (error) {
      if (attempt >= 4 || !isBlobUnseen(error)) throw error
      await exchange.backOff(attempt, signal)
    }
  }
}
