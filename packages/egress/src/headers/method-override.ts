// Frameworks that take the method from a parameter differ in what they call a parameter: PHP reads `.method`, `[method` and
// `_method%00x` as `_method`, Rack ends one at `;` too and drops white space before the next.
const OVERRIDE =
  // oxlint-disable-next-line no-control-regex -- a NUL ends a name
  /(?:^|[&;])\s*(?:[_\s.[](?:http)?method|x[-_\s.[](?:http[-_\s.[])?method(?:[-_\s.[]override)?)(?:[=&;\u0000]|$)/i

/** Whether some framework finds another method than that of its request in `form`: a query, or a body that is read as one. */
export function namesMethod(form: string): boolean {
  return OVERRIDE.test(decoded(form.replaceAll('+', ' ')))
}

// By hand and without an object for each: a body has megabytes, and whoever wrote it chose what is slow. ASCII is all that is looked for.
function decoded(form: string): string {
  const bytes = new TextEncoder().encode(form)
  let end = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    const high = byte === PERCENT ? digit(bytes[at + 1]) : -1
    const low = high < 0 ? -1 : digit(bytes[at + 2])
    if (low >= 0) at += 2
    bytes[end++] = low < 0 ? byte : high * 16 + low
  }
  return new TextDecoder().decode(bytes.subarray(0, end))
}

const PERCENT = 0x25

/** The value of a hexadecimal digit, negative for anything else. */
function digit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** `query` without the parameters that {@link namesMethod}, the others as they stand. */
export function withoutMethod(query: string): string {
  return query
    .split('&')
    .filter((parameter) => !namesMethod(parameter))
    .join('&')
}
