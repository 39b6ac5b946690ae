import { spawnSync } from 'node:child_process'
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assembleSeccompFilter } from './seccomp-filter.ts'

/** What the operating system adds around a child process. */
export interface OsSandbox {
  /** The command that a child's own command is put behind; another one for each child. */
  prefix(): readonly string[]
  /** What it holds back, for people: "no OS sandbox" when it is nothing. */
  readonly description: string
}

const NONE: OsSandbox = { prefix: () => [], description: 'no OS sandbox' }

// systemd gives the same range to its dynamic users: nobody owns files there. One number a child, so that no child could
// signal or inspect another.
const FIRST_USER = 61_184
const USERS = 4_336

interface Layer {
  readonly name: string
  /** `privileges` are options of `setpriv`. */
  prefix(user: number, privileges: readonly string[]): readonly string[]
}

// From the strongest; each is tried with this very Node, because a user of no rights may not reach it where it is installed.
const NO_NEW_PRIVILEGES = ['--no-new-privs', '--inh-caps=-all', '--pdeathsig=KILL']
const NO_MORE = ['prlimit', '--core=0', '--fsize=0', '--nofile=64', '--']

const LAYERS: readonly Layer[] = [
  {
    name: 'its own user, no capabilities, no network, no new privileges',
    prefix: (user, privileges) => [
      ...['unshare', '--net', '--ipc', '--uts', '--'],
      ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...['--bounding-set=-all', ...privileges, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'its own user, no capabilities, no new privileges',
    prefix: (user, privileges) => [
      ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...['--bounding-set=-all', ...privileges, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'no network, no new privileges',
    prefix: (_, privileges) => [
      ...['unshare', '--user', '--net', '--ipc', '--uts', '--'],
      ...['setpriv', ...privileges, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'no new privileges',
    prefix: (_, privileges) => ['setpriv', ...privileges, '--', ...NO_MORE],
  },
]

let found: OsSandbox | undefined

/** The strongest sandbox that works here; looked for once a process. */
export function findOsSandbox(): OsSandbox {
  found ??= process.platform === 'linux' ? tryLayers() : NONE
  return found
}

function tryLayers(): OsSandbox {
  const filter = writeFilter()
  for (const layer of LAYERS) {
    if (filter !== undefined) {
      const privileges = [...NO_NEW_PRIVILEGES, '--seccomp-filter', filter]
      if (works(layer, privileges, REPORT_FILTER))
        return sandboxOf(layer, privileges, `${layer.name}, system calls filtered`)
    }
    if (works(layer, NO_NEW_PRIVILEGES, ['--version']))
      return sandboxOf(layer, NO_NEW_PRIVILEGES, layer.name)
  }
  return NONE
}

function sandboxOf(layer: Layer, privileges: readonly string[], description: string): OsSandbox {
  let children = 0
  return {
    prefix: () => layer.prefix(FIRST_USER + (children++ % USERS), privileges),
    description,
  }
}

function works(layer: Layer, privileges: readonly string[], trial: readonly string[]): boolean {
  const prefix = layer.prefix(FIRST_USER, privileges)
  const [command = '', ...args] = [...prefix, process.execPath, ...trial]
  return spawnSync(command, args, { cwd: '/', env: {}, stdio: 'ignore' }).status === 0
}

/** Arguments of a Node that succeeds when the kernel says that a filter holds for it. */
export const REPORT_FILTER: readonly string[] = [
  '--eval',
  "process.exitCode = /^Seccomp:\\t2$/m.test(require('node:fs').readFileSync('/proc/self/status', 'utf8')) ? 0 : 1",
]

/** A path of the filter for `setpriv`, which has the option since util-linux 2.41 and reads it anew for each child. */
function writeFilter(): string | undefined {
  const help = spawnSync('setpriv', ['--help'], { env: {}, encoding: 'utf8' })
  const filter = assembleSeccompFilter(process.arch)
  if (filter === undefined || help.stdout?.includes('--seccomp-filter') !== true) return undefined
  try {
    const folder = mkdtempSync(join(tmpdir(), 'morphee-seccomp-'))
    try {
      const file = openSync(join(folder, 'filter'), 'wx', 0o600)
      writeSync(file, filter)
      // It has no name from here on, so that nobody who tidies up takes it away while the host runs.
      return `/proc/${process.pid}/fd/${file}`
    } finally {
      rmSync(folder, { recursive: true })
    }
  } catch {
    // Nowhere to write is no reason to run nothing.
    return undefined
  }
}
