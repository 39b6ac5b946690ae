import { bytes } from 'morphee:extension/random@0.9.0'
import { assertRunning } from '../runtime/phase.ts'

const MAX_BYTES = 65_536

type IntegerArray = Exclude<ArrayBufferView, DataView>

function getRandomValues<View extends IntegerArray>(view: View): View {
  if (
    !ArrayBuffer.isView(view) ||
    view instanceof DataView ||
    view.constructor.name.startsWith('Float')
  ) {
    throw new TypeError('getRandomValues() fills arrays of integers')
  }
  if (view.byteLength > MAX_BYTES)
    throw new RangeError(`getRandomValues() gives ${MAX_BYTES} bytes at most`)
  assertRunning('A random number')
  if (view.byteLength > 0) {
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(bytes(view.byteLength))
  }
  return view
}

function randomUUID(): string {
  assertRunning('A random number')
  const id = bytes(16)
  id[6] = ((id[6] as number) & 0x0f) | 0x40
  id[8] = ((id[8] as number) & 0x3f) | 0x80
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}

/** The host's secure random numbers. There is no `subtle`: keys and secrets stay with the host. */
export const crypto: {
  getRandomValues: <View extends IntegerArray>(view: View) => View
  randomUUID: () => string
} = { getRandomValues, randomUUID }

export { crypto as 'globalThis.crypto' }
