import { type CodeInfo, EVENT, EVENT_FIELDS } from './code-events.ts'

/**
 * The most work, in bytes of code run through, that a function may do without a check of its own.
 *
 * Between two checks lie at most {@link LOOP_WORK} of a loop, or as many calls as a body this short has room for.
 */
export const FREE_WORK = 1024

/** The work in loops between two checks: a fraction of a millisecond of plain instructions, 30 ms where each misses the cache. */
export const LOOP_WORK = 1 << 20

const UNKNOWN = 0
const OPEN = -1
const HEAVY = -2

/**
 * The work of each function that never needs a check, or `undefined`: it has no loop, calls only such functions, and all of it together is little.
 *
 * The sum counts, not only the absence of cycles: sixty functions that each call the next one twice run for ever too.
 */
export class LightFunctions {
  readonly #work: Int32Array
  readonly #imported: number

  constructor(code: CodeInfo, imported: number) {
    this.#imported = imported
    this.#work = new Int32Array(code.bodies.length)
    for (let i = 0; i < code.bodies.length; i++) {
      if (this.#work[i] === UNKNOWN) this.#weigh(code, i)
    }
  }

  /** Work of the function with `index` in the module's index space, when it is light. */
  workOf(index: number): number | undefined {
    const work = index < this.#imported ? HEAVY : (this.#work[index - this.#imported] ?? HEAVY)
    return work > 0 ? work : undefined
  }

  /** Depth first with a stack of its own: a chain of calls is as long as a module likes. */
  #weigh({ bodies, events }: CodeInfo, root: number): void {
    const work = this.#work
    const stack: { func: number; event: number; sum: number }[] = []
    const enter = (func: number): void => {
      const { start, end, firstEvent } = bodies[func] as (typeof bodies)[number]
      work[func] = OPEN
      stack.push({ func, event: firstEvent, sum: end - start })
    }
    enter(root)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { lastEvent } = bodies[top.func] as (typeof bodies)[number]
      let callee = -1
      while (top.event < lastEvent && top.sum <= FREE_WORK) {
        const kind = events[top.event] as number
        if (kind === EVENT.loop || kind === EVENT.bulk) top.sum = Infinity
        else if (kind === EVENT.call) {
          const index = events[top.event + 2] as number
          const defined = index - this.#imported
          if (index < 0 || defined < 0 || defined >= bodies.length) top.sum = Infinity
          else if (work[defined] === UNKNOWN) {
            callee = defined
            break
          } else top.sum += (work[defined] as number) > 0 ? (work[defined] as number) : Infinity
        }
        top.event += EVENT_FIELDS
      }
      if (callee >= 0) {
        enter(callee)
        continue
      }
      work[top.func] = top.sum <= FREE_WORK ? top.sum : HEAVY
      stack.pop()
    }
  }
}
