import type { Attack } from '../attack.ts'
import { crossing, together, bytes } from '../wat.ts'

const TEXT = {
  utf8: bytes(0xc3, 0xa9, 0xc3, 0xa9, 0xc3, 0xa9),
  utf16: bytes(0xe9, 0, 0xe9, 0, 0xe9, 0),
  'latin1+utf16': bytes(0xe9, 0xe9, 0xe9, 0),
}

export const attack: Attack = {
  name: 'strings that end exactly at the end of memory, in every transcoding',
  tries: 'to have one byte more read or written than there is',
  guest: {
    kind: 'component',
    wat: together(
      (['utf8', 'utf16', 'latin1+utf16'] as const).flatMap((encoding) =>
        (['utf8', 'utf16', 'latin1+utf16'] as const).map((takerEncoding) => {
          const [units, size] = { utf8: [6, 6], utf16: [3, 6], 'latin1+utf16': [3, 4] }[
            encoding
          ] as [number, number]
          return crossing({
            type: 'string',
            flat: 'i32 i32',
            encoding,
            takerEncoding,
            fields: `(data (i32.const ${65_536 - size}) "${TEXT[encoding]}")`,
            // Latin-1 has to begin at an even address, so its three bytes are followed by one that is not read.
            attacker: `(call $take (i32.const ${65_536 - size}) (i32.const ${units}))`,
            takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (i32.and (i32.sub (i32.const 65536) (local.get 3)) (i32.sub (i32.const 0) (local.get 2))))`,
          })
        }),
      ),
    ),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'bounds are inclusive: the last byte belongs to memory',
  },
}
