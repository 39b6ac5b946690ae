import { malformed, unsupported } from '../errors.ts'
import { readCoreValType } from './val-type.ts'
import { Reader } from '../binary/reader.ts'
import { IMMEDIATES, OPCODES, simdImmediates } from './instructions.ts'

/** What the rewriter has to know of a function body, in the order of the code. */
export const EVENT = {
  /** A control frame begins. */
  open: 0,
  /** A loop that is branched to begins; `at` is behind its block type. */
  loop: 1,
  /** `else` or a handler: nothing in front of it in this frame has surely run. */
  handler: 2,
  end: 3,
  /** A call; `value` is the function's index, or -1 when only running tells which. `at` is the call's. */
  call: 4,
  /** A call that is followed by `unreachable`, as that of a function that panics. */
  lastCall: 5,
  /**
   * An instruction that works as long as its last operand says: `memory.fill`, `table.grow`. `at` is the instruction's; `value` is its end when it can be done in
   * pieces, or else 0.
   */
  bulk: 6,
  /** A call in the place of the function that makes it: `return_call` and its likes. As {@link EVENT.call}. */
  tailCall: 7,
  /**
   * A check may stand here: in front of a loop, just before its own event; in long code; and in front of an instruction that is slow. `value` is what that
   * takes beside its bytes.
   */
  place: 8,
} as const
/** A place where a check may stand is at most so many bytes behind the one before, except behind a long instruction. */
const PLACES_APART = 1024
/** What a throw, an access to a table or `ref.func` may take, in bytes of other code. */
const SLOW_WORK = 128
export const EVENT_FIELDS = 3

const UNREACHABLE = 0x00
const TRY = 0x06
const END = 0x0b
const CALL = 0x10
const RETURN_CALL = 0x12
const RETURN_CALL_INDIRECT = 0x13
const RETURN_CALL_REF = 0x15
const MEMORY_GROW = 0x40
/** In the alignment of an access: the index of a memory follows. */
const HAS_MEMORY = 0x40

/** One function body. Offsets are those of the whole file. */
export interface BodyInfo {
  /** Where the size of the body is written, and the body itself with its locals. */
  readonly header: number
  readonly start: number
  readonly end: number
  /** Where the code begins, behind the locals. */
  readonly code: number
  /** Groups of locals, and where their number ends. */
  readonly localGroups: number
  readonly localsStart: number
  /** Locals, parameters not counted. */
  readonly locals: number
  /** Its events, as a range of {@link CodeInfo.events} in fields. */
  readonly firstEvent: number
  readonly lastEvent: number
}

/** The code section of a module. */
export interface CodeInfo {
  readonly bodies: readonly BodyInfo[]
  /** {@link EVENT}, `at`, `value`; three numbers each. */
  readonly events: Int32Array
  /** Whether any function catches exceptions. */
  readonly catches: boolean
}

/** `memory.init`, `memory.copy`, `table.init` and `table.copy`, after the prefix 0xfc. */
const NAMES_TWO = new Set([8, 10, 12, 14])
/** `memory.copy` and `memory.fill`. */
const IN_PIECES = new Set([10, 11])
/** `data.drop`, `elem.drop` and `table.size`. */
const IS_SHORT = new Set([9, 13, 16])

// What V8 accepts; with as many, a function has no room for another.
export const MAX_LOCALS = 50_000

/**
 * Reads the code section whose contents are `bytes` from `start` to `end`, once, and notes what interruption checks depend on.
 *
 * Every instruction is known by its length only: that the code is valid is not established here. Time and memory are proportional to the input, whatever it is.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_UNSUPPORTED` naming the proposal of an instruction that cannot be bounded
 */
export function readCode(bytes: Uint8Array, start: number, end: number): CodeInfo {
  const reader = new Reader(bytes, start, end)
  const events = new EventList()
  const frames = new Frames()
  const bodies = reader.vec(() => readBody(reader, events, frames))
  if (!reader.done) reader.fail('the code section has bytes left over')
  return { bodies, events: events.finish(), catches: events.catches }
}

function readBody(reader: Reader, events: EventList, frames: Frames): BodyInfo {
  const header = reader.at
  const size = reader.u32()
  if (size > reader.end - reader.at) reader.fail('a function body runs past its section', header)
  const start = reader.at
  const end = start + size
  const body = new Reader(reader.bytes, start, end)
  const localGroups = body.u32()
  const localsStart = body.at
  let locals = 0
  for (let i = 0; i < localGroups; i++) {
    locals += body.u32()
    if (locals > MAX_LOCALS) body.fail('a function has too many locals')
    readCoreValType(body)
  }
  const firstEvent = events.length
  readInstructions(reader.bytes, body.at, end, events, frames)
  reader.at = end
  return {
    header,
    start,
    end,
    code: body.at,
    localGroups,
    localsStart,
    locals,
    firstEvent,
    lastEvent: events.length,
  }
}

/** Notes the events of one body. */
function readInstructions(
  bytes: Uint8Array,
  start: number,
  end: number,
  events: EventList,
  frames: Frames,
): void {
  let at = start
  frames.reset()
  events.add(EVENT.open, at, 0)

  // Numbers are read without looking for the end of the input: past it, `undefined` ends them, and the offset tells.
  const leb = (): number => {
    let byte = bytes[at++] as number
    if (byte < 0x80) return byte
    let value = byte & 0x7f
    for (let shift = 7; ; shift += 7) {
      byte = bytes[at++] as number
      if (shift < 32) value |= (byte & 0x7f) << shift
      if (!(byte >= 0x80)) return value >>> 0
    }
  }
  const memarg = (): void => {
    if (leb() & HAS_MEMORY) leb()
    while ((bytes[at++] as number) >= 0x80);
  }
  const blockType = (): void => {
    const byte = bytes[at++] as number
    if (byte === 0x63 || byte === 0x64 || byte >= 0x80) while ((bytes[at++] as number) >= 0x80);
  }

  let nextPlace = at + PLACES_APART
  while (at < end) {
    if (at >= nextPlace) {
      events.add(EVENT.place, at, 0)
      nextPlace = at + PLACES_APART
    }
    const opcodeAt = at
    const opcode = bytes[at++] as number
    switch (OPCODES[opcode]) {
      case IMMEDIATES.none:
        break
      case IMMEDIATES.leb:
        while ((bytes[at++] as number) >= 0x80);
        break
      case IMMEDIATES.slowLeb:
        while ((bytes[at++] as number) >= 0x80);
        events.add(EVENT.place, opcodeAt, SLOW_WORK)
        break
      case IMMEDIATES.slowNone:
        events.add(EVENT.place, opcodeAt, SLOW_WORK)
        break
      case IMMEDIATES.memarg:
        memarg()
        break
      case IMMEDIATES.block:
        blockType()
        frames.push(-1)
        events.add(EVENT.open, opcodeAt, 0)
        if (opcode === TRY) events.catches = true
        break
      case IMMEDIATES.loop:
        blockType()
        events.add(EVENT.place, opcodeAt, 0)
        frames.push(events.length)
        // It becomes a loop when something branches to it.
        events.add(EVENT.open, at, 0)
        break
      case IMMEDIATES.handlerTag:
        while ((bytes[at++] as number) >= 0x80);
        events.add(EVENT.handler, opcodeAt, 0)
        break
      case IMMEDIATES.handler:
        events.add(EVENT.handler, opcodeAt, 0)
        break
      case IMMEDIATES.endLabel:
      case IMMEDIATES.end: {
        if (opcode !== END) leb()
        frames.pop(opcodeAt)
        events.add(EVENT.end, opcodeAt, 0)
        if (frames.depth === 0 && at !== end)
          throw malformed(at, 'code behind the end of a function')
        break
      }
      case IMMEDIATES.branch:
        events.markLoop(frames.target(leb(), opcodeAt))
        break
      case IMMEDIATES.branchTable: {
        const count = leb()
        if (count > end - at) throw malformed(opcodeAt, 'a branch table runs past its function')
        for (let i = 0; i <= count; i++) events.markLoop(frames.target(leb(), opcodeAt))
        break
      }
      case IMMEDIATES.call: {
        const callee = leb()
        const isLast = opcode === CALL && at < end && bytes[at] === UNREACHABLE
        const kind = opcode === RETURN_CALL ? EVENT.tailCall : EVENT.call
        events.add(isLast ? EVENT.lastCall : kind, opcodeAt, callee)
        break
      }
      case IMMEDIATES.callTable:
        leb()
        leb()
        events.add(opcode === RETURN_CALL_INDIRECT ? EVENT.tailCall : EVENT.call, opcodeAt, -1)
        break
      case IMMEDIATES.callReference:
        leb()
        events.add(opcode === RETURN_CALL_REF ? EVENT.tailCall : EVENT.call, opcodeAt, -1)
        break
      case IMMEDIATES.bytes4:
        at += 4
        break
      case IMMEDIATES.bytes8:
        at += 8
        break
      case IMMEDIATES.selectTypes: {
        const reader = new Reader(bytes, at, end)
        reader.vec(() => readCoreValType(reader))
        at = reader.at
        break
      }
      case IMMEDIATES.tryTable: {
        blockType()
        events.catches = true
        const count = leb()
        if (count > end - at) throw malformed(opcodeAt, 'a list of handlers runs past its function')
        // Labels of its handlers are counted from outside of it.
        for (let i = 0; i < count; i++) {
          const kind = bytes[at++] as number
          if (kind > 3) throw malformed(at - 1, 'unknown kind of exception handler')
          if (kind < 2) leb()
          events.markLoop(frames.target(leb(), opcodeAt))
        }
        frames.push(-1)
        events.add(EVENT.open, opcodeAt, 0)
        break
      }
      case IMMEDIATES.memoryIndex: {
        leb()
        if (opcode === MEMORY_GROW) events.add(EVENT.bulk, opcodeAt, 0)
        break
      }
      case IMMEDIATES.prefixMisc: {
        const code = leb()
        // Saturating conversions, and wide arithmetic.
        if (code < 8 || (code > 18 && code < 23)) break
        if (code > 17) throw unsupported(opcodeAt, `an unknown instruction (0xfc ${code})`)
        leb()
        if (NAMES_TWO.has(code)) leb()
        if (!IS_SHORT.has(code)) events.add(EVENT.bulk, opcodeAt, IN_PIECES.has(code) ? at : 0)
        break
      }
      case IMMEDIATES.prefixSimd: {
        const code = leb()
        const kind = simdImmediates(code)
        if (kind === undefined) throw unsupported(opcodeAt, `an unknown instruction (0xfd ${code})`)
        if (kind === 'bytes16') at += 16
        else if (kind === 'lane') at += 1
        else if (kind !== 'none') {
          memarg()
          if (kind === 'memarg-lane') at += 1
        }
        break
      }
      case IMMEDIATES.gc:
        throw unsupported(opcodeAt, 'gc')
      case IMMEDIATES.threads:
        throw unsupported(opcodeAt, 'threads')
      case IMMEDIATES.stackSwitching:
        throw unsupported(opcodeAt, 'stack-switching')
      default:
        throw unsupported(opcodeAt, `an unknown instruction (0x${opcode.toString(16)})`)
    }
  }
  if (at !== end || frames.depth !== 0)
    throw malformed(end, 'a function does not end where its size says')
}

/** The control frames around an instruction: for each the event of its loop, or -1. */
class Frames {
  #loops = new Int32Array(64)
  depth = 0

  reset(): void {
    this.depth = 0
    this.push(-1)
  }

  push(loop: number): void {
    if (this.depth === this.#loops.length) {
      const larger = new Int32Array(this.#loops.length * 2)
      larger.set(this.#loops)
      this.#loops = larger
    }
    this.#loops[this.depth++] = loop
  }

  pop(at: number): void {
    if (this.depth === 0) throw malformed(at, 'an end without a beginning')
    this.depth--
  }

  /** The loop that a branch to `label` goes back to, or -1. */
  target(label: number, at: number): number {
    if (label >= this.depth) throw malformed(at, 'a branch to a label that is not there')
    return this.#loops[this.depth - 1 - label] as number
  }
}

class EventList {
  #fields = new Int32Array(3 * 4096)
  length = 0
  catches = false

  add(kind: number, at: number, value: number): void {
    if (this.length === this.#fields.length) {
      const larger = new Int32Array(this.#fields.length * 2)
      larger.set(this.#fields)
      this.#fields = larger
    }
    this.#fields[this.length] = kind
    this.#fields[this.length + 1] = at
    this.#fields[this.length + 2] = value
    this.length += EVENT_FIELDS
  }

  markLoop(event: number): void {
    if (event >= 0) this.#fields[event] = EVENT.loop
  }

  finish(): Int32Array {
    return this.#fields.subarray(0, this.length)
  }
}
