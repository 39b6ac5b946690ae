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
// A guest chooses what it is refused, so what is remembered of it is bounded. What makes room is written, and counted anew.
const MAX_KINDS = 64
const MAX_INVOCATIONS = 4096

/** Counts identical refusals, so that a guest cannot flood the chain with what it is told once. */
export class RefusalCounter {
  readonly #invocations = new Map<string, Map<string, Counted>>()

  /** Counts one; `due` are counts to write now. */
  count(entry: AuditEntry): { readonly repeated: number; readonly due: readonly Refusal[] } {
    const invocation = invocationKey(entry.workspace, entry.invocation)
    let kinds = this.#invocations.get(invocation)
    const due: Refusal[] = []
    if (kinds === undefined) {
      kinds = new Map()
      this.#invocations.set(invocation, kinds)
      if (this.#invocations.size > MAX_INVOCATIONS) due.push(...this.#takeOldest())
    }
    const key = keyOf(entry)
    const counted = kinds.get(key)
    if (counted === undefined) {
      kinds.set(key, { entry, total: 1, unwritten: 0 })
      if (kinds.size > MAX_KINDS) due.push(...takeFirst(kinds))
      return { repeated: 1, due }
    }
    counted.total++
    counted.unwritten++
    if (counted.unwritten >= MAX_UNWRITTEN) {
      due.push({ entry: counted.entry, repeated: counted.unwritten })
      counted.unwritten = 0
    }
    return { repeated: counted.total, due }
  }

  /** Takes back the first of its kind: it could not be written, so the next one is the first. */
  forget(entry: AuditEntry): void {
    this.#invocations.get(invocationKey(entry.workspace, entry.invocation))?.delete(keyOf(entry))
  }

  /** Ends the counting for an invocation and gives what was not written. */
  take(workspace: string, invocation: string): Refusal[] {
    const key = invocationKey(workspace, invocation)
    const kinds = this.#invocations.get(key)
    this.#invocations.delete(key)
    return kinds === undefined ? [] : unwrittenOf(kinds.values())
  }

  takeAll(): Refusal[] {
    const taken = [...this.#invocations.values()].flatMap((kinds) => unwrittenOf(kinds.values()))
    this.#invocations.clear()
    return taken
  }

  #takeOldest(): Refusal[] {
    for (const [key, kinds] of this.#invocations) {
      this.#invocations.delete(key)
      return unwrittenOf(kinds.values())
    }
    return []
  }
}

function takeFirst(kinds: Map<string, Counted>): Refusal[] {
  for (const [key, counted] of kinds) {
    kinds.delete(key)
    return unwrittenOf([counted])
  }
  return []
}

function unwrittenOf(counted: Iterable<Counted>): Refusal[] {
  const unwritten: Refusal[] = []
  for (const one of counted)
    if (one.unwritten > 0) unwritten.push({ entry: one.entry, repeated: one.unwritten })
  return unwritten
}

function invocationKey(workspace: string, invocation: string | undefined): string {
  return JSON.stringify([workspace, invocation])
}

/** The same key for the same refusal: all that is said about it but how long it took. */
function keyOf(entry: AuditEntry): string {
  return JSON.stringify({ ...entry, duration: undefined })
}
