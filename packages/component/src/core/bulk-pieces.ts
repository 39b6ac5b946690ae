import { Reader } from '../binary/reader.ts'
import { overLimit } from '../errors.ts'
import { signed, unsigned } from './leb.ts'

/** What is filled or copied between two checks: about a millisecond. */
const PIECE_BYTES = 1 << 20
/** Memories that are filled, and pairs of them that are copied between. Real modules have one or two. */
const MAX_FUNCS = 256

const MEMORY_COPY = 10

// Instructions by their names in the text format.
const BLOCK = [0x02, 0x40]
const LOOP = [0x03, 0x40]
const IF = [0x04, 0x40]
const END = 0x0b
const BR = 0x0c
const BR_IF = 0x0d
const CALL = 0x10
const LOCAL_GET = 0x20
const LOCAL_SET = 0x21
const LOCAL_TEE = 0x22
const MEMORY_SIZE = 0x3f
const I32_CONST = 0x41
const I64_CONST = 0x42
const I32_GT_U = 0x4b
const I32_LE_U = 0x4d
const I64_GT_U = 0x56
const I32_ADD = 0x6a
const I32_SUB = 0x6b
const I64_ADD = 0x7c
const I64_SHL = 0x86
const I64_EXTEND_I32_U = 0xad

/** The parameters of an added function: where to, where from or with what, and how many bytes. */
const [TO, FROM, COUNT] = [0, 1, 2]
const PIECE = [I32_CONST, ...signed(PIECE_BYTES)]
const ALL = [LOCAL_GET, TO, LOCAL_GET, FROM, LOCAL_GET, COUNT]
const ONE_PIECE = [LOCAL_GET, TO, LOCAL_GET, FROM, ...PIECE]
const advance = (local: number): number[] => [LOCAL_GET, local, ...PIECE, I32_ADD, LOCAL_SET, local]
const IS_MORE_LEFT = [LOCAL_GET, COUNT, ...PIECE, I32_SUB, LOCAL_TEE, COUNT, ...PIECE, I32_GT_U]

/**
 * Functions that do what `memory.fill` and `memory.copy` do, in pieces with a check between them. They are called in the place of the instruction.
 *
 * What is out of bounds is left to the instruction itself, which traps before it writes anything. What overlaps is copied from the side that is not overwritten,
 * whatever the memories are called: two names can be one memory.
 */
export class BulkPieces {
  readonly #bytes: Uint8Array
  readonly #firstFunc: number
  readonly #check: readonly number[]
  readonly #indices = new Map<string, number>()
  /** The function bodies so far, without their sizes. */
  readonly bodies: (readonly number[])[] = []

  constructor(bytes: Uint8Array, firstFunc: number, check: readonly number[]) {
    this.#bytes = bytes
    this.#firstFunc = firstFunc
    this.#check = check
  }

  /** The call that takes the place of the instruction from `at` to `end`. */
  callFor(at: number, end: number): number[] {
    const reader = new Reader(this.#bytes, at + 1, end)
    const opcode = reader.u32()
    const to = reader.u32()
    const from = opcode === MEMORY_COPY ? reader.u32() : undefined
    const key = `${to} ${from}`
    let index = this.#indices.get(key)
    if (index === undefined) {
      if (this.bodies.length >= MAX_FUNCS)
        throw overLimit('memories that are filled, and pairs of them that are copied', MAX_FUNCS)
      index = this.bodies.length
      this.#indices.set(key, index)
      const instruction = [...this.#bytes.subarray(at, end)]
      this.bodies.push(
        from === undefined
          ? fillBody(instruction, to, this.#check)
          : copyBody(instruction, [to, from], this.#check),
      )
    }
    return [CALL, ...unsigned(this.#firstFunc + index)]
  }
}

function fillBody(fill: readonly number[], memory: number, check: readonly number[]): number[] {
  const pieces = [...LOOP, ...ONE_PIECE, ...fill, ...check, ...advance(TO), ...IS_MORE_LEFT]
  return whole(fill, check, [...leaveUnlessWithin(TO, memory), ...pieces, BR_IF, 0, END])
}

function copyBody(
  copy: readonly number[],
  [to, from]: readonly [number, number],
  check: readonly number[],
): number[] {
  const within = [...leaveUnlessWithin(TO, to), ...leaveUnlessWithin(FROM, from)]
  const atCount = (local: number): number[] => [LOCAL_GET, local, LOCAL_GET, COUNT, I32_ADD]
  const takeFromEnd = [LOCAL_GET, COUNT, ...PIECE, I32_SUB, LOCAL_SET, COUNT]
  const lastPiece = [...atCount(TO), ...atCount(FROM), ...PIECE, ...copy, ...check]
  const isMoreInFront = [LOCAL_GET, COUNT, ...PIECE, I32_GT_U]
  const backwards = [...LOOP, ...takeFromEnd, ...lastPiece, ...isMoreInFront, BR_IF, 0, END]
  const firstPiece = [...ONE_PIECE, ...copy, ...check, ...advance(TO), ...advance(FROM)]
  const forwards = [...LOOP, ...firstPiece, ...IS_MORE_LEFT, BR_IF, 0, END]
  const isBehind = [LOCAL_GET, TO, LOCAL_GET, FROM, I32_GT_U]
  return whole(copy, check, [...within, ...isBehind, ...IF, ...backwards, BR, 1, END, ...forwards])
}

/** `pieces` run when there is more than one, and leave the last to the instruction itself. */
function whole(
  instruction: readonly number[],
  check: readonly number[],
  pieces: readonly number[],
): number[] {
  const noLocals = 0
  const leaveWhenShort = [LOCAL_GET, COUNT, ...PIECE, I32_LE_U, BR_IF, 0]
  const inPieces = [...BLOCK, ...leaveWhenShort, ...pieces, END]
  return [noLocals, ...check, ...inPieces, ...ALL, ...instruction, END]
}

function leaveUnlessWithin(local: number, memory: number): number[] {
  const end = [LOCAL_GET, local, I64_EXTEND_I32_U, LOCAL_GET, COUNT, I64_EXTEND_I32_U, I64_ADD]
  const size = [MEMORY_SIZE, ...unsigned(memory), I64_EXTEND_I32_U, I64_CONST, 16, I64_SHL]
  return [...end, ...size, I64_GT_U, BR_IF, 0]
}
