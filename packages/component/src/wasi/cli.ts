import { WasiExit } from './fault.ts'
import { InputStream, OutputStream, sourceOf } from './streams.ts'
import type { WasiWorld } from './ports.ts'

/** A terminal: nobody has one, and the type is needed to say so. */
class Terminal {}

/** The interfaces of `wasi:cli`, by their names without the package. */
export function createCli(world: WasiWorld): Readonly<Record<string, object>> {
  const { signal } = world
  const output = (write: ((bytes: Uint8Array) => void) | undefined): OutputStream =>
    new OutputStream(signal, { write: (bytes) => write?.(bytes) })
  const stdin = sourceOf(world.stdin ?? new Uint8Array())
  const exit = (status: number): never => {
    world.onExit?.(status)
    throw new WasiExit(status)
  }
  return {
    environment: {
      getEnvironment: () => Object.entries(world.environment ?? {}),
      getArguments: () => [...(world.args ?? [])],
      initialCwd: () => undefined,
    },
    exit: {
      exit: ({ tag }: { readonly tag: 'ok' | 'err' }) => exit(tag === 'ok' ? 0 : 1),
      exitWithCode: exit,
    },
    stdin: { getStdin: () => new InputStream(signal, stdin) },
    stdout: { getStdout: () => output(world.stdout) },
    stderr: { getStderr: () => output(world.stderr) },
    'terminal-input': { TerminalInput: Terminal },
    'terminal-output': { TerminalOutput: Terminal },
    'terminal-stdin': { getTerminalStdin: () => undefined },
    'terminal-stdout': { getTerminalStdout: () => undefined },
    'terminal-stderr': { getTerminalStderr: () => undefined },
  }
}
