import type { CheckCode, Insertion } from './check-code.ts'
import { type BodyInfo, EVENT, EVENT_FIELDS } from './code-events.ts'

/**
 * Where a body needs a check beside those that V8 makes itself, in its order.
 *
 * V8 looks whether a thread is to end at the heads of loops and at the entries of functions that call others. It does not see a tail call as such a call, nor
 * does it look while instructions follow each other.
 */
export function findTerminationChecks(
  events: Int32Array,
  body: BodyInfo,
  checks: CheckCode,
): Insertion[] {
  const insertions: Insertion[] = []
  for (let event = body.firstEvent; event < body.lastEvent; event += EVENT_FIELDS) {
    const kind = events[event]
    if (kind === EVENT.tailCall || kind === EVENT.bulk)
      insertions.push({
        at: events[event + 1] as number,
        code: checks.check(0),
        needsScratch: false,
      })
  }
  return insertions
}
