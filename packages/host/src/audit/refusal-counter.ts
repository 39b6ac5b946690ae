import type { AuditEntry } from './record.ts'

/** A refusal that came again, and how often since it was last written. */
export interface Refusal {
  readonly entry: AuditEntry
  readonly repeated: number
}

interface Counted {
  readonly entry: AuditEntry
  total: number
  unwritten: number
}

// What a crash may lose: the count, never the fact.
const MAX_UNWRITTEN = 1000
const MAX_KINDS = 10_000

/** Counts identical refusals, so that a guest cannot flood the chain with what it is told once. */
export class RefusalCounter {
  readonly #counted = new Map<string, Counted>()

  /** Counts one; `due` are counts to write now. */
  count(entry: AuditEntry): { readonly repeated: number; readonly due: readonly Refusal[] } {
    const key = keyOf(entry)
    const counted = this.#counted.get(key)
    if (counted === undefined) {
      this.#counted.set(key, { entry, total: 1, unwritten: 0 })
      return { repeated: 1, due: this.#counted.size > MAX_KINDS ? this.#takeOldest() : [] }
    }
    counted.total++
    counted.unwritten++
    if (counted.unwritten < MAX_UNWRITTEN) return { repeated: counted.total, due: [] }
    const due = { entry: counted.entry, repeated: counted.unwritten }
    counted.unwritten = 0
    return { repeated: counted.total, due: [due] }
  }

  /** Takes back the first of its kind: it could not be written, so the next one is the first. */
  forget(entry: AuditEntry): void {
    this.#counted.delete(keyOf(entry))
  }

  /** Ends the counting for an invocation and gives what was not written. */
  take(workspace: string, invocation: string): Refusal[] {
    return this.#take(
      ({ entry }) => entry.workspace === workspace && entry.invocation === invocation,
    )
  }

  takeAll(): Refusal[] {
    return this.#take(() => true)
  }

  #take(matches: (counted: Counted) => boolean): Refusal[] {
    const taken: Refusal[] = []
    for (const [key, counted] of this.#counted) {
      if (!matches(counted)) continue
      this.#counted.delete(key)
      if (counted.unwritten > 0) taken.push({ entry: counted.entry, repeated: counted.unwritten })
    }
    return taken
  }

  #takeOldest(): Refusal[] {
    for (const [key, { entry, unwritten }] of this.#counted) {
      this.#counted.delete(key)
      return unwritten > 0 ? [{ entry, repeated: unwritten }] : []
    }
    return []
  }
}

/** The same key for the same refusal: all that is said about it but how long it took. */
function keyOf(entry: AuditEntry): string {
  return JSON.stringify({ ...entry, duration: undefined })
}
