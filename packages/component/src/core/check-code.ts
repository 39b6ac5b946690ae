import { signed, unsigned } from './leb.ts'

/** How a guest is stopped in mid-computation: by a flag that another thread raises, or by fuel that is used up. */
export type InterruptionKind = 'flag' | 'fuel'

/**
 * The code that is put into functions. Each sequence leaves the operand stack as it was, and traps when the guest is to stop.
 *
 * Work is counted in bytes of code that is run through.
 */
export interface CheckCode {
  /** Types of the locals that the sequences use, behind those of the function. */
  readonly locals: readonly number[]
  /** Work in loops of one function between two checks. */
  readonly loopWork: number
  /** A check that pays for `work` in advance. `local` is the first of {@link CheckCode.locals}. */
  check(work: number, local: number): number[]
  /** A check in front of an instruction whose last operand, an `i32`, says how long it takes. */
  checkBulk(local: number): number[]
}

const I32 = 0x7f
const I64 = 0x7e
const TRAP_IF = [0x04, 0x40, 0x00, 0x0b]

/** Traps when the first 32 bits of memory `index` are not zero. */
export function flagCode(index: number): CheckCode {
  const check = [0x41, 0, 0x28, 0x42, ...unsigned(index), 0, ...TRAP_IF]
  return { locals: [I32], loopWork: 1 << 20, check: () => check, checkBulk: () => check }
}

/**
 * Takes work from the first 64 bits of memory `index`, and traps when less than nothing is left.
 *
 * Loops pay in small advances, so that what one of few passes pays too much is little.
 */
export function fuelCode(index: number): CheckCode {
  const access = [0x43, ...unsigned(index), 0]
  const pay = (work: readonly number[], local: number): number[] => [
    ...[0x41, 0, 0x41, 0, 0x29, ...access, ...work, 0x7d, 0x22, ...unsigned(local + 1)],
    ...[0x37, ...access, 0x20, ...unsigned(local + 1), 0x42, 0, 0x53, ...TRAP_IF],
  ]
  return {
    locals: [I32, I64, I32],
    loopWork: 4096,
    check: (work, local) => pay([0x42, ...signed(work)], local),
    checkBulk: (local) => {
      const operand = unsigned(local + 2)
      return [0x22, ...operand, ...pay([0x20, ...operand, 0xad], local)]
    },
  }
}

/** At the head of a loop: counts `work` down in the local at `local`, which is zero at first, and checks whenever it is used up. */
export function loopCode(code: CheckCode, work: number, local: number): number[] {
  // So much is done in one pass that counting saves nothing.
  if (work * 8 > code.loopWork) return code.check(work, local)
  const counter = unsigned(local)
  return [
    ...[0x20, ...counter, 0x41, ...signed(work), 0x6b, 0x22, ...counter, 0x41, 0, 0x48, 0x04, 0x40],
    ...code.check(code.loopWork, local),
    ...[0x41, ...signed(code.loopWork), 0x21, ...counter, 0x0b],
  ]
}
