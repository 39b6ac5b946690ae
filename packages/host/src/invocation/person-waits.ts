/** What stands still while a person is waited for. */
export interface Standing {
  stop(): void
  goOn(): void
}

/** Says how many calls may stand still at once; each entry is left again. */
export interface StandingRoom {
  tryEnter(): boolean
  leave(): void
}

/** The waits of one call for people, during which its wall time stands still. Waits that overlap count once. */
export class PersonWaits {
  readonly #followers = new Set<Standing>()
  readonly #monotonic: () => number
  #room: StandingRoom | undefined
  #waits = 0
  #since = 0
  #waitedMs = 0

  constructor(monotonic: () => number) {
    this.#monotonic = monotonic
  }

  /** Milliseconds that the call has stood still. */
  waitedMs(): number {
    return this.#waitedMs + (this.#waits === 0 ? 0 : this.#monotonic() - this.#since)
  }

  /** Begins a wait and gives what ends it; `undefined` when there is no room, and time goes on. */
  tryBegin(): (() => void) | undefined {
    if (this.#waits === 0) {
      if (this.#room?.tryEnter() === false) return undefined
      this.#since = this.#monotonic()
      for (const follower of this.#followers) follower.stop()
    }
    this.#waits++
    return () => this.#end()
  }

  #end(): void {
    if (--this.#waits > 0) return
    this.#waitedMs += this.#monotonic() - this.#since
    this.#room?.leave()
    for (const follower of this.#followers) follower.goOn()
  }

  /** Bounds the waits from now on. */
  within(room: StandingRoom): void {
    this.#room = room
  }

  /** Stops `follower` with each wait, and at once during one, until what is returned is called. */
  follow(follower: Standing): () => void {
    this.#followers.add(follower)
    if (this.#waits > 0) follower.stop()
    return () => this.#followers.delete(follower)
  }
}
