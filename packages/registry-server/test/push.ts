/** Pushes by plain requests, so that the server is tested without our own client. */
import { createHash } from 'node:crypto'

export const IMAGE = 'application/vnd.oci.image.manifest.v1+json'
export const INDEX = 'application/vnd.oci.image.index.v1+json'

export const sha256 = (bytes: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

export async function pushBlob(url: string, repository: string, text: string): Promise<string> {
  const digest = sha256(text)
  await fetch(`${url}/v2/${repository}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: text,
  })
  return digest
}

export function manifestOf(config: string, extra: Record<string, unknown> = {}): string {
  const descriptor = { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: 2 }
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE,
    config: descriptor,
    layers: [],
    ...extra,
  })
}

export function putManifest(
  url: string,
  repository: string,
  reference: string,
  body: string,
  type: string = IMAGE,
): Promise<Response> {
  return fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    headers: { 'content-type': type },
    body,
  })
}

/** The status and the first error code of an answer. */
export async function refusal(response: Response): Promise<readonly [number, string | undefined]> {
  const body = (await response.json()) as { errors?: { code: string }[] }
  return [response.status, body.errors?.[0]?.code]
}
