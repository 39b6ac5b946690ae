import type { Egress, EgressContext } from '@morphee/egress'
import type { RegistryTransport } from './transport.ts'

// The client watches the time and counts the bytes of each request by what it asks for; these only end what it has forgotten.
const TIMEOUT_MS = 3_600_000
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024 * 1024

/**
 * The network as the egress guard lets a registry client see it.
 *
 * `context.permit` decides for every hop which registries, token servers and blob stores may be asked. The client brings its
 * own `Authorization`, which the guard drops when a redirect leaves the origin.
 */
export function transportFromEgress(egress: Egress, context: EgressContext): RegistryTransport {
  const own: EgressContext = { ...context, guestAuth: true }
  return async ({ method, url, headers, body, signal }) => {
    const answer = await egress.stream(
      {
        url,
        method,
        headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
        ...(body === undefined ? {} : { body }),
        // A blob's digest is that of the bytes as they were sent.
        decompress: false,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        signal,
      },
      own,
    )
    return {
      status: answer.status,
      headers: new Headers(
        answer.headers.map(({ name, value }): [string, string] => [name, value]),
      ),
      url: answer.url,
      body: answer.body,
    }
  }
}
