import { cleanLine } from '@morphee/core'
import { formatPrincipal } from '../invocation/principal.ts'
import type { ActiveInvocation } from '../invocation/active-invocation.ts'
import type { AuditEntry } from '../audit/index.ts'
import { HostError } from '../errors.ts'
import type { CapabilityContext } from './capability.ts'

/** Refused effects an invocation may try before it is taken for an attack and stopped. */
export const MAX_REFUSALS = 1000

/** The facts every record of an effect has. */
export function recordOf(
  invocation: ActiveInvocation,
  capability: string,
  target: string,
): AuditEntry {
  return {
    workspace: invocation.workspace,
    principal: formatPrincipal(invocation.principal),
    extension: invocation.extension,
    digest: invocation.digest,
    invocation: invocation.id,
    capability,
    // Keys and paths are a guest's choice: the trail is read on terminals, and a record has a size.
    target: cleanLine(target, 2000),
  }
}

/** Records that an effect was refused; too many of them stop the guest. */
export async function recordRefusal(
  context: Pick<CapabilityContext, 'audit' | 'invocation'>,
  capability: string,
  target: string,
  refusedBy: string,
): Promise<void> {
  const { invocation } = context
  await context.audit.refusal({ ...recordOf(invocation, capability, target), refusedBy })
  if (++invocation.counts.refusals >= MAX_REFUSALS) {
    invocation.stop(
      new HostError(
        'ERR_HOST_LIMIT',
        `Stopped by the refusals limit: the extension was refused ${MAX_REFUSALS} times in one call`,
        {
          limit: 'refusals',
          value: MAX_REFUSALS,
          unit: 'refusals',
        },
      ),
    )
  }
}
