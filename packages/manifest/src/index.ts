export { type Artifact, embedArtifact, readArtifact } from './artifact/artifact.ts'
export { assetPathsOf, type Assets, MAX_ASSET_BYTES, MAX_ASSETS_BYTES } from './artifact/assets.ts'
export {
  type Authority,
  authorityDigest,
  authorityOf,
  type AuthorityOptions,
  type CredentialPower,
  type Powers,
} from './authority/authority.ts'
export {
  changeGrant,
  type GrantChange,
  grantFaults,
  grantForUpdate,
  grantOf,
  isGrantWider,
  meetGrants,
} from './authority/change-grant.ts'
export {
  describePermissions,
  describeScopes,
  type DialogFlag,
  type DialogLine,
} from './authority/describe-permissions.ts'
export {
  type AuthorityChange,
  differenceOfAuthority,
  isWider,
} from './authority/difference-of-authority.ts'
export {
  type ActionAuthority,
  decide,
  type Decision,
  type DecisionLayers,
  type Effect,
  type RefusedBy,
} from './decision/decide.ts'
export type { Grant, GrantAnswer, GrantEntry } from './decision/grant.ts'
export type { CheckOptions } from './document/check-manifest.ts'
export { decodeManifest, encodeManifest, MAX_MANIFEST_BYTES } from './document/codec.ts'
export type { Diagnostic } from './document/diagnostics.ts'
export {
  MAX_YAML_BYTES,
  parseManifestYaml,
  type ParseManifestOptions,
} from './document/parse-manifest.ts'
export { type AnyManifestError, ManifestError, type ManifestErrorDetails } from './errors.ts'
export {
  effectiveLimits,
  formatLimit,
  LIMIT_KEYS,
  type LimitKey,
  LIMITS,
  type Limits,
  type LimitSpec,
  type LimitUnit,
  type ManifestLimits,
} from './limits.ts'
export type {
  ActionSpec,
  ApiKeyCredential,
  BasicCredential,
  BearerCredential,
  CredentialField,
  CredentialSpec,
  Manifest,
} from './manifest.ts'
export {
  type ExtensionName,
  type ExtensionReference,
  publisherOf,
  tryParseExtensionName,
  tryParseExtensionReference,
  tryParseVersion,
} from './name.ts'
export type { AccessRequest } from './permissions/access.ts'
export {
  intersectPermissions,
  type PermissionRegion,
  permissionsAllow,
  permissionsCover,
  subtractPermissions,
} from './permissions/algebra.ts'
export {
  CompiledPermissionSet,
  compilePermissionSet,
  type HttpDeclaration,
} from './permissions/compiled-set.ts'
export {
  ALL_FEATURES,
  type Feature,
  NEVER_IN_READ,
  PERMISSION_KINDS,
  type PermissionKind,
  SUPPORTED,
  tryParsePermissionKind,
} from './permissions/kinds.ts'
export {
  type DataPermission,
  type EventPermission,
  type HttpOperation,
  type HttpPermission,
  type Permission,
  type PermissionRequest,
  type PermissionSet,
  type PlainPermission,
  scopesOf,
  type VaultPermission,
} from './permissions/permission.ts'
export { resolveAudience, resolvePermissions } from './permissions/resolve.ts'
export { checkJsonSchema } from './schema/check-json-schema.ts'
export { defaultsOf } from './schema/defaults.ts'
export type { SchemaIssue } from './schema/issue.ts'
export { compileJsonSchema, type JsonSchema } from './schema/json-schema.ts'
export { parseRequestUrl, type RequestUrl, tryParseRequestUrl } from './url/request-url.ts'
export {
  covers,
  difference,
  formatUrlPattern,
  intersect,
  parseUrlPattern,
  patternAllows,
  type UrlPattern,
  type UrlPatternOptions,
  type UrlRegion,
} from './url/url-pattern.ts'
export {
  type PolicyAnswer,
  policyAnswer,
  type PolicyPlace,
  type PolicyRule,
  type PolicyRules,
} from './policy/policy-rules.ts'
export {
  MAX_POLICY_BYTES,
  parsePolicyYaml,
  type ParsePolicyOptions,
} from './policy/parse-policy.ts'
export {
  DEFAULT_ISOLATION,
  type EffectivePolicy,
  type ExtensionPolicy,
  ISOLATION_LEVELS,
  type IsolationLevel,
  type Policy,
  policyFor,
  type PolicyRefusal,
  type PrivateNetwork,
  type PublisherRule,
} from './policy/policy.ts'
export { type Explanation, explainDecision, type LayerVerdict } from './decision/explain.ts'
export {
  type MinimiseOptions,
  minimisePermissions,
  type UsedAccess,
} from './evidence/minimise-permissions.ts'
