import { ComponentError } from '@morphee/component'
import { createWasi, type Wasi, type WasiPorts, type WasiStorage } from '@morphee/component/wasi'

// The interfaces as a guest sees them; what they take and give is checked by the engine, not here.
export type Interface = Record<string, any>

/** WASI with its interfaces by name without the version, and a storage that can be looked into. */
export interface TestWasi {
  readonly wasi: Wasi
  readonly keys: Map<string, Uint8Array>
  of(name: string): Interface
}

export function openWasi(ports: WasiPorts = {}): TestWasi {
  const keys = new Map<string, Uint8Array>()
  const wasi = createWasi({ storage: storageOver(keys), ...ports })
  return {
    wasi,
    keys,
    of: (name) => {
      const found = Object.keys(wasi.imports).find((key) => key.startsWith(`${name}@`))
      if (found === undefined) throw new Error(`there is no ${name}`)
      return wasi.imports[found] as Interface
    },
  }
}

export function storageOver(keys: Map<string, Uint8Array>): WasiStorage {
  return {
    get: async (key) => keys.get(key),
    set: async (key, value) => void keys.set(key, value),
    delete: async (key) => void keys.delete(key),
    keys: async (prefix) => [...keys.keys()].filter((key) => key.startsWith(prefix)),
  }
}

/** The payload that a guest gets for a failure; anything else that is thrown ends the guest and is thrown on. */
export async function failureOf(work: () => unknown): Promise<unknown> {
  try {
    await work()
  } catch (error) {
    if (error instanceof ComponentError) return error.payload
    throw error
  }
  return 'no failure'
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
