/** What follows an opcode in the binary format, so that the next one is found. */
export const IMMEDIATES = {
  none: 0,
  /** One LEB128 number, of any width. */
  leb: 1,
  leb2: 2,
  memarg: 3,
  /** A block type. It opens a control frame. */
  block: 4,
  loop: 5,
  /** `else` and the handlers of `try`: the frame goes on as if it had just been opened. */
  handler: 6,
  handlerTag: 7,
  end: 8,
  /** `delegate`: an `end` with a label. */
  endLabel: 9,
  branch: 10,
  branchTable: 11,
  call: 12,
  /** A call through a table, with the indices of a type and a table. */
  callTable: 13,
  /** A call through a reference, with the index of a type. */
  callReference: 14,
  bytes4: 15,
  bytes8: 16,
  selectTypes: 17,
  tryTable: 18,
  /** `memory.size` and `memory.grow`. */
  memoryIndex: 19,
  prefixMisc: 20,
  prefixSimd: 21,
  gc: 22,
  threads: 23,
  stackSwitching: 24,
  unknown: 25,
  /** As `leb` and `none`, but it takes as long as a hundred others: it goes through the engine's runtime. */
  slowLeb: 26,
  slowNone: 27,
} as const

/** {@link IMMEDIATES} by opcode. */
export const OPCODES: Uint8Array = new Uint8Array(256).fill(IMMEDIATES.unknown)

function set(kind: keyof typeof IMMEDIATES, first: number, last: number = first): void {
  OPCODES.fill(IMMEDIATES[kind], first, last + 1)
}
set('none', 0x00, 0x01)
set('block', 0x02)
set('loop', 0x03)
set('block', 0x04)
set('handler', 0x05)
set('block', 0x06)
set('handlerTag', 0x07)
set('slowLeb', 0x08, 0x09)
set('slowNone', 0x0a)
set('end', 0x0b)
set('branch', 0x0c, 0x0d)
set('branchTable', 0x0e)
set('none', 0x0f)
set('call', 0x10)
set('callTable', 0x11)
set('call', 0x12)
set('callTable', 0x13)
set('callReference', 0x14, 0x15)
set('endLabel', 0x18)
set('handler', 0x19)
set('none', 0x1a, 0x1b)
set('selectTypes', 0x1c)
set('tryTable', 0x1f)
set('leb', 0x20, 0x24)
set('slowLeb', 0x25, 0x26)
set('memarg', 0x28, 0x3e)
set('memoryIndex', 0x3f, 0x40)
set('leb', 0x41, 0x42)
set('bytes4', 0x43)
set('bytes8', 0x44)
set('none', 0x45, 0xc4)
set('leb', 0xd0)
set('none', 0xd1)
set('slowLeb', 0xd2)
set('gc', 0xd3)
set('none', 0xd4)
set('branch', 0xd5, 0xd6)
set('stackSwitching', 0xe0, 0xe6)
set('gc', 0xfb)
set('prefixMisc', 0xfc)
set('prefixSimd', 0xfd)
set('threads', 0xfe)

/**
 * How many more operands are on the stack behind an instruction than in front of it, by opcode. It is 0 for those that say it by a type or behind a prefix, and for
 * those that nothing follows.
 */
export const ADDED_OPERANDS: Int8Array = new Int8Array(256)

function adds(count: number, ...ranges: readonly (readonly [first: number, last: number])[]): void {
  for (const [first, last] of ranges) ADDED_OPERANDS.fill(count, first, last + 1)
}
adds(1, [0x20, 0x20], [0x23, 0x23], [0x3f, 0x3f], [0x41, 0x44], [0xd0, 0xd0], [0xd2, 0xd2])
// `if`, `br_if`, `br_table`, calls through a table or a reference, `drop`, `local.set`, `global.set`, and operations on two numbers.
adds(-1, [0x04, 0x04], [0x0d, 0x0e], [0x11, 0x11], [0x14, 0x14], [0x1a, 0x1a], [0x21, 0x21])
adds(-1, [0x24, 0x24], [0x46, 0x4f], [0x51, 0x66], [0x6a, 0x78], [0x7c, 0x8a], [0x92, 0x98])
adds(-1, [0xa0, 0xa6], [0xd6, 0xd6])
// `select`, `table.set` and stores.
adds(-2, [0x1b, 0x1c], [0x26, 0x26], [0x36, 0x3e])

/** {@link ADDED_OPERANDS} of an instruction by the number after the prefix 0xfc. */
export function addedByMisc(code: number): number {
  if (code < 8 || code === 9 || code === 13) return 0
  if (code === 15) return -1
  if (code === 16) return 1
  return code < 18 ? -3 : code < 21 ? -2 : 0
}

/** At most what {@link ADDED_OPERANDS} of a SIMD instruction are, by the number after its prefix. */
export function addedBySimd(code: number): number {
  if (code === 12) return 1
  return code === 11 ? -2 : 0
}

/** Immediates of a SIMD instruction by the number after its prefix. */
export function simdImmediates(
  code: number,
): 'none' | 'memarg' | 'memarg-lane' | 'lane' | 'bytes16' | undefined {
  if (code <= 11 || code === 92 || code === 93) return 'memarg'
  if (code === 12 || code === 13) return 'bytes16'
  if (code >= 21 && code <= 34) return 'lane'
  if (code >= 84 && code <= 91) return 'memarg-lane'
  // Relaxed SIMD ends at 0x113; half floats follow.
  return code <= 0x113 ? 'none' : undefined
}
