import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { tryDecodeUtf8, tryFromBase64 } from '@morphee/core'
import type { CredentialSource, RegistryCredentials } from '../auth/credentials.ts'
import { RegistryError } from '../errors.ts'
import { isRecord } from '../oci/descriptor.ts'

/** Where {@link createDockerCredentials} looks. */
export interface DockerCredentialsOptions {
  /** Configuration files in order; one that is missing is passed over. @default {@link dockerConfigPaths} of this process */
  readonly paths?: readonly string[]
  /**
   * Asks a credential helper (`docker-credential-<name> get`) for a server; `undefined` when it has nothing. This package
   * starts no programs.
   *
   * @default a helper that is configured for the registry is an error
   */
  readonly runHelper?: (name: string, server: string) => Promise<RegistryCredentials | undefined>
}

/** The files in which Docker, podman and oras keep their logins, for an environment. */
export function dockerConfigPaths(
  environment: Readonly<Record<string, string | undefined>>,
  home: string = homedir(),
): string[] {
  const {
    REGISTRY_AUTH_FILE: file,
    DOCKER_CONFIG: directory,
    XDG_RUNTIME_DIR: runtime,
  } = environment
  return [
    ...(file === undefined || file === '' ? [] : [file]),
    join(
      directory === undefined || directory === '' ? join(home, '.docker') : directory,
      'config.json',
    ),
    ...(runtime === undefined || runtime === '' ? [] : [join(runtime, 'containers', 'auth.json')]),
  ]
}

/**
 * The accounts that `docker login`, `podman login` or `oras login` left on this machine.
 *
 * Files are read when a registry asks, and anew each time, so that a login counts at once. Nothing in them reaches a message.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_CREDENTIALS` from the source, when a file or an entry cannot be read
 */
export function createDockerCredentials(options: DockerCredentialsOptions = {}): CredentialSource {
  const paths = options.paths ?? dockerConfigPaths(process.env)
  return async (registry) => {
    for (const path of paths) {
      const config = await readConfig(path)
      const found = config === undefined ? undefined : await findAccount(config, registry, options)
      if (found !== undefined) return found
    }
    return undefined
  }
}

async function readConfig(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw unreadable('a configuration file cannot be read', error)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without the cause: a parser's message quotes the text, which holds passwords.
    throw unreadable('a configuration file is not JSON')
  }
  if (!isRecord(value)) throw unreadable('a configuration file is not a JSON object')
  return value
}

async function findAccount(
  config: Readonly<Record<string, unknown>>,
  registry: string,
  { runHelper }: DockerCredentialsOptions,
): Promise<RegistryCredentials | undefined> {
  const keys = keysOf(registry)
  const ask = (helper: string, key: string): Promise<RegistryCredentials | undefined> => {
    if (!/^[\w.-]+$/.test(helper))
      throw unreadable('the name of a credential helper is not a plain name')
    if (runHelper === undefined)
      throw unreadable(`the account for ${registry} is kept by a credential helper`)
    return runHelper(helper, key)
  }
  const helpers = config['credHelpers']
  for (const key of keys) {
    const helper = isRecord(helpers) && Object.hasOwn(helpers, key) ? helpers[key] : undefined
    if (typeof helper === 'string') return ask(helper, key)
  }
  const auths = config['auths']
  for (const key of keys) {
    const entry = isRecord(auths) && Object.hasOwn(auths, key) ? auths[key] : undefined
    const account = isRecord(entry) ? parseEntry(entry) : undefined
    if (account !== undefined) return account
    // Docker leaves an empty entry behind when the account itself went to its store.
    if (isRecord(entry) && typeof config['credsStore'] === 'string')
      return ask(config['credsStore'], key)
  }
  return undefined
}

function parseEntry(entry: Readonly<Record<string, unknown>>): RegistryCredentials | undefined {
  const { identitytoken, registrytoken, auth, username, password } = entry
  if (isText(identitytoken)) return { kind: 'identity-token', token: identitytoken }
  if (isText(registrytoken)) return { kind: 'registry-token', token: registrytoken }
  if (isText(auth)) {
    const text = tryDecodeUtf8(tryFromBase64(auth) ?? Uint8Array.of(0xff))
    const colon = text?.indexOf(':') ?? -1
    if (text === undefined || colon < 1)
      throw unreadable('an account is not base64 of a name and a password')
    return { kind: 'password', username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  if (isText(username) && isText(password)) return { kind: 'password', username, password }
  return undefined
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function keysOf(registry: string): readonly string[] {
  if (registry === 'docker.io')
    return ['https://index.docker.io/v1/', 'docker.io', 'index.docker.io']
  return [registry, `https://${registry}`, `https://${registry}/v1/`, `https://${registry}/v2/`]
}

function unreadable(reason: string, cause?: unknown): RegistryError {
  return new RegistryError(
    'ERR_REGISTRY_CREDENTIALS',
    `Cannot use the logins of this machine: ${reason}`,
    { reason },
    cause === undefined ? {} : { cause },
  )
}
