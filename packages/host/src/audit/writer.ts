/**
 * Who has open intents, and whether they can still report an outcome.
 *
 * Several processes share one database. Recovery in one must not give up the intents of another that is still at work.
 */
export interface AuditWriter {
  /** Unique to this log, for ever. */
  readonly id: string
  /** Whether the log with this id may still be at work. */
  isAlive(id: string): boolean
  /** Says that this log is at work no longer. */
  release(): void
}

const live = new Set<string>()

/** A writer among the logs of this process, for a database that no other process opens. */
export function createLocalWriter(): AuditWriter {
  const id = crypto.randomUUID()
  live.add(id)
  return { id, isAlive: (other) => live.has(other), release: () => live.delete(id) }
}
