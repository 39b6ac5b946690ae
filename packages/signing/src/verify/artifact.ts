import { type Digest, digestOf, shortDigest } from '@morphee/core'
import {
  NAME_ANNOTATION,
  VERSION_ANNOTATION,
  WASM_DIGEST_ANNOTATION,
} from '../envelope/media-types.ts'
import { SigningError } from '../errors.ts'
import type { KeyId } from '../key/rsa.ts'
import type { Trust } from '../trust/trust.ts'
import { verifyAny } from './any-envelope.ts'
import type { VerifiedEnvelope } from './envelope.ts'
import { type ArtifactManifest, tryParseArtifactManifest } from './oci-manifest.ts'
import { refuse } from './refuse.ts'
import type { PassedStep, VerifyStep } from './step.ts'
import { isOlder } from './version.ts'

/** What the manifest inside a WebAssembly file says. */
export interface EmbeddedManifest {
  /** `publisher/name`. */
  readonly name: string
  readonly version: string
  /** Further annotations that the OCI manifest must carry with exactly these values. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** What somebody asked for; what is left out was not asked. */
export interface AskedFor {
  readonly name?: string
  /** One exact version. */
  readonly version?: string
  /** Of the OCI manifest, or of the file for a blob. */
  readonly digest?: Digest
}

/** What every verification for an install takes. */
export interface VerifyContext {
  /** The WebAssembly bytes. A private buffer: nobody may write to it until they are compiled. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** Reads the manifest embedded in bytes whose signature and hash were verified; what it throws becomes the cause. */
  readonly readManifest: (wasm: Uint8Array<ArrayBuffer>) => EmbeddedManifest
  readonly asked: AskedFor
  /** Version below which nothing is installed. Leave out for a rollback within an installation's own history. */
  readonly installedFloor?: string
  readonly trust: Trust
  /** Milliseconds since 1970. */
  readonly now: number
}

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

/** Proof that an extension is what was asked for and by whom it was signed. Keep it with the installation: `recheck` needs it. */
export interface Verified {
  /** Publisher id, the first part of {@link Verified.name}. */
  readonly publisher: string
  readonly publisherName: string
  readonly keyId: KeyId
  readonly name: string
  readonly version: string
  /** Absent for a file that was signed by itself. */
  readonly manifestDigest?: Digest
  readonly wasmDigest: Digest
  /** When the signer says it signed, milliseconds since 1970. */
  readonly signingTime: number
  /** When the signing certificate ends, milliseconds since 1970. */
  readonly certificateExpires: number
  /** Version of the list of publishers that this rests on. */
  readonly trustVersion: number
  /** What was proven, in order, for people. */
  readonly steps: readonly PassedStep[]
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
 * One good signature by the publisher whose name the artifact bears is enough; others do no harm. Nothing of the bytes is parsed before
 * they are hashed and signed.
 *
 * @throws {@link SigningError} with the step in its details; see spec/signing.md section 5
 */
export async function verifyArtifact(artifact: ArtifactToVerify): Promise<VerifiedArtifact> {
  const { manifestBytes, digest, envelopes, wasm, trust, now, scope } = artifact
  const manifest = await verifyManifestBytes(manifestBytes, digest)
  const target = { mediaType: manifest.mediaType, digest, size: manifestBytes.length }
  const publisher = publisherOf(manifest.annotations.get(NAME_ANNOTATION) ?? '')
  const signature = await verifyAny(envelopes, target, {
    trust,
    now,
    publisher,
    ...(scope === undefined ? {} : { scope }),
  })
  await verifyBytes(wasm, manifest, signature)
  const embedded = readEmbedded(artifact)
  verifyAnnotations(embedded, manifest)
  verifyAsked(embedded, digest, artifact.asked)
  verifyFloor(embedded.version, artifact.installedFloor)
  return {
    ...toVerified(signature, embedded, manifest.wasm.digest, artifact),
    manifestDigest: digest,
    steps: [
      { name: 'digest', detail: `manifest ${shortDigest(digest)}, ${manifestBytes.length} bytes` },
      ...signature.steps,
      ...contentSteps(embedded, manifest.wasm.digest, artifact),
    ],
  }
}

/** The steps after the signature, as they are told when all were passed. */
export function contentSteps(
  embedded: EmbeddedManifest,
  wasmDigest: Digest,
  { wasm, asked, installedFloor }: VerifyContext,
): readonly PassedStep[] {
  const wanted = [asked.name, asked.version, asked.digest].filter((part) => part !== undefined)
  return [
    { name: 'bytes', detail: `wasm ${shortDigest(wasmDigest)}, ${wasm.length} bytes` },
    { name: 'manifest', detail: `${embedded.name} ${embedded.version}` },
    { name: 'asked', detail: wanted.length === 0 ? 'anything' : wanted.join(' ') },
    {
      name: 'version',
      detail: installedFloor === undefined ? 'no floor' : `not older than ${installedFloor}`,
    },
  ]
}

/** What is kept of a verification. */
export function toVerified(
  signature: VerifiedEnvelope,
  embedded: EmbeddedManifest,
  wasmDigest: Digest,
  { trust }: VerifyContext,
): Omit<Verified, 'manifestDigest' | 'steps'> {
  const { publisher, publisherName, keyId, signingTime, certificateExpires } = signature
  const { name, version } = embedded
  const trustVersion = trust.publishers.version
  return {
    publisher,
    publisherName,
    keyId,
    name,
    version,
    wasmDigest,
    signingTime,
    certificateExpires,
    trustVersion,
  }
}

/** The publisher part of a name; empty when there is none, which no publisher id is. */
export function publisherOf(name: string): string {
  const slash = name.indexOf('/')
  return slash === -1 ? '' : name.slice(0, slash)
}

/** Reads the embedded manifest by the caller's reader, whose own errors become the cause. */
export function readEmbedded({ wasm, readManifest }: VerifyContext): EmbeddedManifest {
  try {
    return readManifest(wasm)
  } catch (cause) {
    const message = 'The manifest in the WebAssembly file cannot be read'
    throw new SigningError(
      'ERR_SIGNING_MANIFEST_MISMATCH',
      message,
      { step: 'manifest', reason: message },
      { cause },
    )
  }
}

/** Refuses what was not asked for. */
export function verifyAsked(embedded: EmbeddedManifest, digest: Digest, asked: AskedFor): void {
  if (asked.digest !== undefined && asked.digest !== digest)
    throw integrity('asked', asked.digest, digest)
  if (asked.name !== undefined && asked.name !== embedded.name) {
    throw refuse(
      'asked',
      'ERR_SIGNING_NAME_MISMATCH',
      'This is another extension than the one asked for',
    )
  }
  if (asked.version !== undefined && asked.version !== embedded.version) {
    throw refuse(
      'asked',
      'ERR_SIGNING_VERSION_MISMATCH',
      'This is another version than the one asked for',
    )
  }
}

/** Refuses what is older than the floor. */
export function verifyFloor(version: string, floor: string | undefined): void {
  if (floor === undefined) return
  if (isOlder(version, floor) !== false) {
    throw refuse(
      'version',
      'ERR_SIGNING_ROLLBACK',
      'This version is older than what is, or was, installed',
    )
  }
}

/** The error for bytes that do not hash to what names them. */
export function integrity(step: VerifyStep, expected: string, actual: string): SigningError {
  const message = 'The bytes are not those that the digest names'
  return new SigningError('ERR_SIGNING_INTEGRITY', message, {
    step,
    reason: message,
    expected,
    actual,
  })
}

async function verifyManifestBytes(
  bytes: Uint8Array<ArrayBuffer>,
  digest: Digest,
): Promise<ArtifactManifest> {
  const actual = await digestOf(bytes)
  if (actual !== digest) throw integrity('digest', digest, actual)
  const manifest = tryParseArtifactManifest(bytes)
  if (manifest === undefined) {
    throw refuse(
      'digest',
      'ERR_SIGNING_ARTIFACT',
      'The OCI manifest is not that of one WebAssembly extension',
    )
  }
  return manifest
}

async function verifyBytes(
  wasm: Uint8Array<ArrayBuffer>,
  manifest: ArtifactManifest,
  signature: VerifiedEnvelope,
): Promise<void> {
  const actual = await digestOf(wasm)
  const { digest, size } = manifest.wasm
  if (actual !== digest || wasm.length !== size) throw integrity('bytes', digest, actual)
  const signed = signature.target.annotations.get(WASM_DIGEST_ANNOTATION)
  if (signed !== undefined && signed !== actual) throw integrity('bytes', signed, actual)
}

function verifyAnnotations(embedded: EmbeddedManifest, { annotations }: ArtifactManifest): void {
  const expected: Readonly<Record<string, string>> = {
    ...embedded.annotations,
    [NAME_ANNOTATION]: embedded.name,
    [VERSION_ANNOTATION]: embedded.version,
  }
  for (const [name, value] of Object.entries(expected)) {
    if (annotations.get(name) !== value) {
      throw refuse(
        'manifest',
        'ERR_SIGNING_MANIFEST_MISMATCH',
        'The OCI manifest says something else than the manifest in the WebAssembly file',
        `the annotation ${name} is not what the embedded manifest says`,
      )
    }
  }
}
