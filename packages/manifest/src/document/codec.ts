import {
  canonicalJson,
  encodeUtf8,
  equalBytes,
  type JsonObject,
  type JsonValue,
  tryDecodeUtf8,
} from '@morphee/core'
import { ManifestError } from '../errors.ts'
import { formatLimit, LIMIT_KEYS, LIMITS } from '../limits.ts'
import type { Manifest } from '../manifest.ts'
import type { PermissionRequest } from '../permissions/permission.ts'
import { checkManifest, type CheckOptions } from './check-manifest.ts'
import { type Diagnostic, formatPath } from './diagnostics.ts'
import { invalid } from './parse-manifest.ts'

/** Largest embedded manifest, in bytes. */
export const MAX_MANIFEST_BYTES: number = 1024 * 1024

/** The bytes of `manifest` that are embedded and signed: canonical JSON (RFC 8785) in the form of spec/manifest.schema.json. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return encodeUtf8(canonicalJson(documentOf(manifest)))
}

/**
 * Reads what {@link encodeManifest} wrote, with the checks of `extension.yaml`.
 *
 * Bytes that are not exactly the canonical ones are refused, so one manifest has one digest and no reader sees another.
 *
 * @throws {@link ManifestError} `ERR_MANIFEST_TOO_LARGE`, `ERR_MANIFEST_NOT_CANONICAL`, `ERR_MANIFEST_INVALID`
 */
export function decodeManifest(bytes: Uint8Array, options: CheckOptions = {}): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    throw new ManifestError(
      'ERR_MANIFEST_TOO_LARGE',
      `Cannot read the manifest: it is larger than ${MAX_MANIFEST_BYTES} bytes`,
      {
        limit: MAX_MANIFEST_BYTES,
        actual: bytes.length,
      },
    )
  }
  const document = parseJson(bytes)
  const diagnostics: Diagnostic[] = []
  const manifest = checkManifest(
    document,
    (path, message) =>
      diagnostics.push({
        path: formatPath(path),
        message,
        file: 'morphee:manifest',
        line: 1,
        column: 1,
      }),
    options,
  )
  if (manifest === undefined || diagnostics.length > 0)
    throw invalid('morphee:manifest', diagnostics)
  if (!equalBytes(encodeManifest(manifest), bytes)) throw notCanonical()
  return manifest
}

function parseJson(bytes: Uint8Array): JsonValue {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined) throw notCanonical()
  let document: JsonValue
  try {
    document = JSON.parse(text) as JsonValue
    if (canonicalJson(document) === text) return document
  } catch (cause) {
    throw notCanonical({ cause })
  }
  throw notCanonical()
}

function notCanonical(options: ErrorOptions = {}): ManifestError<'ERR_MANIFEST_NOT_CANONICAL'> {
  return new ManifestError(
    'ERR_MANIFEST_NOT_CANONICAL',
    'Cannot read the manifest: its bytes are not the canonical JSON of what they say',
    {},
    options,
  )
}

/** `manifest` in the form in which it is written. */
function documentOf(manifest: Manifest): JsonValue {
  const { permissions, limits, ...rest } = manifest
  const written = Object.fromEntries(
    LIMIT_KEYS.flatMap((key) => {
      const limit = limits[key]
      return limit === undefined ? [] : [[LIMITS[key].name, formatLimit(limit, LIMITS[key].unit)]]
    }),
  )
  return {
    ...(rest as unknown as JsonObject),
    permissions: permissions.map(entryOf),
    limits: written,
  }
}

function entryOf(request: PermissionRequest): JsonValue {
  const { kind, ...body } = request
  return Object.keys(body).length === 0 ? kind : { [kind]: body as unknown as JsonObject }
}
