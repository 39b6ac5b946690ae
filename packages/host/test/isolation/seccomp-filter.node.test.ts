// The filter as the kernel reads it, by an interpreter; and a real child under it, where bubblewrap can load it.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOsSandbox, REPORT_FILTER } from '../../src/node/process/os-sandbox.ts'
import { createProcessCells } from '../../src/node/process/process-cell.ts'
import { assembleSeccompFilter } from '../../src/node/process/seccomp-filter.ts'

const ALLOW = 0x7fff_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026
const KILL = 0x8000_0000
const AUDIT = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const
type Arch = keyof typeof AUDIT

/** What the kernel does for a system call: classic BPF, as far as the filter uses it. */
function answerOf(arch: Arch, number: number, argument = 0, audit: number = AUDIT[arch]): number {
  const filter = assembleSeccompFilter(arch) as Uint8Array<ArrayBuffer>
  const program = new DataView(filter.buffer)
  const data = new Map([
    [0, number],
    [4, audit],
    [16, argument],
  ])
  let accumulator = 0
  for (let at = 0; at < program.byteLength; at += 8) {
    const operand = program.getUint32(at + 4, true)
    const branch = (taken: boolean): void => {
      at += 8 * program.getUint8(at + (taken ? 2 : 3))
    }
    switch (program.getUint16(at, true)) {
      case 0x20:
        accumulator = data.get(operand) as number
        break
      case 0x15:
        branch(accumulator === operand)
        break
      case 0x35:
        branch(accumulator >= operand)
        break
      case 0x45:
        branch((accumulator & operand) !== 0)
        break
      case 0x06:
        return operand
      default:
        throw new Error(`no such instruction at ${at}`)
    }
  }
  throw new Error('the filter has no end')
}

const CASES: readonly (readonly [name: string, x64: number, arm64: number, answer: number])[] = [
  ['read', 0, 63, ALLOW],
  ['write', 1, 64, ALLOW],
  ['mmap', 9, 222, ALLOW],
  ['mprotect', 10, 226, ALLOW],
  ['futex', 202, 98, ALLOW],
  ['epoll_ctl', 233, 21, ALLOW],
  ['socketpair', 53, 199, ALLOW],
  ['execve, which starts Node', 59, 221, ALLOW],
  ['setresuid, which comes after it is loaded', 117, 147, ALLOW],
  ['prlimit64, which comes after it is loaded', 302, 261, ALLOW],
  ['exit_group', 231, 94, ALLOW],
  ['ptrace', 101, 117, EPERM],
  ['socket', 41, 198, EPERM],
  ['connect', 42, 203, EPERM],
  ['mount', 165, 40, EPERM],
  ['unshare', 272, 97, EPERM],
  ['bpf', 321, 280, EPERM],
  ['io_uring_setup', 425, 425, EPERM],
  ['userfaultfd', 323, 282, EPERM],
  ['keyctl', 250, 219, EPERM],
  ['kexec_load', 246, 104, EPERM],
  ['clone3', 435, 435, ENOSYS],
]

describe.each(['x64', 'arm64'] as const)('on %s', (arch) => {
  for (const [name, x64, arm64, answer] of CASES) {
    it(`${name} is ${answer === ALLOW ? 'allowed' : 'denied'}`, () => {
      expect(answerOf(arch, arch === 'x64' ? x64 : arm64)).toBe(answer)
    })
  }

  it('a thread is made, and no namespace', () => {
    const clone = arch === 'x64' ? 56 : 220
    expect(answerOf(arch, clone, 0x003d_0f00)).toBe(ALLOW)
    for (const bit of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x4000_0000])
      expect(answerOf(arch, clone, bit | 17)).toBe(EPERM)
  })

  it('numbers of another architecture end the process, and x32 is denied', () => {
    expect(answerOf(arch, 0, 0, 0x4000_0003)).toBe(KILL)
    expect(answerOf(arch, 0x4000_0000)).toBe(EPERM)
  })
})

it('there is none for an architecture that it is not known for', () => {
  for (const arch of ['ia32', 's390x', 'constructor'])
    expect(assembleSeccompFilter(arch)).toBeUndefined()
})

it('the sandbox says that system calls are filtered exactly where its children are', () => {
  const { prefix, description } = findOsSandbox()
  const [command = '', ...args] = [...prefix(), process.execPath, ...REPORT_FILTER]
  const { status } = spawnSync(command, args, { cwd: '/', env: {} })
  expect(status === 0).toBe(description.endsWith('system calls filtered'))
})

const fetched = resolve(import.meta.dirname, '../../../../.tmp/bubblewrap/usr/bin/bwrap')
const BUBBLEWRAP = [fetched, 'bwrap'].find(
  (command) =>
    spawnSync(command, ['--dev-bind', '/', '/', '--unshare-net', '--', 'true']).status === 0,
)
if (BUBBLEWRAP === undefined)
  console.warn('left out: the filter under a real kernel: no bubblewrap')

describe.skipIf(BUBBLEWRAP === undefined)('a real child under it', () => {
  let folder: string
  let filtered: readonly string[]
  const free = [BUBBLEWRAP as string, '--dev-bind', '/', '/', '--unshare-net', '--']
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'morphee-filter-'))
    const file = join(folder, 'filter')
    await writeFile(file, assembleSeccompFilter(process.arch) as Uint8Array)
    const script = `exec "$1" --dev-bind / / --unshare-net --die-with-parent --seccomp 9 -- "\${@:2}" 9<"$0"`
    filtered = ['bash', '-c', script, file, BUBBLEWRAP as string]
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const statusOf = (prefix: readonly string[], ...command: readonly string[]): number | null => {
    const [first = '', ...args] = [...prefix, ...command]
    return spawnSync(first, args, { cwd: '/' }).status
  }
  const LISTENS = ['--eval', "require('node:net').createServer().listen(0).unref()"]

  it('is reported by the kernel', () => {
    expect(statusOf(filtered, process.execPath, ...REPORT_FILTER)).toBe(0)
    expect(statusOf(free, process.execPath, ...REPORT_FILTER)).toBe(1)
  })

  it('has no sockets and no namespaces, which it has without', () => {
    expect(statusOf(free, process.execPath, ...LISTENS)).toBe(0)
    expect(statusOf(filtered, process.execPath, ...LISTENS)).toBe(1)
    expect(statusOf(free, 'unshare', '--user', 'true')).toBe(0)
    expect(statusOf(filtered, 'unshare', '--user', 'true')).toBe(1)
  })

  it('starts as a cell and answers', async () => {
    const sandbox = { prefix: () => filtered, description: 'filtered' }
    const cell = createProcessCells({ sandbox }).open({ onMessage: () => {}, onDeath: () => {} })
    await cell.ready
    await cell.kill()
  })
})
