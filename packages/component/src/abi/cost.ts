import type { ValueType } from '../types/describe.ts'
import type { ValType } from '../types/val-type.ts'

// Bytes of V8's heap, measured in Node 26 with 200,000 values of each kind and rounded up.
const SLOT = 8
const NUMBER = 8
const BIGINT = 32
const STRING = 32
const BYTES = 256
const ARRAY = 192
const MAP = 256
const ENTRY = 96
const OBJECT = 32
const TAGGED = 48
const HANDLE = 256
/** Above this many properties V8 keeps an object as a hash table. */
const MANY_PROPERTIES = 12
const PROPERTY = 16
const HASHED_PROPERTY = 56

/**
 * What values of a type cost the host at least, in bytes, apart from what is counted as it is read: contents of strings, and elements of lists and maps.
 *
 * Four bytes of flags in a guest's memory are an object of 32 properties here, and a byte that says an empty list an array. Without counting
 * that a guest within its memory limit would fill many times as much of the host's.
 */
export class ValueCosts {
  readonly #known = new Map<ValType | ValueType, number>()

  /** Of one value. */
  of(type: ValType | ValueType): number {
    const before = this.#known.get(type)
    if (before !== undefined) return before
    const cost = this.#count(type)
    this.#known.set(type, cost)
    return cost
  }

  /** Of one element of a list. */
  element(type: ValType | ValueType): number {
    return SLOT + this.of(type)
  }

  /** Of one entry of a map. */
  entry(key: ValType | ValueType, value: ValType | ValueType): number {
    return ENTRY + this.of(key) + this.of(value)
  }

  #count(type: ValType | ValueType): number {
    switch (type.kind) {
      case 'u64':
      case 's64':
        return BIGINT
      case 'char':
      case 'string':
        return STRING
      case 'own':
      case 'borrow':
        return HANDLE
      case 'map':
        return MAP
      case 'list':
        if (type.element.kind === 'u8') return BYTES + (type.length ?? 0)
        return ARRAY + (type.length ?? 0) * this.element(type.element)
      case 'tuple': {
        let cost = ARRAY
        for (const part of type.types) cost += SLOT + this.of(part)
        return cost
      }
      case 'record': {
        let cost = propertiesOf(type.fields.length)
        for (const field of type.fields) cost += this.of(field.type)
        return cost
      }
      case 'flags':
        return propertiesOf(type.names.length)
      case 'option':
        return type.type.kind === 'option' ? TAGGED + this.of(type.type) : this.of(type.type)
      case 'result':
        return TAGGED + Math.max(this.#maybe(type.ok), this.#maybe(type.error))
      case 'variant': {
        let most = 0
        for (const { type: payload } of type.cases) most = Math.max(most, this.#maybe(payload))
        return TAGGED + most
      }
      default:
        return NUMBER
    }
  }

  #maybe(type: ValType | ValueType | null | undefined): number {
    return type === null || type === undefined ? 0 : this.of(type)
  }
}

function propertiesOf(count: number): number {
  return OBJECT + count * (count > MANY_PROPERTIES ? HASHED_PROPERTY : PROPERTY)
}
