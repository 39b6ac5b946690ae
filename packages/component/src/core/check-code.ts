import { signed, unsigned } from './leb.ts'

/**
 * How a guest is stopped in mid-computation: by a flag that another thread raises, or by fuel that is used up.
 *
 * `termination` is a flag too, for a guest in a thread that can be ended: only what V8 would not end has checks, at next to no cost, and whoever ends the thread
 * raises the flag first.
 */
export type InterruptionKind = 'flag' | 'fuel' | 'termination'

/**
 * The code that is put into functions. Each sequence leaves the operand stack as it was, and traps when the guest is to stop.
 *
 * It is written out each time and not called: V8 chooses what to inline by the bytes of a function, and a loop with a call in it is optimised less.
 */
export interface CheckCode {
  /** A check that pays for `work`, counted in bytes of code that is run through. */
  check(work: number): readonly number[]
  /** A check that pays for `work`, in front of an instruction whose last operand, an `i32`, says how long it takes. `scratch` is an `i32` local. */
  checkBulk(work: number, scratch: number): readonly number[]
  /** Whether {@link CheckCode.checkBulk} uses its local. */
  readonly needsScratch: boolean
}

/** Code that is put into a body. */
export interface Insertion {
  readonly at: number
  /** How many bytes of the body it replaces. */
  readonly instead: number
  readonly code: readonly number[]
  /** Whether it uses a local that the function lacks. */
  readonly needsScratch: boolean
}

// Instructions by their names in the text format.
const UNREACHABLE = 0x00
const IF_VOID = [0x04, 0x40]
const END = 0x0b
const LOCAL_GET = 0x20
const LOCAL_TEE = 0x22
const I32_LOAD = 0x28
const I64_LOAD = 0x29
const I64_STORE = 0x37
const I32_CONST = 0x41
const I64_CONST = 0x42
const I64_LT_S = 0x53
const I64_ADD = 0x7c
const I64_SUB = 0x7d
const I64_EXTEND_I32_U = 0xad
/** In the alignment of an access: the index of a memory follows. */
const HAS_MEMORY = 0x40

const TRAP_IF = [...IF_VOID, UNREACHABLE, END]
const ADDRESS = [I32_CONST, 0]

/** Traps when the first 32 bits of memory `index` are not zero. */
export function flagCode(index: number): CheckCode {
  const load = [...ADDRESS, I32_LOAD, 2 | HAS_MEMORY, ...unsigned(index), 0]
  const check = [...load, ...TRAP_IF]
  return { check: () => check, checkBulk: () => check, needsScratch: false }
}

/** Takes work from the first 64 bits of memory `index`, and traps when less than nothing is left. */
export function fuelCode(index: number): CheckCode {
  const place = [3 | HAS_MEMORY, ...unsigned(index), 0]
  const load = [...ADDRESS, I64_LOAD, ...place]
  const pay = (work: readonly number[]): number[] => {
    const store = [...ADDRESS, ...load, ...work, I64_SUB, I64_STORE, ...place]
    return [...store, ...load, I64_CONST, 0, I64_LT_S, ...TRAP_IF]
  }
  return {
    check: (work) => pay([I64_CONST, ...signed(work)]),
    checkBulk: (work, scratch) => {
      const local = unsigned(scratch)
      const length = [LOCAL_GET, ...local, I64_EXTEND_I32_U]
      return [LOCAL_TEE, ...local, ...pay([...length, I64_CONST, ...signed(work), I64_ADD])]
    },
    needsScratch: true,
  }
}
