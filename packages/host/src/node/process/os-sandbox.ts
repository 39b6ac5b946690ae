import { spawnSync } from 'node:child_process'

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
  prefix(user: number): readonly string[]
}

// From the strongest; each is tried with this very Node, because a user of no rights may not reach it where it is installed.
const NO_NEW_PRIVILEGES = ['--no-new-privs', '--inh-caps=-all', '--pdeathsig=KILL']
const NO_MORE = ['prlimit', '--core=0', '--fsize=0', '--nofile=64', '--']

const LAYERS: readonly Layer[] = [
  {
    name: 'its own user, no capabilities, no network, no new privileges',
    prefix: (user) => [
      ...['unshare', '--net', '--ipc', '--uts', '--'],
      ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...['--bounding-set=-all', ...NO_NEW_PRIVILEGES, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'its own user, no capabilities, no new privileges',
    prefix: (user) => [
      ...['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'],
      ...['--bounding-set=-all', ...NO_NEW_PRIVILEGES, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'no network, no new privileges',
    prefix: () => [
      ...['unshare', '--user', '--net', '--ipc', '--uts', '--'],
      ...['setpriv', ...NO_NEW_PRIVILEGES, '--'],
      ...NO_MORE,
    ],
  },
  {
    name: 'no new privileges',
    prefix: () => ['setpriv', ...NO_NEW_PRIVILEGES, '--', ...NO_MORE],
  },
]

let found: OsSandbox | undefined

/** The strongest sandbox that works here; looked for once a process. */
export function findOsSandbox(): OsSandbox {
  found ??= process.platform === 'linux' ? tryLayers() : NONE
  return found
}

function tryLayers(): OsSandbox {
  const layer = LAYERS.find(works)
  if (layer === undefined) return NONE
  let children = 0
  return {
    prefix: () => layer.prefix(FIRST_USER + (children++ % USERS)),
    description: layer.name,
  }
}

function works(layer: Layer): boolean {
  const [command = '', ...args] = [...layer.prefix(FIRST_USER), process.execPath, '--version']
  return spawnSync(command, args, { cwd: '/', env: {}, stdio: 'ignore' }).status === 0
}
