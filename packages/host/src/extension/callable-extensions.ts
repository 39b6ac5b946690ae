import { type Clock, isPlatformError } from '@morphee/core'
import type { Installations } from '../installations/installations.ts'
import type { InterfaceDescription } from '../runtimes/interface-manager.ts'
import { type BuiltinDefinition, createBuiltin } from './builtin.ts'
import type { ExtensionLoader } from './extension-loader.ts'
import type { LoadedExtension } from './loaded-extension.ts'

/** What {@link CallableExtensions} works with. */
export interface CallableServices {
  readonly installations: Installations
  readonly loader: ExtensionLoader
  readonly builtins: readonly BuiltinDefinition[]
  readonly clock: Clock
}

/** Everything that can be called in a workspace, installed or built in, by one name. */
export class CallableExtensions {
  readonly #services: CallableServices
  readonly #builtins: ReadonlyMap<string, BuiltinDefinition>
  readonly #builtinsLoaded = new Map<string, Promise<LoadedExtension>>()

  constructor(services: CallableServices) {
    this.#services = services
    this.#builtins = new Map(services.builtins.map((one) => [one.manifest.name, one]))
  }

  isBuiltin(extension: string): boolean {
    return this.#builtins.has(extension)
  }

  /** An extension, ready to be called. @throws what {@link ExtensionLoader.load} throws */
  load(workspace: string, extension: string): Promise<LoadedExtension> {
    const builtin = this.#builtins.get(extension)
    if (builtin === undefined) return this.#services.loader.load(workspace, extension)
    const key = `${workspace}\n${extension}`
    let loaded = this.#builtinsLoaded.get(key)
    if (loaded === undefined) {
      loaded = createBuiltin(builtin, this.#services.clock)
      this.#builtinsLoaded.set(key, loaded)
    }
    return loaded
  }

  /** What can be called, by name. Installations that are not active, or that cannot be loaded, are left out. */
  async list(workspace: string): Promise<readonly InterfaceDescription[]> {
    const described: InterfaceDescription[] = []
    for (const name of this.#builtins.keys())
      described.push(describe(await this.load(workspace, name)))
    for (const { extension, state } of await this.#services.installations.list(workspace)) {
      if (state !== 'active') continue
      try {
        described.push(describe(await this.load(workspace, extension)))
      } catch (error) {
        // One revoked or damaged installation must not hide the others; a call of it says what is wrong.
        if (!isPlatformError(error)) throw error
      }
    }
    return described.sort((a, b) => (a.extension < b.extension ? -1 : 1))
  }
}

function describe({ extension, version, title, actions }: LoadedExtension): InterfaceDescription {
  return {
    extension,
    version,
    title,
    actions: [...actions.values()].map(({ description }) => description),
  }
}
