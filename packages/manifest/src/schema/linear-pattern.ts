import { RE2JS } from 're2js'

/** A regular expression that is matched in time linear in the text, whatever its author had in mind. */
export interface LinearPattern {
  test(text: string): boolean
}

/** Longest pattern, in UTF-16 code units. */
export const MAX_PATTERN_CODE_UNITS = 1000

const compiled = new Map<string, LinearPattern | string>()
/** Patterns are few and come back with every load; the bound keeps strangers from filling the memory. */
const CACHE_SIZE = 500

/**
 * The matcher for an ECMA-262 pattern as JSON Schema has them, or why there is none.
 *
 * It must be a pattern for both ECMAScript (`u`) and RE2: look-around and back-references are what RE2 lacks. `\s` and `.`
 * follow RE2: ASCII white space, and anything but a line feed.
 */
export function readLinearPattern(source: string): LinearPattern | string {
  let pattern = compiled.get(source)
  if (pattern === undefined) {
    pattern = compile(source)
    if (compiled.size >= CACHE_SIZE) compiled.clear()
    compiled.set(source, pattern)
  }
  return pattern
}

function compile(source: string): LinearPattern | string {
  if (source.length > MAX_PATTERN_CODE_UNITS)
    return `is longer than ${MAX_PATTERN_CODE_UNITS} characters`
  try {
    // Only parsed: what JavaScript itself would read otherwise (`\A`, `(?i)`) must not mean something here.
    void new RegExp(source, 'u')
  } catch {
    return 'is no regular expression of ECMAScript'
  }
  try {
    const matcher = RE2JS.compile(RE2JS.translateRegExp(source))
    return { test: (text) => matcher.test(text) }
  } catch {
    return 'uses what is not run here, such as look-around or back-references, because it could take for ever'
  }
}
