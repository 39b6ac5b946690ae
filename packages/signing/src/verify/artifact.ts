import { type Digest, digestOf, shortDigest } from '@morphee/core'
import { NAME_ANNOTATION, WASM_DIGEST_ANNOTATION } from '../envelope/media-types.ts'
import { verifyAny } from './any-envelope.ts'
import { verifyAsked, verifyFloor } from './asked.ts'
import { publisherOf, readEmbedded, verifyAnnotations } from './embedded.ts'
import type { VerifiedEnvelope } from './envelope.ts'
import { type ArtifactManifest, tryParseArtifactManifest } from './oci-manifest.ts'
import { refuse, refuseBytes } from './refuse.ts'
import { toVerified, type Verified, type VerifyContext } from './verified.ts'

/** An artifact as it came from a registry. */
export interface ArtifactToVerify extends VerifyContext {
  /** The OCI manifest, byte for byte as received. */
  readonly manifestBytes: Uint8Array<ArrayBuffer>
  /** What the manifest must hash to: what the tag was resolved to, or what was asked for. */
  readonly digest: Digest
  /** Every signature envelope found; the order does not matter. */
  readonly envelopes: readonly Uint8Array[]
  /** `host/repository`, to choose the trust policy statement; without it the one for `*` applies. */
  readonly scope?: string
}

/** What {@link verifyArtifact} returns. */
export interface VerifiedArtifact extends Verified {
  readonly manifestDigest: Digest
}

/**
 * Proves that an artifact may be installed, step by step, and stops at the first that fails:
 *
 * digest → signature → chain → publisher → revocation → bytes → manifest → asked → version.
 *
 * One good signature by the publisher whose name the artifact bears is enough; others do no harm. Of the WebAssembly nothing is parsed before
 * the signature and the hash were verified.
 *
 * @throws {@link SigningError} with the step in its details; see spec/signing.md section 5
 */
export async function verifyArtifact(artifact: ArtifactToVerify): Promise<VerifiedArtifact> {
  const { manifestBytes, digest, wasm } = artifact
  const manifest = await verifyManifestBytes(manifestBytes, digest)
  const signature = await verifyAny(
    artifact.envelopes,
    { mediaType: manifest.mediaType, digest, size: manifestBytes.length },
    { ...artifact, publisher: publisherOf(manifest.annotations.get(NAME_ANNOTATION) ?? '') },
  )
  await verifyBytes(wasm, manifest, signature)
  const embedded = readEmbedded(artifact)
  verifyAnnotations(embedded, manifest.annotations)
  verifyAsked(embedded, digest, artifact.asked)
  verifyFloor(embedded.version, artifact.installedFloor)
  const detail = `manifest ${shortDigest(digest)}, ${manifestBytes.length} bytes`
  const first = { name: 'digest', detail } as const
  return {
    ...toVerified(first, signature, embedded, manifest.wasm.digest, artifact),
    manifestDigest: digest,
  }
}

async function verifyManifestBytes(
  bytes: Uint8Array<ArrayBuffer>,
  digest: Digest,
): Promise<ArtifactManifest> {
  const actual = await digestOf(bytes)
  if (actual !== digest) throw refuseBytes('digest', digest, actual)
  const manifest = tryParseArtifactManifest(bytes)
  if (manifest !== undefined) return manifest
  throw refuse(
    'digest',
    'ERR_SIGNING_ARTIFACT',
    'The OCI manifest is not that of one WebAssembly extension',
  )
}

async function verifyBytes(
  wasm: Uint8Array<ArrayBuffer>,
  { wasm: { digest, size } }: ArtifactManifest,
  signature: VerifiedEnvelope,
): Promise<void> {
  const actual = await digestOf(wasm)
  if (actual !== digest || wasm.length !== size) throw refuseBytes('bytes', digest, actual)
  const signed = signature.target.annotations.get(WASM_DIGEST_ANNOTATION)
  if (signed !== undefined && signed !== actual) throw refuseBytes('bytes', signed, actual)
}
