// Whoever compiles these sources, as our own tests do, needs the types of the host too.
/// <reference path="./host.d.ts" />
/**
 * The extension's own keys, private per workspace. Reading needs `storage:read`, writing `storage:write`; the build puts
 * only the functions in the binary that are called, so import it whole: `import * as storage from '@morphee/sdk/storage'`.
 */
import {
  delete as remove,
  get as getBytes,
  keys as listKeys,
  set as setBytes,
} from 'morphee:extension/storage@0.9.0'
import { callHost } from './failure.ts'
import { TextDecoder } from './globals/text-decoder.ts'
import { TextEncoder } from './globals/text-encoder.ts'

/** The bytes under `key`, or `undefined`. */
export async function get(key: string): Promise<Uint8Array | undefined> {
  return callHost(() => getBytes(key)) ?? undefined
}

/** The JSON value under `key`, or `undefined`. @throws SyntaxError when the bytes are no JSON */
export async function getJson<Value = unknown>(key: string): Promise<Value | undefined> {
  const bytes = await get(key)
  return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Value)
}

/** Keeps `value` under `key`, in place of what was there. */
export async function set(key: string, value: Uint8Array): Promise<void> {
  callHost(() => setBytes(key, value))
}

/** Keeps a JSON value under `key`. */
export async function setJson(key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('This value is no JSON')
  await set(key, new TextEncoder().encode(text))
}

async function deleteKey(key: string): Promise<void> {
  callHost(() => remove(key))
}
export { deleteKey as delete }

/** Every key that begins with `prefix`, page by page as they are asked for. */
export async function* keys(prefix = ''): AsyncGenerator<string, void, undefined> {
  let cursor: string | undefined
  do {
    const at = cursor
    const page = callHost(() => listKeys(prefix, 100, at))
    yield* page.keys
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
}
