import { COMPONENT_PREAMBLE, concatBytes, encodeUtf8, writeU32 } from '@morphee/core'

/** How a component's binary is put together (Component Model, Binary.md), without asking whether it makes sense. */

export const PREAMBLE: Uint8Array = COMPONENT_PREAMBLE

export function join(...parts: readonly (number | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  return concatBytes(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)))
}

export function vec(items: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return concatBytes([writeU32(items.length), ...items])
}

export function text(value: string): Uint8Array<ArrayBuffer> {
  const bytes = encodeUtf8(value)
  return join(writeU32(bytes.length), bytes)
}

export function section(id: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return join(id, writeU32(body.length), body)
}

/** An index as `s33`, which a value type is written in. */
export function signed(index: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = []
  let rest = index
  while (rest >= 0x40) {
    bytes.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  return Uint8Array.of(...bytes, rest)
}
