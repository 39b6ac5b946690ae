/** What a set of headers can be made of. */
export type HeadersInit =
  | Headers
  | Iterable<readonly [string, string]>
  | Readonly<Record<string, string>>

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// oxlint-disable-next-line no-control-regex -- these three are what RFC 9110 forbids in a field value
const FORBIDDEN = /[\0\r\n]/

/** The headers of a request or answer, as in the Fetch Standard: names are case-insensitive, values of one name are joined. */
export class Headers implements Iterable<[string, string]> {
  readonly #values = new Map<string, string[]>()

  constructor(init: HeadersInit = {}) {
    const entries =
      Symbol.iterator in init ? (init as Iterable<readonly [string, string]>) : Object.entries(init)
    for (const [name, value] of entries) this.append(name, value)
  }

  append(name: string, value: string): void {
    const key = headerName(name)
    this.#values.set(key, [...(this.#values.get(key) ?? []), headerValue(value)])
  }

  delete(name: string): void {
    this.#values.delete(headerName(name))
  }

  get(name: string): string | null {
    return this.#values.get(headerName(name))?.join(', ') ?? null
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])]
  }

  has(name: string): boolean {
    return this.#values.has(headerName(name))
  }

  set(name: string, value: string): void {
    this.#values.set(headerName(name), [headerValue(value)])
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this)
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#values.keys()].toSorted()) {
      const values = this.#values.get(name) ?? []
      if (name === 'set-cookie') for (const value of values) yield [name, value]
      else yield [name, values.join(', ')]
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries()
  }
}

function headerName(name: string): string {
  const text = String(name)
  if (!TOKEN.test(text)) throw new TypeError(`${JSON.stringify(text)} is no header name`)
  return text.toLowerCase()
}

function headerValue(value: string): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (FORBIDDEN.test(text)) throw new TypeError('A header value holds no line break')
  return text
}
