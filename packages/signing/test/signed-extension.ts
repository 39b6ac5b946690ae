// A publisher, an extension of theirs and the trust that accepts it: the good case every attack starts from.
import { canonicalJson, type Digest, digestOf, encodeUtf8, type JsonObject } from '@morphee/core'
import {
  type ArtifactToVerify,
  createSigners,
  generateIdentity,
  type Identity,
  type IdentityRequest,
  NAME_ANNOTATION,
  OCI_MANIFEST_TYPE,
  type PublisherKey,
  signDescriptor,
  type Signer,
  type SignOptions,
  type Trust,
  tryParseName,
  VERSION_ANNOTATION,
  WASM_CONFIG_TYPE,
  WASM_DIGEST_ANNOTATION,
  WASM_TYPE,
} from '@morphee/signing'

export const NOW = Date.parse('2026-11-22T12:00:00Z')
export const DAY = 86_400_000
export const SUBJECT = {
  country: 'DE',
  state: 'Berlin',
  organization: 'Acme GmbH',
  commonName: 'acme',
}

export function newIdentity(
  request: Partial<IdentityRequest> = {},
  authority?: Identity,
): Promise<Identity> {
  return generateIdentity({ subject: SUBJECT, now: NOW, ...request }, authority)
}

export function activeKey({ keyId }: Identity): PublisherKey {
  return { keyId, status: 'active', addedAt: '2026-01-01T00:00:00Z' }
}

/** Trust in the roots of `identities`, whose keys are the publisher acme's. */
export function trustIn(
  identities: readonly Identity[],
  keys: readonly PublisherKey[] = identities.map(activeKey),
): Trust {
  const identity = tryParseName('C=DE, ST=Berlin, O=Acme GmbH') ?? []
  return {
    policy: {
      statements: [
        { name: 'default', registryScopes: ['*'], stores: ['acme'], identities: [identity] },
      ],
    },
    stores: new Map([
      ['acme', identities.map(({ chainDer }) => chainDer.at(-1) as Uint8Array<ArrayBuffer>)],
    ]),
    publishers: {
      version: 7,
      expires: new Date(NOW + 7 * DAY).toISOString(),
      publishers: [{ id: 'acme', name: 'Acme GmbH', keys }],
    },
  }
}

export interface BuiltArtifact {
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly wasmDigest: Digest
  readonly manifestBytes: Uint8Array<ArrayBuffer>
  readonly digest: Digest
}

/** Not WebAssembly: for a verification bytes are bytes, and `readManifest` is the caller's. */
export async function buildArtifact({
  name = 'acme/jira',
  version = '1.2.0',
  annotations = {} as JsonObject,
  manifest = {} as JsonObject,
} = {}): Promise<BuiltArtifact> {
  const wasm = encodeUtf8(canonicalJson({ name, version }))
  const wasmDigest = await digestOf(wasm)
  const manifestBytes = encodeUtf8(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST_TYPE,
      config: { mediaType: WASM_CONFIG_TYPE, digest: `sha256:${'0'.repeat(64)}`, size: 2 },
      layers: [{ mediaType: WASM_TYPE, digest: wasmDigest, size: wasm.length }],
      annotations: { [NAME_ANNOTATION]: name, [VERSION_ANNOTATION]: version, ...annotations },
      ...manifest,
    }),
  )
  return { wasm, wasmDigest, manifestBytes, digest: await digestOf(manifestBytes) }
}

export async function signerOf(identity: Identity): Promise<Signer> {
  return (await createSigners(identity))[0]
}

export async function signArtifact(
  { manifestBytes, digest, wasmDigest }: BuiltArtifact,
  signer: Signer,
  options: Partial<SignOptions> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const target = { mediaType: OCI_MANIFEST_TYPE, digest, size: manifestBytes.length }
  return signDescriptor(target, signer, {
    signingTime: NOW,
    annotations: { [WASM_DIGEST_ANNOTATION]: wasmDigest },
    ...options,
  })
}

export function toVerify(
  built: BuiltArtifact,
  envelopes: readonly Uint8Array[],
  trust: Trust,
  changes: Partial<ArtifactToVerify> = {},
): ArtifactToVerify {
  return {
    manifestBytes: built.manifestBytes,
    digest: built.digest,
    envelopes,
    wasm: built.wasm,
    readManifest: (wasm) =>
      JSON.parse(new TextDecoder().decode(wasm)) as { name: string; version: string },
    asked: { name: 'acme/jira', version: '1.2.0' },
    trust,
    now: NOW,
    ...changes,
  }
}
