import { tryDecodeUtf8 } from '@morphee/core'
import { tryParseContentDigest } from './digest.ts'
import { ProtocolError } from './protocol-error.ts'

/** What the registry needs to know of a manifest. */
export interface ManifestDocument {
  readonly mediaType: string
  readonly artifactType?: string
  readonly subject?: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Blobs that must be in the repository. */
  readonly blobs: readonly string[]
  /** Manifests that must be in the repository. */
  readonly manifests: readonly string[]
}

const IMAGES = new Set([
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
])
const INDEXES = new Set([
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
])
// Layers that by their type are fetched elsewhere, so that a registry may lack them (image specification 1.1, "Non-Distributable Layers").
const ELSEWHERE = /nondistributable|foreign/
// A list of referrers repeats their annotations and has to stay under the 4 MiB that a client reads.
const MAX_REFERRER_ANNOTATION_LENGTH = 256 * 1024

/**
 * Reads and checks a pushed manifest.
 *
 * @throws ProtocolError `MANIFEST_INVALID`
 */
export function parseManifestDocument(bytes: Uint8Array, contentType: string): ManifestDocument {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined) throw invalid('it is not UTF-8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw invalid('it is not JSON')
  }
  const document = asObject(value, 'it')
  if (document['schemaVersion'] !== 2) throw invalid('schemaVersion is not 2')
  const mediaType = document['mediaType'] ?? contentType
  if (mediaType !== contentType) throw invalid('mediaType is not the Content-Type it was sent with')
  const isImage = IMAGES.has(contentType)
  if (!isImage && !INDEXES.has(contentType)) throw invalid('its media type is not supported')

  const config = isImage ? descriptor(document['config'], 'config') : undefined
  const layers = isImage ? descriptors(document['layers'], 'layers') : []
  const manifests = isImage ? [] : descriptors(document['manifests'], 'manifests')
  const subject =
    document['subject'] === undefined
      ? undefined
      : descriptor(document['subject'], 'subject').digest
  const annotations = parseAnnotations(document['annotations'])
  const artifactType = parseArtifactType(document['artifactType']) ?? config?.mediaType
  const size = JSON.stringify(annotations ?? {}).length + (artifactType?.length ?? 0)
  if (subject !== undefined && size > MAX_REFERRER_ANNOTATION_LENGTH) {
    throw invalid('a manifest with a subject has more than 256 KiB of annotations')
  }
  return {
    mediaType: contentType,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(subject === undefined ? {} : { subject }),
    ...(annotations === undefined ? {} : { annotations }),
    blobs: [
      ...(config === undefined ? [] : [config.digest]),
      ...layers.filter((layer) => !ELSEWHERE.test(layer.mediaType)).map((layer) => layer.digest),
    ],
    manifests: manifests.map((entry) => entry.digest),
  }
}

function descriptors(value: unknown, name: string): { mediaType: string; digest: string }[] {
  if (!Array.isArray(value)) throw invalid(`${name} is not a list`)
  return value.map((entry: unknown, i) => descriptor(entry, `${name}[${i}]`))
}

function descriptor(value: unknown, name: string): { mediaType: string; digest: string } {
  const { mediaType, digest, size } = asObject(value, name)
  if (typeof mediaType !== 'string') throw invalid(`${name} has no mediaType`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
    throw invalid(`${name} has no size`)
  }
  if (typeof digest !== 'string' || tryParseContentDigest(digest) === undefined) {
    throw invalid(`${name} has no digest`)
  }
  return { mediaType, digest }
}

function parseAnnotations(value: unknown): Record<string, string> | undefined {
  if (value === undefined || value === null) return undefined
  const entries = Object.entries(asObject(value, 'annotations'))
  if (!entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) {
    throw invalid('an annotation is not a string')
  }
  return Object.fromEntries(entries)
}

function parseArtifactType(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined
  if (typeof value !== 'string') throw invalid('artifactType is not a string')
  return value
}

function asObject(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${name} is not an object`)
  }
  return value as Record<string, unknown>
}

function invalid(why: string): ProtocolError {
  return new ProtocolError('MANIFEST_INVALID', `The manifest is not valid: ${why}`)
}
