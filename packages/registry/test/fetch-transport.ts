import type { RegistryTransport } from '@morphee/registry'

/** The platform's own fetch as a transport: real sockets, real redirects, no guard. */
export const fetchTransport: RegistryTransport = async ({ method, url, headers, body, signal }) => {
  const response = await fetch(url, {
    method,
    headers,
    signal,
    ...(body === undefined ? {} : { body }),
  })
  return {
    status: response.status,
    headers: response.headers,
    url: response.url,
    body: response.body,
  }
}
