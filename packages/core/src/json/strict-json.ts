import { tryDecodeUtf8 } from '../bytes/utf8.ts'
import type { JsonValue } from './json-value.ts'

/** How {@link tryParseStrictJson} reads. */
export interface StrictJsonOptions {
  /** Objects and arrays in each other, at most. @default 32 */
  readonly maxDepth?: number
}

/**
 * Reads JSON that somebody signed or that decides about something, or `undefined` when it is not acceptable.
 *
 * Stricter than `JSON.parse`: valid UTF-8 without byte order mark, no member twice in one object, no `__proto__`, bounded nesting.
 * With a doubled member two readers may see two documents in the same bytes, so it is refused instead of resolved.
 */
export function tryParseStrictJson(
  bytes: Uint8Array,
  { maxDepth = 32 }: StrictJsonOptions = {},
): JsonValue | undefined {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined || text.startsWith('\ufeff')) return undefined
  try {
    const value = JSON.parse(text) as JsonValue
    return isUnambiguous(text, maxDepth) ? value : undefined
  } catch {
    return undefined
  }
}

/** Expects text that `JSON.parse` took, so only strings and brackets need to be told apart. */
function isUnambiguous(text: string, maxDepth: number): boolean {
  // One entry per open bracket: the names seen in an object, `undefined` for an array.
  const open: (Set<string> | undefined)[] = []
  let name = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = endOfString(text, at)
      name = text.slice(at, end)
      at = end - 1
    } else if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : undefined)
      if (open.length > maxDepth) return false
    } else if (char === '}' || char === ']') {
      open.pop()
    } else if (char === ':') {
      // Escapes are resolved before comparing: "a" and "\u0061" are the same member.
      const member = JSON.parse(name) as string
      const names = open.at(-1)
      if (member === '__proto__' || names === undefined || names.has(member)) return false
      names.add(member)
    }
  }
  return true
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
