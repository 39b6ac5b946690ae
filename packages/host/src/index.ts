export type {
  Answer,
  AnswerRequest,
  Approval,
  ApprovalInbox,
  ApprovalState,
  ApprovalSurface,
  Approver,
  Coverage,
  StandingApproval,
} from './approvals/approval.ts'
export type { ApprovalLimits } from './approvals/approval-services.ts'
export type { ExactEffect, ShownCredential } from './approvals/exact-effect.ts'
export { APPROVAL_MIGRATIONS } from './approvals/migrations.ts'
export type { Question } from './approvals/question.ts'
export type { Connection, ConnectionOwner } from './connections/connections.ts'
export { CONNECTION_MIGRATIONS } from './connections/migrations.ts'
export type { CallAuthority, EffectDecision, EffectRequest } from './capabilities/authority.ts'
export { createTasks, TASKS_COLLECTION } from './builtins/tasks.ts'
export { CONTRACT_RULES, type ContractFunctionRule } from './contract/contract-rules.ts'
export type { DataEntry, DataPage, DataProvider, DataQuery } from './data/data-provider.ts'
export { DATA_MIGRATIONS } from './data/migrations.ts'
export { type CollectionRules, createStoreDataProvider } from './data/store-data-provider.ts'
export { DevelopmentHost } from './development-host.ts'
export { type AnyHostError, HostError, type HostErrorDetails } from './errors.ts'
export type { DeadLetter } from './events/dead-letter.ts'
export type { DeliveryReport } from './events/deliveries.ts'
export {
  type EmittedEvent,
  type EventSink,
  MAX_EVENT_BYTES,
  MAX_EVENT_HOPS,
  MAX_EVENTS_PER_MINUTE,
} from './events/event-sink.ts'
export type { HostEvents, PublishRequest } from './events/host-events.ts'
export { EVENT_MIGRATIONS } from './events/migrations.ts'
export {
  createStoreEventLog,
  type EventLog,
  type EventQuery,
  type RecordedEvent,
} from './events/store-event-log.ts'
export type { BuiltinDefinition } from './extension/builtin.ts'
export type { CompiledArtifact } from './extension/compiled-artifact.ts'
export { type ConnectOptions, Host, type InstallCandidateRequest } from './host.ts'
export type { HostParts } from './host-parts.ts'
export type { Candidate } from './installations/candidate.ts'
export type {
  Consent,
  Installation,
  InstallationState,
  InstalledVersion,
  Provenance,
} from './installations/installation.ts'
export type { InstallationManager } from './installations/installation-manager.ts'
export { INSTALLATION_MIGRATIONS } from './installations/migrations.ts'
export type {
  ConsentInput,
  InstallationDetails,
  InstallOutcome,
} from './installations/install-request.ts'
export type { ConsentReason, Proposal } from './installations/proposal.ts'
export type {
  InvokeRequest,
  InvokeResult,
  LogLine,
  Progress,
  Usage,
} from './invocation/invoke-request.ts'
export { formatPrincipal, type Principal } from './invocation/principal.ts'
export { fixedPolicy, type PolicySource } from './policy/policy-source.ts'
export {
  type BuiltinAction,
  type BuiltinContext,
  BuiltinFailure,
} from './runtimes/builtin-runtime.ts'
export type { InterfaceDescription, InterfaceManager } from './runtimes/interface-manager.ts'
export type {
  ActionDescription,
  BaseMorphRuntime,
  GuestFailure,
  HandledEvent,
  RuntimeCall,
  RuntimeKind,
  RuntimeOutcome,
} from './runtimes/runtime.ts'
export {
  type AdmitOptions,
  type RegistryArtifact,
  SignedHost,
  type SignedFile,
  type VerifiedCandidate,
} from './signed-host.ts'
export type { ExtensionSecrets } from './secrets/extension-secrets.ts'
export * from './audit/index.ts'
export * from './store/index.ts'
export * from './vault/index.ts'
