import { PassThrough } from 'node:stream'
import { afterEach, expect, it, vi } from 'vitest'
import { formatTable } from '../src/terminal/table.ts'
import { createTerminal } from '../src/terminal/terminal.ts'
import { wrapList } from '../src/terminal/wrap.ts'

afterEach(() => vi.unstubAllEnvs())

/** What a red line looks like on a stream that is a terminal, and on one that is not. */
function sayRed(shown: { readonly stdout: boolean; readonly stderr: boolean }): string[] {
  for (const name of ['FORCE_COLOR', 'NO_COLOR', 'NODE_DISABLE_COLORS']) vi.stubEnv(name, undefined)
  const stream = (isTTY: boolean): PassThrough =>
    Object.assign(new PassThrough(), { isTTY, getColorDepth: () => 4 })
  const [stdout, stderr] = [stream(shown.stdout), stream(shown.stderr)]
  const terminal = createTerminal({
    json: false,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
  })
  terminal.print(terminal.bad('red'))
  terminal.note(terminal.bad('red'))
  return [String(stdout.read()), String(stderr.read())]
}

const RED = '\u001b[31mred\u001b[39m\n'

it('a stream that is no terminal gets no colour, whatever the other one is', () => {
  expect(sayRed({ stdout: true, stderr: false })).toEqual([RED, 'red\n'])
  expect(sayRed({ stdout: false, stderr: true })).toEqual(['red\n', RED])
})

it('formatTable() leaves no spaces at the end of a line', () => {
  expect(
    formatTable([
      ['a', 'long', 'x'],
      ['bcd', 'e', ''],
    ]),
  ).toEqual(['a    long  x', 'bcd  e'])
})

it('wrapList() begins further lines below the first word', () => {
  expect(wrapList('  imports ', ['one', 'two', 'three'], 20)).toEqual([
    '  imports one, two,',
    '          three',
  ])
  expect(wrapList('  imports ', ['nothing'])).toEqual(['  imports nothing'])
})
