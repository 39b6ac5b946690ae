import { toHex, tryDecodeUtf8, tryFromBase64 } from '@morphee/core'
import { isRecord } from '../oci/descriptor.ts'

/**
 * The thumbprints of the certificates in a JWS envelope, as the annotation of a signature manifest wants them.
 *
 * They let other tools choose a signature without reading it; nothing is decided by them here.
 *
 * @throws TypeError when `envelope` is not a Notary Project JWS envelope
 */
export async function certificateThumbprints(envelope: Uint8Array): Promise<string> {
  const value: unknown = JSON.parse(tryDecodeUtf8(envelope) ?? 'null')
  const header = isRecord(value) ? value['header'] : undefined
  const chain = isRecord(header) ? header['x5c'] : undefined
  if (!Array.isArray(chain)) throw new TypeError('The envelope has no certificates')
  const thumbprints = await Promise.all(
    chain.map(async (certificate: unknown) => {
      const der = typeof certificate === 'string' ? tryFromBase64(certificate) : undefined
      if (der === undefined) throw new TypeError('A certificate of the envelope is not base64')
      return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', der)))
    }),
  )
  return JSON.stringify(thumbprints)
}
