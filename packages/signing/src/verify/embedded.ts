import { NAME_ANNOTATION, VERSION_ANNOTATION } from '../envelope/media-types.ts'
import { SigningError } from '../errors.ts'
import { refuse } from './refuse.ts'
import type { VerifyContext } from './verified.ts'

/** What the manifest inside a WebAssembly file says. */
export interface EmbeddedManifest {
  /** `publisher/name`. */
  readonly name: string
  readonly version: string
  /** Further annotations that the OCI manifest must carry with exactly these values. */
  readonly annotations?: Readonly<Record<string, string>>
}

/** The publisher part of a name; empty when there is none, which no publisher id is. */
export function publisherOf(name: string): string {
  const slash = name.indexOf('/')
  return slash === -1 ? '' : name.slice(0, slash)
}

/** Reads the embedded manifest by the caller's reader, whose own errors become the cause. */
export function readEmbedded({
  wasm,
  readManifest,
}: Pick<VerifyContext, 'wasm' | 'readManifest'>): EmbeddedManifest {
  try {
    return readManifest(wasm)
  } catch (cause) {
    const message = 'The manifest in the WebAssembly file cannot be read'
    const details = { step: 'manifest', reason: message } as const
    throw new SigningError('ERR_SIGNING_MANIFEST_MISMATCH', message, details, { cause })
  }
}

/** Refuses an OCI manifest whose annotations say something else than the manifest in the file. */
export function verifyAnnotations(
  embedded: EmbeddedManifest,
  annotations: ReadonlyMap<string, string>,
): void {
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
