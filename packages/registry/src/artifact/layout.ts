import { digestOf, encodeUtf8, wasmLayer, type Digest } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { FetchedManifest } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { ANNOTATIONS } from './annotations.ts'

/** What an artifact says of itself in the registry. All of it comes from the embedded manifest, which decides where they differ. */
export interface ArtifactFacts {
  /** `publisher/name`. */
  readonly name: string
  /** Semantic version. Build metadata (`+…`) cannot be published: a tag has no `+`. */
  readonly version: string
  readonly title?: string
  readonly description?: string
  /** SPDX expression. */
  readonly licenses?: string
  /** URL of the source; links the package page of some registries. */
  readonly source?: string
  readonly url?: string
  readonly authors?: string
  /** Names of what the component imports and exports, such as `morphee:extension/log@1.0.0`. For tools; never trusted. */
  readonly imports?: readonly string[]
  readonly exports?: readonly string[]
}

/** The documents of one artifact, ready to be pushed. */
export interface ArtifactDocuments {
  readonly config: Uint8Array<ArrayBuffer>
  readonly manifest: Uint8Array<ArrayBuffer>
  readonly manifestDigest: Digest
  readonly wasmDigest: Digest
}

/**
 * The config and manifest of an extension in CNCF's Wasm OCI layout (spec/oci-layout.md).
 *
 * The same bytes, facts and time give the same digest, whoever builds.
 *
 * @param created the time of the build, from `SOURCE_DATE_EPOCH` where there is one
 */
export async function createArtifactDocuments(
  wasm: Uint8Array<ArrayBuffer>,
  facts: ArtifactFacts,
  created: Date,
): Promise<ArtifactDocuments> {
  const layer = wasmLayer(wasm)
  if (layer === undefined) throw notAnArtifact('the file is not WebAssembly')
  const wasmDigest = await digestOf(wasm)
  const time = formatTime(created)
  const config = encodeUtf8(
    JSON.stringify({
      created: time,
      ...(facts.authors === undefined ? {} : { author: facts.authors }),
      architecture: 'wasm',
      os: layer === 'component' ? 'wasip2' : 'wasip1',
      layerDigests: [wasmDigest],
      ...(layer === 'component'
        ? { component: { imports: facts.imports ?? [], exports: facts.exports ?? [] } }
        : {}),
    }),
  )
  const annotations: Record<string, string> = {
    [ANNOTATIONS.created]: time,
    [ANNOTATIONS.version]: facts.version,
    [ANNOTATIONS.name]: facts.name,
  }
  for (const name of ['title', 'description', 'licenses', 'source', 'url', 'authors'] as const) {
    const value = facts[name]
    if (value !== undefined) annotations[ANNOTATIONS[name]] = value
  }
  const manifest = encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.imageManifest,
      config: {
        mediaType: MEDIA_TYPES.wasmConfig,
        digest: await digestOf(config),
        size: config.length,
      },
      layers: [
        {
          mediaType: MEDIA_TYPES.wasm,
          digest: wasmDigest,
          size: wasm.length,
          // What other tools name the file they pull.
          annotations: { [ANNOTATIONS.title]: `${facts.name.split('/').at(-1)}.wasm` },
        },
      ],
      annotations,
    }),
  )
  return { config, manifest, manifestDigest: await digestOf(manifest), wasmDigest }
}

/** An extension's manifest, as far as the registry's layout goes. */
export interface ArtifactManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly wasm: Descriptor
  readonly annotations: Readonly<Record<string, string>>
}

/** Reads a manifest in the layout of spec/oci-layout.md. @throws {@link RegistryError} `ERR_REGISTRY_ARTIFACT` */
export function parseArtifactManifest(fetched: FetchedManifest): ArtifactManifest {
  const { descriptor, bytes, document } = fetched
  if (document.kind !== 'manifest') throw notAnArtifact('it is a list of manifests')
  if (document.subject !== undefined) throw notAnArtifact('it is an attachment of another manifest')
  if (document.config.mediaType !== MEDIA_TYPES.wasmConfig)
    throw notAnArtifact('its config is not that of a WebAssembly artifact')
  const [wasm] = document.layers
  if (wasm === undefined || document.layers.length !== 1 || wasm.mediaType !== MEDIA_TYPES.wasm) {
    throw notAnArtifact('it has not exactly one layer of type application/wasm')
  }
  return { descriptor, bytes, wasm, annotations: document.annotations }
}

/** A time as annotations have it: whole seconds, because tools differ in their fractions for one `SOURCE_DATE_EPOCH`. */
export function formatTime(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** What is said when something is no extension. */
export function notAnArtifact(reason: string): RegistryError {
  return new RegistryError('ERR_REGISTRY_ARTIFACT', `This is not an extension: ${reason}`, {
    reason,
  })
}
