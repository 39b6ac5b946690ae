import { type JsonObject, tryDecodeUtf8 } from '@morphee/core'

/**
 * The texts of one translation, by name.
 *
 * An artifact holds JSON objects of texts only; what is anything else is one text without a name, so that a change of it is seen.
 */
export function translatedTexts(bytes: Uint8Array): ReadonlyMap<string, string> {
  const text = tryDecodeUtf8(bytes) ?? ''
  try {
    const texts = Object.entries(JSON.parse(text) as JsonObject)
    if (texts.length > 0 && texts.every(([, value]) => typeof value === 'string'))
      return new Map(texts as [string, string][])
  } catch {
    // Told below.
  }
  return new Map([['', text]])
}
