import { styleText } from 'node:util'

/** Tells the demo as a story: numbered chapters, what was run, how long it took. */
export class Story {
  #chapter = 0
  readonly #started = performance.now()

  chapter(title: string): void {
    this.#chapter++
    process.stdout.write(
      `\n${styleText('bold', `${this.#chapter}. ${title}`, { stream: process.stdout })}\n`,
    )
  }

  say(line: string): void {
    process.stdout.write(`${line}\n`)
  }

  /** Runs one step and says how long it took. */
  async timed<T>(what: string, step: () => Promise<T>): Promise<T> {
    const started = performance.now()
    const result = await step()
    this.say(
      styleText('dim', `   [${what}: ${((performance.now() - started) / 1000).toFixed(2)} s]`, {
        stream: process.stdout,
      }),
    )
    return result
  }

  end(): void {
    this.say(`\nAll of it took ${((performance.now() - this.#started) / 1000).toFixed(1)} s.`)
  }
}

/** What the demo expected and did not see. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/** @throws StoryError unless `condition` */
export function expectThat(condition: boolean, what: string): asserts condition {
  if (!condition) throw new StoryError(`The demo expected: ${what}`)
}
