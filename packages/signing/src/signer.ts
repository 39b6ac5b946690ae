import type { Identity } from './key/generate.ts'
import { tryParseCertificate } from './certificate/certificate.ts'
import { SigningError } from './errors.ts'
import { algorithmsFor, hashOf, type SignatureAlgorithm } from './key/algorithm.ts'

/** Who signs: a key file, an HSM, a key service. The private key stays inside. */
export interface Signer {
  /** Certificates in DER, leaf first, root included. */
  readonly chainDer: readonly Uint8Array<ArrayBuffer>[]
  readonly algorithm: SignatureAlgorithm
  /** The raw RSASSA-PSS signature of `bytes`, with a salt of the hash's length. */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/**
 * The signers of a key: one for RSA-2048, two for larger keys.
 *
 * The first has the algorithm that the Notary Project ties to the key's size; a second with PS256 follows where that is another one. Sign with
 * all of them, so that every verifier finds an envelope that it understands.
 *
 * @throws {@link SigningError} `ERR_SIGNING_KEY_INVALID` when key or certificate cannot be used, or do not belong together
 */
export async function createSigners(
  identity: Pick<Identity, 'pkcs8' | 'chainDer'>,
): Promise<readonly [Signer, ...Signer[]]> {
  const leaf = await tryParseCertificate(identity.chainDer[0])
  if (leaf === undefined) {
    throw invalid('its certificate is not X.509 v3 over an RSA key of 2048, 3072 or 4096 bits')
  }
  const [first, ...others] = algorithmsFor(leaf.key.bits)
  const create = (algorithm: SignatureAlgorithm): Promise<Signer> =>
    createSigner(identity.pkcs8, identity.chainDer, algorithm)
  return Promise.all([create(first as SignatureAlgorithm), ...others.map(create)])
}

async function createSigner(
  pkcs8: Uint8Array<ArrayBuffer>,
  chainDer: readonly Uint8Array<ArrayBuffer>[],
  algorithm: SignatureAlgorithm,
): Promise<Signer> {
  const { name: hash, saltLength } = hashOf(algorithm)
  let key: CryptoKey
  try {
    key = await crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash }, false, ['sign'])
  } catch {
    throw invalid('it is not an RSA key in PKCS#8')
  }
  return {
    chainDer,
    algorithm,
    async sign(bytes) {
      return new Uint8Array(await crypto.subtle.sign({ name: 'RSA-PSS', saltLength }, key, bytes))
    },
  }
}

function invalid(reason: string): SigningError {
  return new SigningError('ERR_SIGNING_KEY_INVALID', `Cannot sign with this key: ${reason}`, {
    reason,
  })
}
