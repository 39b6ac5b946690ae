export { ANNOTATIONS } from './artifact/annotations.ts'
export {
  type ArtifactDocuments,
  type ArtifactFacts,
  type ArtifactManifest,
  createArtifactDocuments,
  parseArtifactManifest,
} from './artifact/layout.ts'
export { publishArtifact, type PublishedArtifact, type PublishOptions } from './artifact/publish.ts'
export {
  type PulledArtifact,
  type PullOptions,
  pullVerified,
  type UnverifiedArtifact,
} from './artifact/pull.ts'
export type { CredentialSource, RegistryCredentials } from './auth/credentials.ts'
export type { ArtifactCache, CacheOptions, CacheUsage } from './cache/cache.ts'
export { createMemoryCache } from './cache/memory-cache.ts'
export type { Attachment } from './client/attach.ts'
export {
  type CallOptions,
  createRegistryClient,
  type RegistryClient,
  type RegistryClientOptions,
} from './client/client.ts'
export type { Referrers } from './client/referrers.ts'
export { type AnyRegistryError, RegistryError, type RegistryErrorDetails } from './errors.ts'
export type { Descriptor } from './oci/descriptor.ts'
export type { FetchedManifest, ImageIndex, ImageManifest } from './oci/manifest.ts'
export { MEDIA_TYPES } from './oci/media-types.ts'
export {
  formatReference,
  isReferrersTag,
  isTag,
  parseReference,
  type Reference,
  referrersTag,
  type RepositoryReference,
} from './reference/reference.ts'
export { transportFromEgress } from './transport/from-egress.ts'
export type {
  RegistryTransport,
  RegistryTransportRequest,
  RegistryTransportResponse,
} from './transport/transport.ts'
