import { type CliEnvironment, runCli } from '@morphee/cli'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'

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
    readonly variables?: Readonly<Record<string, string>>
    readonly createEgress?: CliEnvironment['createEgress']
  }): Morphee
  close(): Promise<void>
}

export async function createMorphee(): Promise<Morphee> {
  const home = await mkdtemp(join(tmpdir(), 'morphee-cli-'))
  const make = (
    stdin: string,
    createEgress: CliEnvironment['createEgress'],
    variables: Readonly<Record<string, string>>,
  ): Morphee =>
    Object.assign(
      async (...args: readonly string[]): Promise<Run> => {
        const said = { stdout: '', stderr: '' }
        const sink = (name: 'stdout' | 'stderr'): NodeJS.WriteStream =>
          new Writable({
            write(chunk: Buffer, _encoding, done) {
              said[name] += chunk.toString()
              done()
            },
          }) as unknown as NodeJS.WriteStream
        const code = await runCli(args, {
          stdin: Readable.from([stdin]) as unknown as NodeJS.ReadStream,
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
          readonly variables?: Readonly<Record<string, string>>
          readonly createEgress?: CliEnvironment['createEgress']
        }) =>
          make(options.stdin ?? stdin, options.createEgress ?? createEgress, {
            ...variables,
            ...options.variables,
          }),
        close: () => rm(home, { recursive: true, force: true }),
      },
    )
  return make('', undefined, {})
}
