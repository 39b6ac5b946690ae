import { malformed, unsupported } from '../errors.ts'
import { readCoreValType } from './val-type.ts'
import { Reader } from '../binary/reader.ts'
import { IMMEDIATES, OPCODES, simdImmediates } from './instructions.ts'

/** What the rewriter has to know of a function body, in the order of the code. */
export const EVENT = {
  /** A control frame begins. */
  open: 0,
  /** A loop that is branched to begins; `at` is behind its block type, `value` the offset of its end. */
  loop: 1,
  /** `else` or a handler: nothing in front of it in this frame has surely run. */
  handler: 2,
  end: 3,
  /** A call; `value` is the function's index, or -1 when only running tells which. `at` is the call's. */
  call: 4,
  /** An instruction that works as long as its last operand says: `memory.fill`, `table.grow`. `at` is the instruction's. */
  bulk: 5,
} as const
export const EVENT_FIELDS = 3

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
  /** The memory that its first access names, or -1. */
  readonly firstMemory: number
  /** Its events, as a range of {@link CodeInfo.events} in fields. */
  readonly firstEvent: number
  readonly lastEvent: number
}

/** The code section of a module. */
export interface CodeInfo {
  readonly bodies: readonly BodyInfo[]
  /** {@link EVENT}, `at`, `value`; three numbers each. */
  readonly events: Int32Array
}

// What V8 accepts; with one more in a function there is no room for the counter.
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
  return { bodies, events: events.finish() }
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
  const firstMemory = readInstructions(reader.bytes, body.at, end, events, frames)
  reader.at = end
  return {
    header,
    start,
    end,
    code: body.at,
    localGroups,
    localsStart,
    locals,
    firstMemory,
    firstEvent,
    lastEvent: events.length,
  }
}

/** Notes the events of one body, and gives the memory that it accesses first. */
function readInstructions(
  bytes: Uint8Array,
  start: number,
  end: number,
  events: EventList,
  frames: Frames,
): number {
  let at = start
  let firstMemory = -1
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
    const align = leb()
    const memory = align & 0x40 ? leb() : 0
    if (firstMemory < 0) firstMemory = memory
    while ((bytes[at++] as number) >= 0x80);
  }
  const blockType = (): void => {
    const byte = bytes[at++] as number
    if (byte === 0x63 || byte === 0x64 || byte >= 0x80) while ((bytes[at++] as number) >= 0x80);
  }

  while (at < end) {
    const opcodeAt = at
    const opcode = bytes[at++] as number
    switch (OPCODES[opcode]) {
      case IMMEDIATES.none:
        break
      case IMMEDIATES.leb:
        while ((bytes[at++] as number) >= 0x80);
        break
      case IMMEDIATES.memarg:
        memarg()
        break
      case IMMEDIATES.block:
        blockType()
        frames.push(-1)
        events.add(EVENT.open, opcodeAt, 0)
        break
      case IMMEDIATES.loop:
        blockType()
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
        if (opcode !== 0x0b) leb()
        const loop = frames.pop(opcodeAt)
        if (loop >= 0) events.setValue(loop, opcodeAt)
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
      case IMMEDIATES.call:
        events.add(EVENT.call, opcodeAt, leb())
        break
      case IMMEDIATES.callTable:
        leb()
        leb()
        events.add(EVENT.call, opcodeAt, -1)
        break
      case IMMEDIATES.callReference:
        leb()
        events.add(EVENT.call, opcodeAt, -1)
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
        const memory = leb()
        if (firstMemory < 0) firstMemory = memory
        if (opcode === 0x40) events.add(EVENT.bulk, opcodeAt, 0)
        break
      }
      case IMMEDIATES.prefixMisc: {
        const code = leb()
        if (code < 8 || (code > 18 && code < 23)) break
        if (code > 18 || code === 18)
          throw unsupported(opcodeAt, `an unknown instruction (0xfc ${code})`)
        // `memory.init`, `memory.copy`, `table.init` and `table.copy` name two things.
        const first = leb()
        const second = code === 8 || code === 10 || code === 12 || code === 14 ? leb() : first
        if (firstMemory < 0 && (code === 8 || code === 10 || code === 11)) firstMemory = second
        if (code !== 9 && code !== 13 && code !== 16) events.add(EVENT.bulk, opcodeAt, 0)
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
  return firstMemory
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

  pop(at: number): number {
    if (this.depth === 0) throw malformed(at, 'an end without a beginning')
    return this.#loops[--this.depth] as number
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

  setValue(event: number, value: number): void {
    this.#fields[event + 2] = value
  }

  finish(): Int32Array {
    return this.#fields.subarray(0, this.length)
  }
}
