import { concatBytes, writeU32 } from '@morphee/core'
import { BulkPieces } from './bulk-pieces.ts'
import { CallWork, FREE_WORK } from './call-work.ts'
import {
  type CheckCode,
  flagCode,
  fuelCode,
  type Insertion,
  type InterruptionKind,
} from './check-code.ts'
import { type BodyInfo, type CodeInfo, EVENT, EVENT_FIELDS, MAX_LOCALS } from './code-events.ts'
import { overLimit } from '../errors.ts'
import { ByteWriter, lengthOf } from './byte-writer.ts'

/** What V8 accepts as the size of one function. */
const MAX_BODY = 7_654_321

/** What is more than this is all the same. */
const MAX_WORK = 1 << 30

/** The most work in one function between two of its checks. Fuel is paid in advance. */
const MAX_UNCHECKED: Readonly<Record<InterruptionKind, number>> = {
  flag: 8 * FREE_WORK,
  fuel: 1 << 20,
  termination: 8 * FREE_WORK,
}

/** A code section with checks. */
export interface CheckedCode {
  readonly contents: Uint8Array<ArrayBuffer>
  /** How many functions of the type `(i32, i32, i32) -> ()` it has beside those of the module. */
  readonly addedFuncs: number
}

/** What the code section refers to. */
export interface CodeContext {
  /** Imported functions come first in the index space. */
  readonly importedFuncs: number
  /** How many parameters each defined function has. */
  readonly params: readonly number[]
  readonly kind: InterruptionKind
  /** The index of the memory with the flag or the fuel. */
  readonly memory: number
}

/**
 * A code section with checks in it, so that no code runs for long without one; `undefined` when it needs none.
 *
 * - At the head of every loop that is branched to.
 * - In front of a call that is not over soon, unless a check has surely run before in the same function call.
 * - At the entry of a function that is long by itself.
 * - In front of every instruction that works as long as an operand says.
 * - In code that goes straight on for long, its calls counted: functions that return one after the other pass no entry and no loop.
 *
 * So every cycle of the code has a check in it: of branches, because it goes through the head of a loop; of calls, because each function on it
 * makes a call that is not over soon. What lies between two checks is bounded by the length of code, and by the size of memories and tables.
 *
 * For `termination` the checks that V8 makes itself are left out: at the heads of loops, and at the entries of functions that make calls. But it makes
 * none at the entry of a function whose calls are tail calls, nor in a loop that it sees to end within 5,000 passes, so these loops' checks are
 * in front of them, and in their heads only when one pass is long.
 */
export function insertChecks(
  bytes: Uint8Array,
  code: CodeInfo,
  context: CodeContext,
): CheckedCode | undefined {
  const { importedFuncs, kind, memory } = context
  const checks = kind === 'fuel' ? fuelCode(memory) : flagCode(memory)
  const pieces = new BulkPieces(bytes, importedFuncs + code.bodies.length, checks.check(0))
  const find = insertionFinder(code, context, checks, pieces)
  // Bodies without checks are copied together.
  let copied = code.bodies[0]?.header ?? 0
  const end = code.bodies.at(-1)?.end ?? 0
  const out = new ByteWriter(bytes, Math.ceil((end - copied) * 1.25) + 5)
  let needsChecks = false
  code.bodies.forEach((body, index) => {
    const insertions = find(body, (context.params[index] ?? 0) + body.locals)
    if (insertions.length === 0) return
    needsChecks = true
    out.copy(copied, body.header)
    writeBody(out, body, insertions)
    copied = body.end
  })
  if (!needsChecks) return undefined
  out.copy(copied, end)
  for (const body of pieces.bodies) {
    out.number(body.length)
    out.put(body)
  }
  const addedFuncs = pieces.bodies.length
  const count = writeU32(code.bodies.length + addedFuncs)
  return { contents: concatBytes([count, out.finish()]), addedFuncs }
}

/** What finds where a body, whose next local would be `scratch`, needs which code, in its order. */
function insertionFinder(
  code: CodeInfo,
  { importedFuncs, kind }: CodeContext,
  checks: CheckCode,
  pieces: BulkPieces,
): (body: BodyInfo, scratch: number) => Insertion[] {
  const rules = {
    leavesToV8: kind === 'termination',
    maxUnchecked: MAX_UNCHECKED[kind],
    // Fuel for all of it is paid in advance.
    pieces: kind === 'fuel' ? undefined : pieces,
  }
  const calls = new CallWork(code, importedFuncs)
  return (body, scratch) => findInsertions(code.events, body, { calls, checks, rules, scratch })
}

interface Placement {
  readonly calls: CallWork
  readonly checks: CheckCode
  readonly rules: {
    readonly leavesToV8: boolean
    readonly maxUnchecked: number
    readonly pieces: BulkPieces | undefined
  }
  readonly scratch: number
}

function findInsertions(
  events: Int32Array,
  body: BodyInfo,
  { calls, checks, rules: { leavesToV8, maxUnchecked, pieces }, scratch }: Placement,
): Insertion[] {
  const insertions: Insertion[] = []
  const all = sumWork(events, body, calls)
  // Whether a check of this function call has surely run, the most work since then, and all work so far in the order of the code.
  let checked = 0
  let since = 0
  let passed = 0
  let last = body.code
  // The three of them where each frame around began.
  const frames: number[] = []
  const put = (at: number, code: readonly number[], needsScratch = false, instead = 0): void => {
    insertions.push({ at, code, needsScratch, instead })
    checked = 1
    since = 0
  }
  if (!leavesToV8 && body.end - body.start > FREE_WORK) put(body.code, checks.check(all))
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    const at = events[event + 1] as number
    since += at - last
    passed += at - last
    last = at
    switch (events[event]) {
      case EVENT.loop: {
        const pass = events[event + 2] as number
        const inFront = events[event - EVENT_FIELDS + 1] as number
        // The head runs whenever the code behind the loop does.
        put(leavesToV8 && pass <= FREE_WORK ? inFront : at, checks.check(pass))
        frames.push(checked, since, passed)
        break
      }
      case EVENT.open:
        frames.push(checked, since, passed)
        break
      case EVENT.handler:
      case EVENT.end: {
        // The frame may have been left, or its other branch taken, in front of any check in it.
        const frame = frames.length - 3
        checked = frames[frame] as number
        since = (frames[frame + 1] as number) + passed - (frames[frame + 2] as number)
        if (events[event] === EVENT.end) frames.length = frame
        break
      }
      case EVENT.call:
      case EVENT.tailCall:
      case EVENT.lastCall: {
        const work = calls.until(event)
        const isOurs = !leavesToV8 || events[event] === EVENT.tailCall
        const mayCycle = isOurs && checked === 0 && calls.needsCheck(event)
        if (mayCycle || (work > 0 && since + work > maxUnchecked)) put(at, checks.check(all))
        since += work
        passed += work
        break
      }
      case EVENT.place: {
        const work = events[event + 2] as number
        since += work
        passed += work
        if (since > maxUnchecked) put(at, checks.check(all))
        break
      }
      case EVENT.bulk:
        if (pieces !== undefined && events[event + 2] !== 0) {
          const after = events[event + 2] as number
          put(at, pieces.callFor(at, after), false, after - at)
        } else put(at, checks.checkBulk(all, scratch), checks.needsScratch)
    }
  }
  return insertions
}

/** The work of one pass through a body, calls included. That of each of its loops becomes the value of its event. */
function sumWork(events: Int32Array, body: BodyInfo, calls: CallWork): number {
  const frames: number[] = []
  let work = 0
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    switch (events[event]) {
      case EVENT.call:
      case EVENT.tailCall:
      case EVENT.lastCall:
        work = Math.min(work + calls.until(event), MAX_WORK)
        break
      case EVENT.place:
        work = Math.min(work + (events[event + 2] as number), MAX_WORK)
        break
      case EVENT.open:
      case EVENT.loop:
        frames.push(event, work)
        break
      case EVENT.end: {
        const before = frames.pop() as number
        const opened = frames.pop() as number
        if (events[opened] !== EVENT.loop) break
        const size = (events[event + 1] as number) - (events[opened + 1] as number)
        events[opened + 2] = size + work - before
      }
    }
  }
  return body.end - body.start + work
}

const I32 = 0x7f

/** A body with its size. */
function writeBody(out: ByteWriter, body: BodyInfo, insertions: readonly Insertion[]): void {
  const needsScratch = insertions.some((insertion) => insertion.needsScratch)
  if (needsScratch && body.locals >= MAX_LOCALS)
    throw overLimit('locals of a function', MAX_LOCALS - 1)
  const locals = needsScratch ? [1, I32] : []
  const groups = body.localGroups + locals.length / 2
  const added = insertions.reduce(
    (sum, { code, instead }) => sum + code.length - instead,
    locals.length,
  )
  const size = lengthOf(groups) + body.end - body.localsStart + added
  if (size > MAX_BODY) throw overLimit('bytes of a function with interruption checks', MAX_BODY)
  out.number(size)
  out.number(groups)
  out.copy(body.localsStart, body.code)
  out.put(locals)
  let at = body.code
  for (const { at: next, code, instead } of insertions) {
    out.copy(at, next)
    out.put(code)
    at = next + instead
  }
  out.copy(at, body.end)
}
