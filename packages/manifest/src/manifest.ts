import type { JsonObject, JsonValue } from '@morphee/core'
import type { ActionAuthority } from './decision/decide.ts'
import type { ManifestLimits } from './limits.ts'
import type { ExtensionName } from './name.ts'
import type { PermissionRequest } from './permissions/permission.ts'

/** What an extension is and asks for: `extension.yaml`, checked, with its schemas inlined. */
export interface Manifest {
  /** Version of this format. */
  readonly manifest: 1
  readonly name: ExtensionName
  /** A semantic version without build metadata. */
  readonly version: string
  readonly title: string
  readonly description?: string
  /** SPDX expression. */
  readonly license?: string
  /** Path of a raster image among the assets. */
  readonly icon?: string
  /** At most one per kind. */
  readonly permissions: readonly PermissionRequest[]
  readonly credentials: Readonly<Record<string, CredentialSpec>>
  /** JSON Schema of the settings; its root is of `type: object`. */
  readonly config?: JsonObject
  readonly actions: Readonly<Record<string, ActionSpec>>
  readonly limits: ManifestLimits
  /** Language tag → path of a translation among the assets. */
  readonly locales: Readonly<Record<string, string>>
}

/** One thing that can be called. */
export interface ActionSpec {
  readonly title: string
  readonly description?: string
  readonly effect: ActionAuthority['effect']
  /** Permissions the action is limited to; all that are granted when left out. */
  readonly uses?: NonNullable<ActionAuthority['uses']>
  /** JSON Schema of the input. */
  readonly input: JsonValue
  /** JSON Schema of the result. */
  readonly output: JsonValue
}

/** What the host puts on the wire for the extension, which never sees it. */
export type CredentialSpec = BasicCredential | BearerCredential | ApiKeyCredential

interface CredentialBase {
  /** Origins it goes to, and nowhere else; may hold `{config.x}`. */
  readonly audience: readonly string[]
  readonly title?: string
}

/** `Authorization: Basic` of `username` and `password`. */
export interface BasicCredential extends CredentialBase {
  readonly kind: 'basic'
  readonly fields: { readonly username: CredentialField; readonly password: CredentialField }
}

/** `Authorization: Bearer` of `token`. */
export interface BearerCredential extends CredentialBase {
  readonly kind: 'bearer'
  readonly fields: { readonly token: CredentialField }
}

/** A header of the service's own with `key` as its value. */
export interface ApiKeyCredential extends CredentialBase {
  readonly kind: 'api-key'
  /** Lower-case name of the header. */
  readonly header: string
  /** Put before the key, with a space: `Token`. */
  readonly scheme?: string
  readonly fields: { readonly key: CredentialField }
}

/** How a person is asked for a part of a credential. */
export interface CredentialField {
  readonly title: string
  /** `https` address that explains where to get it. */
  readonly help?: string
}
