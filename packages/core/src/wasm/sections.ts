/** What a WebAssembly binary is, by its preamble. */
export type WasmLayer = 'module' | 'component'

/** One section of a WebAssembly binary; `bytes` is a view on the input without the section's own header. */
export interface WasmSection {
  readonly id: number
  /** Byte offset of the section's id in the input. */
  readonly offset: number
  readonly bytes: Uint8Array
}

/** Where and why {@link readSections} stopped. */
export class WasmSectionError extends Error {
  override readonly name = 'WasmSectionError'
  readonly offset: number
  constructor(offset: number, message: string) {
    super(message)
    this.offset = offset
  }
}

/** `\0asm`, version 13 (0x0d), layer 1: the preamble of a component (Component Model, Binary.md). */
export const COMPONENT_PREAMBLE: Uint8Array = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)

/**
 * The layer of a WebAssembly binary, or `undefined` when its first eight bytes are neither a core module's nor a component's preamble.
 */
export function wasmLayer(bytes: Uint8Array): WasmLayer | undefined {
  if (bytes.length < 8) return undefined
  if (bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d)
    return undefined
  if (bytes[4] === 1 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0) return 'module'
  if (bytes[4] === 0x0d && bytes[5] === 0 && bytes[6] === 1 && bytes[7] === 0) return 'component'
  return undefined
}

/**
 * The top-level sections of a core module or component, in order, without looking inside any.
 *
 * @throws {@link WasmSectionError} with the byte offset when the preamble is wrong, a size is not a `u32` in LEB128, or a section runs past the end.
 */
export function* readSections(bytes: Uint8Array): Generator<WasmSection> {
  if (wasmLayer(bytes) === undefined)
    throw new WasmSectionError(0, 'This is not a WebAssembly binary')
  let at = 8
  while (at < bytes.length) {
    const offset = at
    const id = bytes[at] as number
    const size = readU32(bytes, at + 1)
    const end = size.next + size.value
    if (end > bytes.length)
      throw new WasmSectionError(offset, 'A section runs past the end of the file')
    yield { id, offset, bytes: bytes.subarray(size.next, end) }
    at = end
  }
}

/** Reads a `u32` in LEB128 at `at`. @throws {@link WasmSectionError} when it is cut off, longer than five bytes or larger than 32 bits. */
export function readU32(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly next: number } {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) throw new WasmSectionError(at, 'A number is cut off')
    if (i === 4 && byte > 0x0f) throw new WasmSectionError(at, 'A number does not fit 32 bits')
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, next: at + i + 1 }
  }
  throw new WasmSectionError(at, 'A number does not fit 32 bits')
}

/** `value` in LEB128. @throws RangeError unless it is an integer from 0 to 2^32-1. */
export function writeU32(value: number): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new RangeError(`${value} is no u32`)
  const bytes: number[] = []
  let rest = value
  do {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest === 0 ? low : low | 0x80)
  } while (rest !== 0)
  return Uint8Array.from(bytes)
}
