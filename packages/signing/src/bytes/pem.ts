import { toBase64, tryFromBase64 } from '@morphee/core'

/** Writes DER as PEM (RFC 7468) with the given label, such as `CERTIFICATE`. */
export function formatPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The DER of every PEM block with this label, in order; `undefined` when one of them is broken. Text between blocks is ignored. */
export function tryParsePem(label: string, text: string): Uint8Array<ArrayBuffer>[] | undefined {
  const blocks: Uint8Array<ArrayBuffer>[] = []
  const begin = `-----BEGIN ${label}-----`
  const end = `-----END ${label}-----`
  let at = text.indexOf(begin)
  while (at !== -1) {
    const stop = text.indexOf(end, at)
    if (stop === -1) return undefined
    const der = tryFromBase64(text.slice(at + begin.length, stop).replace(/\s+/g, ''))
    if (der === undefined || der.length === 0) return undefined
    blocks.push(der)
    at = text.indexOf(begin, stop)
  }
  return blocks
}
