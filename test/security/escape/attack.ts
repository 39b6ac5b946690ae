// What an attack of the corpus is: one file each, under its group, exporting `attack`.
import type {
  CompileOptions,
  Component,
  ComponentInstance,
  EngineErrorDetails,
  TrapReason,
} from '@morphee/component'
import type { TestHost } from '../../../packages/host/test/fixture/test-host.ts'
import type { Level } from './levels.ts'

/** One attack: what it tries, the guest that tries it, and what must come of it at every isolation level. */
export interface Attack {
  /** What the attacker does, in a few words. */
  readonly name: string
  /** What the attacker would have if it worked. */
  readonly tries: string
  readonly guest: Guest
  readonly must: Outcome
  /** What must come of it through a host, where another part of the system stops it before the engine would. */
  readonly mustInHost?: Outcome
  /** As `mustInHost`, where the levels differ. */
  readonly mustAt?: Partial<Record<Level, Outcome>>
  /** Levels that it cannot run at, each with the reason. */
  readonly notAt?: Partial<Record<Level, string>>
  /** Levels at which it works today, each with what it does. It is not run there: nothing would end it. */
  readonly openAt?: Partial<Record<Level, string>>
  /** What stands in its way; `defences.ts` says how each is switched off to see that the attack then works. */
  readonly defence: Defence
  /** Said where the corpus runs it smaller than it could be. */
  readonly size?: string
}

/** The piece of code that holds an attack. */
export interface Defence {
  /** Path from the root of the repository. */
  readonly file: string
  readonly what: string
}

/** How the attacking guest is made. */
export type Guest =
  /**
   * The body of a component as text. It exports `run: func()` and may import `pause: func()`, which suspends it.
   * At the levels of the host it is a part of an extension, whose `invoke` calls `run`.
   */
  | {
      readonly kind: 'component'
      readonly wat: string
      /** Limits of the engine, and of the manifest at the levels of the host. */
      readonly limits?: GuestLimits
    }
  /** Bytes that claim to be a component. Nothing of them is run. */
  | { readonly kind: 'bytes'; readonly bytes: () => Uint8Array | Promise<Uint8Array> }
  /** The text of a whole extension. There is no host for it at the level `engine`. */
  | {
      readonly kind: 'extension'
      readonly wat: string
      readonly manifest?: Readonly<Record<string, unknown>>
      /** What the host is told to do beside calling it; by default it is called once, as it is. */
      readonly drive?: (host: HostDrive) => Promise<unknown>
    }
  /** A guest that goes for whoever embeds the engine; it needs the embedder's own code, so it runs at `engine` only. */
  | { readonly kind: 'embedder'; readonly drive: (engine: EngineDrive) => Promise<unknown> }

/** Limits of a guest. */
export interface GuestLimits {
  readonly memoryPages?: number
  readonly handles?: number
  /** For the manifest only: the engine knows no time. */
  readonly cpuMs?: number
}

/** What a driven attack has of the engine. */
export interface EngineDrive {
  /** Compiles the text of a component's body. */
  readonly compile: (wat: string, options?: CompileOptions) => Promise<Component>
  readonly instantiate: (
    wat: string,
    imports?: Readonly<Record<string, unknown>>,
    options?: Parameters<Component['instantiate']>[1],
  ) => Promise<ComponentInstance>
}

/** What a driven attack has of the host: the test host, and the name under which the attacker is installed. */
export interface HostDrive {
  readonly test: TestHost
  readonly extension: string
}

/** What must come of an attack. */
export type Outcome =
  /** It ends like any call: what it tried had no effect, which the guest checks itself and traps otherwise. */
  | { readonly kind: 'returned' }
  /** The guest is stopped. */
  | {
      readonly kind: 'trapped'
      readonly reason: TrapReason | 'worker-ended'
      /** A part of what the engine says. Hosts tell callers the reason only. */
      readonly saying?: string
    }
  /** The code is never run. */
  | {
      readonly kind: 'refused'
      readonly code: keyof EngineErrorDetails
      /** Which limit, or which feature. */
      readonly because?: string
    }
  /** The call ends with this code of the host, for this limit if it is one. */
  | { readonly kind: 'stopped'; readonly code: string; readonly limit?: string }
