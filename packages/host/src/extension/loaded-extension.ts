import type { JsonObject, JsonValue } from '@morphee/core'
import type { CallAuthority } from '../capabilities/authority.ts'
import type { ResolvedCredential } from '../capabilities/capability.ts'
import type { Limits, PrivateNetwork, SchemaIssue } from '@morphee/manifest'
import type { ExtensionSecrets } from '../secrets/extension-secrets.ts'
import type { Meters } from '../invocation/meters.ts'
import type { ActionDescription, BaseMorphRuntime } from '../runtimes/runtime.ts'

/** An action with its schemas ready to run. */
export interface LoadedAction {
  readonly description: ActionDescription
  checkInput(value: JsonValue): readonly SchemaIssue[]
  checkOutput(value: JsonValue): readonly SchemaIssue[]
  /** Effective permission ∩ what this action uses. */
  readonly authority: CallAuthority
}

/** An extension of one workspace, ready to be called: installed or built in, nobody after this point can tell. */
export interface LoadedExtension {
  /** Id of the installation, or `builtin`. */
  readonly installation: string
  readonly extension: string
  readonly version: string
  readonly title: string
  /** Digest of the artifact, or `builtin`. */
  readonly digest: string
  readonly actions: ReadonlyMap<string, LoadedAction>
  /** What its event handler may do; absent when it subscribes to nothing. */
  readonly handler?: CallAuthority
  readonly limits: Limits
  readonly config: JsonObject
  readonly credentials: ReadonlyMap<string, ResolvedCredential>
  /** What it keeps in the vault itself; absent for built-ins. */
  readonly secrets?: ExtensionSecrets
  /** Special address ranges that the operator opens to it. */
  readonly privateNetworks: readonly PrivateNetwork[]
  readonly meters: Meters
  readonly runtime: BaseMorphRuntime
}
