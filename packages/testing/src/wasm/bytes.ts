const encoder = new TextEncoder()

/** Bytes of a binary under construction; nested parts are flattened. */
export type Bytes = readonly (number | Bytes)[]

export function flatten(parts: Bytes): number[] {
  const flat: number[] = []
  const add = (inner: Bytes): void => {
    for (const part of inner) {
      if (typeof part === 'number') flat.push(part)
      else add(part)
    }
  }
  add(parts)
  return flat
}

/** An unsigned LEB128. */
export function u32(value: number): number[] {
  const bytes: number[] = []
  let rest = value >>> 0
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  bytes.push(rest)
  return bytes
}

/** A signed LEB128. */
export function signed(value: number | bigint): number[] {
  const bytes: number[] = []
  let rest = BigInt(value)
  for (;;) {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    if ((rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0))
      return [...bytes, low]
    bytes.push(low | 0x80)
  }
}

/** A name: its length and its UTF-8. */
export function name(text: string): Bytes {
  const bytes = encoder.encode(text)
  return [u32(bytes.length), [...bytes]]
}

/** A vector: its length and its items. */
export function vec(items: readonly Bytes[]): Bytes {
  return [u32(items.length), items]
}

/** A section: its id, its size and its content. */
export function section(id: number, content: Bytes): Bytes {
  const bytes = flatten(content)
  return [id, u32(bytes.length), bytes]
}
