import type { JsonValue } from './json-value.ts'

/** How deep a value may nest before {@link canonicalJson} refuses it. */
export const MAX_JSON_DEPTH = 256

/**
 * The one spelling of a JSON value that everybody digests, signs and shows (RFC 8785).
 *
 * Members are sorted by UTF-16 code units, numbers are written as ECMAScript does, nothing is added between tokens.
 * `undefined` members are left out as in `JSON.stringify`.
 *
 * @throws RangeError for `NaN`, infinities, lone surrogates (RFC 8785 section 3.2.2.2) and nesting deeper than {@link MAX_JSON_DEPTH}.
 */
export function canonicalJson(value: JsonValue): string {
  return write(value, 0)
}

function write(value: JsonValue, depth: number): string {
  if (depth > MAX_JSON_DEPTH)
    throw new RangeError(`JSON nests deeper than ${MAX_JSON_DEPTH} levels`)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`JSON has no number ${value}`)
    return JSON.stringify(value)
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new RangeError('JSON text holds a lone surrogate')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) {
    return `[${value.map((item: JsonValue) => write(item, depth + 1)).join(',')}]`
  }
  const object = value as { readonly [name: string]: JsonValue | undefined }
  const members: string[] = []
  for (const name of Object.keys(object).sort()) {
    const member = object[name]
    if (member !== undefined) members.push(`${write(name, depth)}:${write(member, depth + 1)}`)
  }
  return `{${members.join(',')}}`
}
