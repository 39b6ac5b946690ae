/**
 * Hashing without waiting. WebCrypto answers through a thread pool, which costs more than the record itself.
 */
export interface AuditHash {
  /** SHA-256 of the UTF-8 of `text`, in lower-case hexadecimal. */
  sha256(text: string): string
  /** HMAC-SHA-256 of the UTF-8 of `text`, in lower-case hexadecimal. */
  hmacSha256(key: Uint8Array, text: string): string
}
