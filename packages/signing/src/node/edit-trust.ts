import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cleanLine } from '@morphee/core'
import { formatPem } from '../bytes/pem.ts'
import { type Certificate, tryParseCertificate } from '../certificate/certificate.ts'
import { findChainFault } from '../certificate/chain.ts'
import { type DistinguishedName, nameIncludes } from '../certificate/name.ts'
import { SigningError } from '../errors.ts'
import type { KeyId } from '../key/rsa.ts'
import { parsePublishers, parseTrustPolicy } from '../trust/parse.ts'
import { formatPolicy, POLICY_FILES, type TrustPolicy, trustsSubject } from '../trust/policy.ts'
import {
  findKey,
  formatPublishers,
  type Publisher,
  PUBLISHER_ID,
  type PublisherKey,
  type PublisherList,
  PUBLISHERS_FILE,
  type RevocationReason,
} from '../trust/publishers.ts'
import { refuse } from '../verify/refuse.ts'
import { replaceFile } from './own-file.ts'
import {
  makeStore,
  readCertificates,
  readTrustDirectory,
  readTrustFile,
} from './trust-directory.ts'
import { withTrustLock } from './trust-lock.ts'

const DAY_MS = 86_400_000
/** How long a list of publishers that is kept by hand may serve before somebody looks at it again. */
const HAND_KEPT_DAYS = 365

/** Whose certificate to trust. */
export interface CertificateToTrust {
  /** PEM or DER: a self-signed signing certificate, or a chain with the signing certificate first and its root last. */
  readonly certificate: Uint8Array
  readonly publisher: { readonly id: string; readonly name?: string }
  /** Milliseconds since 1970. */
  readonly now: number
  /** Until when installs may rely on the list, milliseconds since 1970. @default as it is; a year for a new list */
  readonly expires?: number
}

/** What {@link addTrustedCertificate} did. */
export interface TrustedCertificate {
  readonly publisher: Publisher
  readonly keyId: KeyId
  /** Whether the key was in the list before. */
  readonly wasKnown: boolean
}

/**
 * Trusts a publisher's signing certificate: the certificate goes to the store of that publisher, its subject to the policy for `*`, and its key to `publishers.json`.
 *
 * Each file is replaced whole and `publishers.json` last, so after a crash the key is trusted or not, never halfway. A directory that is not there is made.
 *
 * @throws SigningError `ERR_SIGNING_KEY_INVALID` when the certificate may not sign code, `ERR_SIGNING_REVOKED` when its key was revoked before,
 * `ERR_SIGNING_PUBLISHER` when its key is another publisher's, `ERR_SIGNING_TRUST_INVALID`, `ERR_SIGNING_TRUST_BUSY`
 */
export async function addTrustedCertificate(
  directory: string,
  { certificate, publisher, now, expires }: CertificateToTrust,
): Promise<TrustedCertificate> {
  if (!PUBLISHER_ID.test(publisher.id)) {
    throw invalid(
      `"${cleanLine(publisher.id, 80)}" is no publisher id: lower-case letters, digits and single hyphens are accepted`,
    )
  }
  const { leaf, root } = await readChain(certificate, now)
  const { keyId } = leaf.key
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return withTrustLock(directory, async () => {
    const list = await readList(directory, now)
    const found = findKey(list, keyId)
    if (found !== undefined && found.publisher.id !== publisher.id) {
      throw refuse(
        'publisher',
        'ERR_SIGNING_PUBLISHER',
        'Cannot trust this key: it belongs to another publisher',
      )
    }
    if (found?.key.status === 'revoked') {
      throw refuse(
        'revocation',
        'ERR_SIGNING_REVOKED',
        'Cannot trust this key: it was revoked, and a revoked key stays so',
      )
    }
    const store = await makeStore(directory, publisher.id)
    await replaceFile(join(store, `${keyId.slice(0, 32)}.pem`), formatPem('CERTIFICATE', root.der))
    const policy = formatPolicy(
      withSigner(await readOwnPolicy(directory), publisher.id, leaf.subject),
    )
    for (const file of POLICY_FILES) await replaceFile(join(directory, file), policy)
    const added: PublisherKey = { keyId, status: 'active', addedAt: formatTime(now) }
    const next = withKey(list, publisher, found === undefined ? added : undefined)
    await writeList(directory, next, expires)
    await readTrustDirectory(directory)
    const written = next.publishers.find(({ id }) => id === publisher.id) as Publisher
    return { publisher: written, keyId, wasKnown: found !== undefined }
  })
}

/** Which key to revoke, and why. */
export interface KeyToRevoke {
  readonly keyId: KeyId
  readonly reason: RevocationReason
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Revokes a key: nothing that it signed installs or loads from now on. Revoking it again changes nothing.
 *
 * @returns the publisher whose key it was
 * @throws SigningError `ERR_SIGNING_PUBLISHER` when no publisher has this key, `ERR_SIGNING_TRUST_INVALID`, `ERR_SIGNING_TRUST_BUSY`
 */
export async function revokeKey(
  directory: string,
  { keyId, reason, now }: KeyToRevoke,
): Promise<Publisher> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return withTrustLock(directory, async () => {
    const list = await readList(directory, now)
    const found = findKey(list, keyId)
    if (found === undefined) {
      throw refuse(
        'publisher',
        'ERR_SIGNING_PUBLISHER',
        'Cannot revoke this key: it belongs to no publisher',
      )
    }
    if (found.key.status === 'revoked') return found.publisher
    const revoked: PublisherKey = {
      ...found.key,
      status: 'revoked',
      revokedAt: formatTime(now),
      reason,
    }
    const publishers = list.publishers.map((publisher) =>
      publisher.id === found.publisher.id
        ? { ...publisher, keys: publisher.keys.map((key) => (key.keyId === keyId ? revoked : key)) }
        : publisher,
    )
    await writeList(directory, { ...list, publishers })
    return publishers.find(({ id }) => id === found.publisher.id) as Publisher
  })
}

/**
 * Lets installs rely on the list of publishers until `expires`, after somebody has looked at it.
 *
 * @throws SigningError `ERR_SIGNING_TRUST_INVALID`, `ERR_SIGNING_TRUST_BUSY`
 */
export async function renewPublishers(directory: string, expires: number): Promise<PublisherList> {
  return withTrustLock(directory, async () => {
    const { publishers } = await readTrustDirectory(directory)
    return writeList(directory, publishers, expires)
  })
}

async function readChain(
  bytes: Uint8Array,
  now: number,
): Promise<{ leaf: Certificate; root: Certificate }> {
  const ders = await readCertificates(bytes)
  if (ders === undefined)
    throw invalid('it holds no certificate over an RSA key of 2048, 3072 or 4096 bits')
  const [leaf, ...issuers] = (await Promise.all(ders.map(tryParseCertificate))) as [
    Certificate,
    ...Certificate[],
  ]
  const fault = await findChainFault([leaf, ...issuers])
  if (fault !== undefined) throw invalid(fault)
  if (now > leaf.notAfter) throw invalid('it is past its time')
  for (const type of IDENTIFYING) {
    if (leaf.subject.filter((attribute) => attribute.type === type).length !== 1) {
      throw invalid(
        `its subject does not have one ${type}, which trust policies identify a signer by`,
      )
    }
  }
  return { leaf, root: issuers.at(-1) ?? leaf }
}

const IDENTIFYING: readonly string[] = ['C', 'ST', 'O']

/** The policy with this store and subject in its statement for `*`. */
function withSigner(policy: TrustPolicy, store: string, subject: DistinguishedName): TrustPolicy {
  const isDefault = (scopes: readonly string[]): boolean => scopes.includes('*')
  const own = policy.statements.find(({ registryScopes }) => isDefault(registryScopes))
  const statement = own ?? { name: 'default', registryScopes: ['*'], stores: [], identities: [] }
  const identity = subject.filter(({ type }) => IDENTIFYING.includes(type))
  // notation refuses a policy in which one identity covers another.
  const identities =
    statement.identities === '*' || trustsSubject(statement, subject)
      ? statement.identities
      : [...statement.identities.filter((other) => !nameIncludes(other, identity)), identity]
  const stores = statement.stores.includes(store) ? statement.stores : [...statement.stores, store]
  const others = policy.statements.filter((other) => other !== own)
  return { statements: [...others, { ...statement, stores, identities }] }
}

function withKey(
  list: PublisherList,
  { id, name }: CertificateToTrust['publisher'],
  key?: PublisherKey,
): PublisherList {
  const old = list.publishers.find((publisher) => publisher.id === id)
  const keys = [...(old?.keys ?? []), ...(key === undefined ? [] : [key])]
  const publisher: Publisher = { id, name: cleanLine(name ?? old?.name ?? id, 200), keys }
  const others = list.publishers.filter((other) => other.id !== id)
  return { ...list, publishers: [...others, publisher].sort((a, b) => (a.id < b.id ? -1 : 1)) }
}

async function readList(directory: string, now: number): Promise<PublisherList> {
  const bytes = await readTrustFile(directory, PUBLISHERS_FILE)
  if (bytes !== undefined) return parsePublishers(bytes)
  return { version: 0, expires: formatTime(now + HAND_KEPT_DAYS * DAY_MS), publishers: [] }
}

async function readOwnPolicy(directory: string): Promise<TrustPolicy> {
  for (const file of POLICY_FILES) {
    const bytes = await readTrustFile(directory, file)
    if (bytes !== undefined) return parseTrustPolicy(bytes)
  }
  return { statements: [] }
}

async function writeList(
  directory: string,
  list: PublisherList,
  expires?: number,
): Promise<PublisherList> {
  const next: PublisherList = {
    version: list.version + 1,
    expires: expires === undefined ? list.expires : formatTime(expires),
    publishers: list.publishers,
  }
  await replaceFile(join(directory, PUBLISHERS_FILE), formatPublishers(next))
  return next
}

function formatTime(ms: number): string {
  return new Date(ms).toISOString()
}

function invalid(reason: string): SigningError {
  return new SigningError('ERR_SIGNING_KEY_INVALID', `Cannot trust this certificate: ${reason}`, {
    reason,
  })
}
