import type { Clock, JsonObject } from '@morphee/core'
import {
  compileJsonSchema,
  effectiveLimits,
  type Manifest,
  type PolicyRules,
  resolvePermissions,
} from '@morphee/manifest'
import { createMeters } from '../invocation/meters.ts'
import { type BuiltinAction, createBuiltinRuntime } from '../runtimes/builtin-runtime.ts'
import { createCallAuthority } from './authority.ts'
import type { LoadedAction, LoadedExtension } from './loaded-extension.ts'

/** An integration that is part of the application: a manifest as an extension has one, and its actions in TypeScript. */
export interface BuiltinDefinition {
  readonly manifest: Manifest
  readonly actions: Readonly<Record<string, BuiltinAction>>
}

// The operator's policy is about other people's code; what is built in is the application's own.
const noPolicy = (): PolicyRules => ({})

/** Makes a built-in callable. What its manifest asks for is granted: the application is trusted, and its effects are recorded. */
export async function createBuiltin(
  { manifest, actions }: BuiltinDefinition,
  clock: Clock,
): Promise<LoadedExtension> {
  const resolved = resolvePermissions(manifest, {})
  const grant = {
    entries: resolved.map((permission) => ({ permission, answer: 'allow' as const })),
    actions: Object.fromEntries(
      Object.keys(manifest.actions).map((name) => [name, 'allow' as const]),
    ),
  }
  const loaded = new Map<string, LoadedAction>()
  for (const [name, action] of Object.entries(manifest.actions)) {
    const [input, output] = await Promise.all([
      compileJsonSchema(action.input),
      compileJsonSchema(action.output),
    ])
    loaded.set(name, {
      description: {
        name,
        title: action.title,
        description: action.description ?? '',
        effect: action.effect,
        input: action.input as JsonObject,
        output: action.output as JsonObject,
      },
      checkInput: (value) => input.validate(value),
      checkOutput: (value) => output.validate(value),
      authority: createCallAuthority({ name, ...action }, resolved, () => grant, noPolicy, clock),
    })
  }
  return {
    installation: 'builtin',
    extension: manifest.name,
    version: manifest.version,
    title: manifest.title,
    digest: 'builtin',
    actions: loaded,
    limits: effectiveLimits(manifest.limits),
    config: {},
    credentials: new Map(),
    meters: createMeters(clock),
    privateNetworks: [],
    runtime: createBuiltinRuntime(actions),
  }
}
