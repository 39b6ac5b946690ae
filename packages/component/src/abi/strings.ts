import type { StringEncoding } from '../binary/ast.ts'
import type { CallContext } from './context.ts'
import { abiTrap, wrongValue } from './trap.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const utf16 = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Below this many bytes a loop over ASCII beats a call into the platform's decoder. */
export const SHORT_TEXT = 24
const MAX_STRING_BYTES = 2 ** 28 - 1
const UTF16_TAG = 0x8000_0000

/** The text of bytes that are all ASCII; `undefined` where one is not. */
export function shortAscii(bytes: Uint8Array, pointer: number, length: number): string | undefined {
  let text = ''
  for (let i = pointer; i < pointer + length; i++) {
    const byte = bytes[i] as number
    if (byte > 0x7f) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

function loadUtf8(cx: CallContext, pointer: number, length: number): string {
  if (length > MAX_STRING_BYTES) throw abiTrap('string content out-of-bounds')
  cx.check(pointer, length, 1)
  cx.charge(length)
  if (length <= SHORT_TEXT) {
    const text = shortAscii(cx.bytes, pointer, length)
    if (text !== undefined) return text
  }
  try {
    return utf8.decode(cx.bytes.subarray(pointer, pointer + length))
  } catch {
    throw abiTrap('invalid utf-8')
  }
}

function loadUtf16(cx: CallContext, pointer: number, units: number): string {
  const length = units * 2
  if (length > MAX_STRING_BYTES) throw abiTrap('string content out-of-bounds')
  cx.check(pointer, length, 2)
  cx.charge(length)
  try {
    return utf16.decode(cx.bytes.subarray(pointer, pointer + length))
  } catch {
    throw abiTrap('unpaired surrogate in utf-16')
  }
}

function loadLatin1(cx: CallContext, pointer: number, length: number): string {
  if (length > MAX_STRING_BYTES) throw abiTrap('string content out-of-bounds')
  cx.check(pointer, length, 2)
  cx.charge(length)
  const parts: string[] = []
  for (let at = pointer; at < pointer + length; at += 4096) {
    parts.push(String.fromCharCode(...cx.bytes.subarray(at, Math.min(at + 4096, pointer + length))))
  }
  return parts.join('')
}

/** Reads a string of `units` code units at `pointer`. */
export const LOAD_STRING: Readonly<
  Record<StringEncoding, (cx: CallContext, pointer: number, units: number) => string>
> = {
  utf8: loadUtf8,
  utf16: loadUtf16,
  'latin1+utf16': (cx, pointer, units) =>
    units >= UTF16_TAG ? loadUtf16(cx, pointer, units - UTF16_TAG) : loadLatin1(cx, pointer, units),
}

function checked(value: unknown): string {
  if (typeof value !== 'string') throw wrongValue('a string', value)
  return value
}

function storeUtf8(cx: CallContext, value: unknown): [pointer: number, units: number] {
  const text = checked(value)
  const { length } = text
  cx.charge(length)
  const pointer = cx.alloc(1, length)
  if (length <= SHORT_TEXT) {
    const { bytes } = cx
    let i = 0
    for (; i < length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 0x7f) break
      bytes[pointer + i] = unit
    }
    if (i === length) return [pointer, length]
  }
  const first = encoder.encodeInto(text, cx.bytes.subarray(pointer, pointer + length))
  if (first.read === length) return [pointer, length]
  // Not ASCII: the rest takes at most three bytes a unit. Measuring it first avoids a second realloc.
  const rest = encoder.encode(text.slice(first.read))
  const size = first.written + rest.length
  cx.charge(size - length)
  const moved = cx.realloc(pointer, length, 1, size)
  cx.bytes.set(rest, moved + first.written)
  return [moved, size]
}

function writeUtf16(cx: CallContext, text: string, pointer: number): void {
  const { view } = cx
  const well = text.isWellFormed() ? text : text.toWellFormed()
  for (let i = 0; i < well.length; i++) view.setUint16(pointer + 2 * i, well.charCodeAt(i), true)
}

function storeUtf16(cx: CallContext, value: unknown): [pointer: number, units: number] {
  const text = checked(value)
  cx.charge(text.length * 2)
  const pointer = cx.alloc(2, text.length * 2)
  writeUtf16(cx, text, pointer)
  return [pointer, text.length]
}

function storeLatin1(cx: CallContext, value: unknown): [pointer: number, units: number] {
  const text = checked(value)
  const { length } = text
  let latin1 = true
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) > 0xff) {
      latin1 = false
      break
    }
  }
  if (!latin1) {
    const [pointer, units] = storeUtf16(cx, text)
    return [pointer, units + UTF16_TAG]
  }
  cx.charge(length)
  const pointer = cx.alloc(2, length)
  for (let i = 0; i < length; i++) cx.bytes[pointer + i] = text.charCodeAt(i)
  return [pointer, length]
}

/**
 * Writes a string into memory that the guest allocates for it, and gives its pointer and code units.
 *
 * Lone surrogates become U+FFFD, as everywhere on the web platform where a string leaves JavaScript.
 */
export const STORE_STRING: Readonly<
  Record<StringEncoding, (cx: CallContext, value: unknown) => [pointer: number, units: number]>
> = {
  utf8: storeUtf8,
  utf16: storeUtf16,
  'latin1+utf16': storeLatin1,
}
