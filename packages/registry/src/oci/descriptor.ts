import { tryParseDigest, type Digest } from '@morphee/core'

/** What names content in a registry: type, digest and size in bytes. */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: Digest
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

const MEDIA_TYPE =
  /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/

/** Reads a descriptor of a stranger, or `undefined` when it is not one this package can follow: SHA-256, a size, a media type. */
export function tryParseDescriptor(value: unknown): Descriptor | undefined {
  if (!isRecord(value)) return undefined
  const digest = typeof value['digest'] === 'string' ? tryParseDigest(value['digest']) : undefined
  const { mediaType, size, artifactType } = value
  if (digest === undefined || !isMediaType(mediaType)) return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  const annotations = tryParseAnnotations(value['annotations'])
  return {
    mediaType,
    digest,
    size,
    ...(isMediaType(artifactType) ? { artifactType } : {}),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

/** The string members of an annotations object; anything else in it is left out. */
export function tryParseAnnotations(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(value).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  )
  return Object.fromEntries(entries)
}

/** Whether `value` is a media type (RFC 6838 section 4.2) without parameters. */
export function isMediaType(value: unknown): value is string {
  return typeof value === 'string' && MEDIA_TYPE.test(value)
}

/** Whether `value` is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
