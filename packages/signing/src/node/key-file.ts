import { createCipheriv, createPrivateKey, pbkdf2, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { SigningError } from '../errors.ts'
import { formatPem } from '../bytes/pem.ts'
import { encodeEncryptedKey } from './pbes2.ts'
import { readOwnFile, writeNewFile } from './own-file.ts'

/** The environment variable that a passphrase is taken from when none is given. */
export const PASSPHRASE_VARIABLE = 'MORPHEE_KEY_PASSPHRASE'

// What OWASP's password storage sheet asks of PBKDF2-HMAC-SHA-256; about a fifth of a second.
const ITERATIONS = 600_000
const MAX_FILE_BYTES = 64 * 1024

const derive = promisify(pbkdf2)

/**
 * Writes a private key to a new file: PKCS#8, encrypted (PBES2: PBKDF2-HMAC-SHA-256 and AES-256-CBC), readable by its owner only.
 *
 * @param pkcs8 the key in DER, not encrypted
 * @throws SigningError `ERR_SIGNING_PASSPHRASE` without a passphrase, `ERR_SIGNING_FILE_EXISTS` when `path` is there already
 */
export async function writeKeyFile(
  path: string,
  pkcs8: Uint8Array,
  passphrase?: string,
): Promise<void> {
  const password = resolvePassphrase(passphrase)
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const key = await derive(password, salt, ITERATIONS, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', key, iv)
  const encrypted = Buffer.concat([cipher.update(pkcs8), cipher.final()])
  const der = encodeEncryptedKey({ salt, iterations: ITERATIONS, iv, encrypted })
  await writeNewFile(path, formatPem('ENCRYPTED PRIVATE KEY', der), 0o600)
}

/**
 * Reads a private key from an encrypted PKCS#8 file in PEM: the key in DER, not encrypted.
 *
 * @param passphrase taken from `MORPHEE_KEY_PASSPHRASE` when absent
 * @throws SigningError `ERR_SIGNING_KEY_EXPOSED` when others may read or change the file, `ERR_SIGNING_KEY_INVALID` when it holds no such key,
 * `ERR_SIGNING_PASSPHRASE` when the passphrase is missing or wrong
 */
export async function readKeyFile(
  path: string,
  passphrase?: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const pem = (await readOwnFile(path, MAX_FILE_BYTES)).toString('latin1')
  if (!pem.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----')) {
    const reason = 'it is not an encrypted PKCS#8 key in PEM'
    throw new SigningError('ERR_SIGNING_KEY_INVALID', `Cannot use this key file: ${reason}`, {
      reason,
    })
  }
  const password = resolvePassphrase(passphrase)
  try {
    const key = createPrivateKey({ key: pem, format: 'pem', passphrase: password })
    return new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))
  } catch {
    // The reason stays out: OpenSSL tells a wrong passphrase from a damaged file only by chance.
    throw new SigningError(
      'ERR_SIGNING_PASSPHRASE',
      'Cannot open the key file: its passphrase is another',
      {
        reason: 'wrong',
      },
    )
  }
}

function resolvePassphrase(given: string | undefined): string {
  const passphrase = given ?? process.env[PASSPHRASE_VARIABLE] ?? ''
  if (passphrase !== '') return passphrase
  throw new SigningError(
    'ERR_SIGNING_PASSPHRASE',
    'Cannot use a key file without a passphrase',
    { reason: 'missing' },
    { hint: `Give it, or set ${PASSPHRASE_VARIABLE}` },
  )
}
