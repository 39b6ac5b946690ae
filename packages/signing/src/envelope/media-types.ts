/** Media type of an OCI image manifest. */
export const OCI_MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
/** Media type of the one layer: a WebAssembly binary. */
export const WASM_TYPE = 'application/wasm'
/** Media type of the config blob beside a WebAssembly layer (CNCF Wasm OCI layout). */
export const WASM_CONFIG_TYPE = 'application/vnd.wasm.config.v0+json'
/** Artifact type of a signature manifest. */
export const SIGNATURE_TYPE = 'application/vnd.cncf.notary.signature'
/** Media type of the envelope, the one layer of a signature manifest. */
export const ENVELOPE_TYPE = 'application/jose+json'
/** Content type of the signed payload. */
export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

/** Annotation of an OCI manifest: the extension's name, `publisher/name`. */
export const NAME_ANNOTATION = 'dev.morphee.name'
/** Annotation of an OCI manifest: the extension's version. */
export const VERSION_ANNOTATION = 'org.opencontainers.image.version'
/** Annotation of a signed payload: the digest of the WebAssembly layer, so that hash and signature are tied directly too. */
export const WASM_DIGEST_ANNOTATION = 'dev.morphee.wasm.digest'
/** Annotation of a signature manifest: SHA-256 of each certificate of the chain, a JSON array as a string. */
export const THUMBPRINTS_ANNOTATION = 'io.cncf.notary.x509chain.thumbprint#S256'
