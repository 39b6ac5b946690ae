export { formatPem, tryParsePem } from './bytes/pem.ts'
export {
  type Certificate,
  type CertificateExtension,
  tryParseCertificate,
} from './certificate/certificate.ts'
export type { CertificateRequest, CertificateSubject } from './certificate/create.ts'
export {
  type DistinguishedName,
  formatName,
  type NameAttribute,
  tryParseName,
} from './certificate/name.ts'
export {
  ENVELOPE_TYPE,
  NAME_ANNOTATION,
  OCI_MANIFEST_TYPE,
  PAYLOAD_TYPE,
  SIGNATURE_TYPE,
  THUMBPRINTS_ANNOTATION,
  VERSION_ANNOTATION,
  WASM_CONFIG_TYPE,
  WASM_DIGEST_ANNOTATION,
  WASM_TYPE,
} from './envelope/media-types.ts'
export { MAX_ENVELOPE_BYTES, type SignedTarget } from './envelope/parse.ts'
export {
  signatureAnnotations,
  signBlob,
  signDescriptor,
  type SignOptions,
  type TargetDescriptor,
} from './envelope/sign.ts'
export {
  SigningError,
  type SigningErrorDetails,
  type VerifyErrorCode,
  type VerifyErrorDetails,
} from './errors.ts'
export type { TrustDiagnostic } from './json/shape.ts'
export type { KeyBits, SignatureAlgorithm } from './key/algorithm.ts'
export {
  generateAuthority,
  generateIdentity,
  type Identity,
  type IdentityRequest,
} from './key/generate.ts'
export type { KeyId, RsaKey } from './key/rsa.ts'
export { createSigners, type Signer } from './signer.ts'
export { formatPolicy, type TrustPolicy, type TrustStatement } from './trust/policy.ts'
export {
  findKey,
  type FoundKey,
  formatPublishers,
  type Publisher,
  type PublisherKey,
  type PublisherList,
  REVOCATION_REASONS,
  type RevocationReason,
} from './trust/publishers.ts'
export { parsePublishers, parseTrustPolicy } from './trust/parse.ts'
export type { Trust, TrustSource } from './trust/trust.ts'
export { MAX_ENVELOPES } from './verify/any-envelope.ts'
export { type ArtifactToVerify, type VerifiedArtifact, verifyArtifact } from './verify/artifact.ts'
export type { AskedFor } from './verify/asked.ts'
export { type BlobToVerify, verifyBlob } from './verify/blob.ts'
export {
  type EnvelopeContext,
  type FetchCrl,
  type VerifiedEnvelope,
  verifyEnvelope,
} from './verify/envelope.ts'
export { LOAD_WINDOW_MS } from './verify/freshness.ts'
export { recheck, type Recheck, recheckKey } from './verify/recheck.ts'
export { type PassedStep, VERIFY_STEPS, type VerifyStep } from './verify/step.ts'
export type { Verified, VerifyContext } from './verify/verified.ts'
