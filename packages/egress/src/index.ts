export { type AllowedPrivate, isAddressRange } from './address/allowed-private.ts'
export { specialRange } from './address/special-range.ts'
export { REDACTION } from './body/redactor.ts'
export type {
  EgressCharge,
  EgressContext,
  EgressCredential,
  EgressHop,
  EgressStep,
  EgressVerdict,
} from './context.ts'
export { createEgress, type Egress, type EgressOptions } from './egress.ts'
export { type AnyEgressError, EgressError, type EgressErrorDetails } from './errors.ts'
export { findGuestAuth, type GuestAuth } from './headers/guest-auth.ts'
export { namesMethod } from './headers/method-override.ts'
export type {
  EgressHeader,
  EgressRequest,
  EgressResponse,
  EgressStreamResponse,
} from './request.ts'
export type { EgressTransport, Resolver, TransportRequest, TransportResponse } from './transport.ts'
