import { isPlatformError, tryDecodeUtf8 } from '@morphee/core'
import { Authenticator, type RegistryScope } from '../auth/authenticator.ts'
import type { CredentialSource } from '../auth/credentials.ts'
import { RegistryError } from '../errors.ts'
import { isRecord } from '../oci/descriptor.ts'
import type { RepositoryReference } from '../reference/reference.ts'
import { delay } from '../transport/delay.ts'
import { discardBody, readBody } from '../transport/read-body.ts'
import { type RequestTimes, sendWithin } from '../transport/send-within.ts'
import type {
  RegistryTransport,
  RegistryTransportRequest,
  RegistryTransportResponse,
} from '../transport/transport.ts'

/** How an {@link Exchange} reaches registries. */
export interface ExchangeOptions {
  readonly transport: RegistryTransport
  readonly credentials: CredentialSource
  readonly realms: Readonly<Record<string, readonly string[]>>
  readonly plainHttp: (registry: string) => boolean
  readonly userAgent: string
  readonly times: RequestTimes
  /** Tries after the first one, of requests that may be sent twice. */
  readonly retries: number
  /** Wait before the first of them in milliseconds, doubled each time. */
  readonly retryDelayMs: number
}

/** One request of the distribution API. */
export interface ExchangeRequest {
  readonly method: RegistryTransportRequest['method']
  readonly url: string
  readonly access: 'pull' | 'push'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array<ArrayBuffer>
  /** Statuses that are an answer; any other becomes an error. */
  readonly expect: readonly number[]
  /** Whether sending it twice does what sending it once does. */
  readonly idempotent: boolean
  readonly signal: AbortSignal
}

const MAX_RETRY_AFTER_MS = 30_000
const MAX_ERROR_BYTES = 64 * 1024

/** Sends requests of the distribution API: authentication, retries with back-off, errors with codes. */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #authenticator: Authenticator

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#authenticator = new Authenticator({
      credentials: options.credentials,
      realms: options.realms,
      now: () => performance.now(),
      send: (request, registry, signal) => this.#send({ ...request, signal }, registry),
    })
  }

  get retries(): number {
    return this.#options.retries
  }

  /** The URL of `path` in a repository. */
  url(reference: RepositoryReference, path: string): string {
    return `${this.#origin(reference.registry)}/v2/${reference.repository}/${path}`
  }

  /**
   * The URL that a `Location` or `Link` header of `response` names.
   *
   * It must stay with the registry: an upload sent elsewhere, or a list continued elsewhere, would be somebody else's.
   *
   * @throws {@link RegistryError} `ERR_REGISTRY_RESPONSE`
   */
  follow(
    reference: RepositoryReference,
    response: RegistryTransportResponse,
    target: string | null,
  ): string {
    const { registry } = reference
    const url =
      target !== null && URL.canParse(target, response.url)
        ? new URL(target, response.url)
        : undefined
    if (url === undefined || url.origin !== new URL(this.#origin(registry)).origin) {
      throw badResponse(registry, 'it sent the client to another host, or nowhere')
    }
    return url.href
  }

  /** @throws {@link RegistryError} any code that says what the registry or the network did */
  async send(
    reference: RepositoryReference,
    request: ExchangeRequest,
  ): Promise<RegistryTransportResponse> {
    const { registry, repository } = reference
    for (let attempt = 0; ; attempt++) {
      const mayRetry = request.idempotent && attempt < this.#options.retries
      let response: RegistryTransportResponse
      try {
        response = await this.#authenticated(
          { registry, repository, access: request.access },
          request,
        )
      } catch (error) {
        if (!mayRetry || !isTransient(error)) throw error
        await this.backOff(attempt, request.signal)
        continue
      }
      if (request.expect.includes(response.status)) return response
      if (mayRetry && (response.status === 429 || response.status >= 500)) {
        await discardBody(response)
        await this.backOff(attempt, request.signal, response.headers.get('retry-after'))
        continue
      }
      throw await toError(reference, response)
    }
  }

  /** Waits before try `attempt + 1`: as long as the registry asks, at most 30 s, else twice as long as before with some chance in it. */
  async backOff(attempt: number, signal: AbortSignal, retryAfter?: string | null): Promise<void> {
    const asked = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0
    const own = this.#options.retryDelayMs * 2 ** attempt * (0.5 + Math.random())
    await delay(Math.min(Math.max(asked, own), MAX_RETRY_AFTER_MS), signal)
  }

  async #authenticated(
    scope: RegistryScope,
    request: ExchangeRequest,
  ): Promise<RegistryTransportResponse> {
    const origin = this.#origin(scope.registry)
    const response = await this.#attempt(scope, request)
    if (response.status !== 401) return response
    const challenge = response.headers.get('www-authenticate')
    if (challenge === null) return response
    // A 401 is answered, or becomes an error, by its status alone.
    await discardBody(response)
    const answered = await this.#authenticator.answer(
      scope,
      new URL(origin).origin,
      challenge,
      request.signal,
    )
    if (!answered) return response
    return this.#attempt(scope, request)
  }

  #attempt(scope: RegistryScope, request: ExchangeRequest): Promise<RegistryTransportResponse> {
    const authorization = this.#authenticator.header(scope)
    return this.#send(
      {
        method: request.method,
        url: request.url,
        headers: {
          'user-agent': this.#options.userAgent,
          ...request.headers,
          ...(authorization === undefined ? {} : { authorization }),
        },
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: request.signal,
      },
      scope.registry,
    )
  }

  #send(request: RegistryTransportRequest, registry: string): Promise<RegistryTransportResponse> {
    return sendWithin(this.#options.transport, request, registry, this.#options.times)
  }

  #origin(registry: string): string {
    // Docker Hub's API is not where its references say.
    const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
    return `${this.#options.plainHttp(registry) ? 'http' : 'https'}://${host}`
  }
}

/** An answer that the specification does not allow. */
export function badResponse(registry: string, reason: string): RegistryError {
  return new RegistryError(
    'ERR_REGISTRY_RESPONSE',
    `Cannot use the answer of ${registry}: ${reason}`,
    {
      registry,
      reason,
    },
  )
}

/** Whether a failure may pass by itself. */
export function isTransient(error: unknown): boolean {
  return (
    isPlatformError(error) &&
    [
      'ERR_REGISTRY_UNREACHABLE',
      'ERR_REGISTRY_TIMEOUT',
      'ERR_REGISTRY_RATE_LIMITED',
      'ERR_EGRESS_UNREACHABLE',
      'ERR_EGRESS_TIMEOUT',
    ].includes(error.code)
  )
}

async function toError(
  reference: RepositoryReference,
  response: RegistryTransportResponse,
): Promise<RegistryError> {
  const { registry, repository } = reference
  const { status } = response
  const place = `${registry}/${repository}`
  switch (status) {
    case 401:
    case 403:
      await discardBody(response)
      return new RegistryError(
        'ERR_REGISTRY_UNAUTHORIZED',
        `${registry} does not let this account use ${repository}`,
        { registry, repository, status },
      )
    case 404:
      await discardBody(response)
      return new RegistryError(
        'ERR_REGISTRY_NOT_FOUND',
        `There is nothing under that name in ${place}`,
        { registry, repository },
      )
    case 429:
      await discardBody(response)
      return new RegistryError('ERR_REGISTRY_RATE_LIMITED', `${registry} asks for patience`, {
        registry,
      })
    default: {
      const codes = await errorCodes(response)
      return new RegistryError(
        'ERR_REGISTRY_REFUSED',
        `${place} answered ${status}${codes.length === 0 ? '' : ` (${codes.join(', ')})`}`,
        { registry, status, codes },
      )
    }
  }
}

/** The specification's codes in an error body. A stranger's messages are left behind. */
async function errorCodes(response: RegistryTransportResponse): Promise<string[]> {
  try {
    const bytes = await readBody(response, MAX_ERROR_BYTES)
    const value: unknown = JSON.parse(tryDecodeUtf8(bytes ?? new Uint8Array(0)) ?? '')
    const errors =
      isRecord(value) && Array.isArray(value['errors']) ? value['errors'].slice(0, 10) : []
    return errors
      .map((error: unknown) => (isRecord(error) ? error['code'] : undefined))
      .filter((code): code is string => typeof code === 'string' && /^[A-Z_]{1,64}$/.test(code))
  } catch {
    return []
  }
}
