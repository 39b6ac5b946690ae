import { stripVTControlCharacters, styleText } from 'node:util'

/** Where a command speaks: people on stderr and stdout, programs on stdout as one JSON object. */
export interface Terminal {
  readonly json: boolean
  /** Whether a person can be asked. */
  readonly interactive: boolean
  /** Where a prompt reads and writes: never stdout, which is the result's. A terminal that is gone cancels it. */
  readonly dialog: {
    readonly input: NodeJS.ReadStream
    readonly output: NodeJS.WriteStream
    readonly signal: AbortSignal
  }
  /** A line of the result, on stdout. Silent with `--json`. */
  print(line?: string): void
  /** A line beside the result (progress, warnings), on stderr. Silent with `--json`. */
  note(line: string): void
  /** The result for programs; printed once, with `--json` only. */
  result(value: unknown): void
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  warn(text: string): string
}

/** Options of {@link createTerminal}. */
export interface TerminalOptions {
  readonly json: boolean
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly stdin: NodeJS.ReadStream
}

/** A terminal over the process's streams. Colour only where it is a terminal and nobody asked for none (`NO_COLOR`). */
export function createTerminal(options: TerminalOptions): Terminal {
  const { json, stdout, stderr, stdin } = options
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { validateStream: false })
  // Each stream by itself: one may be a terminal while the other goes to a file.
  const writer = (stream: NodeJS.WriteStream) => {
    const coloured = styleText('bold', 'x', { stream }) !== 'x'
    return (line: string): void => {
      if (!json) stream.write(`${coloured ? line : stripVTControlCharacters(line)}\n`)
    }
  }
  const print = writer(stdout)
  let gone: AbortSignal | undefined
  return {
    json,
    get dialog() {
      gone ??= endOf(stdin)
      return { input: stdin, output: stderr, signal: gone }
    },
    interactive: stdin.isTTY === true && stderr.isTTY === true && !json,
    print: (line = '') => print(line),
    note: writer(stderr),
    result: (value) => {
      if (json) stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
    },
    bold: style('bold'),
    dim: style('dim'),
    good: style('green'),
    bad: style('red'),
    warn: style('yellow'),
  }
}

// Closed, or Ctrl+D: nobody answers any more, and the process would end in the middle of its prompt with a code that means nothing.
function endOf(stdin: NodeJS.ReadStream): AbortSignal {
  const over = new AbortController()
  for (const event of ['end', 'close']) stdin.once(event, () => over.abort())
  stdin.on(
    'keypress',
    (_text: unknown, key: { readonly ctrl?: boolean; readonly name?: string }) => {
      if (key.ctrl === true && key.name === 'd') over.abort()
    },
  )
  return over.signal
}
