import { tryDecodeUtf8, tryFromBase64 } from '@morphee/core'
import { secretNeedles } from '../body/secret-needles.ts'
import type { EgressCredential } from '../context.ts'
import { EgressError } from '../errors.ts'
import type { EgressHeader } from '../request.ts'

/** A credential made ready for one request. */
export interface AppliedCredential {
  /** The URL on the wire. */
  readonly url: URL
  readonly headers: readonly EgressHeader[]
  /** What must not come back. */
  readonly needles: readonly Uint8Array[]
}

/**
 * Adds `credential` to a request to `url`, provided that its audience names the origin.
 *
 * @throws `ERR_EGRESS_AUDIENCE`; `ERR_EGRESS_HEADER` when a value cannot be a header's
 */
export function applyCredential(
  url: URL,
  headers: readonly EgressHeader[],
  credential: EgressCredential | undefined,
): AppliedCredential {
  if (credential === undefined) return { url, headers, needles: [] }
  if (!credential.audience.includes(url.origin)) {
    throw new EgressError(
      'ERR_EGRESS_AUDIENCE',
      `Cannot send the credential to ${url.origin}: it is for ${credential.audience.join(', ')}`,
      { origin: url.origin, audience: credential.audience },
    )
  }
  const own = (credential.headers ?? []).map(({ name, value }) => ({
    name: name.toLowerCase(),
    value,
  }))
  for (const { name, value } of own) {
    if (/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name) && /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(value))
      continue
    throw new EgressError(
      'ERR_EGRESS_HEADER',
      'Cannot send the credential: it holds characters that no header may have',
      { header: name, reason: 'credential' },
    )
  }
  const wire = new URL(url)
  for (const { name, value } of credential.query ?? []) wire.searchParams.append(name, value)
  const names = new Set(own.map(({ name }) => name))
  const secrets = [
    ...(credential.secrets ?? []),
    ...own.flatMap(({ value }) => secretsInHeader(value)),
    ...(credential.query ?? []).map(({ value }) => value),
  ]
  return {
    url: wire,
    headers: [...headers.filter(({ name }) => !names.has(name)), ...own],
    needles: secretNeedles(secrets),
  }
}

// `Basic dXNlcjpwYXNz` gives back the whole, the base64, the pair and the password.
function secretsInHeader(value: string): string[] {
  const [scheme = '', rest] = value.split(/\s+(.*)/s)
  if (rest === undefined) return [value]
  const decoded = scheme.toLowerCase() === 'basic' ? tryFromBase64(rest) : undefined
  const pair = decoded === undefined ? undefined : tryDecodeUtf8(decoded)
  if (pair === undefined) return [rest]
  return [rest, pair, pair.slice(pair.indexOf(':') + 1)]
}
