import {
  concatBytes,
  encodeUtf8,
  readU32,
  tryDecodeUtf8,
  WasmSectionError,
  type WasmSection,
  writeU32,
} from '@morphee/core'

/** Section id of custom sections, in modules and components alike. */
const CUSTOM = 0

/** A custom section with its name split off. */
export interface CustomSection {
  readonly name: string
  readonly content: Uint8Array
}

/**
 * `section` as a custom section, or `undefined` when it is another.
 *
 * @throws {@link WasmSectionError} when it is one and its name is cut off or not UTF-8
 */
export function customSectionOf(section: WasmSection): CustomSection | undefined {
  if (section.id !== CUSTOM) return undefined
  const { value: length, next } = readU32(section.bytes, 0)
  if (next + length > section.bytes.length)
    throw new WasmSectionError(section.offset, 'The name of a custom section is cut off')
  const name = tryDecodeUtf8(section.bytes.subarray(next, next + length))
  if (name === undefined)
    throw new WasmSectionError(section.offset, 'The name of a custom section is not UTF-8')
  return { name, content: section.bytes.subarray(next + length) }
}

/** The bytes of a whole custom section, header included, in the shortest form. */
export function encodeCustomSection(name: string, content: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = encodeUtf8(name)
  const length = writeU32(text.length)
  return concatBytes([
    Uint8Array.of(CUSTOM),
    writeU32(length.length + text.length + content.length),
    length,
    text,
    content,
  ])
}
