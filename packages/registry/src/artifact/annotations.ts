/** The annotations of Morphee's own, beside the ones the image specification defines. */
export const ANNOTATIONS = {
  /** `publisher/name` of the extension, on its manifest. */
  name: 'dev.morphee.name',
  /** Digest of the WebAssembly layer, on the signed descriptor: it ties the signature to the bytes directly. */
  wasmDigest: 'dev.morphee.wasm.digest',
  created: 'org.opencontainers.image.created',
  version: 'org.opencontainers.image.version',
  title: 'org.opencontainers.image.title',
  description: 'org.opencontainers.image.description',
  licenses: 'org.opencontainers.image.licenses',
  source: 'org.opencontainers.image.source',
  url: 'org.opencontainers.image.url',
  authors: 'org.opencontainers.image.authors',
  /** SHA-256 thumbprints of a signature's certificates, as a JSON array in a string (Notary Project, signature specification). */
  thumbprints: 'io.cncf.notary.x509chain.thumbprint#S256',
} as const
