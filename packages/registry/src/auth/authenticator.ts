import { encodeUtf8, toBase64, tryDecodeUtf8 } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import { isRecord } from '../oci/descriptor.ts'
import { discardBody, readBody } from '../transport/read-body.ts'
import type { RegistryTransportRequest, RegistryTransportResponse } from '../transport/transport.ts'
import { parseChallenges } from './challenge.ts'
import type { CredentialSource, RegistryCredentials } from './credentials.ts'

/** What an {@link Authenticator} works with. */
export interface AuthenticatorOptions {
  readonly credentials: CredentialSource
  /** Origins of token servers that may see a registry's account, beside the registry's own. */
  readonly realms: Readonly<Record<string, readonly string[]>>
  readonly send: (
    request: Omit<RegistryTransportRequest, 'signal'>,
    registry: string,
    signal: AbortSignal,
  ) => Promise<RegistryTransportResponse>
  readonly now: () => number
}

/** What a request wants to do. */
export interface RegistryScope {
  readonly registry: string
  readonly repository: string
  readonly access: 'pull' | 'push'
}

interface CachedHeader {
  readonly value: string
  readonly expires: number
}

const MAX_TOKEN_ANSWER_BYTES = 128 * 1024
const MAX_TOKEN_LENGTH = 16 * 1024
const MAX_CACHED = 200
const DEFAULT_TOKEN_SECONDS = 60
const MAX_TOKEN_SECONDS = 3600
// A token that is about to end would end under way.
const MARGIN_MS = 5000

// Registries whose token server has another origin, by their own documentation.
const KNOWN_REALMS: Readonly<Record<string, readonly string[]>> = {
  'docker.io': ['https://auth.docker.io'],
  'registry.gitlab.com': ['https://gitlab.com'],
}

/**
 * Answers the challenges of registries, basic and bearer.
 *
 * The realm of a bearer challenge is a URL written by a stranger. An account goes to it only when its origin is the
 * registry's own or configured for that registry; any other token server is asked without one, which is enough for what is
 * public. Scopes are made from what the client wants to do, never from what the challenge suggests.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions
  readonly #headers = new Map<string, CachedHeader>()

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /** The header for a request, if an earlier challenge was answered. */
  header(scope: RegistryScope): string | undefined {
    const cached = this.#headers.get(keyOf(scope))
    return cached !== undefined && cached.expires > this.#options.now() ? cached.value : undefined
  }

  /**
   * Answers a challenge, so that {@link header} has something new; `false` when there is nothing to answer it with.
   *
   * @throws {@link RegistryError} `ERR_REGISTRY_REALM`, `ERR_REGISTRY_UNAUTHORIZED`, `ERR_REGISTRY_RESPONSE`
   */
  async answer(
    scope: RegistryScope,
    origin: string,
    wwwAuthenticate: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    this.#headers.delete(keyOf(scope))
    const challenges = parseChallenges(wwwAuthenticate)
    const bearer = challenges.find(
      ({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'),
    )
    if (bearer !== undefined) return this.#answerBearer(scope, origin, bearer.parameters, signal)
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return false
    const account = await this.#options.credentials(scope.registry)
    if (account?.kind !== 'password') return false
    this.#remember(scope, basicHeader(account), Number.POSITIVE_INFINITY)
    return true
  }

  async #answerBearer(
    scope: RegistryScope,
    origin: string,
    parameters: ReadonlyMap<string, string>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const realm = parseRealm(scope, origin, parameters.get('realm') as string)
    const known = await this.#options.credentials(scope.registry)
    if (known?.kind === 'registry-token') {
      this.#remember(scope, `Bearer ${known.token}`, Number.POSITIVE_INFINITY)
      return true
    }
    const trusted = [
      origin,
      ...(KNOWN_REALMS[scope.registry] ?? []),
      ...(this.#options.realms[scope.registry] ?? []),
    ]
    const account = trusted.includes(realm.origin) ? known : undefined
    const response = await this.#options.send(
      tokenRequest(realm, scope, parameters.get('service'), account),
      scope.registry,
      signal,
    )
    if (response.status === 401 || response.status === 403) {
      await discardBody(response)
      const withheld = known !== undefined && account === undefined
      throw new RegistryError(
        'ERR_REGISTRY_UNAUTHORIZED',
        `Cannot get a token for ${scope.registry}: its token server ${realm.origin} refused`,
        { registry: scope.registry, repository: scope.repository, status: response.status },
        withheld
          ? {
              hint: `The account was not sent, because ${realm.origin} is not among the realms configured for ${scope.registry}`,
            }
          : {},
      )
    }
    const answer = response.status === 200 ? await readToken(response) : await discardBody(response)
    if (answer === undefined) {
      const reason = `its token server answered ${response.status} without a token`
      throw new RegistryError(
        'ERR_REGISTRY_RESPONSE',
        `Cannot log in to ${scope.registry}: ${reason}`,
        {
          registry: scope.registry,
          reason,
        },
      )
    }
    this.#remember(
      scope,
      `Bearer ${answer.token}`,
      this.#options.now() + answer.seconds * 1000 - MARGIN_MS,
    )
    return true
  }

  #remember(scope: RegistryScope, value: string, expires: number): void {
    if (this.#headers.size >= MAX_CACHED) {
      const oldest = this.#headers.keys().next().value
      if (oldest !== undefined) this.#headers.delete(oldest)
    }
    this.#headers.set(keyOf(scope), { value, expires })
  }
}

function parseRealm(scope: RegistryScope, origin: string, text: string): URL {
  const realm = URL.canParse(text) ? new URL(text) : undefined
  const isProper =
    realm !== undefined &&
    (realm.protocol === 'https:' || realm.origin === origin) &&
    realm.username === '' &&
    realm.password === ''
  // Plain HTTP only where the registry itself is asked over it: the token is worth as much as the account for a while.
  if (!isProper) {
    throw new RegistryError(
      'ERR_REGISTRY_REALM',
      `Cannot log in to ${scope.registry}: it names a token server that is not asked over HTTPS`,
      { registry: scope.registry, realm: realm?.origin ?? 'not a URL' },
    )
  }
  return realm
}

function tokenRequest(
  realm: URL,
  scope: RegistryScope,
  service: string | undefined,
  account: RegistryCredentials | undefined,
): Omit<RegistryTransportRequest, 'signal'> {
  const actions = scope.access === 'push' ? 'pull,push' : 'pull'
  const parameters = {
    ...(service === undefined ? {} : { service }),
    scope: `repository:${scope.repository}:${actions}`,
    client_id: 'morphee',
  }
  const accept = { accept: 'application/json' }
  if (account?.kind === 'identity-token') {
    const form = new URLSearchParams({
      ...parameters,
      grant_type: 'refresh_token',
      refresh_token: account.token,
    })
    return {
      method: 'POST',
      url: realm.href,
      headers: { ...accept, 'content-type': 'application/x-www-form-urlencoded' },
      body: encodeUtf8(form.toString()),
    }
  }
  const url = new URL(realm)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  const authorization = account?.kind === 'password' ? { authorization: basicHeader(account) } : {}
  return { method: 'GET', url: url.href, headers: { ...accept, ...authorization } }
}

async function readToken(
  response: RegistryTransportResponse,
): Promise<{ token: string; seconds: number } | undefined> {
  const bytes = await readBody(response, MAX_TOKEN_ANSWER_BYTES)
  let value: unknown
  try {
    value = JSON.parse(tryDecodeUtf8(bytes ?? new Uint8Array(0)) ?? '')
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  const token = value['token'] ?? value['access_token']
  // It becomes a header: nothing but visible ASCII.
  if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH || !/^[\x21-\x7e]+$/.test(token))
    return undefined
  const asked = value['expires_in']
  const seconds =
    typeof asked === 'number' && asked > 0
      ? Math.min(asked, MAX_TOKEN_SECONDS)
      : DEFAULT_TOKEN_SECONDS
  return { token, seconds }
}

function basicHeader(account: { readonly username: string; readonly password: string }): string {
  return `Basic ${toBase64(encodeUtf8(`${account.username}:${account.password}`))}`
}

function keyOf(scope: RegistryScope): string {
  return `${scope.registry} ${scope.repository} ${scope.access}`
}
