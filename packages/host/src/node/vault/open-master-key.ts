import { toBase64, tryFromBase64 } from '@morphee/core'
import { VaultError, type VaultErrorDetails } from '../../vault/errors.ts'
import { createMasterKey, type MasterKey } from '../../vault/master-key.ts'
import { createPrivateFile, PrivateFileError, readPrivateFile } from './private-file.ts'

/** Names the environment variable that {@link openMasterKey} looks at. */
export const MASTER_KEY_VARIABLE = 'MORPHEE_MASTER_KEY'

/** Options of {@link openMasterKey}. */
export interface MasterKeyOptions {
  /** A file with 32 bytes in base64, readable by its owner only; made when it is not there. */
  readonly path: string
  /**
   * Where `MORPHEE_MASTER_KEY` may be, which goes before the file.
   *
   * @default process.env
   */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

/**
 * The master key of this machine: from the environment, or from its file.
 *
 * A file that others can read, that is a link, or that belongs to somebody else is refused, because the key in it may
 * be known. A malformed key is refused too, and never replaced: it may be all that opens the vault.
 *
 * @throws VaultError `ERR_VAULT_KEY_SOURCE`
 */
export async function openMasterKey(options: MasterKeyOptions): Promise<MasterKey> {
  const { path, environment = process.env } = options
  const given = environment[MASTER_KEY_VARIABLE]
  if (given !== undefined && given !== '')
    return createMasterKey(parseKey(given, MASTER_KEY_VARIABLE))
  try {
    let text = await readPrivateFile(path)
    if (text === undefined) {
      await createPrivateFile(path, `${toBase64(crypto.getRandomValues(new Uint8Array(32)))}\n`)
      // Read back rather than remembered: when two processes start together, the file of one of them stays.
      text = await readPrivateFile(path)
    }
    if (text === undefined) throw refusal('missing', 'the key file')
    return await createMasterKey(parseKey(text, 'the key file'))
  } catch (error) {
    if (error instanceof PrivateFileError) throw refusal(error.problem, 'the key file', error)
    throw error
  }
}

function parseKey(text: string, source: string): Uint8Array<ArrayBuffer> {
  const key = tryFromBase64(text.trim())
  if (key?.length !== 32) throw refusal('malformed', source)
  return key
}

const EXPLANATIONS: Readonly<Record<VaultErrorDetails['ERR_VAULT_KEY_SOURCE']['reason'], string>> =
  {
    missing: 'there is none',
    malformed: 'it is not 32 bytes in base64',
    exposed: 'others can read or replace it',
    'not-a-file': 'it is not a regular file',
    unreadable: 'it cannot be read or made',
  }

function refusal(
  reason: VaultErrorDetails['ERR_VAULT_KEY_SOURCE']['reason'],
  source: string,
  cause?: unknown,
): VaultError<'ERR_VAULT_KEY_SOURCE'> {
  return new VaultError(
    'ERR_VAULT_KEY_SOURCE',
    `Cannot use the master key from ${source}: ${EXPLANATIONS[reason]}`,
    { reason },
    { cause },
  )
}
