import { type CliEnvironment, runCli } from '@morphee/cli'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'

/** What one run of the command said and how it ended. */
export interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs `morphee` in this process, in a data directory of its own. */
export interface Morphee {
  readonly home: string
  (...args: readonly string[]): Promise<Run>
  with(options: {
    readonly stdin?: string
    /** A person at a terminal, who types these keys once something is asked. */
    readonly keys?: string
    readonly variables?: Readonly<Record<string, string>>
    readonly createEgress?: CliEnvironment['createEgress']
  }): Morphee
  close(): Promise<void>
}

/** Given as keys: nobody types, and the terminal is closed. */
export const HANG_UP = 'hang up'

const HIDE = '\u001b[?25l'

export async function createMorphee(): Promise<Morphee> {
  const home = await mkdtemp(join(tmpdir(), 'morphee-cli-'))
  const make = (
    { stdin, keys }: { readonly stdin: string; readonly keys?: string | undefined },
    createEgress: CliEnvironment['createEgress'],
    variables: Readonly<Record<string, string>>,
  ): Morphee =>
    Object.assign(
      async (...args: readonly string[]): Promise<Run> => {
        const said = { stdout: '', stderr: '' }
        const typed = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => typed })
        const sink = (name: 'stdout' | 'stderr'): NodeJS.WriteStream =>
          Object.assign(
            new Writable({
              write(chunk: Buffer, _encoding, done) {
                // A cursor that is hidden is a prompt that is shown.
                if (
                  keys !== undefined &&
                  !said[name].includes(HIDE) &&
                  String(chunk).includes(HIDE)
                )
                  setImmediate(() => (keys === HANG_UP ? typed.end() : typed.write(keys)))
                said[name] += chunk.toString()
                done()
              },
            }),
            keys === undefined ? {} : { isTTY: true, columns: 200, rows: 50 },
          ) as unknown as NodeJS.WriteStream
        const code = await runCli(args, {
          stdin: (keys === undefined
            ? Readable.from([stdin])
            : typed) as unknown as NodeJS.ReadStream,
          stdout: sink('stdout'),
          stderr: sink('stderr'),
          cwd: home,
          variables: {
            MORPHEE_HOME: home,
            MORPHEE_KEY_PASSPHRASE: 'correct horse battery staple',
            ...variables,
          },
          ...(createEgress === undefined ? {} : { createEgress }),
        })
        return { code, ...said }
      },
      {
        home,
        with: (options: {
          readonly stdin?: string
          readonly keys?: string
          readonly variables?: Readonly<Record<string, string>>
          readonly createEgress?: CliEnvironment['createEgress']
        }) =>
          make(
            { stdin: options.stdin ?? stdin, keys: options.keys ?? keys },
            options.createEgress ?? createEgress,
            {
              ...variables,
              ...options.variables,
            },
          ),
        close: () => rm(home, { recursive: true, force: true }),
      },
    )
  return make({ stdin: '' }, undefined, {})
}
