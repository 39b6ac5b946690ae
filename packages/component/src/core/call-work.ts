import { type CodeInfo, EVENT, EVENT_FIELDS } from './code-events.ts'

/** The most work, in bytes of code run through, that a function may do without a check of its own. */
export const FREE_WORK = 1024

const UNKNOWN = 0
const OPEN = -1
const HEAVY = -2

/**
 * Which calls are over soon: of functions without a loop, that call only such functions, and all of it together is little.
 *
 * The sum counts, not only the absence of cycles: sixty functions that each call the next one twice run for ever too.
 */
export class CallWork {
  readonly #code: CodeInfo
  readonly #light: Int32Array
  readonly #imported: number

  constructor(code: CodeInfo, imported: number) {
    this.#code = code
    this.#imported = imported
    this.#light = new Int32Array(code.bodies.length)
    for (let i = 0; i < code.bodies.length; i++) if (this.#light[i] === UNKNOWN) this.#weigh(i)
  }

  /**
   * Whether the event is a call that can be one of very many without a check between them.
   *
   * One that is followed by `unreachable` is not, whatever it calls: its caller never goes on, unless someone catches an exception. Calls that nest
   * are bounded by the stack.
   */
  needsCheck(event: number): boolean {
    return (
      !this.#isPanic(event) && this.#lightWork(this.#code.events[event + 2] as number) === undefined
    )
  }

  /** What the call at `event` may work until its caller goes on or a check of its own has run. */
  until(event: number): number {
    if (this.#isPanic(event)) return 0
    const index = this.#code.events[event + 2] as number
    const light = this.#lightWork(index)
    if (light !== undefined) return light
    const callee = this.#code.bodies[index - this.#imported]
    return callee === undefined ? FREE_WORK : FREE_WORK + callee.end - callee.start
  }

  #isPanic(event: number): boolean {
    return this.#code.events[event] === EVENT.lastCall && !this.#code.catches
  }

  #lightWork(index: number): number | undefined {
    const work = index < this.#imported ? HEAVY : (this.#light[index - this.#imported] ?? HEAVY)
    return work > 0 ? work : undefined
  }

  /** Depth first with a stack of its own: a chain of calls is as long as a module likes. */
  #weigh(root: number): void {
    const { bodies, events, catches } = this.#code
    const light = this.#light
    const stack: { func: number; event: number; sum: number }[] = []
    const enter = (func: number): void => {
      const { start, end, firstEvent } = bodies[func] as (typeof bodies)[number]
      light[func] = OPEN
      stack.push({ func, event: firstEvent, sum: end - start })
    }
    enter(root)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { lastEvent } = bodies[top.func] as (typeof bodies)[number]
      let callee: number | undefined
      for (; top.event < lastEvent && top.sum <= FREE_WORK; top.event += EVENT_FIELDS) {
        const kind = events[top.event] as number
        if (kind === EVENT.loop || kind === EVENT.bulk) top.sum = Infinity
        if (kind === EVENT.place) top.sum += events[top.event + 2] as number
        const isCall = kind === EVENT.call || kind === EVENT.tailCall
        if (!isCall && (kind !== EVENT.lastCall || !catches)) continue
        const defined = (events[top.event + 2] as number) - this.#imported
        if (light[defined] === UNKNOWN) {
          callee = defined
          break
        }
        top.sum += this.#lightWork(defined + this.#imported) ?? Infinity
      }
      if (callee !== undefined) {
        enter(callee)
        continue
      }
      light[top.func] = top.sum <= FREE_WORK ? top.sum : HEAVY
      stack.pop()
    }
  }
}
