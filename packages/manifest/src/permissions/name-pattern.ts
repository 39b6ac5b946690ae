import { anyOf, type Glob, isAny, type Word } from './glob.ts'

const SEGMENT = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/

/** Longest name or name pattern, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 128

/**
 * The pattern that a dotted text is, or why it is none: lower-case segments joined by dots, `*` for exactly one of them.
 * Topics, collections and names of secrets are matched this way.
 */
export function readNamePattern(text: string): Glob | string {
  if (text.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`
  const segments = text.split('.')
  if (!segments.every((segment) => segment === '*' || SEGMENT.test(segment))) {
    return 'write lower-case letters, digits, "_" and "-" in parts joined by ".", or "*" for a whole part'
  }
  return {
    letters: segments.map((segment) => (segment === '*' ? anyOf('n') : `n${segment}`)),
    tail: undefined,
  }
}

/** The letters of a name without holes, or `undefined` when it is none. */
export function tryReadName(text: string): Word | undefined {
  if (text.length > MAX_NAME_LENGTH) return undefined
  const segments = text.split('.')
  return segments.every((segment) => SEGMENT.test(segment))
    ? segments.map((segment) => `n${segment}`)
    : undefined
}

/** The text of a name pattern. */
export function formatNamePattern(glob: Glob): string {
  return glob.letters.map((letter) => (isAny(letter) ? '*' : letter.slice(1))).join('.')
}
