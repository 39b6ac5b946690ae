import { config, Failure, fetch, type Response } from '@morphee/sdk'

/** `https://acme.atlassian.net`, of the site that the person named. */
export function siteUrl(): string {
  return `https://${config.require<string>('site')}.atlassian.net`
}

/** Reads JSON from Jira's REST API, version 3. */
export async function getJson<Body>(path: string): Promise<Body> {
  return send<Body>(path, { method: 'GET' })
}

/** Sends JSON to Jira's REST API, version 3, and reads its answer. */
export async function postJson<Body>(path: string, body: unknown): Promise<Body> {
  return send<Body>(path, { method: 'POST', body: JSON.stringify(body) })
}

async function send<Body>(
  path: string,
  { method, body }: { method: string; body?: string },
): Promise<Body> {
  const response = await fetch(`${siteUrl()}/rest/api/3/${path}`, {
    method,
    credential: 'jira',
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body }),
  })
  if (!response.ok) throw await toFailure(response)
  try {
    return await response.json<Body>()
  } catch {
    throw new Failure('internal', `Jira answered ${response.status} with something that is no JSON`)
  }
}

/** What Jira says when it refuses: texts for everybody, and texts by field. */
interface ErrorCollection {
  readonly errorMessages?: readonly string[]
  readonly errors?: Readonly<Record<string, string>>
}

const CODES: Readonly<Record<number, string>> = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'permission-denied',
  404: 'not-found',
  409: 'conflict',
  429: 'rate-limited',
  503: 'unreachable',
}

async function toFailure(response: Response): Promise<Failure> {
  const { status, headers } = response
  const errors = await readErrors(response)
  const said = [
    ...(errors.errorMessages ?? []),
    ...Object.entries(errors.errors ?? {}).map(([field, message]) => `${field}: ${message}`),
  ]
  // Whole seconds; the other form of the header, a date, is left to the host.
  const seconds = /^\d{1,6}$/.exec(headers.get('retry-after') ?? '')?.[0]
  return new Failure(
    CODES[status] ?? (status >= 500 ? 'unreachable' : 'internal'),
    said.length > 0 ? `Jira refused: ${said.join(' ')}` : `Jira answered ${status}`,
    {
      details: { status, ...(errors.errors && { fields: errors.errors }) },
      ...(seconds !== undefined && { retryAfterMs: Number(seconds) * 1000 }),
    },
  )
}

async function readErrors(response: Response): Promise<ErrorCollection> {
  try {
    const body = await response.json<ErrorCollection | null>()
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    // A proxy or a login page answered.
    return {}
  }
}
