/**
 * Who is behind an invocation.
 *
 * A person, an agent acting for a person, or automation. The host's edges (CLI, web session, agent token, event queue) make
 * it; nothing that a guest or a model says can.
 */
export type Principal =
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'agent'; readonly id: string; readonly onBehalfOf: string }
  | { readonly kind: 'automation'; readonly trigger: 'event' | 'schedule' | 'webhook' }

/** The word a guest sees for its caller (`invocation.caller` of the contract): a kind, never a name. */
export function formatCaller(principal: Principal): string {
  return principal.kind === 'automation' ? principal.trigger : principal.kind
}

/** One text for one principal, for the audit trail. */
export function formatPrincipal(principal: Principal): string {
  switch (principal.kind) {
    case 'person':
      return `person:${principal.id}`
    case 'agent':
      return `agent:${principal.id} for person:${principal.onBehalfOf}`
    case 'automation':
      return `automation:${principal.trigger}`
  }
}

/** The person whom a call is for: the one who makes it, or the one whom an agent acts for; nobody is behind automation. */
export function personBehind(principal: Principal): string | undefined {
  switch (principal.kind) {
    case 'person':
      return principal.id
    case 'agent':
      return principal.onBehalfOf
    case 'automation':
      return undefined
  }
}
