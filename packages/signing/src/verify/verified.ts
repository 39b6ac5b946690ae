import { type Digest, shortDigest } from '@morphee/core'
import type { KeyId } from '../key/rsa.ts'
import type { Trust } from '../trust/trust.ts'
import type { AskedFor } from './asked.ts'
import type { EmbeddedManifest } from './embedded.ts'
import type { FetchCrl, VerifiedEnvelope } from './envelope.ts'
import type { PassedStep } from './step.ts'

/** What every verification for an install takes. */
export interface VerifyContext {
  /** The WebAssembly bytes. A private buffer: nobody may write to it until they are compiled. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** Reads the manifest embedded in bytes whose signature and hash were verified; what it throws becomes the cause. */
  readonly readManifest: (wasm: Uint8Array<ArrayBuffer>) => EmbeddedManifest
  readonly asked: AskedFor
  /** Version below which nothing is installed. Leave out for a rollback within an installation's own history. */
  readonly installedFloor?: string
  readonly trust: Trust
  /** Milliseconds since 1970. */
  readonly now: number
  /** Fetches revocation lists; without it a certificate that names one is refused. */
  readonly fetchCrl?: FetchCrl
}

/** Proof that an extension is what was asked for and by whom it was signed. Keep it with the installation: `recheck` needs it. */
export interface Verified {
  /** Publisher id, the first part of {@link Verified.name}. */
  readonly publisher: string
  readonly publisherName: string
  readonly keyId: KeyId
  readonly name: string
  readonly version: string
  /** Absent for a file that was signed by itself. */
  readonly manifestDigest?: Digest
  readonly wasmDigest: Digest
  /** When the signer says it signed, milliseconds since 1970. */
  readonly signingTime: number
  /** When the signing certificate ends, milliseconds since 1970. */
  readonly certificateExpires: number
  /** Version of the list of publishers that this rests on. */
  readonly trustVersion: number
  /** What was proven, in order, for people. */
  readonly steps: readonly PassedStep[]
}

/** What is kept of a verification that passed every step; `first` tells the step digest. */
export function toVerified(
  first: PassedStep,
  signature: VerifiedEnvelope,
  embedded: EmbeddedManifest,
  wasmDigest: Digest,
  context: VerifyContext,
): Omit<Verified, 'manifestDigest'> {
  const { publisher, publisherName, keyId, signingTime, certificateExpires } = signature
  return {
    publisher,
    publisherName,
    keyId,
    name: embedded.name,
    version: embedded.version,
    wasmDigest,
    signingTime,
    certificateExpires,
    trustVersion: context.trust.publishers.version,
    steps: [first, ...signature.steps, ...contentSteps(embedded, wasmDigest, context)],
  }
}

function contentSteps(
  { name, version }: EmbeddedManifest,
  wasmDigest: Digest,
  { wasm, asked, installedFloor }: VerifyContext,
): readonly PassedStep[] {
  const wanted = [asked.name, asked.version, asked.digest].filter((part) => part !== undefined)
  const floor = installedFloor === undefined ? 'no floor' : `not older than ${installedFloor}`
  return [
    { name: 'bytes', detail: `wasm ${shortDigest(wasmDigest)}, ${wasm.length} bytes` },
    { name: 'manifest', detail: `${name} ${version}` },
    { name: 'asked', detail: wanted.length === 0 ? 'anything' : wanted.join(' ') },
    { name: 'version', detail: floor },
  ]
}
