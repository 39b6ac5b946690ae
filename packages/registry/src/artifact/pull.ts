import type { Digest } from '@morphee/core'
import type { ArtifactCache } from '../cache/cache.ts'
import type { RegistryClient } from '../client/client.ts'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { artifactTypeOf } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import type { Reference } from '../reference/reference.ts'
import { type ArtifactManifest, parseArtifactManifest } from './layout.ts'

/**
 * Everything a verification decides from: what `verifyArtifact` of `@morphee/signing` takes of an artifact.
 *
 * All bytes are proven by digest; none of it is proven to be anybody's.
 */
export interface UnverifiedArtifact {
  /** As it was asked for: its tag or digest is what the person meant. */
  readonly reference: Reference
  /** Digest of the manifest, computed from its bytes: what the tag was resolved to. */
  readonly digest: Digest
  /** The OCI manifest, byte for byte as received. */
  readonly manifestBytes: Uint8Array<ArrayBuffer>
  /** Annotations of the OCI manifest. */
  readonly annotations: Readonly<Record<string, string>>
  /** The bytes of the one WebAssembly layer. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** Notary Project JWS envelopes that are listed for the manifest, in the registry's order. At least one. */
  readonly envelopes: readonly Uint8Array<ArrayBuffer>[]
  /** `host/repository`. */
  readonly scope: string
}

/** What is pulled, and who decides. */
export interface PullOptions<Verified> {
  readonly client: RegistryClient
  readonly reference: Reference
  /** Throws unless the artifact is proven to be what the reference means: `verifyArtifact` of `@morphee/signing`. */
  readonly verify: (artifact: UnverifiedArtifact) => Promise<Verified>
  /** Where the WebAssembly is looked for first and kept afterwards, once it was verified. */
  readonly cache?: ArtifactCache
  /** Most bytes of WebAssembly. @default 64 MiB */
  readonly maxWasmBytes?: number
  readonly signal?: AbortSignal
}

/** A verified artifact. */
export interface PulledArtifact<Verified> {
  /** What the tag named when it was resolved, once. */
  readonly manifestDigest: Digest
  readonly wasmDigest: Digest
  /** The bytes that were hashed and verified; nobody else holds this buffer. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** What `verify` returned. */
  readonly verified: Verified
  /** Listed signatures that could not be read, and why; for the log. */
  readonly skipped: readonly string[]
}

const DEFAULT_MAX_WASM_BYTES = 64 * 1024 * 1024
// As many and as large as `verifyArtifact` looks at: fewer here would let whoever may write to the repository hide the good signature behind junk.
const MAX_ENVELOPE_BYTES = 128 * 1024
const MAX_SIGNATURES = 256

/**
 * Pulls an extension and hands it over only after `verify` agreed.
 *
 * The tag is resolved once; from there on everything goes by digest, so a tag that moves meanwhile changes nothing.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_UNSIGNED`, `ERR_REGISTRY_ARTIFACT`, the client's codes, and whatever `verify` throws
 */
export async function pullVerified<Verified>(
  options: PullOptions<Verified>,
): Promise<PulledArtifact<Verified>> {
  const { client, reference, cache } = options
  const call = options.signal === undefined ? {} : { signal: options.signal }
  const artifact = parseArtifactManifest(await client.getManifest(reference, call))
  const limit = options.maxWasmBytes ?? DEFAULT_MAX_WASM_BYTES
  // Before anything else is fetched, and for what the cache holds too: it may have been filled under another limit.
  if (artifact.wasm.size > limit) {
    throw new RegistryError(
      'ERR_REGISTRY_TOO_LARGE',
      `The extension has ${artifact.wasm.size} bytes of WebAssembly; ${limit} are allowed`,
      { what: 'wasm', limit },
    )
  }
  const { envelopes, skipped } = await fetchEnvelopes(options, artifact, call)
  if (envelopes.length === 0) {
    const { digest } = artifact.descriptor
    throw new RegistryError('ERR_REGISTRY_UNSIGNED', `There is no signature for ${digest}`, {
      digest,
      skipped,
    })
  }
  const cached = await cache?.get(artifact.wasm.digest)
  const isCached = cached !== undefined && cached.length === artifact.wasm.size
  const wasm = isCached
    ? cached
    : await client.getBlob(reference, artifact.wasm, { ...call, maxBytes: limit })
  const verified = await options.verify({
    reference,
    digest: artifact.descriptor.digest,
    manifestBytes: artifact.bytes,
    annotations: artifact.annotations,
    wasm,
    envelopes,
    scope: `${reference.registry}/${reference.repository}`,
  })
  if (!isCached) await cache?.put(wasm)
  return {
    manifestDigest: artifact.descriptor.digest,
    wasmDigest: artifact.wasm.digest,
    wasm,
    verified,
    skipped,
  }
}

async function fetchEnvelopes(
  options: Pick<PullOptions<unknown>, 'client' | 'reference'>,
  artifact: ArtifactManifest,
  call: { readonly signal?: AbortSignal },
): Promise<{ envelopes: Uint8Array<ArrayBuffer>[]; skipped: string[] }> {
  const { client, reference } = options
  const listed = await client.referrers(reference, artifact.descriptor.digest, {
    ...call,
    artifactType: MEDIA_TYPES.notarySignature,
  })
  const envelopes: Uint8Array<ArrayBuffer>[] = []
  const skipped: string[] = []
  if (listed.skipped > 0) skipped.push(`${listed.skipped} entries of the list`)
  for (const entry of listed.manifests.slice(0, MAX_SIGNATURES)) {
    try {
      envelopes.push(await fetchEnvelope(client, reference, artifact.descriptor, entry, call))
    } catch (error) {
      // Anyone who may write to the repository can list rubbish; it must not hide the good signature. What the network did is no reason to skip.
      if (!(error instanceof RegistryError) || !SKIPPED_CODES.includes(error.code)) throw error
      skipped.push(`${entry.digest}: ${error.code}`)
    }
  }
  const rest = listed.manifests.length - MAX_SIGNATURES
  if (rest > 0) skipped.push(`${rest} signatures more than are looked at`)
  return { envelopes, skipped }
}

const SKIPPED_CODES: readonly string[] = [
  'ERR_REGISTRY_NOT_FOUND',
  'ERR_REGISTRY_CONTENT',
  'ERR_REGISTRY_RESPONSE',
  'ERR_REGISTRY_TOO_LARGE',
  'ERR_REGISTRY_ARTIFACT',
]

async function fetchEnvelope(
  client: RegistryClient,
  reference: Reference,
  subject: Descriptor,
  entry: Descriptor,
  call: { readonly signal?: AbortSignal },
): Promise<Uint8Array<ArrayBuffer>> {
  const { registry, repository } = reference
  const { document } = await client.getManifest(
    { registry, repository, digest: entry.digest },
    call,
  )
  const [layer] = document.kind === 'manifest' ? document.layers : []
  const isSignature =
    document.kind === 'manifest' &&
    artifactTypeOf(document) === MEDIA_TYPES.notarySignature &&
    document.subject?.digest === subject.digest &&
    document.layers.length === 1 &&
    layer?.mediaType === MEDIA_TYPES.joseEnvelope
  if (!isSignature || layer === undefined) {
    throw new RegistryError('ERR_REGISTRY_ARTIFACT', 'This is not a signature of the manifest', {
      reason: 'not a signature of the manifest',
    })
  }
  return client.getBlob(reference, layer, { ...call, maxBytes: MAX_ENVELOPE_BYTES })
}
