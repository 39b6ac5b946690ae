import { tryDecodeUtf8 } from '@morphee/core'
import {
  isMediaType,
  isRecord,
  tryParseAnnotations,
  tryParseDescriptor,
  type Descriptor,
} from './descriptor.ts'
import { MEDIA_TYPES } from './media-types.ts'

/** An image manifest (image specification 1.1): one artifact. */
export interface ImageManifest {
  readonly kind: 'manifest'
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

/** An image index (image specification 1.1): a list of manifests. */
export interface ImageIndex {
  readonly kind: 'index'
  /** Entries that this package can follow; {@link ImageIndex.skipped} counts the others. */
  readonly manifests: readonly Descriptor[]
  readonly skipped: number
  readonly subject?: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

/** A manifest as it was served. */
export interface FetchedManifest {
  /** Media type, size, and the digest computed from the bytes. */
  readonly descriptor: Descriptor
  /** Exactly what was served; never written anew. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly document: ImageManifest | ImageIndex
}

// Referrer lists of a hostile registry are long before they are refused; this many are looked at.
const MAX_ENTRIES = 10_000

/** Reads a manifest, or says why it is none. */
export function parseManifestDocument(
  bytes: Uint8Array,
  mediaType: string,
): ImageManifest | ImageIndex | string {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined) return 'it is not UTF-8'
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not JSON'
  }
  if (!isRecord(value) || value['schemaVersion'] !== 2) return 'schemaVersion is not 2'
  // The specification lets the body leave its type out; a type it names must be the one it is served as, or two readers see two things.
  if (value['mediaType'] !== undefined && value['mediaType'] !== mediaType) {
    return 'its mediaType is not the Content-Type'
  }
  const annotations = tryParseAnnotations(value['annotations']) ?? {}
  const subject = value['subject'] === undefined ? undefined : tryParseDescriptor(value['subject'])
  if (value['subject'] !== undefined && subject === undefined) return 'subject is not a descriptor'
  const common = { annotations, ...(subject === undefined ? {} : { subject }) }

  if (mediaType === MEDIA_TYPES.imageIndex) {
    if (!Array.isArray(value['manifests']) || value['manifests'].length > MAX_ENTRIES) {
      return `manifests is not a list of at most ${MAX_ENTRIES}`
    }
    const all = value['manifests'].map(tryParseDescriptor)
    const manifests = all.filter((entry) => entry !== undefined)
    return { kind: 'index', manifests, skipped: all.length - manifests.length, ...common }
  }
  if (mediaType !== MEDIA_TYPES.imageManifest)
    return 'its media type is not that of an OCI manifest'
  const config = tryParseDescriptor(value['config'])
  if (config === undefined) return 'config is not a descriptor'
  if (!Array.isArray(value['layers']) || value['layers'].length > MAX_ENTRIES)
    return 'layers is not a list'
  const layers = value['layers'].map(tryParseDescriptor)
  if (!layers.every((layer) => layer !== undefined)) return 'a layer is not a descriptor'
  const { artifactType } = value
  return {
    kind: 'manifest',
    config,
    layers,
    ...(isMediaType(artifactType) ? { artifactType } : {}),
    ...common,
  }
}

/** What a manifest is: its `artifactType`, else the type of its config. */
export function artifactTypeOf(manifest: ImageManifest): string {
  return manifest.artifactType ?? manifest.config.mediaType
}
