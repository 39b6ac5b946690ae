import type { Attack } from '../attack.ts'
import { alone, bytes } from '../wat.ts'

const LETTERS = 100_000
const leb = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
// The subsection of function names: one name, for function 0, that begins with U+202E.
const NAME = [
  1,
  0,
  ...leb(LETTERS + 3),
  0xe2,
  0x80,
  0xae,
  ...Array.from({ length: LETTERS }, () => 0x78),
]
const NAMES = bytes(1, ...leb(NAME.length), ...NAME)

export const attack: Attack = {
  name: 'a function that traps, with a name of 100 KB that turns text around',
  tries: 'to fill logs and lead people astray by the place of its trap',
  guest: {
    kind: 'component',
    wat: alone(`(func (export "run") unreachable) (@custom "name" (after last) "${NAMES}")`),
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: {
    file: 'packages/component/src/abi/backtrace.ts',
    what: 'names in backtraces are bounded and cleaned',
  },
}
