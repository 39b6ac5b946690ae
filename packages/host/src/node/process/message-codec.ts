// What crosses the pipe, in the component codec: decoding trusts nothing, allocates nothing that the bytes do not pay for,
// and every message has one encoding.
import { createCodec, type ValueType } from '@morphee/component'
import type { FromGuest, GuestCode, ToGuest } from '../isolation/protocol.ts'

const U32: ValueType = { kind: 'u32' }
const F64: ValueType = { kind: 'f64' }
const STRING: ValueType = { kind: 'string' }
const BYTES: ValueType = { kind: 'list', element: { kind: 'u8' } }

const record = (fields: Readonly<Record<string, ValueType>>): ValueType => ({
  kind: 'record',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
})
const variant = (cases: Readonly<Record<string, ValueType | null>>): ValueType => ({
  kind: 'variant',
  cases: Object.entries(cases).map(([name, type]) => ({ name, type })),
})
const list = (element: ValueType): ValueType => ({ kind: 'list', element })
const option = (type: ValueType): ValueType => ({ kind: 'option', type })

const TO_GUEST = createCodec([
  variant({
    code: record({ digest: STRING, bytes: BYTES, 'max-memory-bytes': F64, 'max-handles': U32 }),
    invoke: record({
      lease: U32,
      digest: STRING,
      invocation: STRING,
      caller: STRING,
      locale: STRING,
      'time-zone': STRING,
      event: option(
        record({
          id: STRING,
          source: STRING,
          topic: STRING,
          time: F64,
          attempt: U32,
          payload: STRING,
        }),
      ),
      action: STRING,
      input: STRING,
      config: list({ kind: 'tuple', types: [STRING, STRING] }),
      'remaining-ms': F64,
      'output-bytes': F64,
      'log-lines': U32,
      'log-line-bytes': U32,
    }),
    settle: null,
    answer: record({ lease: U32, ask: U32, bytes: BYTES, 'remaining-ms': F64 }),
  }),
])

const DROPPED = { 'dropped-log-lines': U32 }
const FROM_GUEST = createCodec([
  variant({
    ready: null,
    ask: record({ lease: U32, ask: U32, name: STRING, bytes: BYTES }),
    log: record({ lease: U32, lines: list(record({ level: STRING, message: STRING })) }),
    progress: record({ lease: U32, fraction: option(F64), message: STRING }),
    done: record({ lease: U32, output: STRING, ...DROPPED }),
    refused: record({
      lease: U32,
      failure: record({
        code: STRING,
        message: STRING,
        details: option(STRING),
        'retry-after-ms': option(U32),
      }),
      ...DROPPED,
    }),
    failed: record({ lease: U32, reason: STRING, message: STRING, ...DROPPED }),
  }),
])

type Tagged = { readonly tag: string; readonly val: object | undefined }
type SentCode = Pick<GuestCode, 'digest' | 'bytes'> & GuestCode['limits']

export function encodeToGuest(message: ToGuest): Uint8Array {
  // Compiled modules do not leave a process; the other side compiles the same bytes with the same limits.
  const val =
    message.kind === 'code'
      ? {
          digest: message.code.digest,
          bytes: message.code.bytes,
          ...message.code.limits,
        }
      : message
  return TO_GUEST.encode([{ tag: message.kind, val }])
}

export function decodeToGuest(bytes: Uint8Array): ToGuest {
  const [{ tag, val }] = TO_GUEST.decode(bytes) as [Tagged]
  if (tag !== 'code') return { kind: tag, ...val } as ToGuest
  const { digest, bytes: code, maxMemoryBytes, maxHandles } = val as SentCode
  return {
    kind: 'code',
    code: { digest, bytes: code, modules: undefined, limits: { maxMemoryBytes, maxHandles } },
  }
}

export function encodeFromGuest(message: FromGuest): Uint8Array {
  return FROM_GUEST.encode([{ tag: message.kind, val: message }])
}

/** @throws `ERR_COMPONENT_VALUE_MALFORMED` unless the bytes are exactly one message */
export function decodeFromGuest(bytes: Uint8Array): FromGuest {
  const [{ tag, val }] = FROM_GUEST.decode(bytes) as [Tagged]
  return { kind: tag, ...val } as FromGuest
}
