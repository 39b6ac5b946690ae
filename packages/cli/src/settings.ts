import type { JsonObject } from '@morphee/core'
import { UsageError } from './refusal.ts'

/** `key=value` settings: a value that is JSON is taken as such, everything else as text. */
export function parseSettings(pairs: readonly string[]): JsonObject {
  const settings: Record<string, JsonObject[string]> = Object.create(null) as Record<
    string,
    JsonObject[string]
  >
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1) throw new UsageError(`"${pair}" is no setting; write name=value`)
    settings[pair.slice(0, at)] = parseValue(pair.slice(at + 1))
  }
  return { ...settings }
}

function parseValue(text: string): JsonObject[string] {
  if (!/^(true|false|null|-?\d+(\.\d+)?|[[{"].*)$/s.test(text)) return text
  try {
    return JSON.parse(text) as JsonObject[string]
  } catch {
    return text
  }
}
