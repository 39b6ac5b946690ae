/** The parts of an encrypted key. */
export interface EncryptedKey {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly iv: Uint8Array
  readonly encrypted: Uint8Array
}

const PBES2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d]
const PBKDF2 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c]
const HMAC_SHA256 = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02, 0x09]
const AES256_CBC = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a]

const INTEGER = 0x02
const OCTETS = 0x04
const NULL = 0x05
const OID = 0x06
const SEQUENCE = 0x30

/**
 * `EncryptedPrivateKeyInfo` in DER for PBKDF2-HMAC-SHA-256 with AES-256-CBC (RFC 5958 section 3, RFC 8018 appendix A).
 *
 * Written here because `node:crypto` exports with 2,048 iterations only; it reads any number.
 */
export function encodeEncryptedKey({ salt, iterations, iv, encrypted }: EncryptedKey): Buffer {
  const prf = der(SEQUENCE, der(OID, HMAC_SHA256), der(NULL))
  const kdfParameters = der(SEQUENCE, der(OCTETS, salt), der(INTEGER, integer(iterations)), prf)
  const kdf = der(SEQUENCE, der(OID, PBKDF2), kdfParameters)
  const cipher = der(SEQUENCE, der(OID, AES256_CBC), der(OCTETS, iv))
  const algorithm = der(SEQUENCE, der(OID, PBES2), der(SEQUENCE, kdf, cipher))
  return der(SEQUENCE, algorithm, der(OCTETS, encrypted))
}

function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)))
  return Buffer.concat([Buffer.from([tag, ...length(content.length)]), content])
}

function length(size: number): number[] {
  return size < 0x80 ? [size] : [0x80 | integerBytes(size).length, ...integerBytes(size)]
}

/** Big-endian with a leading zero where the first bit would make it negative. */
function integer(value: number): number[] {
  const bytes = integerBytes(value)
  return (bytes[0] as number) >= 0x80 ? [0, ...bytes] : bytes
}

function integerBytes(value: number): number[] {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return bytes
}
