import {
  canonicalJson,
  type Digest,
  digestOf,
  encodeUtf8,
  type JsonObject,
  type JsonValue,
  toBase64,
  tryDecodeUtf8,
  tryFromBase64,
} from '@morphee/core'
import type { Principal } from '../invocation/principal.ts'
import type { ExactEffect, ShownCredential } from './exact-effect.ts'

/** Most bytes a question may have, its body included: more than a person reads. */
export const MAX_QUESTION_BYTES: number = 64 * 1024

/**
 * What a person is asked. All of it is the host's own state; what a guest chose is only in `effect`, and in `target`, which is
 * read off it.
 */
export interface Question {
  readonly workspace: string
  /** Id of the installation, or `builtin`. */
  readonly installation: string
  readonly extension: string
  /** Digest of the artifact that asks. */
  readonly artifact: string
  readonly action: string
  readonly principal: Principal
  readonly conversation: string | null
  readonly permission: string
  /** What is done to what, in one line and without a query. */
  readonly target: string
  /** In the host's own words. */
  readonly question: string
  /** Who wants a person to be asked; the operator's policy wants it each time. */
  readonly askedBy: 'grant' | 'policy'
  readonly effect: ExactEffect
}

/** A question as it is stored, shown and digested: the same bytes each time. */
export interface EncodedQuestion {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** SHA-256 of `bytes`: binds everything, the conversation included. */
  readonly digest: Digest
  /** SHA-256 of the same without the conversation: what a yes "until" or "always" covers. */
  readonly subject: Digest
}

/** Canonical JSON (RFC 8785) of a question, bodies in base64. */
export async function encodeQuestion(question: Question): Promise<EncodedQuestion> {
  const plain = toJson(question)
  const bytes = encodeUtf8(canonicalJson(plain))
  return {
    bytes,
    digest: await digestOf(bytes),
    subject: await digestOf(encodeUtf8(canonicalJson({ ...plain, conversation: null }))),
  }
}

/** The question in bytes that {@link encodeQuestion} made; `undefined` when they are anything else. */
export function tryDecodeQuestion(bytes: Uint8Array): Question | undefined {
  const text = tryDecodeUtf8(bytes)
  if (text === undefined) return undefined
  try {
    const plain = JSON.parse(text) as JsonObject & { readonly effect: JsonObject }
    return { ...(plain as unknown as Question), effect: toEffect(plain.effect) }
  } catch {
    return undefined
  }
}

function toJson({ effect, ...rest }: Question): JsonObject {
  return { ...(rest as unknown as JsonObject), effect: effectToJson(effect) }
}

function effectToJson(effect: ExactEffect): JsonObject {
  if (effect.kind !== 'http')
    return { kind: effect.kind, target: effect.target, content: base64Of(effect.content) }
  const { method, url, headers, body, credential } = effect
  return {
    kind: 'http',
    method,
    url,
    headers: headers.map(({ name, value }) => ({ name, value })),
    body: base64Of(body),
    credential: credential === undefined ? null : { ...credential },
  }
}

function toEffect(plain: JsonObject): ExactEffect {
  const { kind } = plain
  if (kind !== 'http')
    return {
      kind: kind as 'storage',
      target: String(plain['target']),
      content: bytesOf(plain['content']),
    }
  return {
    kind,
    method: String(plain['method']),
    url: String(plain['url']),
    headers: plain['headers'] as unknown as { name: string; value: string }[],
    body: bytesOf(plain['body']),
    credential: (plain['credential'] ?? undefined) as unknown as ShownCredential | undefined,
  }
}

function base64Of(bytes: Uint8Array | undefined): string | null {
  return bytes === undefined ? null : toBase64(bytes)
}

function bytesOf(value: JsonValue | undefined): Uint8Array | undefined {
  return typeof value === 'string' ? tryFromBase64(value) : undefined
}
