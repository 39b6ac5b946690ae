import { Component, type EngineLimits, type InterruptionKind } from '@morphee/component'
import type { Limits } from '@morphee/manifest'

/** The limits of an extension that the engine enforces. */
export type GuestEngineLimits = Pick<EngineLimits, 'maxMemoryBytes' | 'maxHandles'>

/** The engine's part of an extension's limits. */
export function engineLimits({ memoryBytes, handles }: Limits): GuestEngineLimits {
  return { maxMemoryBytes: memoryBytes, maxHandles: handles }
}

/**
 * How the core modules are compiled that the host makes once and sends to its workers: V8 ends a thread by itself, except in code that has checks then.
 */
export const SHARED_INTERRUPTION: InterruptionKind = 'termination'

/** Compiles a guest from bytes that the host has hashed and checked, with the core modules it compiled where they can be had. */
export function compileGuest(
  bytes: Uint8Array,
  modules: readonly WebAssembly.Module[] | undefined,
  limits: GuestEngineLimits,
  interruption?: InterruptionKind,
): Promise<Component> {
  return Component.compile(bytes, {
    limits,
    ...(modules !== undefined && { modules }),
    ...(interruption !== undefined && { interruption }),
  })
}
