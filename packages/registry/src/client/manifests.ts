import { digestOf, type Digest } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type FetchedManifest, parseManifestDocument } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import {
  formatReference,
  type Reference,
  type RepositoryReference,
} from '../reference/reference.ts'
import { discardBody, readBody } from '../transport/read-body.ts'
import { badResponse, type Exchange, isTransient } from './exchange.ts'

/** Largest manifest in bytes: what the specification asks registries to accept at least. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024

const ACCEPT = `${MEDIA_TYPES.imageManifest}, ${MEDIA_TYPES.imageIndex}`

/** Reads a manifest. Its digest is computed from the bytes; no header is believed. */
export async function getManifest(
  exchange: Exchange,
  reference: Reference,
  signal: AbortSignal,
): Promise<FetchedManifest> {
  const name = reference.digest ?? reference.tag
  if (name === undefined) {
    const reason = 'it has neither a tag nor a digest'
    throw new RegistryError(
      'ERR_REGISTRY_REFERENCE',
      `Cannot read ${formatReference(reference)}: ${reason}`,
      { reason },
    )
  }
  const { bytes, contentType } = await fetchManifest(exchange, reference, name, signal)
  const digest = await digestOf(bytes)
  if (reference.digest !== undefined && digest !== reference.digest) {
    throw new RegistryError(
      'ERR_REGISTRY_CONTENT',
      `The manifest served for ${reference.digest} does not hash to it`,
      { digest: reference.digest, reason: 'digest' },
    )
  }
  const document = parseManifestDocument(bytes, contentType)
  if (typeof document === 'string')
    throw badResponse(reference.registry, `the manifest cannot be read: ${document}`)
  return { descriptor: { mediaType: contentType, digest, size: bytes.length }, bytes, document }
}

async function fetchManifest(
  exchange: Exchange,
  reference: RepositoryReference,
  name: string,
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; contentType: string }> {
  for (let attempt = 0; ; attempt++) {
    const response = await exchange.send(reference, {
      method: 'GET',
      url: exchange.url(reference, `manifests/${name}`),
      access: 'pull',
      headers: { accept: ACCEPT, 'accept-encoding': 'identity' },
      expect: [200],
      idempotent: true,
      signal,
    })
    try {
      const bytes = await readBody(response, MAX_MANIFEST_BYTES)
      const contentType = response.headers.get('content-type')?.split(';')[0]?.trim() ?? ''
      if (bytes !== undefined) return { bytes, contentType }
    } catch (error) {
      if (!isTransient(error) || attempt >= exchange.retries) throw error
      await exchange.backOff(attempt, signal)
      continue
    }
    throw new RegistryError(
      'ERR_REGISTRY_TOO_LARGE',
      `The manifest has more than ${MAX_MANIFEST_BYTES} bytes`,
      { what: 'manifest', limit: MAX_MANIFEST_BYTES },
    )
  }
}

/** What a registry said about a manifest it took. */
export interface PutManifestResult {
  readonly descriptor: Descriptor
  /** Digest that the registry has listed this manifest as a referrer of, by its own word (`OCI-Subject`). */
  readonly listedFor: string | undefined
}

/** Sends a manifest under its tag or, without one, under its digest. */
export async function putManifest(
  exchange: Exchange,
  reference: Reference,
  bytes: Uint8Array<ArrayBuffer>,
  mediaType: string,
  signal: AbortSignal,
): Promise<PutManifestResult> {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new RegistryError(
      'ERR_REGISTRY_TOO_LARGE',
      `The manifest has more than ${MAX_MANIFEST_BYTES} bytes`,
      { what: 'manifest', limit: MAX_MANIFEST_BYTES },
    )
  }
  const digest: Digest = await digestOf(bytes)
  const response = await exchange.send(reference, {
    method: 'PUT',
    url: exchange.url(reference, `manifests/${reference.tag ?? digest}`),
    access: 'push',
    headers: { 'content-type': mediaType },
    body: bytes,
    expect: [201],
    idempotent: true,
    signal,
  })
  await discardBody(response)
  const stored = response.headers.get('docker-content-digest')
  if (stored !== null && stored !== digest) {
    throw new RegistryError(
      'ERR_REGISTRY_CONTENT',
      `The registry stored another manifest than ${digest}`,
      { digest, reason: 'digest' },
    )
  }
  return {
    descriptor: { mediaType, digest, size: bytes.length },
    listedFor: response.headers.get('oci-subject') ?? undefined,
  }
}

/** Whether the repository has a manifest. */
export async function hasManifest(
  exchange: Exchange,
  reference: RepositoryReference,
  digest: Digest,
  signal: AbortSignal,
): Promise<boolean> {
  const response = await exchange.send(reference, {
    method: 'HEAD',
    url: exchange.url(reference, `manifests/${digest}`),
    access: 'pull',
    headers: { accept: ACCEPT },
    expect: [200, 404],
    idempotent: true,
    signal,
  })
  await discardBody(response)
  return response.status === 200
}

/** Whether a registry refused a manifest because it does not see what the manifest names. */
export function isBlobUnseen(error: unknown): boolean {
  if (!(error instanceof RegistryError) || error.code !== 'ERR_REGISTRY_REFUSED') return false
  const { status, codes } = error.details as {
    readonly status: number
    readonly codes: readonly string[]
  }
  return (
    status === 400 &&
    codes.some((code) => code === 'MANIFEST_BLOB_UNKNOWN' || code === 'DIGEST_INVALID')
  )
}
