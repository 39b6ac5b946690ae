import { TextEncoder } from '../globals/text-encoder.ts'
import { percentByte, percentDecode } from './percent.ts'

type Pair = [name: string, value: string]

/** What parameters can be made of. */
export type UrlSearchParamsInit =
  | string
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string>>

/** `URLSearchParams`, as in the URL Standard. */
export class UrlSearchParams implements Iterable<Pair> {
  #pairs: Pair[]
  #changed: (() => void) | undefined

  constructor(init: UrlSearchParamsInit = '') {
    this.#pairs = pairsOf(init)
  }

  /** Parameters that tell their URL when they change. */
  static observed(query: string, changed: () => void): UrlSearchParams {
    const parameters = new UrlSearchParams()
    parameters.#pairs = parseForm(query)
    parameters.#changed = changed
    return parameters
  }

  /** Takes the query of the URL they belong to, which has changed. */
  static replace(parameters: UrlSearchParams, query: string): void {
    parameters.#pairs = parseForm(query)
  }

  get size(): number {
    return this.#pairs.length
  }

  append(name: string, value: string): void {
    this.#pairs.push([wellFormed(name), wellFormed(value)])
    this.#changed?.()
  }

  delete(name: string, value?: string): void {
    const key = wellFormed(name)
    const only = value === undefined ? undefined : wellFormed(value)
    this.#pairs = this.#pairs.filter(([n, v]) => n !== key || (only !== undefined && v !== only))
    this.#changed?.()
  }

  get(name: string): string | null {
    return this.#pairs.find(([key]) => key === wellFormed(name))?.[1] ?? null
  }

  getAll(name: string): string[] {
    return this.#pairs.filter(([key]) => key === wellFormed(name)).map(([, value]) => value)
  }

  has(name: string, value?: string): boolean {
    const only = value === undefined ? undefined : wellFormed(value)
    return this.#pairs.some(
      ([n, v]) => n === wellFormed(name) && (only === undefined || v === only),
    )
  }

  set(name: string, value: string): void {
    const key = wellFormed(name)
    const first = this.#pairs.findIndex(([n]) => n === key)
    if (first < 0) this.#pairs.push([key, wellFormed(value)])
    else {
      this.#pairs[first] = [key, wellFormed(value)]
      this.#pairs = this.#pairs.filter(([n], i) => i === first || n !== key)
    }
    this.#changed?.()
  }

  /** By UTF-16 units of the names, values of one name in their order. */
  sort(): void {
    this.#pairs = this.#pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    this.#changed?.()
  }

  forEach(callback: (value: string, name: string, parameters: UrlSearchParams) => void): void {
    for (const [name, value] of this) callback(value, name, this)
  }

  *entries(): IterableIterator<Pair> {
    // By index, because pairs may come and go while somebody iterates.
    for (let i = 0; i < this.#pairs.length; i++) yield [...(this.#pairs[i] as Pair)]
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries()
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${formEncode(name)}=${formEncode(value)}`).join('&')
  }
}

function pairsOf(init: UrlSearchParamsInit): Pair[] {
  if (typeof init !== 'object' || init === null) return parseForm(String(init).replace(/^\?/, ''))
  if (!(Symbol.iterator in init)) {
    return Object.entries(init).map(([name, value]): Pair => [wellFormed(name), wellFormed(value)])
  }
  return Array.from(init as Iterable<readonly string[]>, (pair): Pair => {
    const [name, value, ...rest] = [...pair]
    if (name === undefined || value === undefined || rest.length > 0) {
      throw new TypeError('Each parameter is a pair of name and value')
    }
    return [wellFormed(name), wellFormed(value)]
  })
}

function parseForm(query: string): Pair[] {
  return wellFormed(query)
    .split('&')
    .filter((part) => part !== '')
    .map((part): Pair => {
      const [name, ...value] = part.replaceAll('+', ' ').split('=')
      return [percentDecode(name as string), percentDecode(value.join('='))]
    })
}

function formEncode(text: string): string {
  let encoded = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    if (character === ' ') encoded += '+'
    else encoded += /[A-Za-z0-9*\-._]/.test(character) ? character : percentByte(byte)
  }
  return encoded
}

function wellFormed(text: string): string {
  return String(text).toWellFormed()
}
