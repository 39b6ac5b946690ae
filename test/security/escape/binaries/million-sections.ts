import type { Attack } from '../attack.ts'

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]

function millionSections(): Uint8Array {
  // Custom sections of one byte: id 0, size 1, an empty name.
  const bytes = new Uint8Array(PREAMBLE.length + 3_000_000)
  bytes.set(PREAMBLE)
  for (let at = PREAMBLE.length + 1; at < bytes.length; at += 3) bytes[at] = 1
  return bytes
}

export const attack: Attack = {
  name: 'a million sections with nothing in them',
  tries: 'to make the reader slow by the number of sections',
  guest: { kind: 'bytes', bytes: () => millionSections() },
  must: { kind: 'returned' },
  mustInHost: { kind: 'stopped', code: 'ERR_HOST_CONTRACT' },
  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'a section is a view of the file, not a copy',
  },
}
