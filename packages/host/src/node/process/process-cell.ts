import { encodeUtf8 } from '@morphee/core'
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import type { CellKind, CellListener, GuestCell } from '../isolation/guest-cell.ts'
import { createProgram, ownModule, type Program } from '../isolation/module-bundle.ts'
import type { ProcessBootData } from './boot.ts'
import { FrameReader, toFrame } from './frames.ts'
import { inheritedDescriptors } from './inherited-descriptors.ts'
import { decodeFromGuest, encodeToGuest } from './message-codec.ts'
import { findOsSandbox, type OsSandbox } from './os-sandbox.ts'

const PIPE = 3
/** Windows stops no process from outside. */
const CAN_STOP = process.platform !== 'win32'

const FLAGS = [
  // No files, no network, no processes, no workers, no native code, no inspector.
  '--permission',
  '--disallow-code-generation-from-strings',
  // The guest's linear memory is outside these; they bound what lifting can pile up in the child's own heap.
  '--max-old-space-size=512',
  '--max-semi-space-size=16',
  '--input-type=module',
]

/** Options of {@link createProcessCells}. */
export interface ProcessCellOptions {
  /** @default the strongest that works here */
  readonly sandbox?: OsSandbox
  /** The module that a child runs; everything it imports goes with it. @default the runner of guests */
  readonly main?: URL
}

/** A child process as a cell. */
export interface ProcessCell extends GuestCell {
  /** `undefined` when it could not be started. */
  readonly pid: number | undefined
}

/** Child processes as cells. */
export interface ProcessCells extends CellKind {
  open(listener: CellListener): ProcessCell
}

/** Makes child processes as cells; what they run is read once. */
export function createProcessCells({
  sandbox = findOsSandbox(),
  main = ownModule('./main', import.meta.url),
}: ProcessCellOptions = {}): ProcessCells {
  const program = createProgram(ownModule('./boot', import.meta.url), main)
  return { holds: CAN_STOP, open: (listener) => openProcessCell(sandbox, program, listener) }
}

function openProcessCell(
  sandbox: OsSandbox,
  { boot, runner, bundle }: Program,
  listener: CellListener,
): ProcessCell {
  const [command = '', ...args] = [...sandbox.prefix(), process.execPath, ...FLAGS, '--eval', boot]
  const inherited = inheritedDescriptors()
  const child = spawn(command, args, {
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = child.stdio[PIPE] as Duplex
  const frames = new FrameReader()
  let killed = false
  let dead = false
  let settleReady: { resolve(): void; reject(error: Error): void } | undefined
  const ready = new Promise<void>((resolve, reject) => {
    settleReady = { resolve, reject }
  })
  ready.catch(() => {})

  const die = (cause: Error, outOfMemory = false): void => {
    if (dead) return
    dead = true
    settleReady?.reject(cause)
    pipe.destroy()
    child.kill('SIGKILL')
    if (!killed) listener.onDeath({ outOfMemory, cause })
  }
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      die(error)
      if (child.pid === undefined) resolve()
    })
    child.once('exit', (code, signal) => {
      resolve()
      // V8 aborts when its heap is full; nothing else in the child does.
      die(new Error(`The process ended (${signal ?? code})`), signal === 'SIGABRT')
    })
  })
  // The child is gone, or a message was in the pipe when it went.
  pipe.on('error', () => {})
  pipe.on('data', (piece: Uint8Array) => {
    try {
      frames.push(piece)
      for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
        const message = decodeFromGuest(frame)
        if (message.kind === 'ready') settleReady?.resolve()
        listener.onMessage(message)
      }
    } catch (error) {
      // Not what our own code in the child would write.
      die(error as Error)
    }
  })
  const data: ProcessBootData = { runner, bundle, inherited }
  pipe.write(toFrame(encodeUtf8(JSON.stringify(data))))

  const socket = pipe as Duplex & { ref(): void; unref(): void }
  return {
    ready,
    pid: child.pid,
    post: (message) => void pipe.write(toFrame(encodeToGuest(message))),
    // A stopped process computes nothing, whoever has taken it over, and ends all the same when it is killed.
    hold() {
      child.kill('SIGSTOP')
      // It does not see then that its pipe is closed.
      const end = (): void => void child.kill('SIGKILL')
      process.once('exit', end)
      return () => {
        process.off('exit', end)
        child.kill('SIGCONT')
      }
    },
    ref() {
      child.ref()
      socket.ref()
    },
    unref() {
      child.unref()
      socket.unref()
    },
    async kill() {
      killed = true
      // Whoever waits for its end waits for it, though nobody waited for its work.
      child.ref()
      die(new Error('The process was ended'))
      await gone
    },
  }
}
