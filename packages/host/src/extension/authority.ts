import type { Clock } from '@morphee/core'
import {
  type AccessRequest,
  type ActionAuthority,
  compilePermissionSet,
  decide,
  type Grant,
  type PermissionSet,
  type PolicyRules,
} from '@morphee/manifest'
import type { CallAuthority, EffectRequest } from '../capabilities/authority.ts'

/** What a handler may do: all that is granted. No name of an action has a space, so no answer to an action is one to it. */
export const HANDLER_AUTHORITY: ActionAuthority = { name: 'event handler', effect: 'write' }

/** The authority of one action of one installation: decided afresh for each effect, so an expiry or a new policy counts at once. */
export function createCallAuthority(
  action: ActionAuthority,
  resolved: PermissionSet,
  grant: () => Grant,
  policy: () => PolicyRules,
  clock: Clock,
): CallAuthority {
  return {
    declaresPost: (url) => compilePermissionSet(resolved).declaresPost(url),
    decide(request) {
      const decision = decide(toAccess(request), {
        manifest: resolved,
        action,
        grant: grant(),
        now: clock.now(),
        policy: policy(),
      })
      const permission = decision.permission ?? request.permission
      switch (decision.kind) {
        case 'allow':
          return { kind: 'allow' }
        case 'ask':
          return {
            kind: 'ask',
            permission,
            message: decision.message,
            askedBy: decision.refusedBy === 'policy' ? 'policy' : 'grant',
          }
        case 'deny':
          return {
            kind: 'deny',
            permission,
            refusedBy: decision.refusedBy ?? 'manifest',
            message: decision.message,
          }
      }
    },
  }
}

function toAccess(request: EffectRequest): AccessRequest {
  switch (request.kind) {
    case 'http':
      return {
        kind: 'http',
        through: request.permission,
        method: request.method,
        url: request.url,
        ...(request.graphql === undefined ? {} : { graphql: request.graphql }),
      }
    case 'storage':
      return { kind: 'storage', access: request.permission === 'storage:read' ? 'read' : 'write' }
    case 'data':
      return {
        kind: 'data',
        access: request.permission === 'data:read' ? 'read' : 'write',
        collection: request.collection,
      }
    case 'vault':
      return {
        kind: 'vault',
        access: request.permission === 'vault:read' ? 'read' : 'write',
        name: request.name,
      }
    case 'event':
      return {
        kind: 'event',
        access: request.permission === 'event:emit' ? 'emit' : 'subscribe',
        topic: request.topic,
      }
    case 'guest-auth':
      return { kind: 'guest-auth' }
  }
}
