import { constants } from 'node:fs'
import { lstat, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { tryParsePem } from '../bytes/pem.ts'
import type { TrustDiagnostic } from '../json/shape.ts'
import { tryParseCertificate } from '../certificate/certificate.ts'
import { throwInvalid } from '../trust/parse.ts'
import { POLICY_FILES, readPolicy, type TrustPolicy } from '../trust/policy.ts'
import { PUBLISHERS_FILE, readPublishers } from '../trust/publishers.ts'
import type { Trust } from '../trust/trust.ts'

/** Where notation keeps the certificates of a store of type `ca`, below the trust directory. */
const STORES_PATH: readonly string[] = ['truststore', 'x509', 'ca']

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
const MAX_CERTIFICATE_BYTES = 256 * 1024
const MAX_FILES = 1000

/**
 * Reads a trust directory whole (spec/signing.md section 4).
 *
 * @throws SigningError `ERR_SIGNING_TRUST_INVALID` with everything that is wrong
 */
export async function readTrustDirectory(directory: string): Promise<Trust> {
  const problems: TrustDiagnostic[] = []
  const policy = await readPolicies(directory, problems)
  const stores = new Map<string, readonly Uint8Array<ArrayBuffer>[]>()
  for (const name of new Set(policy?.statements.flatMap((statement) => statement.stores))) {
    stores.set(name, await readStore(directory, name, problems))
  }
  // Last, because it is written last: whoever is in this list has everything else in place.
  const publishersBytes = await readDocument(directory, PUBLISHERS_FILE, problems)
  const publishers = publishersBytes && readPublishers(publishersBytes, problems)
  if (policy === undefined || publishers === undefined || problems.length > 0)
    throwInvalid(problems)
  return { policy, stores, publishers }
}

async function readPolicies(
  directory: string,
  problems: TrustDiagnostic[],
): Promise<TrustPolicy | undefined> {
  const [first, second] = POLICY_FILES
  const [bytes, other] = [
    await tryReadDocument(directory, first, problems),
    await tryReadDocument(directory, second, problems),
  ]
  if (bytes === undefined && other === undefined) {
    if (problems.length === 0) problems.push({ file: first, path: '', message: 'Is missing' })
    return undefined
  }
  // notation 1 reads one of them and notation 2 the other: if they differ, two programs trust two different things.
  if (bytes !== undefined && other !== undefined && !bytes.equals(other)) {
    problems.push({ file: second, path: '', message: `Differs from ${first}` })
  }
  return bytes === undefined
    ? readPolicy(other as Buffer, second, problems)
    : readPolicy(bytes, first, problems)
}

async function readStore(
  directory: string,
  name: string,
  problems: TrustDiagnostic[],
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const file = `ca:${name}`
  let path = directory
  // Every level is looked at: a link at any of them would bring in certificates from elsewhere.
  for (const part of [...STORES_PATH, name]) {
    path = join(path, part)
    const stats = await lstat(path).catch(() => undefined)
    if (stats?.isDirectory() !== true) {
      problems.push({
        file,
        path: '',
        message: stats?.isSymbolicLink() === true ? 'Is a symbolic link' : 'Is missing',
      })
      return []
    }
  }
  const names = (await readdir(path)).filter((entry) => /\.(pem|crt|cer)$/.test(entry)).sort()
  if (names.length > MAX_FILES) {
    problems.push({ file, path: '', message: `Holds more than ${MAX_FILES} certificates` })
    return []
  }
  const certificates: Uint8Array<ArrayBuffer>[] = []
  for (const entry of names) {
    const bytes = await tryReadFile(
      join(path, entry),
      MAX_CERTIFICATE_BYTES,
      `${file}/${entry}`,
      problems,
    )
    if (bytes === undefined) continue
    const found = await readCertificates(bytes)
    if (found === undefined) {
      problems.push({
        file: `${file}/${entry}`,
        path: '',
        message: 'Holds no certificate over an RSA key of 2048, 3072 or 4096 bits',
      })
    }
    certificates.push(...(found ?? []))
  }
  return certificates
}

/** The certificates of a file in PEM or DER, or `undefined` when it is neither or one of them cannot be used. */
export async function readCertificates(
  bytes: Uint8Array,
): Promise<[Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]] | undefined> {
  const text = Buffer.from(bytes).toString('latin1')
  const ders = text.includes('-----BEGIN')
    ? tryParsePem('CERTIFICATE', text)
    : [new Uint8Array(bytes)]
  for (const der of ders ?? []) {
    if ((await tryParseCertificate(der)) === undefined) return undefined
  }
  const [first, ...others] = ders ?? []
  return first === undefined ? undefined : [first, ...others]
}

/** Makes the directory of a store of type `ca` and returns its path. */
export async function makeStore(directory: string, name: string): Promise<string> {
  let path = directory
  for (const part of [...STORES_PATH, name]) {
    path = join(path, part)
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    if (!(await lstat(path)).isDirectory())
      throwInvalid([{ file: `ca:${name}`, path: '', message: 'Is a symbolic link' }])
  }
  return path
}

/**
 * The bytes of one document of a trust directory, or `undefined` when it is missing.
 *
 * @throws SigningError `ERR_SIGNING_TRUST_INVALID` when it is not a regular file of its owner
 */
export async function readTrustFile(directory: string, file: string): Promise<Buffer | undefined> {
  const problems: TrustDiagnostic[] = []
  const bytes = await tryReadDocument(directory, file, problems)
  return problems.length === 0 ? bytes : throwInvalid(problems)
}

async function readDocument(
  directory: string,
  file: string,
  problems: TrustDiagnostic[],
): Promise<Buffer | undefined> {
  const count = problems.length
  const bytes = await tryReadDocument(directory, file, problems)
  if (bytes === undefined && problems.length === count)
    problems.push({ file, path: '', message: 'Is missing' })
  return bytes
}

function tryReadDocument(
  directory: string,
  file: string,
  problems: TrustDiagnostic[],
): Promise<Buffer | undefined> {
  return tryReadFile(join(directory, file), MAX_DOCUMENT_BYTES, file, problems)
}

/** The bytes of a regular file; `undefined` when it is missing, and with a problem when it is anything else. */
async function tryReadFile(
  path: string,
  maxBytes: number,
  file: string,
  problems: TrustDiagnostic[],
): Promise<Buffer | undefined> {
  const refused = (message: string): undefined => void problems.push({ file, path: '', message })
  let handle
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    return refused(code === 'ELOOP' ? 'Is a symbolic link' : 'Cannot be opened')
  }
  try {
    const { mode, size } = await handle.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) return refused('Is not a regular file')
    if (process.platform !== 'win32' && (mode & 0o002) !== 0)
      return refused('May be changed by everybody on this machine')
    if (size > maxBytes) return refused(`Is larger than ${maxBytes} bytes`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}
