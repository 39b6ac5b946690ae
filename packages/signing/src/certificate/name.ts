/** One attribute of a distinguished name, by its short name (`CN`) or, when it has none, its object identifier. */
export interface NameAttribute {
  readonly type: string
  readonly value: string
}

/** A distinguished name, most significant attribute first. */
export type DistinguishedName = readonly NameAttribute[]

/** Short names of attributes (RFC 4514 section 3, and those X.520 names that certificates use). */
export const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'SERIALNUMBER',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.17': 'POSTALCODE',
}

const MAX_ATTRIBUTES = 16

/** Writes a name as `C=DE, ST=Berlin, O=Acme GmbH`, escaped after RFC 4514 section 2.4. Round-trips with {@link tryParseName}. */
export function formatName(name: DistinguishedName): string {
  return name.map(({ type, value }) => `${type}=${escapeValue(value)}`).join(', ')
}

/**
 * Reads `C=DE, ST=Berlin, O=Acme GmbH`, or `undefined` when it is not that.
 *
 * Multi-valued attributes (`+`), hexadecimal forms (`#…`), an attribute named twice and unescaped specials are refused; `S` is another
 * spelling of `ST`, as notation has it.
 */
export function tryParseName(text: string): DistinguishedName | undefined {
  const name: NameAttribute[] = []
  let at = 0
  while (at < text.length || name.length === 0) {
    const attribute = /^ *([A-Za-z][A-Za-z0-9]*|\d+(?:\.\d+)+) *= */.exec(text.slice(at, at + 128))
    if (attribute === null || name.length === MAX_ATTRIBUTES) return undefined
    const value = readValue(text, at + attribute[0].length)
    if (value === undefined || value.text === '') return undefined
    const upper = (attribute[1] as string).toUpperCase()
    const type = upper === 'S' ? 'ST' : upper
    if (name.some((other) => other.type === type)) return undefined
    name.push({ type, value: value.text })
    at = value.end
  }
  return name
}

/** Whether `subject` has every attribute of `identity`, with the same value, and none of those twice. */
export function nameIncludes(subject: DistinguishedName, identity: DistinguishedName): boolean {
  return identity.every(({ type, value }) => {
    const own = subject.filter((attribute) => attribute.type === type)
    return own.length === 1 && own[0]?.value === value
  })
}

function escapeValue(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, (char) => `\\${char}`)
    .replace(/^[ #]| $/g, (char) => `\\${char}`)
}

/** Reads up to the next unescaped comma; `end` is after it. */
function readValue(text: string, start: number): { text: string; end: number } | undefined {
  let value = ''
  // Blanks before a comma do not belong to the value unless the last of them is escaped.
  let keep = 0
  let at = start
  if (text[at] === '#') return undefined
  for (; at < text.length && text[at] !== ','; at++) {
    let char = text[at] as string
    const escaped = char === '\\'
    if (escaped) {
      at++
      if (at >= text.length || !/[\\,+"<>;=# ]/.test(text[at] as string)) return undefined
      char = text[at] as string
    } else if (/[+"<>;]/.test(char)) return undefined
    value += char
    if (escaped || char !== ' ') keep = value.length
  }
  // A comma at the very end promises an attribute that is not there.
  if (at === text.length - 1) return undefined
  return { text: value.slice(0, keep), end: at + 1 }
}
