import type { Component } from '@morphee/component'
import type { Digest } from '@morphee/core'
import {
  type Assets,
  compileJsonSchema,
  effectiveLimits,
  type JsonSchema,
  type Manifest,
  type Policy,
  policyFor,
  readArtifact,
} from '@morphee/manifest'
import {
  compileGuest,
  engineLimits,
  type GuestEngineLimits,
  SHARED_INTERRUPTION,
} from '../contract/compile-guest.ts'
import { contractProblems } from '../contract/contract-problems.ts'
import { HostError } from '../errors.ts'
import { assertMayRun } from '../policy/assert-may-run.ts'

/** An artifact with everything worked out that depends on its bytes alone. Shared by all workspaces; holds nobody's data. */
export interface CompiledArtifact {
  readonly digest: Digest
  /** What its memories and handles were capped at; part of what was compiled. */
  readonly limits: GuestEngineLimits
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly manifest: Manifest
  readonly assets: Assets
  readonly component: Component
  readonly schemas: ReadonlyMap<string, { readonly input: JsonSchema; readonly output: JsonSchema }>
  readonly configSchema: JsonSchema | undefined
}

/** How {@link compileArtifact} judges. */
export interface CompileArtifactOptions {
  /** The operator's; its ceilings are part of what is compiled. */
  readonly policy?: Policy
  /** Accept plain http to loopback in permissions, as a development host does. @default false */
  readonly development?: boolean
}

/**
 * Reads, checks and compiles an artifact whose digest is known.
 *
 * The component must import nothing that its manifest does not ask for, with exactly the contract's types.
 *
 * @throws `ERR_HOST_CONTRACT`, `ERR_HOST_POLICY`, and the codes of `readArtifact` and `Component.compile`
 */
export async function compileArtifact(
  bytes: Uint8Array<ArrayBuffer>,
  digest: Digest,
  { policy = {}, development = false }: CompileArtifactOptions = {},
): Promise<CompiledArtifact> {
  const { manifest, assets } = readArtifact(bytes, { development })
  assertMayRun(policy, manifest.name)
  const { ceilings } = policyFor(policy, manifest.name)
  const limits = engineLimits(effectiveLimits(manifest.limits, ceilings))
  const component = await compileGuest(bytes, undefined, limits, SHARED_INTERRUPTION)
  const problems = contractProblems(component, manifest)
  if (problems.length > 0) {
    throw new HostError(
      'ERR_HOST_CONTRACT',
      `Cannot load "${manifest.name}": its component does not fit`,
      { problems },
    )
  }
  const schemas = new Map<string, { input: JsonSchema; output: JsonSchema }>()
  for (const [name, action] of Object.entries(manifest.actions)) {
    const [input, output] = await Promise.all([
      compileJsonSchema(action.input),
      compileJsonSchema(action.output),
    ])
    schemas.set(name, { input, output })
  }
  const configSchema =
    manifest.config === undefined ? undefined : await compileJsonSchema(manifest.config)
  return { digest, limits, bytes, manifest, assets, component, schemas, configSchema }
}
