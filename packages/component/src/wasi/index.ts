import { createCli } from './cli.ts'
import { createClocks } from './clocks.ts'
import { createFilesystem, SUSPENDING_FILESYSTEM } from './filesystem.ts'
import { createHttp } from './http.ts'
import { createPoll } from './poll.ts'
import { type WasiPorts, worldOf } from './ports.ts'
import { createRandom } from './random.ts'
import { createSockets } from './sockets.ts'
import { createStreams } from './streams.ts'

export { WasiExit, WasiFault } from './fault.ts'
export type { WasiClock, WasiPorts, WasiRequest, WasiResponse, WasiStorage } from './ports.ts'

/** WASI 0.2 for one guest. */
export interface Wasi {
  /** For {@link Component.instantiate}; the names carry the newest version, which every 0.2 resolves to. */
  readonly imports: Readonly<Record<string, object>>
  /** Which of them may wait, for the option of the same name. */
  readonly suspending: readonly string[]
  /** Waits for what the guest has written and closed. Call it when the guest is done. @throws what kept a file from being saved */
  settle(): Promise<void>
}

/** The version that the names are offered under. */
const VERSION = '0.2.12'

/**
 * WASI 0.2 as a sandbox: clocks, random, standard streams, polls, files over a storage of keys and requests through one function.
 *
 * Nothing of the machine is reachable but through `ports`: no environment, no folder, no network by default. Sockets are there by
 * name and refuse. Everything the guest can make it hold is bounded by `maxFileBytes` and `maxBufferedBytes`.
 *
 * @example
 * ```ts
 * const wasi = createWasi({ stdout: (bytes) => process.stdout.write(bytes) })
 * const { exports } = await component.instantiate(wasi.imports, { suspending: wasi.suspending })
 * ```
 */
export function createWasi(ports: WasiPorts = {}): Wasi {
  const world = worldOf(ports)
  const filesystem = createFilesystem(world)
  const { error, streams } = createStreams()
  const packages: Readonly<Record<string, Readonly<Record<string, object>>>> = {
    cli: createCli(world),
    clocks: createClocks(world),
    filesystem: filesystem.interfaces,
    http: createHttp(world),
    io: { error, poll: createPoll(world.signal), streams },
    random: createRandom(world),
    sockets: createSockets(world),
  }
  return {
    imports: Object.fromEntries(
      Object.entries(packages).flatMap(([name, interfaces]) =>
        Object.entries(interfaces).map(([part, value]) => [
          `wasi:${name}/${part}@${VERSION}`,
          value,
        ]),
      ),
    ),
    suspending: SUSPENDING,
    settle: () => filesystem.settle(),
  }
}

const SUSPENDING: readonly string[] = [
  'wasi:io/poll#poll',
  'wasi:io/poll#[method]pollable.block',
  ...[
    'blocking-flush',
    'blocking-write-and-flush',
    'blocking-write-zeroes-and-flush',
    'blocking-splice',
  ].map((name) => `wasi:io/streams#[method]output-stream.${name}`),
  ...SUSPENDING_FILESYSTEM,
]
