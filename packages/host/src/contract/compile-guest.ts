import { Component, type EngineLimits } from '@morphee/component'
import type { Limits } from '@morphee/manifest'

/** The limits of an extension that the engine enforces. */
export type GuestEngineLimits = Pick<EngineLimits, 'maxMemoryBytes' | 'maxHandles'>

/** The engine's part of an extension's limits. */
export function engineLimits({ memoryBytes, handles }: Limits): GuestEngineLimits {
  return { maxMemoryBytes: memoryBytes, maxHandles: handles }
}

/** Compiles a guest inside its cell from bytes that the host has hashed and checked, with the core modules it compiled where they can be had. */
export function compileGuest(
  bytes: Uint8Array,
  modules: readonly WebAssembly.Module[] | undefined,
  limits: GuestEngineLimits,
): Promise<Component> {
  return Component.compile(bytes, modules === undefined ? { limits } : { modules, limits })
}
