import { digestOf } from '@morphee/core'
import { WASM_TYPE } from '../envelope/media-types.ts'
import {
  contentSteps,
  publisherOf,
  readEmbedded,
  toVerified,
  type Verified,
  verifyAsked,
  type VerifyContext,
  verifyFloor,
} from './artifact.ts'
import { verifyAny } from './any-envelope.ts'
import { refuse } from './refuse.ts'

/** A file with the envelopes that lie beside it. */
export interface BlobToVerify extends VerifyContext {
  /** Content of `<file>.jws.sig`; several when there are several. */
  readonly envelopes: readonly Uint8Array[]
  /** @default 'application/wasm' */
  readonly mediaType?: string
}

/**
 * Proves that a file may be installed by the signature beside it: the same steps as `verifyArtifact`, where the file itself is what is signed.
 *
 * @throws {@link SigningError} with the step in its details; see spec/signing.md section 5
 */
export async function verifyBlob(blob: BlobToVerify): Promise<Verified> {
  const { wasm, envelopes, trust, now, asked, installedFloor, mediaType = WASM_TYPE } = blob
  const digest = await digestOf(wasm)
  const target = { mediaType, digest, size: wasm.length }
  const signature = await verifyAny(envelopes, target, { trust, now })
  const embedded = readEmbedded(blob)
  // A file has no annotations outside its bytes, so whose name it bears is known only now.
  if (publisherOf(embedded.name) !== signature.publisher) {
    throw refuse(
      'publisher',
      'ERR_SIGNING_PUBLISHER',
      'The signing key belongs to another publisher than the name',
    )
  }
  verifyAsked(embedded, digest, asked)
  verifyFloor(embedded.version, installedFloor)
  return {
    ...toVerified(signature, embedded, digest, blob),
    steps: [
      { name: 'digest', detail: 'the file itself is what is signed' },
      ...signature.steps,
      ...contentSteps(embedded, digest, blob),
    ],
  }
}
