import { encodeUtf8, toBase64 } from '@morphee/core'

/** Shorter secrets are not looked for: they stand in ordinary text by chance. */
export const MIN_SECRET_LENGTH = 6

/**
 * The byte strings by which an answer could give a secret back: itself, percent-encoded, escaped for JSON and HTML, and
 * its base64 at each of the three places where it can stand in a longer base64 text.
 */
export function secretNeedles(secrets: readonly string[]): Uint8Array[] {
  const texts = new Set<string>()
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET_LENGTH || !secret.isWellFormed()) continue
    texts.add(secret)
    const percent = encodeURIComponent(secret)
    texts.add(percent)
    texts.add(percent.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()))
    texts.add(percent.replaceAll('%20', '+'))
    texts.add(JSON.stringify(secret).slice(1, -1))
    texts.add(JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'))
    texts.add(
      secret
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;'),
    )
    for (const encoded of base64Forms(encodeUtf8(secret))) texts.add(encoded)
  }
  return [...texts].map((text) => encodeUtf8(text))
}

// What base64 makes of a text depends on where it starts modulo three. Characters that also hold a neighbour's bits are cut.
function* base64Forms(secret: Uint8Array): Generator<string> {
  for (let shift = 0; shift < 3; shift++) {
    const padded = new Uint8Array(shift + secret.length)
    padded.set(secret, shift)
    const spare = (shift + secret.length) % 3
    const text = toBase64(padded).replace(/=+$/, '')
    const form = text.slice(shift === 0 ? 0 : shift + 1, spare === 0 ? undefined : -1)
    if (form.length < MIN_SECRET_LENGTH) continue
    yield form
    yield form.replaceAll('+', '-').replaceAll('/', '_')
    yield form.replaceAll('+', '%2B').replaceAll('/', '%2F')
  }
}
