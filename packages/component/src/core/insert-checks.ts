import { concatBytes, writeU32 } from '@morphee/core'
import { CallWork, FREE_WORK } from './call-work.ts'
import type { CheckCode } from './check-code.ts'
import { type BodyInfo, type CodeInfo, EVENT, EVENT_FIELDS, MAX_LOCALS } from './code-events.ts'
import { overLimit } from '../errors.ts'

/** What V8 accepts as the size of one function. */
const MAX_BODY = 7_654_321

/** The most work of calls without a loop between two checks of one function. */
const MAX_CALLS_WORK = 1 << 20

/** What the code section refers to. */
export interface CodeContext {
  /** Imported functions come first in the index space. */
  readonly importedFuncs: number
  /** How many parameters each defined function has. */
  readonly params: readonly number[]
}

/**
 * The contents of a code section with checks in it, so that no code runs for long without one.
 *
 * - At the head of every loop that is branched to.
 * - In front of a call that is not over soon, unless a check has surely run before in the same function call.
 * - At the entry of a function that is long by itself.
 * - In front of every instruction that works as long as an operand says.
 *
 * So every cycle of the code has a check in it: of branches, because it goes through the head of a loop; of calls, because each function on it
 * makes a call that is not over soon. What lies between two checks is bounded by the length of code, and by the size of memories and tables.
 */
export function insertChecks(
  bytes: Uint8Array,
  code: CodeInfo,
  context: CodeContext,
  checks: CheckCode,
): Uint8Array<ArrayBuffer> {
  const calls = new CallWork(code, context.importedFuncs)
  const parts: Uint8Array[] = [writeU32(code.bodies.length)]
  // Bodies without checks are copied together.
  let copied = code.bodies[0]?.header ?? 0
  code.bodies.forEach((body, index) => {
    const scratch = (context.params[index] ?? 0) + body.locals
    const insertions = findInsertions(code.events, body, calls, checks, scratch)
    if (insertions.length === 0) return
    parts.push(bytes.subarray(copied, body.header), ...withInsertions(bytes, body, insertions))
    copied = body.end
  })
  parts.push(bytes.subarray(copied, code.bodies.at(-1)?.end ?? 0))
  return concatBytes(parts)
}

interface Insertion {
  readonly at: number
  readonly code: readonly number[]
  /** Whether it uses a local that the function lacks. */
  readonly needsScratch: boolean
}

/** What is known at a place in the code. */
interface Passage {
  /** Whether a check of this function call has surely run. */
  checked: boolean
  /** The most work of calls since then. */
  since: number
}

/** Where a body needs which code, in its order. */
function findInsertions(
  events: Int32Array,
  body: BodyInfo,
  calls: CallWork,
  checks: CheckCode,
  scratch: number,
): Insertion[] {
  const { all, loops } = sumWork(events, body, calls)
  const insertions: Insertion[] = []
  // For each frame around: what was known where it began, and the work of all calls in front of it.
  const frames: { readonly before: Passage; readonly passed: number }[] = []
  let now: Passage = { checked: false, since: 0 }
  let passed = 0
  const put = (at: number, code: readonly number[], needsScratch = false): void => {
    insertions.push({ at, code, needsScratch })
    now = { checked: true, since: 0 }
  }
  if (body.end - body.start > FREE_WORK) put(body.code, checks.check(all))
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    const at = events[event + 1] as number
    switch (events[event]) {
      case EVENT.loop:
        // The head runs whenever the code behind the loop does.
        put(at, checks.check(loops.get(event) as number))
        frames.push({ before: now, passed })
        break
      case EVENT.open:
        frames.push({ before: now, passed })
        break
      case EVENT.handler:
      case EVENT.end: {
        // The frame may have been left, or its other branch taken, in front of any check in it.
        const frame = frames.at(-1) as (typeof frames)[number]
        now = {
          checked: frame.before.checked,
          since: frame.before.since + passed - frame.passed,
        }
        if (events[event] === EVENT.end) frames.pop()
        break
      }
      case EVENT.call:
      case EVENT.lastCall: {
        const work = calls.until(event)
        if (now.since + work > MAX_CALLS_WORK || (!now.checked && calls.needsCheck(event)))
          put(at, checks.check(all))
        now = { checked: now.checked, since: now.since + work }
        passed += work
        break
      }
      case EVENT.bulk:
        put(at, checks.checkBulk(scratch), checks.needsScratch)
    }
  }
  return insertions
}

/** The work of one pass through a body, calls included: all of it, and of each of its loops by its event. */
function sumWork(
  events: Int32Array,
  body: BodyInfo,
  calls: CallWork,
): { all: number; loops: ReadonlyMap<number, number> } {
  const loops = new Map<number, number>()
  const frames: { readonly event: number; readonly work: number }[] = []
  let work = 0
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    switch (events[event]) {
      case EVENT.call:
      case EVENT.lastCall:
        work += calls.until(event)
        break
      case EVENT.open:
      case EVENT.loop:
        frames.push({ event, work })
        break
      case EVENT.end: {
        const frame = frames.pop() as (typeof frames)[number]
        const size = (events[event + 1] as number) - (events[frame.event + 1] as number)
        if (events[frame.event] === EVENT.loop) loops.set(frame.event, size + work - frame.work)
      }
    }
  }
  return { all: body.end - body.start + work, loops }
}

const I32 = 0x7f

/** A body with its size. */
function withInsertions(
  bytes: Uint8Array,
  body: BodyInfo,
  insertions: readonly Insertion[],
): Uint8Array[] {
  const parts: Uint8Array[] = []
  if (insertions.some(({ needsScratch }) => needsScratch)) {
    if (body.locals >= MAX_LOCALS) throw overLimit('locals of a function', MAX_LOCALS - 1)
    const locals = bytes.subarray(body.localsStart, body.code)
    parts.push(writeU32(body.localGroups + 1), locals, Uint8Array.of(1, I32))
  } else {
    parts.push(bytes.subarray(body.start, body.code))
  }
  let at = body.code
  for (const { at: next, code } of insertions) {
    parts.push(bytes.subarray(at, next), Uint8Array.from(code))
    at = next
  }
  parts.push(bytes.subarray(at, body.end))
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (size > MAX_BODY) throw overLimit('bytes of a function with interruption checks', MAX_BODY)
  return [writeU32(size), ...parts]
}
