import { digestOf, shortDigest } from '@morphee/core'
import { WASM_TYPE } from '../envelope/media-types.ts'
import { verifyAny } from './any-envelope.ts'
import { verifyAsked, verifyFloor } from './asked.ts'
import { publisherOf, readEmbedded } from './embedded.ts'
import { refuse } from './refuse.ts'
import { toVerified, type Verified, type VerifyContext } from './verified.ts'

/** A file with the envelopes that lie beside it. */
export interface BlobToVerify extends VerifyContext {
  /** Content of `<file>.jws.sig`; several when there are several. */
  readonly envelopes: readonly Uint8Array[]
}

/**
 * Proves that a WebAssembly file may be installed by the signature beside it: the same steps as `verifyArtifact`, where the file itself is what is
 * signed.
 *
 * @throws {@link SigningError} with the step in its details; see spec/signing.md section 5
 */
export async function verifyBlob(blob: BlobToVerify): Promise<Verified> {
  const { wasm } = blob
  const digest = await digestOf(wasm)
  const target = { mediaType: WASM_TYPE, digest, size: wasm.length }
  const signature = await verifyAny(blob.envelopes, target, blob)
  const embedded = readEmbedded(blob)
  // A file has no annotations outside its bytes, so whose name it bears is known only now.
  if (publisherOf(embedded.name) !== signature.publisher) {
    throw refuse(
      'publisher',
      'ERR_SIGNING_PUBLISHER',
      'The signing key belongs to another publisher than the name',
    )
  }
  verifyAsked(embedded, digest, blob.asked)
  verifyFloor(embedded.version, blob.installedFloor)
  const detail = `file ${shortDigest(digest)}, signed as it is`
  return toVerified({ name: 'digest', detail }, signature, embedded, digest, blob)
}
