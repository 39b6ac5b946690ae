import type { HttpDeclaration } from '@morphee/manifest'

/** One effect that a guest asks for, as the permission language sees it. */
export type EffectRequest =
  | {
      readonly kind: 'http'
      readonly permission: 'http:read' | 'http:write'
      readonly method: string
      readonly url: string
      /** What the host read in a GraphQL body that it sends. */
      readonly graphql?: { readonly operation: 'query'; readonly fields: readonly string[] }
    }
  | { readonly kind: 'storage'; readonly permission: 'storage:read' | 'storage:write' }
  | {
      readonly kind: 'data'
      readonly permission: 'data:read' | 'data:write'
      readonly collection: string
    }
  | {
      readonly kind: 'vault'
      readonly permission: 'vault:read' | 'vault:write'
      readonly name: string
    }
  | {
      readonly kind: 'event'
      readonly permission: 'event:emit' | 'event:subscribe'
      readonly topic: string
    }
  | { readonly kind: 'guest-auth'; readonly permission: 'guest-auth' }

/** What the effective permission says to one effect. */
export type EffectDecision =
  | { readonly kind: 'allow' }
  | {
      readonly kind: 'ask'
      readonly permission: string
      readonly message: string
      /** Who wants a person to be asked. */
      readonly askedBy: 'grant' | 'policy'
    }
  | {
      readonly kind: 'deny'
      readonly permission: string
      readonly refusedBy: 'manifest' | 'action' | 'grant' | 'policy'
      /** For people: what was refused, by whom, and what would be accepted. */
      readonly message: string
    }

/** The authority of one call: effective permission ∩ what its action uses. */
export interface CallAuthority {
  decide(request: EffectRequest): EffectDecision
  /** How the manifest declares a POST to `url` as reading, if it does. */
  declaresPost(url: string): HttpDeclaration | undefined
}

/** Why a question is a refusal. */
export const NOBODY_ASKED = 'nobody is asked for what runs by itself'

/**
 * The authority of a call that nobody is behind: what needs a person is refused by whoever wants one to be asked.
 *
 * There is no prompt: a question that strangers' events could raise would be answered by habit.
 */
export function withoutPeople(authority: CallAuthority): CallAuthority {
  return {
    declaresPost: (url) => authority.declaresPost(url),
    decide(request) {
      const decision = authority.decide(request)
      if (decision.kind !== 'ask') return decision
      const { permission, askedBy, message } = decision
      return {
        kind: 'deny',
        permission,
        refusedBy: askedBy,
        message: `${message}; ${NOBODY_ASKED}`,
      }
    },
  }
}
