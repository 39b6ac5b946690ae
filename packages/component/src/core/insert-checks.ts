import { concatBytes } from '@morphee/core'
import { FREE_WORK, LightFunctions } from './call-work.ts'
import { type CheckCode, loopCode } from './check-code.ts'
import { type BodyInfo, type CodeInfo, EVENT, EVENT_FIELDS, MAX_LOCALS } from './code-events.ts'
import { overLimit } from '../errors.ts'
import { unsigned } from './leb.ts'

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
 * - At the head of every loop that is branched to. The first pass of each call checks, and again when the work counted in a local is used up.
 * - In front of a call of anything but a light function, unless a check has surely run before in the same call.
 * - At the entry of a function that is long by itself.
 * - In front of every instruction that works as long as an operand says.
 *
 * So every cycle of the code has a check in it: of branches, because it goes through a head of a loop; of calls, because each function on it
 * makes a call that is not of a light function. What lies between is bounded by the length of code.
 */
export function insertChecks(
  bytes: Uint8Array,
  code: CodeInfo,
  context: CodeContext,
  checks: CheckCode,
): Uint8Array<ArrayBuffer> {
  const light = new LightFunctions(code, context.importedFuncs)
  const parts: Uint8Array[] = [Uint8Array.from(unsigned(code.bodies.length))]
  // Bodies without checks are copied together.
  let copied = code.bodies[0]?.header ?? 0
  code.bodies.forEach((body, index) => {
    const insertions = findInsertions(
      code,
      body,
      light,
      context,
      checks,
      context.params[index] ?? 0,
    )
    if (insertions.length === 0) return
    parts.push(
      bytes.subarray(copied, body.header),
      ...withInsertions(bytes, body, insertions, checks),
    )
    copied = body.end
  })
  parts.push(bytes.subarray(copied, code.bodies.at(-1)?.end ?? 0))
  return concatBytes(parts)
}

interface Insertion {
  readonly at: number
  readonly code: Uint8Array
}

/** Where a body needs which code, in its order. */
function findInsertions(
  { events, bodies }: CodeInfo,
  body: BodyInfo,
  light: LightFunctions,
  { importedFuncs }: CodeContext,
  checks: CheckCode,
  params: number,
): Insertion[] {
  const callWork = (index: number): number => {
    const known = light.workOf(index)
    if (known !== undefined) return known
    const callee = bodies[index - importedFuncs]
    // What is longer begins with a check.
    return callee === undefined ? FREE_WORK : Math.min(callee.end - callee.start, FREE_WORK)
  }
  const loopWork = new Map<number, number>()
  let calls = 0
  const open: number[] = []
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    const kind = events[event] as number
    if (kind === EVENT.call) calls += callWork(events[event + 2] as number)
    else if (kind === EVENT.open || kind === EVENT.loop) open.push(event, calls)
    else if (kind === EVENT.end) {
      const before = open.pop() as number
      const opened = open.pop() as number
      if (events[opened] === EVENT.loop) {
        const size = (events[event + 1] as number) - (events[opened + 1] as number)
        loopWork.set(opened, size + calls - before)
      }
    }
  }

  const insertions: Insertion[] = []
  const local = params + body.locals
  const ownWork = body.end - body.start
  // Whether a check of this call has surely run, and the work of calls since: both as they were where each frame around began.
  const frames: { readonly checked: boolean; readonly since: number; readonly calls: number }[] = []
  let checked = false
  let since = 0
  let passed = 0
  const put = (at: number, code: readonly number[]): void => {
    insertions.push({ at, code: Uint8Array.from(code) })
    checked = true
    since = 0
  }
  if (ownWork > FREE_WORK) put(body.code, checks.check(ownWork + calls, local))
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    const at = events[event + 1] as number
    const value = events[event + 2] as number
    switch (events[event]) {
      case EVENT.loop:
        // The head runs whenever the code behind the loop does.
        put(at, loopCode(checks, loopWork.get(event) as number, local))
        frames.push({ checked, since, calls: passed })
        break
      case EVENT.open:
        frames.push({ checked, since, calls: passed })
        break
      case EVENT.handler:
        checked = (frames.at(-1) as (typeof frames)[number]).checked
        break
      case EVENT.end: {
        // A branch may have left the frame in front of any check in it.
        const frame = frames.pop() as (typeof frames)[number]
        checked = frame.checked
        since = frame.since + passed - frame.calls
        break
      }
      case EVENT.call: {
        const work = callWork(value)
        if (since + work > MAX_CALLS_WORK || (!checked && light.workOf(value) === undefined))
          put(at, checks.check(ownWork + calls, local))
        since += work
        passed += work
        break
      }
      case EVENT.bulk:
        put(at, checks.checkBulk(local))
    }
  }
  return insertions
}

function withInsertions(
  bytes: Uint8Array,
  body: BodyInfo,
  insertions: readonly Insertion[],
  checks: CheckCode,
): Uint8Array[] {
  if (body.locals + checks.locals.length > MAX_LOCALS)
    throw overLimit('locals of a function', MAX_LOCALS)
  const parts: Uint8Array[] = [
    Uint8Array.from(unsigned(body.localGroups + checks.locals.length)),
    bytes.subarray(body.localsStart, body.code),
    Uint8Array.from(checks.locals.flatMap((type) => [1, type])),
  ]
  let at = body.code
  for (const { at: next, code } of insertions) {
    parts.push(bytes.subarray(at, next), code)
    at = next
  }
  parts.push(bytes.subarray(at, body.end))
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (size > MAX_BODY) throw overLimit('bytes of a function with interruption checks', MAX_BODY)
  return [Uint8Array.from(unsigned(size)), ...parts]
}
