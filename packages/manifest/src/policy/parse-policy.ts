import { encodeUtf8, type JsonObject, type JsonValue } from '@morphee/core'
import {
  arrange,
  type Diagnostic,
  formatPath,
  type Path,
  type Report,
} from '../document/diagnostics.ts'
import { checkLimits } from '../document/check-limits.ts'
import { checkScopedPermission } from '../document/check-permissions.ts'
import { describe, memberOf, Shape } from '../document/shape.ts'
import { quoted } from '../document/quoted.ts'
import { readYaml } from '../document/yaml-document.ts'
import { ManifestError } from '../errors.ts'
import { tryParseExtensionName } from '../name.ts'
import { ALL_FEATURES, tryParsePermissionKind } from '../permissions/kinds.ts'
import {
  type ExtensionPolicy,
  ISOLATION_LEVELS,
  type IsolationLevel,
  type Policy,
  type PrivateNetwork,
  type PublisherRule,
} from './policy.ts'
import type { PolicyPlace, PolicyRule, PolicyRules } from './policy-rules.ts'

/** How {@link parsePolicyYaml} reads. */
export interface ParsePolicyOptions {
  /** Shown in diagnostics and decisions. @default 'policy.yaml' */
  readonly fileName?: string
  /** Whether a text is an address range such as `10.1.0.0/16`; the guard of the network knows. */
  readonly isAddressRange: (text: string) => boolean
}

/** Largest policy, in bytes of UTF-8. */
export const MAX_POLICY_BYTES: number = 256 * 1024
const MAX_RULES = 1000

const COMMON = ['limits', 'permissions', 'network', 'isolation']

/**
 * Reads an operator's policy (spec/policy.schema.json).
 *
 * Everything that is wrong is reported at once, each with file, line, column and path. A word that is not known is an error:
 * a policy that somebody believes in and nobody enforces would be worse than none.
 *
 * @throws {@link ManifestError} `ERR_POLICY_INVALID`
 */
export function parsePolicyYaml(text: string, options: ParsePolicyOptions): Policy {
  const file = options.fileName ?? 'policy.yaml'
  const diagnostics: Diagnostic[] = []
  const at = (line: number, column: number, path: string, message: string): void => {
    diagnostics.push({ path, message, file, line, column })
  }
  if (text.length > MAX_POLICY_BYTES || encodeUtf8(text).length > MAX_POLICY_BYTES) {
    at(1, 1, '$', `is larger than ${MAX_POLICY_BYTES} bytes`)
    throw invalidPolicy(file, diagnostics)
  }
  const yaml = readYaml(text, ({ line, column }, message) => at(line, column, '$', message))
  if (yaml === undefined) throw invalidPolicy(file, diagnostics)
  const report: Report = (path, message) => {
    const { line, column } = yaml.positionOf(path)
    at(line, column, formatPath(path), message)
  }
  const reader = new PolicyReader(report, options.isAddressRange, (path) => ({
    file,
    line: yaml.positionOf(path).line,
  }))
  const policy = reader.policy(yaml.value)
  if (policy === undefined || diagnostics.length > 0) throw invalidPolicy(file, diagnostics)
  return policy
}

class PolicyReader {
  readonly #shape: Shape
  readonly #isAddressRange: (text: string) => boolean
  readonly #placeOf: (path: Path) => PolicyPlace

  constructor(
    report: Report,
    isAddressRange: (text: string) => boolean,
    placeOf: (path: Path) => PolicyPlace,
  ) {
    this.#shape = new Shape(report)
    this.#isAddressRange = isAddressRange
    this.#placeOf = placeOf
  }

  policy(document: JsonValue): Policy | undefined {
    const root = this.#shape.object(document, [], ['policy', 'publishers', ...COMMON, 'extensions'])
    if (root === undefined) return undefined
    const version = memberOf(root, 'policy')
    if (version !== 1) {
      this.#shape.report(
        ['policy'],
        `must be 1, the only version of this format there is, not ${describe(version)}`,
      )
    }
    const publishers = this.#optional(root, 'publishers', [], (value, path) =>
      this.#publishers(value, path),
    )
    const extensions = this.#optional(root, 'extensions', [], (value, path) =>
      this.#extensions(value, path),
    )
    return {
      ...publishers,
      ...this.#common(root, []),
      ...(extensions === undefined ? {} : { extensions }),
    }
  }

  #optional<Value>(
    object: JsonObject,
    name: string,
    path: Path,
    read: (value: JsonValue, path: Path) => Value,
  ): Value | undefined {
    const value = memberOf(object, name)
    return value === undefined ? undefined : read(value, [...path, name])
  }

  /** What may be said both for all extensions and for one. */
  #common(
    object: JsonObject,
    path: Path,
  ): Pick<Policy, 'rules' | 'ceilings' | 'isolation' | 'privateNetworks'> {
    const ceilings = this.#optional(object, 'limits', path, (value, at) =>
      checkLimits(value, at, this.#shape),
    )
    const rules = this.#optional(object, 'permissions', path, (value, at) => this.#rules(value, at))
    const privateNetworks = this.#optional(object, 'network', path, (value, at) =>
      this.#network(value, at),
    )
    const isolation = this.#optional(object, 'isolation', path, (value, at) =>
      this.#shape.oneOf<IsolationLevel>(value, at, ISOLATION_LEVELS),
    )
    return {
      ...(ceilings === undefined ? {} : { ceilings }),
      ...(rules === undefined ? {} : { rules }),
      ...(privateNetworks === undefined ? {} : { privateNetworks }),
      ...(isolation === undefined ? {} : { isolation }),
    }
  }

  #publishers(value: JsonValue, path: Path): Pick<Policy, 'publishers' | 'refusedPublishers'> {
    const object = this.#shape.object(value, path, ['allow', 'deny'])
    if (object === undefined) return {}
    const publishers = this.#optional(object, 'allow', path, (list, at) =>
      this.#publisherList(list, at),
    )
    const refusedPublishers = this.#optional(object, 'deny', path, (list, at) =>
      this.#publisherList(list, at),
    )
    return {
      ...(publishers === undefined ? {} : { publishers }),
      ...(refusedPublishers === undefined ? {} : { refusedPublishers }),
    }
  }

  #publisherList(value: JsonValue, path: Path): PublisherRule[] {
    return this.#each(value, path, (item, at) => {
      const publisher = this.#shape.string(item, at)
      if (publisher === undefined) return undefined
      // A publisher is what stands before the slash of an extension's name.
      if (tryParseExtensionName(`${publisher}/x`) !== undefined)
        return { publisher, place: this.#placeOf(at) }
      this.#shape.report(
        at,
        `must be the name of a publisher in lower-case ASCII letters, digits and hyphens, not ${quoted(publisher)}`,
      )
      return undefined
    })
  }

  #extensions(value: JsonValue, path: Path): Record<string, ExtensionPolicy> {
    const object = this.#shape.map(value, path) ?? {}
    const extensions: [string, ExtensionPolicy][] = []
    for (const [name, item] of Object.entries(object)) {
      const at = [...path, name]
      if (tryParseExtensionName(name) === undefined) {
        this.#shape.report(at, `must be publisher/name, not ${quoted(name)}`)
        continue
      }
      const own = this.#shape.object(item, at, ['run', ...COMMON])
      if (own === undefined) continue
      const run = this.#optional(own, 'run', at, (answer, place) =>
        this.#shape.oneOf(answer, place, ['allow', 'deny']),
      )
      extensions.push([
        name,
        {
          ...this.#common(own, at),
          ...(run === undefined ? {} : { run }),
          place: this.#placeOf(run === undefined ? at : [...at, 'run']),
        },
      ])
    }
    return Object.fromEntries(extensions)
  }

  #rules(value: JsonValue, path: Path): PolicyRules {
    const object = this.#shape.object(value, path, ['ceiling', 'deny', 'ask'])
    if (object === undefined) return {}
    const read = (name: 'ceiling' | 'deny' | 'ask'): { [Name in typeof name]?: PolicyRule[] } => {
      const list = this.#optional(object, name, path, (items, at) =>
        this.#each(items, at, (item, place) => this.#rule(item, place)),
      )
      return list === undefined ? {} : { [name]: list }
    }
    return { ...read('ceiling'), ...read('deny'), ...read('ask') }
  }

  #rule(item: JsonValue, path: Path): PolicyRule | undefined {
    const place = this.#placeOf(path)
    if (typeof item === 'string') {
      const kind = tryParsePermissionKind(item)
      if (kind !== undefined) return { permission: kind, place }
      this.#shape.report(path, `unknown permission ${quoted(item)}`)
      return undefined
    }
    const object = this.#shape.map(item, path)
    if (object === undefined) return undefined
    const [entry, ...more] = Object.entries(object)
    if (entry === undefined || more.length > 0) {
      this.#shape.report(path, 'must be the name of a permission, or one name with its scope')
      return undefined
    }
    const [name, body] = entry
    const kind = tryParsePermissionKind(name)
    if (kind === undefined) {
      this.#shape.report([...path, name], `unknown permission ${quoted(name)}`)
      return undefined
    }
    const permission = checkScopedPermission(kind, body, [...path, name], {
      shape: this.#shape,
      report: this.#shape.report,
      supports: new Set(ALL_FEATURES),
      // Whether http to loopback is open is the kind of host's business; a rule about it may stand in any policy.
      development: true,
      config: undefined,
    })
    return permission === undefined ? undefined : { permission, place }
  }

  #network(value: JsonValue, path: Path): PrivateNetwork[] {
    const object = this.#shape.object(value, path, ['private'])
    if (object === undefined) return []
    return (
      this.#optional(object, 'private', path, (list, at) =>
        this.#each(list, at, (item, place) => {
          const pair = this.#shape.object(item, place, ['host', 'range'])
          if (pair === undefined) return undefined
          const host = this.#shape.string(memberOf(pair, 'host'), [...place, 'host'])
          const cidr = this.#shape.string(memberOf(pair, 'range'), [...place, 'range'])
          if (host !== undefined && !isExactHost(host))
            this.#shape.report([...place, 'host'], `must be one exact host, not ${quoted(host)}`)
          if (cidr !== undefined && !this.#isAddressRange(cidr)) {
            this.#shape.report(
              [...place, 'range'],
              `must be an address range such as 10.1.0.0/16, not ${quoted(cidr)}`,
            )
          }
          return host === undefined || cidr === undefined ? undefined : { host, cidr }
        }),
      ) ?? []
    )
  }

  #each<Value>(
    value: JsonValue,
    path: Path,
    read: (item: JsonValue, path: Path) => Value | undefined,
  ): Value[] {
    const list = this.#shape.list(value, path, MAX_RULES) ?? []
    return list.flatMap((item, i) => read(item, [...path, i]) ?? [])
  }
}

function isExactHost(text: string): boolean {
  const url = URL.parse(`https://${text}/`)
  return url !== null && url.hostname === text && !text.includes('*')
}

function invalidPolicy(
  file: string,
  diagnostics: readonly Diagnostic[],
): ManifestError<'ERR_POLICY_INVALID'> {
  const { sorted, first } = arrange(diagnostics)
  return new ManifestError('ERR_POLICY_INVALID', `Cannot use the policy ${quoted(file)}${first}`, {
    diagnostics: sorted,
  })
}
