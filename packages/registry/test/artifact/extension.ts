/** A component that is one in its first eight bytes only, which is all a registry looks at; and a signature of nobody. */
import { concatBytes, encodeUtf8, toBase64 } from '@morphee/core'
import type { Descriptor, PublishOptions } from '@morphee/registry'

export const component = (text = 'bytes'): Uint8Array<ArrayBuffer> =>
  concatBytes([Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), encodeUtf8(text)])

export const signDescriptor = (descriptor: Descriptor): Promise<Uint8Array<ArrayBuffer>> =>
  Promise.resolve(
    encodeUtf8(
      JSON.stringify({ descriptor, header: { x5c: [toBase64(encodeUtf8('certificate'))] } }),
    ),
  )

export const publication = {
  wasm: component(),
  facts: { name: 'acme/jira', version: '1.2.0', title: 'Jira' },
  created: new Date('2026-11-22T05:30:00Z'),
  signDescriptor,
} satisfies Partial<PublishOptions>
