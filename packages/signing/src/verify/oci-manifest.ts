import {
  type Digest,
  type JsonObject,
  type JsonValue,
  tryParseDigest,
  tryParseStrictJson,
} from '@morphee/core'
import { OCI_MANIFEST_TYPE, WASM_CONFIG_TYPE, WASM_TYPE } from '../envelope/media-types.ts'

/** What a verification needs to know of an extension's OCI manifest. */
export interface ArtifactManifest {
  readonly mediaType: string
  /** Digest and size in bytes of the one WebAssembly layer. */
  readonly wasm: { readonly digest: Digest; readonly size: number }
  readonly annotations: ReadonlyMap<string, string>
}

const MAX_MANIFEST_BYTES = 4 * 1024 * 1024

/** Reads the OCI manifest of an extension (CNCF Wasm OCI layout: one layer), or `undefined` when it is not one. */
export function tryParseArtifactManifest(bytes: Uint8Array): ArtifactManifest | undefined {
  if (bytes.length > MAX_MANIFEST_BYTES) return undefined
  const root = toObject(tryParseStrictJson(bytes))
  if (root?.['schemaVersion'] !== 2 || root['mediaType'] !== OCI_MANIFEST_TYPE) return undefined
  if (toObject(root['config'])?.['mediaType'] !== WASM_CONFIG_TYPE) return undefined
  const { layers } = root
  if (!Array.isArray(layers) || layers.length !== 1) return undefined
  const layer = toObject((layers as readonly JsonValue[])[0])
  const digest = typeof layer?.['digest'] === 'string' ? tryParseDigest(layer['digest']) : undefined
  const size = layer?.['size']
  if (layer?.['mediaType'] !== WASM_TYPE || digest === undefined) return undefined
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) return undefined
  const annotations = new Map<string, string>()
  for (const [name, value] of Object.entries(toObject(root['annotations']) ?? {})) {
    if (typeof value !== 'string') return undefined
    annotations.set(name, value)
  }
  return { mediaType: OCI_MANIFEST_TYPE, wasm: { digest, size }, annotations }
}

function toObject(value: JsonValue | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined
}
