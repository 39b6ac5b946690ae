import { readFile } from 'node:fs/promises'
import { formatPem } from '../bytes/pem.ts'
import { SigningError } from '../errors.ts'
import { createSigners, type Signer } from '../signer.ts'
import { readKeyFile } from './key-file.ts'
import { writeNewFile } from './own-file.ts'
import { readCertificates } from './trust-directory.ts'

/** Where a key and its certificates lie. */
export interface SignerFiles {
  /** Encrypted PKCS#8 in PEM. */
  readonly keyFile: string
  /** PEM or DER: the signing certificate first, its root last. */
  readonly certificateFile: string
  /** @default the environment's MORPHEE_KEY_PASSPHRASE */
  readonly passphrase?: string
}

/**
 * The signers of a key file; sign with all of them.
 *
 * @throws SigningError `ERR_SIGNING_KEY_INVALID`, `ERR_SIGNING_KEY_EXPOSED`, `ERR_SIGNING_PASSPHRASE`
 */
export async function loadSigners({
  keyFile,
  certificateFile,
  passphrase,
}: SignerFiles): Promise<readonly [Signer, ...Signer[]]> {
  const chainDer = await readFile(certificateFile).then(readCertificates, () => undefined)
  if (chainDer === undefined) {
    const reason =
      'its certificate file holds no certificate over an RSA key of 2048, 3072 or 4096 bits'
    throw new SigningError('ERR_SIGNING_KEY_INVALID', `Cannot sign with this key: ${reason}`, {
      reason,
    })
  }
  return createSigners({ pkcs8: await readKeyFile(keyFile, passphrase), chainDer })
}

/**
 * Writes a certificate chain to a new file in PEM, the signing certificate first.
 *
 * @throws SigningError `ERR_SIGNING_FILE_EXISTS` when `path` is there already
 */
export async function writeCertificateFile(
  path: string,
  chainDer: readonly Uint8Array[],
): Promise<void> {
  await writeNewFile(path, chainDer.map((der) => formatPem('CERTIFICATE', der)).join(''), 0o644)
}
