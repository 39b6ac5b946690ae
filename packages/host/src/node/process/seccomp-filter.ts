/**
 * What a guest's process has no use for, as a filter of system calls for the kernel.
 *
 * A list of what is denied, not of what is allowed: Node and V8 change what they call from one version to the next, and a list that
 * is too short would end guests. `execve` is not on it, since the filter is loaded before Node is started; Node's own `--permission`
 * refuses child processes, and whatever is executed has the same filter.
 */

/** Numbers of a system call on x86-64 and on arm64; `undefined` where it is not there. */
type Numbers = readonly [x64: number | undefined, arm64: number | undefined]

// Sources: arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h of Linux.
const DENIED: Readonly<Record<string, Numbers>> = {
  // Other processes.
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  process_madvise: [440, 440],
  kcmp: [312, 272],
  pidfd_open: [434, 434],
  pidfd_getfd: [438, 438],
  pidfd_send_signal: [424, 424],
  // The network, and sockets of services; a pair of connected ones is nobody's.
  socket: [41, 198],
  connect: [42, 203],
  bind: [49, 200],
  listen: [50, 201],
  accept: [43, 202],
  accept4: [288, 242],
  // Mounts and namespaces.
  mount: [165, 40],
  umount2: [166, 39],
  pivot_root: [155, 41],
  chroot: [161, 51],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  mount_setattr: [442, 442],
  unshare: [272, 97],
  setns: [308, 268],
  // Parts of the kernel that faults are found in most.
  bpf: [321, 280],
  perf_event_open: [298, 241],
  userfaultfd: [323, 282],
  io_uring_setup: [425, 425],
  io_uring_enter: [426, 426],
  io_uring_register: [427, 427],
  add_key: [248, 217],
  request_key: [249, 218],
  keyctl: [250, 219],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  fanotify_init: [300, 262],
  quotactl: [179, 60],
  modify_ldt: [154, undefined],
  personality: [135, 92],
  // The machine.
  kexec_load: [246, 104],
  kexec_file_load: [320, 294],
  init_module: [175, 105],
  finit_module: [313, 273],
  delete_module: [176, 106],
  reboot: [169, 142],
  swapon: [167, 224],
  swapoff: [168, 225],
  acct: [163, 89],
  syslog: [103, 116],
  settimeofday: [164, 170],
  clock_settime: [227, 112],
  adjtimex: [159, 171],
  clock_adjtime: [305, 266],
  sethostname: [170, 161],
  setdomainname: [171, 162],
  iopl: [172, undefined],
  ioperm: [173, undefined],
}

interface Architecture {
  /** `AUDIT_ARCH_…` of linux/audit.h. */
  readonly audit: number
  readonly column: 0 | 1
  readonly clone: number
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: { audit: 0xc000_003e, column: 0, clone: 56 },
  arm64: { audit: 0xc000_00b7, column: 1, clone: 220 },
}

const CLONE3 = 435
/** Every flag that makes a namespace; threads set none of them. Source: linux/sched.h. */
const CLONE_NAMESPACES = 0x7e02_0000
/** Numbers from here on are those of the x32 interface, which no Node speaks. */
const X32 = 0x4000_0000

// linux/seccomp.h and asm-generic/errno.h.
const ALLOW = 0x7fff_0000
const KILL_PROCESS = 0x8000_0000
const EPERM = 0x0005_0001
const ENOSYS = 0x0005_0026

// Offsets in `struct seccomp_data`; both architectures are little-endian.
const NUMBER = 0
const ARCHITECTURE = 4
const FIRST_ARGUMENT = 16

/** A filter as `setpriv --seccomp-filter` and `bwrap --seccomp` take it; `undefined` for an architecture that it is not known for. */
export function assembleSeccompFilter(arch: string): Uint8Array<ArrayBuffer> | undefined {
  const architecture = Object.hasOwn(ARCHITECTURES, arch) ? ARCHITECTURES[arch] : undefined
  if (architecture === undefined) return undefined
  const { audit, column, clone } = architecture
  const numbers = Object.values(DENIED).flatMap((row) => row[column] ?? [])
  return assemble([
    load(ARCHITECTURE),
    ...unless('equal', audit, KILL_PROCESS),
    load(NUMBER),
    ...when('at-least', X32, EPERM),
    ...numbers.flatMap((number) => when('equal', number, EPERM)),
    // Its flags lie behind a pointer, which no filter can follow; told that it is not there, everybody takes `clone`.
    ...when('equal', CLONE3, ENOSYS),
    jump('equal', clone, 0, 3),
    load(FIRST_ARGUMENT),
    ...when('any-bit', CLONE_NAMESPACES, EPERM),
    end(ALLOW),
  ])
}

/** `struct sock_filter` of linux/filter.h. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number]
type Test = 'equal' | 'at-least' | 'any-bit'

const JUMPS: Readonly<Record<Test, number>> = { equal: 0x15, 'at-least': 0x35, 'any-bit': 0x45 }

const load = (offset: number): Instruction => [0x20, 0, 0, offset]
const end = (answer: number): Instruction => [0x06, 0, 0, answer]
const jump = (test: Test, operand: number, whenTrue: number, whenFalse: number): Instruction => [
  JUMPS[test],
  whenTrue,
  whenFalse,
  operand,
]
const when = (test: Test, operand: number, answer: number): Instruction[] => [
  jump(test, operand, 0, 1),
  end(answer),
]
const unless = (test: Test, operand: number, answer: number): Instruction[] => [
  jump(test, operand, 1, 0),
  end(answer),
]

const INSTRUCTION_BYTES = 8

function assemble(program: readonly Instruction[]): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(program.length * INSTRUCTION_BYTES))
  for (const [index, [code, whenTrue, whenFalse, operand]] of program.entries()) {
    const at = index * INSTRUCTION_BYTES
    view.setUint16(at, code, true)
    view.setUint8(at + 2, whenTrue)
    view.setUint8(at + 3, whenFalse)
    view.setUint32(at + 4, operand, true)
  }
  return new Uint8Array(view.buffer)
}
