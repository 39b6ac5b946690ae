import { overLimit } from '../errors.ts'

// Types are shared in a component and written out in text, so a small file can stand for a text of any length.
const MAX_TEXT_LENGTH = 8 * 1024 * 1024

/** Text that grows line by line, up to a bound. */
export class BoundedText {
  readonly #lines: string[] = []
  #length = 0
  #depth = 0

  /** @throws {@link EngineError} `ERR_COMPONENT_LIMIT` */
  line(text: string): void {
    const line = text === '' ? '' : `${'  '.repeat(this.#depth)}${text}`
    this.#length += line.length + 1
    if (this.#length > MAX_TEXT_LENGTH)
      throw overLimit('length of its interface as text', MAX_TEXT_LENGTH)
    this.#lines.push(line)
  }

  /** Lines that `write` adds, one step further in, between `open` and `close`. */
  block(open: string, close: string, write: () => void): void {
    this.line(open)
    this.#depth++
    write()
    this.#depth--
    this.line(close)
  }

  toString(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }
}

/** Counts what is written of one type, which is joined before it becomes a line. @throws {@link EngineError} `ERR_COMPONENT_LIMIT` */
export class TypeLength {
  #nodes = 0
  count(): void {
    if (++this.#nodes > MAX_TEXT_LENGTH / 4)
      throw overLimit('length of its interface as text', MAX_TEXT_LENGTH)
  }
}
