import { malformed, overLimit, unsupported } from '../errors.ts'
import type { CoreModuleInfo } from './module-info.ts'
import { readCoreValType } from './val-type.ts'
import { Reader } from '../binary/reader.ts'
import {
  ADDED_OPERANDS,
  addedByMisc,
  addedBySimd,
  IMMEDIATES,
  OPCODES,
  simdImmediates,
} from './instructions.ts'

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
const BLOCK = 0x02
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
  /** About how many values V8 notes when it compiles it. */
  readonly noted: number
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

/**
 * Most values that V8 may note while it compiles a function: at each of its branches, and of those that checks bring, its locals and what is on its stack.
 *
 * The notes are kept until the end. For its first call a function is compiled in the thread that calls it, which nothing stops meanwhile; once it is hot, on
 * another thread, with 200 bytes to a note. So many take some tenths of a second, and 650 MB.
 */
const MAX_NOTED_VALUES = 3_000_000
/**
 * Most of them in all functions of a module, and for each byte of its code. Real code has about one to a byte.
 *
 * What is hot is compiled to the end though its guest is long over, and whatever else the host has to compile waits for it.
 */
const MAX_NOTED_BY_ALL = 1_000_000
const MAX_NOTED_PER_BYTE = 4

/** Most frames inside each other: each takes a microsecond or two of the same time. */
const MAX_FRAMES = 50_000

// What V8 accepts; with as many, a function has no room for another.
export const MAX_LOCALS = 50_000

/**
 * Reads the code section whose contents are `bytes` from `start` to `end`, once, and notes what interruption checks depend on.
 *
 * Every instruction is known by its length, and by how many operands it leaves: that the code is valid is not established here. Time and memory are proportional to
 * the input, whatever it is.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_UNSUPPORTED` naming the proposal of an instruction that cannot be bounded,
 *   `ERR_COMPONENT_LIMIT` for a function that V8 could not compile in time
 */
export function readCode(
  bytes: Uint8Array,
  start: number,
  end: number,
  types: ModuleFuncTypes,
): CodeInfo {
  const reader = new Reader(bytes, start, end)
  const events = new EventList()
  const frames = new Frames()
  const shapes = new FuncShapes(types)
  let next = types.funcs.length - types.params.length
  const bodies = reader.vec(() => readBody(reader, events, frames, { shapes, index: next++ }))
  if (!reader.done) reader.fail('the code section has bytes left over')
  const maxNoted = MAX_NOTED_BY_ALL + MAX_NOTED_PER_BYTE * (end - start)
  if (bodies.reduce((sum, { noted }) => sum + noted, 0) > maxNoted)
    throw overLimit('locals and operands at the branches of all functions', maxNoted)
  return { bodies, events: events.finish(), catches: events.catches }
}

/** What is known of the types of a module's functions. */
export type ModuleFuncTypes = Pick<CoreModuleInfo, 'types' | 'funcs' | 'params'>

/** How many values functions and blocks take and give. What a type that is not there says does not matter: no such module is valid. */
class FuncShapes {
  readonly #types: ModuleFuncTypes['types']
  readonly #funcs: ModuleFuncTypes['funcs']
  /** The most parameters of any type: an exception has no more values. */
  readonly widest: number

  constructor({ types, funcs }: ModuleFuncTypes) {
    this.#types = types
    this.#funcs = funcs
    this.widest = types.reduce((most, { params }) => Math.max(most, params.length), 0)
  }

  paramsOf = (type: number): number => this.#types[type]?.params.length ?? 0
  resultsOf = (type: number): number => this.#types[type]?.results.length ?? 0
  paramsOfFunc = (func: number): number => this.#funcs[func]?.params.length ?? 0
  resultsOfFunc = (func: number): number => this.#funcs[func]?.results.length ?? 0
}

interface ShapeOfBody {
  readonly shapes: FuncShapes
  /** The function's index. */
  readonly index: number
}

function readBody(
  reader: Reader,
  events: EventList,
  frames: Frames,
  { shapes, index }: ShapeOfBody,
): BodyInfo {
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
  const values = locals + shapes.paramsOfFunc(index)
  const noted = readInstructions(reader.bytes, [body.at, end], { events, frames, shapes, values })
  if (noted > MAX_NOTED_VALUES)
    throw overLimit('locals and operands at the branches of a function', MAX_NOTED_VALUES)
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
    noted,
  }
}

/** Notes the events of one body with so many locals; gives about how many values V8 notes when it compiles it. */
function readInstructions(
  bytes: Uint8Array,
  [start, end]: readonly [start: number, end: number],
  {
    events,
    frames,
    shapes,
    values,
  }: { events: EventList; frames: Frames; shapes: FuncShapes; values: number },
): number {
  let at = start
  let noted = 0
  // At most how many operands are on the stack. Behind a branch that is always taken they no longer matter, and the end of the frame tells anew.
  let height = 0
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
  let takes = 0
  let gives = 0
  const blockType = (): void => {
    const byte = bytes[at] as number
    if (byte < 0x40 || byte >= 0x80) {
      const type = leb()
      takes = shapes.paramsOf(type)
      gives = shapes.resultsOf(type)
      return
    }
    at++
    if (byte === 0x63 || byte === 0x64) while ((bytes[at++] as number) >= 0x80);
    takes = 0
    gives = byte === 0x40 ? 0 : 1
  }
  const note = (times = 1): void => {
    // In code that is never reached it may be less than nothing.
    noted += times * (values + Math.max(height, 0))
  }
  const call = (takenByIt: number, given: number): void => {
    height += given - takenByIt
    noted += given
    note()
  }
  const openFrame = (loop: number): void => {
    frames.push(loop, height, height - takes + gives)
    noted += takes + gives
  }

  let nextPlace = at + PLACES_APART
  while (at < end) {
    if (at >= nextPlace) {
      note()
      events.add(EVENT.place, at, 0)
      nextPlace = at + PLACES_APART
    }
    const opcodeAt = at
    const opcode = bytes[at++] as number
    height += ADDED_OPERANDS[opcode] as number
    switch (OPCODES[opcode]) {
      case IMMEDIATES.none:
        break
      case IMMEDIATES.leb:
        while ((bytes[at++] as number) >= 0x80);
        break
      case IMMEDIATES.slowLeb:
        while ((bytes[at++] as number) >= 0x80);
        note()
        events.add(EVENT.place, opcodeAt, SLOW_WORK)
        break
      case IMMEDIATES.slowNone:
        note()
        events.add(EVENT.place, opcodeAt, SLOW_WORK)
        break
      case IMMEDIATES.memarg:
        memarg()
        break
      case IMMEDIATES.block:
        blockType()
        openFrame(-1)
        if (opcode !== BLOCK) note()
        events.add(EVENT.open, opcodeAt, 0)
        if (opcode === TRY) events.catches = true
        break
      case IMMEDIATES.loop:
        blockType()
        events.add(EVENT.place, opcodeAt, 0)
        openFrame(events.length)
        note()
        // It becomes a loop when something branches to it.
        events.add(EVENT.open, at, 0)
        break
      case IMMEDIATES.handlerTag:
        while ((bytes[at++] as number) >= 0x80);
        height = frames.heightWithin + shapes.widest
        note()
        events.add(EVENT.handler, opcodeAt, 0)
        break
      case IMMEDIATES.handler:
        height = frames.heightWithin
        note()
        events.add(EVENT.handler, opcodeAt, 0)
        break
      case IMMEDIATES.endLabel:
      case IMMEDIATES.end: {
        if (opcode !== END) leb()
        height = frames.pop(opcodeAt)
        events.add(EVENT.end, opcodeAt, 0)
        if (frames.depth === 0 && at !== end)
          throw malformed(at, 'code behind the end of a function')
        break
      }
      case IMMEDIATES.branch:
        events.markLoop(frames.target(leb(), opcodeAt))
        note()
        break
      case IMMEDIATES.branchTable: {
        const count = leb()
        if (count > end - at) throw malformed(opcodeAt, 'a branch table runs past its function')
        for (let i = 0; i <= count; i++) events.markLoop(frames.target(leb(), opcodeAt))
        note(count + 1)
        break
      }
      case IMMEDIATES.call: {
        const callee = leb()
        const isLast = opcode === CALL && at < end && bytes[at] === UNREACHABLE
        const kind = opcode === RETURN_CALL ? EVENT.tailCall : EVENT.call
        events.add(isLast ? EVENT.lastCall : kind, opcodeAt, callee)
        call(shapes.paramsOfFunc(callee), shapes.resultsOfFunc(callee))
        break
      }
      case IMMEDIATES.callTable: {
        const type = leb()
        leb()
        call(shapes.paramsOf(type), shapes.resultsOf(type))
        events.add(opcode === RETURN_CALL_INDIRECT ? EVENT.tailCall : EVENT.call, opcodeAt, -1)
        break
      }
      case IMMEDIATES.callReference: {
        const type = leb()
        call(shapes.paramsOf(type), shapes.resultsOf(type))
        events.add(opcode === RETURN_CALL_REF ? EVENT.tailCall : EVENT.call, opcodeAt, -1)
        break
      }
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
        openFrame(-1)
        note(count + 1)
        events.add(EVENT.open, opcodeAt, 0)
        break
      }
      case IMMEDIATES.memoryIndex: {
        leb()
        if (opcode === MEMORY_GROW) {
          note()
          events.add(EVENT.bulk, opcodeAt, 0)
        }
        break
      }
      case IMMEDIATES.prefixMisc: {
        const code = leb()
        height += addedByMisc(code)
        // Saturating conversions, and wide arithmetic.
        if (code < 8 || (code > 18 && code < 23)) break
        if (code > 17) throw unsupported(opcodeAt, `an unknown instruction (0xfc ${code})`)
        leb()
        if (NAMES_TWO.has(code)) leb()
        note()
        if (!IS_SHORT.has(code)) events.add(EVENT.bulk, opcodeAt, IN_PIECES.has(code) ? at : 0)
        break
      }
      case IMMEDIATES.prefixSimd: {
        const code = leb()
        height += addedBySimd(code)
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
  return noted
}

/** The control frames around an instruction: for each the event of its loop, or -1, and how many operands are on the stack where it begins and behind it. */
class Frames {
  #loops = new Int32Array(64)
  #within: number[] = []
  #behind: number[] = []
  depth = 0

  reset(): void {
    this.depth = 0
    this.push(-1, 0, 0)
  }

  push(loop: number, within: number, behind: number): void {
    if (this.depth > MAX_FRAMES) throw overLimit('nesting of the code of a function', MAX_FRAMES)
    if (this.depth === this.#loops.length) {
      const larger = new Int32Array(this.#loops.length * 2)
      larger.set(this.#loops)
      this.#loops = larger
    }
    this.#within[this.depth] = within
    this.#behind[this.depth] = behind
    this.#loops[this.depth++] = loop
  }

  /** Leaves a frame; gives how many operands are on the stack behind it. */
  pop(at: number): number {
    if (this.depth === 0) throw malformed(at, 'an end without a beginning')
    return this.#behind[--this.depth] as number
  }

  /** How many operands are on the stack where the innermost frame begins. */
  get heightWithin(): number {
    return this.#within[this.depth - 1] ?? 0
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
