import type { Egress } from '@morphee/egress'
import type { JsonObject } from '@morphee/core'
import type { PrivateNetwork } from '@morphee/manifest'
import type { AskOutcome, AskRequest } from '../approvals/approval-desk.ts'
import type { AuditLog } from '../audit/index.ts'
import type { Connection } from '../connections/connections.ts'
import type { ActiveInvocation } from '../invocation/active-invocation.ts'
import type { Principal } from '../invocation/principal.ts'
import type { EventSink } from '../events/event-sink.ts'
import type { ExtensionSecrets } from '../secrets/extension-secrets.ts'
import type { DataProvider } from '../data/data-provider.ts'
import type { ExtensionStorage } from '../store/index.ts'
import type { CallAuthority } from './authority.ts'

/** The parts of the host that capabilities act through: one network, one store, one audit writer. */
export interface CapabilityServices {
  readonly egress: Egress
  readonly storage: ExtensionStorage
  readonly data: DataProvider
  readonly events: EventSink
  readonly audit: AuditLog
  /** Asks only; what answers is nowhere near a call. */
  readonly approvals: { ask(request: AskRequest): Promise<AskOutcome> }
}

/** A credential of an installation as the manifest declares it, with its audience resolved. */
export interface ResolvedCredential {
  readonly kind: 'basic' | 'bearer' | 'api-key'
  /** Origins. */
  readonly audience: readonly string[]
  /** Header that carries an API key. */
  readonly header?: string | undefined
  /** Put before an API key, with a space. */
  readonly scheme?: string | undefined
  /** Whose account a call of `principal` uses. @throws `ERR_HOST_CREDENTIAL_MISSING`, `ERR_HOST_CREDENTIAL_PERSONAL` */
  connectionFor(principal: Principal): Promise<Connection>
  /** The secret fields, read from the vault at the moment of use; `undefined` when the connection is gone. */
  read(connection: Connection): Promise<JsonObject | undefined>
}

/** What one capability function gets beside its arguments. */
export interface CapabilityContext extends CapabilityServices {
  readonly invocation: ActiveInvocation
  readonly authority: CallAuthority
  readonly credentials: ReadonlyMap<string, ResolvedCredential>
  /** Absent for built-ins. */
  readonly secrets?: ExtensionSecrets | undefined
  /** Special address ranges that the operator opens to this extension. */
  readonly privateNetworks: readonly PrivateNetwork[]
}

/**
 * One function of the contract that performs an effect.
 *
 * It returns the value of the function's `ok`, or throws a `PlatformError` that the guest sees as its `failure`. What must end
 * the guest goes through `context.invocation.stop`.
 */
export type CapabilityFunction = (
  context: CapabilityContext,
  args: readonly unknown[],
) => Promise<unknown>
