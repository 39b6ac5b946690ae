import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { ProtocolError } from './protocol-error.ts'
import type { Call, Reply } from './reply.ts'

/** Who may use the registry. One account: this registry keeps no users. */
export interface RegistryAuth {
  /** `basic`: a password with every request. `bearer`: a password for a short-lived token of the registry's own `/token`. */
  readonly kind: 'basic' | 'bearer'
  readonly username: string
  readonly password: string
  /** Whether reading needs no account. @default false */
  readonly anonymousPull?: boolean
  /** For `bearer`: where clients are sent for a token. @default `/token` of this registry */
  readonly realm?: string
}

/** What a request wants to do with a repository. */
export interface Access {
  readonly repository: string | undefined
  readonly action: 'pull' | 'push'
}

interface Token {
  readonly scopes: ReadonlySet<string>
  readonly expires: number
}

const TOKEN_SECONDS = 300
const MAX_TOKENS = 10_000
const MAX_SCOPES = 20
const SERVICE = 'morphee-registry'

/** Checks requests against a {@link RegistryAuth}, and hands out its tokens. */
export class Authorization {
  readonly #auth: RegistryAuth
  readonly #tokens = new Map<string, Token>()

  constructor(auth: RegistryAuth) {
    this.#auth = auth
  }

  /** @throws ProtocolError `UNAUTHORIZED` with the challenge that says how to ask */
  require(request: IncomingMessage, access: Access, origin: string): void {
    if (
      access.action === 'pull' &&
      access.repository !== undefined &&
      this.#auth.anonymousPull === true &&
      this.#auth.kind === 'basic'
    )
      return
    const header = request.headers.authorization ?? ''
    const allowed =
      this.#auth.kind === 'basic' ? this.#isAccount(header) : this.#isToken(header, access)
    if (allowed) return
    throw new ProtocolError('UNAUTHORIZED', 'Authentication is required', {
      headers: { 'www-authenticate': this.#challenge(access, origin) },
    })
  }

  /** GET of the token endpoint (the registry token specification). @throws ProtocolError `UNAUTHORIZED` */
  issue(call: Call): Reply {
    if (this.#auth.kind !== 'bearer')
      throw new ProtocolError('NAME_UNKNOWN', 'There is no such endpoint')
    const header = call.request.headers.authorization
    const known = header !== undefined && this.#isAccount(header)
    if (!known && (header !== undefined || this.#auth.anonymousPull !== true)) {
      throw new ProtocolError('UNAUTHORIZED', 'The account is not known', {
        headers: { 'www-authenticate': `Basic realm="${SERVICE}"` },
      })
    }
    const scopes = new Set<string>()
    for (const scope of call.url.searchParams.getAll('scope').slice(0, MAX_SCOPES)) {
      const match = /^repository:([^:]{1,255}):([a-z,*]{1,64})$/.exec(scope)
      if (match === null) continue
      for (const action of ['pull', 'push']) {
        if ((match[2] as string).split(',').some((asked) => asked === action || asked === '*')) {
          if (known || action === 'pull') scopes.add(`${match[1]}:${action}`)
        }
      }
    }
    const token = randomBytes(32).toString('base64url')
    this.#forgetExpired()
    this.#tokens.set(digest(token).toString('hex'), {
      scopes,
      expires: performance.now() + TOKEN_SECONDS * 1000,
    })
    const body = { token, access_token: token, expires_in: TOKEN_SECONDS }
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: Buffer.from(JSON.stringify(body)),
    }
  }

  #isAccount(header: string): boolean {
    const match = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)
    if (match === null) return false
    const given = Buffer.from(match[1] as string, 'base64')
    const wanted = Buffer.from(`${this.#auth.username}:${this.#auth.password}`)
    // Hashes have one length, so the comparison tells nothing about the password's.
    return timingSafeEqual(digest(given), digest(wanted))
  }

  #isToken(header: string, access: Access): boolean {
    const match = /^Bearer ([\w-]{1,128})$/i.exec(header)
    // Found by its hash: a lookup's timing tells something about the hash, never about a token.
    const token =
      match === null ? undefined : this.#tokens.get(digest(match[1] as string).toString('hex'))
    if (token === undefined || token.expires < performance.now()) return false
    return (
      access.repository === undefined || token.scopes.has(`${access.repository}:${access.action}`)
    )
  }

  #challenge(access: Access, origin: string): string {
    if (this.#auth.kind === 'basic') return `Basic realm="${SERVICE}"`
    const realm = this.#auth.realm ?? `${origin}/token`
    const scope =
      access.repository === undefined
        ? ''
        : `,scope="repository:${access.repository}:${access.action === 'push' ? 'pull,push' : 'pull'}"`
    return `Bearer realm="${realm}",service="${SERVICE}"${scope}`
  }

  #forgetExpired(): void {
    const now = performance.now()
    for (const [key, token] of this.#tokens) {
      // Tokens expire in the order they were made; past the limit the oldest goes first.
      if (token.expires >= now && this.#tokens.size < MAX_TOKENS) break
      this.#tokens.delete(key)
    }
  }
}

function digest(value: string | Uint8Array): Buffer {
  return createHash('sha256').update(value).digest()
}
