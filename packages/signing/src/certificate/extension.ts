import { AsnConvert } from '@peculiar/asn1-schema'
import type { Certificate } from './certificate.ts'

/** The value of an extension, or `undefined` when the certificate has none that can be read. */
export function readExtension<T>(
  certificate: Certificate,
  id: string,
  type: new () => T,
): T | undefined {
  const extension = certificate.extensions.get(id)
  if (extension === undefined) return undefined
  try {
    return AsnConvert.parse(extension.value, type)
  } catch {
    return undefined
  }
}
