import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { AuditError, type AuditErrorDetails } from '../../audit/errors.ts'
import { createSigner, type Signer } from '../../audit/signer.ts'
import { createPrivateFile, PrivateFileError, readPrivateFile } from '../vault/private-file.ts'

/**
 * The key that signs this host's audit checkpoints, in a PKCS #8 PEM file that is made when it is not there.
 *
 * A file that others can read, that is a link, or that belongs to somebody else is refused. The key signs checkpoints
 * and nothing else.
 *
 * @throws AuditError `ERR_AUDIT_KEY`
 */
export async function openCheckpointSigner(path: string): Promise<Signer> {
  try {
    let text = await readPrivateFile(path)
    if (text === undefined) {
      const { privateKey } = generateKeyPairSync('ed25519')
      await createPrivateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }))
      text = await readPrivateFile(path)
    }
    const privateKey = parseKey(text ?? '')
    const pair = {
      privateKey: privateKey.toCryptoKey('Ed25519', false, ['sign']),
      publicKey: createPublicKey(privateKey).toCryptoKey('Ed25519', true, ['verify']),
    }
    // The same class under two declarations: Node's lists usages that the web platform's does not have yet.
    return await createSigner(pair as CryptoKeyPair)
  } catch (error) {
    if (error instanceof PrivateFileError) throw refusal(error.problem, error)
    throw error
  }
}

function parseKey(text: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    // The cause would quote the file.
    throw refusal('malformed')
  }
  if (key.asymmetricKeyType !== 'ed25519') throw refusal('malformed')
  return key
}

const EXPLANATIONS: Readonly<Record<AuditErrorDetails['ERR_AUDIT_KEY']['reason'], string>> = {
  malformed: 'it is not an Ed25519 key in PEM',
  exposed: 'others can read or replace it',
  'not-a-file': 'it is not a regular file',
  unreadable: 'it cannot be read or made',
}

function refusal(
  reason: AuditErrorDetails['ERR_AUDIT_KEY']['reason'],
  cause?: unknown,
): AuditError<'ERR_AUDIT_KEY'> {
  return new AuditError(
    'ERR_AUDIT_KEY',
    `Cannot use the checkpoint key: ${EXPLANATIONS[reason]}`,
    { reason },
    { cause },
  )
}
