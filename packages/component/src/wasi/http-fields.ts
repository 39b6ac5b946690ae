import { ComponentError } from '../errors.ts'
import { WasiFault } from './fault.ts'
import type { BufferBudget } from './ports.ts'

/** A header or trailer. */
export type Field = readonly [name: string, value: Uint8Array]

const MAX_FIELDS = 200
const MAX_FIELD_BYTES = 64 * 1024
/** About what an entry costs beside its characters. */
const ENTRY_BYTES = 256
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether `text` is a token of HTTP, as names of fields and methods are. Source: RFC 9110 section 5.6.2. */
export function isToken(text: string): boolean {
  return text.length <= MAX_FIELD_BYTES && TOKEN.test(text)
}

// RFC 9110 section 5.5: visible characters, space, tab and what is beyond ASCII.
const isValue = (value: Uint8Array): boolean =>
  value.every((byte) => byte === 9 || (byte >= 32 && byte !== 127))

const sizeOf = ([name, value]: Field): number => name.length + value.length

/** About what holding `entries` costs, in bytes. */
export function costOfFields(entries: readonly Field[]): number {
  return entries.reduce((sum, entry) => sum + ENTRY_BYTES + sizeOf(entry), 0)
}

/**
 * `wasi:http/types` `fields`: headers or trailers. Names keep their spelling and are compared without case.
 *
 * What they hold counts against the guest's budget until they are let go of, each copy for itself.
 */
export class Fields {
  readonly #budget: BufferBudget
  #entries: readonly Field[] = []
  #held = 0
  #frozen = false

  constructor(budget: BufferBudget) {
    this.#budget = budget
  }

  /** @throws WasiFault when there is no memory left, since the functions that give fields cannot fail */
  static of(budget: BufferBudget, entries: readonly Field[]): Fields {
    const fields = new Fields(budget)
    if (!fields.#tryHold(entries)) throw new WasiFault('there is no memory left for more headers')
    return fields
  }

  [Symbol.dispose](): void {
    this.#tryHold([])
  }

  /** Lets nobody change it any more. */
  freeze(): this {
    this.#frozen = true
    return this
  }

  get(name: string): Uint8Array[] {
    return this.#entries.filter(named(name)).map(([, value]) => value)
  }

  has(name: string): boolean {
    return this.#entries.some(named(name))
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.delete(name)
    for (const value of values) this.append(name, value)
  }

  delete(name: string): void {
    this.#assertMutable()
    if (!isToken(name)) throw new ComponentError({ tag: 'invalid-syntax' })
    const isNamed = named(name)
    this.#tryHold(this.#entries.filter((entry) => !isNamed(entry)))
  }

  append(name: string, value: Uint8Array): void {
    this.#assertMutable()
    if (name.length + value.length > MAX_FIELD_BYTES) throw new ComponentError({ tag: 'forbidden' })
    if (!isToken(name) || !isValue(value)) throw new ComponentError({ tag: 'invalid-syntax' })
    const entries = [...this.#entries, [name, value.slice()] as const]
    const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0)
    if (entries.length > MAX_FIELDS || bytes > MAX_FIELD_BYTES || !this.#tryHold(entries))
      throw new ComponentError({ tag: 'forbidden' })
  }

  entries(): Field[] {
    return this.#entries.map(([name, value]) => [name, value])
  }

  /** @throws WasiFault */
  clone(): Fields {
    return Fields.of(this.#budget, this.#entries)
  }

  #tryHold(entries: readonly Field[]): boolean {
    const held = costOfFields(entries)
    if (!this.#budget.tryTake(held - this.#held)) return false
    this.#held = held
    this.#entries = entries
    return true
  }

  #assertMutable(): void {
    if (this.#frozen) throw new ComponentError({ tag: 'immutable' })
  }
}

/** The class as a guest has it, whose constructor takes nothing. */
export function offerFields(budget: BufferBudget): object {
  return class extends Fields {
    constructor() {
      super(budget)
    }

    static fromList(entries: readonly Field[]): Fields {
      const fields = new Fields(budget)
      try {
        for (const [name, value] of entries) fields.append(name, value)
        return fields
      } catch (error) {
        fields[Symbol.dispose]()
        throw error
      }
    }

    // Copies, and the headers of an answer, are made by the host and belong to the same resource.
    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof Fields
    }
  }
}

function named(name: string): (entry: Field) => boolean {
  // No field has a longer name, and comparing one with each would cost its length every time.
  if (name.length > MAX_FIELD_BYTES) return () => false
  const lower = name.toLowerCase()
  return ([own]) => own.toLowerCase() === lower
}
