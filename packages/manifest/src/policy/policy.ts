import type { ManifestLimits } from '../limits.ts'
import type { PolicyPlace, PolicyRule, PolicyRules } from './policy-rules.ts'

/** Where guests run: the host's own thread, a worker of one workspace, or a process without rights. */
export type IsolationLevel = 'thread' | 'worker' | 'process'

/** Every isolation level, the weakest wall first. */
export const ISOLATION_LEVELS: readonly IsolationLevel[] = ['thread', 'worker', 'process']

/** One host that may lead into one special address range, such as `10.1.0.0/16`. */
export interface PrivateNetwork {
  /** Exact host name, or an address literal. */
  readonly host: string
  readonly cidr: string
}

/** A publisher, with the line that names it. */
export interface PublisherRule {
  readonly publisher: string
  readonly place?: PolicyPlace
}

/** What the operator says about one extension, beside what counts for all. */
export interface ExtensionPolicy {
  /** `deny`: it is neither installed nor run. */
  readonly run?: 'allow' | 'deny'
  /** Its `deny` and `ask` are added to the general ones; its `ceiling` takes the place of the general one. */
  readonly rules?: PolicyRules
  /** Take the place of the general ones, limit by limit; they may be higher. */
  readonly ceilings?: ManifestLimits
  /** Takes the place of the general one. */
  readonly isolation?: IsolationLevel
  /** Added to the general ones. */
  readonly privateNetworks?: readonly PrivateNetwork[]
  readonly place?: PolicyPlace
}

/** The operator's part of every decision; what is left out is not restricted. Plain data. */
export interface Policy {
  /** The only publishers whose extensions are installed and run; everybody who is trusted when left out. */
  readonly publishers?: readonly PublisherRule[]
  /** Publishers whose extensions are neither installed nor run, whoever trusts them. */
  readonly refusedPublishers?: readonly PublisherRule[]
  readonly rules?: PolicyRules
  /** Ceilings for limits, in bytes, milliseconds and counts. */
  readonly ceilings?: ManifestLimits
  /** @default 'worker' */
  readonly isolation?: IsolationLevel
  readonly privateNetworks?: readonly PrivateNetwork[]
  /** By `publisher/name`. */
  readonly extensions?: Readonly<Record<string, ExtensionPolicy>>
}

/** What counts for one extension: the general part with its own overrides. */
export interface EffectivePolicy {
  readonly rules: PolicyRules
  readonly ceilings: ManifestLimits
  readonly isolation: IsolationLevel
  readonly privateNetworks: readonly PrivateNetwork[]
  /** Why it is neither installed nor run; absent when it may be. */
  readonly refusal?: PolicyRefusal
}

/** Why an extension may not run at all. */
export interface PolicyRefusal {
  /** For a person: `its publisher "evil" is refused`. */
  readonly reason: string
  readonly place?: PolicyPlace
}

/** What is used where the operator says nothing. */
export const DEFAULT_ISOLATION: IsolationLevel = 'worker'

const effective = new WeakMap<Policy, Map<string, EffectivePolicy>>()
const MAX_KEPT = 1000

/** What `policy` says about the extension `name` (`publisher/name`). The same object every time, so that what is compiled from it is compiled once. */
export function policyFor(policy: Policy, name: string): EffectivePolicy {
  let known = effective.get(policy)
  if (known === undefined) effective.set(policy, (known = new Map()))
  let found = known.get(name)
  if (found === undefined) {
    known.set(name, (found = overlay(policy, name)))
    if (known.size > MAX_KEPT) known.delete(known.keys().next().value as string)
  }
  return found
}

function overlay(policy: Policy, name: string): EffectivePolicy {
  const { extensions = {}, rules = {} } = policy
  const own = (Object.hasOwn(extensions, name) ? extensions[name] : undefined) ?? {}
  const ceiling = own.rules?.ceiling ?? rules.ceiling
  const refusal = refusalOf(policy, own, name)
  return {
    rules: {
      ...(ceiling === undefined ? {} : { ceiling }),
      deny: joined(rules.deny, own.rules?.deny),
      ask: joined(rules.ask, own.rules?.ask),
    },
    ceilings: { ...policy.ceilings, ...own.ceilings },
    isolation: own.isolation ?? policy.isolation ?? DEFAULT_ISOLATION,
    privateNetworks: [...(policy.privateNetworks ?? []), ...(own.privateNetworks ?? [])],
    ...(refusal === undefined ? {} : { refusal }),
  }
}

function joined(
  general: readonly PolicyRule[] = [],
  own: readonly PolicyRule[] = [],
): readonly PolicyRule[] {
  return own.length === 0 ? general : [...general, ...own]
}

function refusalOf(
  { publishers, refusedPublishers = [] }: Policy,
  own: ExtensionPolicy,
  name: string,
): PolicyRefusal | undefined {
  const publisher = name.split('/')[0] as string
  if (own.run === 'deny')
    return { reason: 'the policy refuses this extension', ...(own.place && { place: own.place }) }
  const refused = refusedPublishers.find((rule) => rule.publisher === publisher)
  if (refused !== undefined) {
    return {
      reason: `the policy refuses its publisher "${publisher}"`,
      ...(refused.place && { place: refused.place }),
    }
  }
  if (publishers === undefined || publishers.some((rule) => rule.publisher === publisher))
    return undefined
  const accepted = publishers.map((rule) => rule.publisher).slice(0, 8)
  return {
    reason: `its publisher "${publisher}" is none of the policy's: ${accepted.join(', ') || 'nobody'}`,
  }
}
