import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of 100,000 pointers to one string of 64 KiB',
  tries: 'to have 6.5 GB made from one MB',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list string)',
      flat: 'i32 i32',
      pages: 15,
      attacker: `(local $n i32)
        (memory.fill (i32.const 0) (i32.const 97) (i32.const 65536))
        (loop $more
          (i32.store (i32.add (i32.const 65540) (i32.shl (local.get $n) (i32.const 3))) (i32.const 65536))
          (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000))))
        (call $take (i32.const 65536) (i32.const 100000))`,
    }),
  },
  must: { kind: 'trapped', reason: 'limit', saying: 'bytes crossed' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bytes of strings are counted each time they are read',
  },
}
