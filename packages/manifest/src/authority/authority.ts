import {
  canonicalJson,
  type Digest,
  digestOf,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
} from '@morphee/core'
import type { Assets } from '../artifact/assets.ts'
import type { ActionAuthority } from '../decision/decide.ts'
import type { ManifestLimits } from '../limits.ts'
import type { ActionSpec, CredentialSpec, Manifest } from '../manifest.ts'
import { intersectPermissions } from '../permissions/algebra.ts'
import type { Permission } from '../permissions/permission.ts'
import { resolveAudience, resolvePermissions } from '../permissions/resolve.ts'
import { defaultsOf } from '../schema/defaults.ts'
import { translatedTexts } from './translated-texts.ts'

/** How a credential goes on the wire, and where. */
export interface CredentialPower {
  readonly kind: CredentialSpec['kind']
  readonly audience: readonly string[]
  readonly header?: string
  readonly scheme?: string
}

/** Everything about an extension that decides what can happen, on resolved values. Plain data. */
export interface Powers {
  readonly permissions: readonly Permission[]
  readonly credentials: Readonly<Record<string, CredentialPower>>
  readonly actions: Readonly<Record<string, Omit<ActionAuthority, 'name'>>>
  readonly limits: ManifestLimits
}

/** What an extension can do and what it says to people and agents about it; two of them can be compared. */
export interface Authority {
  readonly powers: Powers
  /** Texts, schemas and defaults by place. They open nothing, but people and agents act on them, so a change is shown. */
  readonly shown: Readonly<Record<string, string>>
}

/** What {@link authorityOf} reads beside the manifest. */
export interface AuthorityOptions {
  /** Values of settings. @default {} */
  readonly config?: JsonObject
  /** With the translations, so that a change in any language is seen. @default {} */
  readonly assets?: Assets
}

/**
 * The authority of `manifest` with its settings filled in.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE`, `ERR_URL_PATTERN_INVALID`
 */
export function authorityOf(manifest: Manifest, options: AuthorityOptions = {}): Authority {
  const config = options.config ?? {}
  const asked = resolvePermissions(manifest, config)
  return {
    powers: {
      // Met with itself: one entry per kind, in the order of the language, each scope in its one spelling.
      permissions: intersectPermissions(asked, asked).map(sorted),
      credentials: mapValues(manifest.credentials, (credential, name) => ({
        kind: credential.kind,
        audience: resolveAudience(manifest, name, config).toSorted(),
        ...(credential.kind === 'api-key' ? { header: credential.header } : {}),
        ...(credential.kind === 'api-key' && credential.scheme !== undefined
          ? { scheme: credential.scheme }
          : {}),
      })),
      actions: mapValues(manifest.actions, ({ effect, uses }) =>
        uses === undefined ? { effect } : { effect, uses: uses.toSorted() },
      ),
      limits: manifest.limits,
    },
    shown: shownBy(manifest, options.assets ?? {}),
  }
}

/**
 * The digest that a grant is bound to: of the {@link Powers} of `authority`, in canonical JSON.
 *
 * It changes with every resolved URL, operation, credential and audience, effect, `uses` and limit, and not with texts.
 */
export async function authorityDigest(authority: Authority): Promise<Digest> {
  return digestOf(encodeUtf8(canonicalJson(authority.powers as unknown as JsonValue)))
}

function sorted(permission: Permission): Permission {
  switch (permission.kind) {
    case 'http:read':
    case 'http:write': {
      const urls = permission.urls.toSorted()
      const { operations } = permission
      if (operations === undefined) return { kind: permission.kind, urls }
      const byText = (a: object, b: object): number =>
        canonicalJson(a as JsonObject) < canonicalJson(b as JsonObject) ? -1 : 1
      const spelled = operations.map(({ fields, ...rest }) =>
        fields === undefined ? rest : { ...rest, fields: [...new Set(fields)].toSorted() },
      )
      return { kind: permission.kind, urls, operations: spelled.toSorted(byText) }
    }
    case 'vault:read':
    case 'vault:write':
      return { kind: permission.kind, names: permission.names.toSorted() }
    case 'data:read':
    case 'data:write':
      return { kind: permission.kind, collections: permission.collections.toSorted() }
    case 'event:emit':
    case 'event:subscribe':
      return { kind: permission.kind, topics: permission.topics.toSorted() }
    case 'storage:read':
    case 'storage:write':
    case 'guest-auth':
      return permission
  }
}

function shownBy(manifest: Manifest, assets: Assets): Record<string, string> {
  const shown: Array<[string, string]> = [['title', manifest.title]]
  if (manifest.description !== undefined) shown.push(['description', manifest.description])
  for (const [name, action] of Object.entries(manifest.actions)) {
    shown.push(...shownByAction(name, action))
  }
  for (const { kind, reason } of manifest.permissions) {
    if (reason !== undefined) shown.push([`reason for ${kind}`, reason])
  }
  for (const [name, credential] of Object.entries(manifest.credentials)) {
    shown.push([
      `credential ${name}`,
      canonicalJson({ ...credential, audience: [] } as unknown as JsonObject),
    ])
  }
  for (const [name, value] of Object.entries(defaultsOf(manifest.config))) {
    shown.push([`default of setting ${name}`, canonicalJson(value)])
  }
  for (const [language, path] of Object.entries(manifest.locales)) {
    const bytes = Object.hasOwn(assets, path) ? assets[path] : undefined
    if (bytes === undefined) continue
    for (const [place, text] of translatedTexts(bytes))
      shown.push([`translation ${language}${place === '' ? '' : ` of ${place}`}`, text])
  }
  return Object.fromEntries(shown)
}

function shownByAction(name: string, action: ActionSpec): Array<[string, string]> {
  return [
    [`title of ${name}`, action.title],
    [`description of ${name}`, action.description ?? ''],
    [`input of ${name}`, canonicalJson(action.input)],
    [`output of ${name}`, canonicalJson(action.output)],
  ]
}

function mapValues<In, Out>(
  object: Readonly<Record<string, In>>,
  change: (value: In, name: string) => Out,
): Record<string, Out> {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, change(value, name)]),
  )
}
