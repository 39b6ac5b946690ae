import { cleanLine, type JsonValue } from '@morphee/core'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text as readText } from 'node:stream/consumers'
import type { CommandSetup } from '../command-setup.ts'
import type { CliEnvironment } from '../context.ts'
import { UsageError } from '../refusal.ts'
import { formatBytes, formatCount, formatMs } from '../terminal/units.ts'

/** `run NAME ACTION [INPUT]`: calls one action and prints its result. */
export function addRunCommand({ program, withContext }: CommandSetup): void {
  program
    .command('run <extension> <action> [input]')
    .description('call one action; input is JSON, or - for standard input')
    .option('--input-file <file>', 'read the input from a file')
    .option('--text <name=file>', 'set one field of the input to the text of a file')
    .option(
      '--wait',
      `without a terminal: wait for answers that are given with ${program.name()} approvals`,
      false,
    )
    .action(
      (
        extension: string,
        action: string,
        input: string | undefined,
        options: { inputFile?: string; text?: string; wait: boolean },
      ) =>
        withContext(async (context) => {
          const { terminal, environment, workspace, principal } = context
          const value = await readInput(input, options, environment)
          if (options.wait) context.waitForApprovals()
          const host = await context.host()
          const stop = new AbortController()
          const onInterrupt = (): void => stop.abort()
          process.once('SIGINT', onInterrupt)
          try {
            const result = await host.invoke({
              workspace,
              principal,
              extension,
              action,
              input: value,
              signal: stop.signal,
              onLog: ({ level, message }) =>
                terminal.note(terminal.dim(`${level}: ${cleanLine(message, 300)}`)),
              onProgress: ({ fraction, message }) =>
                terminal.note(
                  terminal.dim(
                    `${fraction === undefined ? '' : `${Math.round(fraction * 100)} % `}${message}`,
                  ),
                ),
            })
            if (result.droppedLogLines > 0)
              terminal.note(
                terminal.warn(`${result.droppedLogLines} log lines over the limit were dropped`),
              )
            terminal.print(JSON.stringify(result.output, undefined, 2))
            const { cpuMs, wallMs, hostCalls, networkBytes } = result.usage
            terminal.note(
              terminal.dim(
                `${result.invocation}  ${formatMs(wallMs)} (${formatMs(cpuMs)} on its stack), ${formatCount(hostCalls, 'host call')}, ${formatBytes(networkBytes)} over the network`,
              ),
            )
            terminal.result(result)
          } finally {
            process.removeListener('SIGINT', onInterrupt)
          }
        }),
    )
}

async function readInput(
  input: string | undefined,
  options: { readonly inputFile?: string; readonly text?: string },
  { cwd, stdin }: CliEnvironment,
): Promise<JsonValue> {
  const source =
    options.inputFile !== undefined
      ? await readFile(resolve(cwd, options.inputFile), 'utf8')
      : input === '-'
        ? await readText(stdin)
        : (input ?? '{}')
  let value: JsonValue
  try {
    value = JSON.parse(source) as JsonValue
  } catch (error) {
    throw new UsageError(`The input is not JSON: ${(error as Error).message}`)
  }
  if (options.text === undefined) return value
  const at = options.text.indexOf('=')
  if (at < 1 || value === null || typeof value !== 'object' || Array.isArray(value))
    throw new UsageError('--text takes name=file, for an input that is an object')
  return {
    ...value,
    [options.text.slice(0, at)]: await readFile(resolve(cwd, options.text.slice(at + 1)), 'utf8'),
  }
}
