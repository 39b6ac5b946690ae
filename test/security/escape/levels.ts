// Every isolation level there is, in one place: a level that is added here runs the whole corpus.
import type { IsolationLevel } from '@morphee/manifest'
import type { Attack, Outcome } from './attack.ts'

/** `engine` is a bare `Component.instantiate` in this thread; the others are those of a host. */
export type Level = 'engine' | IsolationLevel

/** What came of an attack, with the text that whoever made the call got to see. */
export type Result = Outcome & { readonly message?: string; readonly details?: unknown }

/** A level that attacks can be run at, with bystanders who must not notice. */
export interface OpenLevel {
  attack(attack: Attack): Promise<Result>
  /** Throws when a bystander, of this workspace or another, noticed anything. */
  checkBystanders(): Promise<void>
  close(): Promise<void>
}

export const LEVELS: Readonly<Record<Level, () => Promise<OpenLevel>>> = {
  engine: async () => (await import('./levels/engine.ts')).openEngineLevel(),
  thread: async () => (await import('./levels/host.ts')).openHostLevel('thread'),
  worker: async () => (await import('./levels/host.ts')).openHostLevel('worker'),
  process: async () => (await import('./levels/host.ts')).openHostLevel('process'),
}

/** Why `attack` cannot run at `level`, if it cannot. */
export function unsupportedAt(attack: Attack, level: Level): string | undefined {
  if (attack.guest.kind === 'embedder' && level !== 'engine')
    return 'it goes for an embedder, and the only embedder here is the host'
  if (attack.guest.kind === 'extension' && level === 'engine')
    return 'its defence is the host, and there is none'
  return attack.notAt?.[level]
}
