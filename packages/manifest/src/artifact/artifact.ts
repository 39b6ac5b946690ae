import {
  COMPONENT_PREAMBLE,
  concatBytes,
  equalBytes,
  readSections,
  wasmLayer,
  WasmSectionError,
} from '@morphee/core'
import type { CheckOptions } from '../document/check-manifest.ts'
import { decodeManifest, encodeManifest } from '../document/codec.ts'
import { ManifestError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import { type Assets, assetPathsOf, checkAssets, encodeAssets, tryDecodeAssets } from './assets.ts'
import { customSectionOf, encodeCustomSection } from './custom-section.ts'

/** What is embedded in an extension's file. */
export interface Artifact {
  readonly manifest: Manifest
  /** Canonical JSON, as signed. */
  readonly manifestBytes: Uint8Array
  readonly assets: Assets
}

const MANIFEST = 'morphee:manifest'
const ASSETS = 'morphee:assets'
const RESERVED = 'morphee:'
/** Section ids of a component that hold a whole core module or component. */
const NESTED: ReadonlySet<number> = new Set([1, 4])
/** How deep components nest in what real toolchains emit, several times over. */
const MAX_NESTING = 16

/**
 * `component` with `manifest` and `assets` embedded: one file, so that one digest covers the code and what it may do (spec/artifact.md).
 *
 * The manifest stands directly after the preamble, the assets, if any, directly after it. A component that already has them is refused.
 *
 * @throws {@link ManifestError} `ERR_ARTIFACT_MALFORMED`, `ERR_ARTIFACT_ASSET`, and those of {@link decodeManifest} when `manifest` was not checked
 */
export function embedArtifact(
  component: Uint8Array,
  manifest: Manifest,
  assets: Assets = {},
  options: CheckOptions = {},
): Uint8Array<ArrayBuffer> {
  if (wasmLayer(component) !== 'component') throw malformed(0, 'it is not a WebAssembly component')
  walk(component, 0, 0, () => false)
  const manifestBytes = encodeManifest(manifest)
  decodeManifest(manifestBytes, options)
  const parts: Uint8Array[] = [COMPONENT_PREAMBLE, encodeCustomSection(MANIFEST, manifestBytes)]
  const encoded = encodeAssets(assets, manifest)
  if (assetPathsOf(manifest).length > 0) parts.push(encodeCustomSection(ASSETS, encoded))
  return concatBytes([...parts, component.subarray(COMPONENT_PREAMBLE.length)])
}

/**
 * Reads what an extension's file says about itself, without looking at its code. Total: any other bytes give a coded error.
 *
 * There is exactly one manifest, directly after the preamble; any other `morphee:*` section, repeated, elsewhere or nested in a module
 * or component inside, is refused, so that no two readers can find different manifests in one file.
 *
 * @throws {@link ManifestError} `ERR_ARTIFACT_MALFORMED`, `ERR_ARTIFACT_ASSET`, and those of {@link decodeManifest}
 */
export function readArtifact(bytes: Uint8Array, options: CheckOptions = {}): Artifact {
  if (wasmLayer(bytes) !== 'component') throw malformed(0, 'it is not a WebAssembly component')
  let manifestBytes: Uint8Array | undefined
  let assetBytes: Uint8Array | undefined
  walk(bytes, 0, 0, (name, content, index, offset, whole) => {
    const expected =
      index === 0 ? MANIFEST : index === 1 && manifestBytes !== undefined ? ASSETS : undefined
    if (name !== expected) return false
    // A size written with more bytes than it needs would be a second file with the same content.
    if (!equalBytes(encodeCustomSection(name, content), whole))
      throw malformed(offset, `the header of ${name} is not in its shortest form`)
    if (index === 0) manifestBytes = content
    else assetBytes = content
    return true
  })
  if (manifestBytes === undefined)
    throw malformed(8, 'it has no morphee:manifest directly after the preamble')
  const manifest = decodeManifest(manifestBytes, options)
  const assets = assetBytes === undefined ? {} : tryDecodeAssets(assetBytes)
  if (assets === undefined || (assetBytes !== undefined && Object.keys(assets).length === 0))
    throw malformed(null, 'its morphee:assets cannot be read')
  checkAssets(assets, manifest)
  return { manifest, manifestBytes, assets }
}

type Accept = (
  name: string,
  content: Uint8Array,
  index: number,
  offset: number,
  whole: Uint8Array,
) => boolean

/** Looks at every custom section of `bytes` and of all modules and components inside; a `morphee:*` that `accept` does not take is refused. */
function walk(bytes: Uint8Array, depth: number, base: number, accept: Accept): void {
  if (depth > MAX_NESTING) throw malformed(base, `components nest deeper than ${MAX_NESTING}`)
  const isComponent = wasmLayer(bytes) === 'component'
  try {
    let index = 0
    for (const section of readSections(bytes)) {
      const end = section.bytes.byteOffset + section.bytes.length - bytes.byteOffset
      const custom = customSectionOf(section)
      if (custom !== undefined && custom.name.startsWith(RESERVED)) {
        const taken =
          depth === 0 &&
          accept(
            custom.name,
            custom.content,
            index,
            section.offset,
            bytes.subarray(section.offset, end),
          )
        if (!taken)
          throw malformed(
            base + section.offset,
            `it holds a section ${JSON.stringify(custom.name.slice(0, 60))} where none may be`,
          )
      }
      if (isComponent && NESTED.has(section.id))
        walk(section.bytes, depth + 1, base + end - section.bytes.length, accept)
      index++
    }
  } catch (cause) {
    if (cause instanceof WasmSectionError)
      throw malformed(base + cause.offset, cause.message, { cause })
    throw cause
  }
}

function malformed(
  offset: number | null,
  why: string,
  options: ErrorOptions = {},
): ManifestError<'ERR_ARTIFACT_MALFORMED'> {
  const where = offset === null ? '' : ` (byte ${offset})`
  return new ManifestError(
    'ERR_ARTIFACT_MALFORMED',
    `Cannot read the extension: ${why}${where}`,
    { offset },
    options,
  )
}
