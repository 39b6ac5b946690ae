/** Random choices that a seed repeats. */
export class Random {
  #state: number
  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** Mulberry32: 32 bits at a time, good enough to choose with. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let bits = this.#state
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return (bits ^ (bits >>> 14)) >>> 0
  }

  /** An integer from 0 to `below - 1`. */
  int(below: number): number {
    return this.#next() % below
  }

  chance(oneIn: number): boolean {
    return this.int(oneIn) === 0
  }

  pick<T>(from: readonly T[]): T {
    return from[this.int(from.length)] as T
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length }, () => this.int(256))
  }
}

/** What every run tries that names no seed: a change is judged by the same cases before and after it. */
const USUAL_SEED = 20_261_122

/** The seed of a run: `MORPHEE_SEED` to repeat one, `MORPHEE_SEED=random` to try what nobody has. */
export function seedOfRun(): number {
  const given = process.env['MORPHEE_SEED']
  if (given === 'random') return Math.floor(Math.random() * 2 ** 32)
  return given === undefined ? USUAL_SEED : Number(given) >>> 0
}
