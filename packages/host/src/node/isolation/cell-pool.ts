import { HostError } from '../../errors.ts'
import { wallTimeLimit } from '../../invocation/limit-error.ts'
import type { StandingRoom } from '../../invocation/person-waits.ts'
import type { RuntimeCall, RuntimeOutcome } from '../../runtimes/runtime.ts'
import type { CellKind, CellListener, GuestCell } from './guest-cell.ts'
import { runLease } from './lease.ts'
import type { GuestCode } from './protocol.ts'

/** Options of {@link createCellPool}. */
export interface CellPoolOptions {
  /** Cells at once, busy and idle. */
  readonly maxCells: number
  /** How long an idle cell is kept, in milliseconds. */
  readonly idleMs: number
}

/** Runs guests in cells of one kind; a cell lives for one workspace and serves one call at a time. */
export interface CellPool {
  /**
   * Runs one call in a cell of its workspace.
   *
   * A guest that runs past its CPU or wall time, is cancelled, or cannot be trusted to have stopped loses its cell; the next
   * call gets a fresh one. Waiting for a free cell counts as wall time.
   *
   * @throws `ERR_HOST_LIMIT`, `ERR_HOST_TRAPPED`, `ERR_HOST_CANCELLED`
   */
  run(code: GuestCode, call: RuntimeCall): Promise<RuntimeOutcome>
  /** Ends every idle cell that holds this code; a busy one ends with its call. */
  forget(digest: string): void
  /** Cells alive now, for tests and metrics. */
  readonly size: number
  close(): Promise<void>
}

interface Slot {
  readonly cell: GuestCell
  readonly workspace: string
  /** Digests of the code it holds. */
  readonly known: Set<string>
  /** The code of its last call, whose next instance it may still be making. */
  lastDigest: string | undefined
  busy: boolean
  /** It holds code that was forgotten meanwhile. */
  stale: boolean
  idleTimer: ReturnType<typeof setTimeout> | undefined
  /** Hears of the cell while a call runs. */
  listener: CellListener | undefined
}

/** Makes a pool of cells of one kind, which it closes. */
export function createCellPool(kind: CellKind, { maxCells, idleMs }: CellPoolOptions): CellPool {
  const slots = new Set<Slot>()
  const queue: (() => void)[] = []
  /** Cells that were killed and have not ended. */
  const stuck = new Set<Slot>()
  /** Digests of code whose guests do not end. */
  const endless = new Set<string>()
  let leases = 0
  // The other half is free again within the wall time of its calls, however many wait for people.
  const maxStanding = kind.holds ? Math.floor(maxCells / 2) : 0
  let standing = 0
  const room: StandingRoom = {
    tryEnter() {
      if (standing >= maxStanding) return false
      standing++
      return true
    },
    leave: () => void standing--,
  }
  let closed = false

  function start(workspace: string): Slot {
    const cell = kind.open({
      onMessage: (message) => slot.listener?.onMessage(message),
      onDeath: (death) => {
        slots.delete(slot)
        clearTimeout(slot.idleTimer)
        slot.listener?.onDeath(death)
        queue.shift()?.()
      },
    })
    const slot: Slot = {
      cell,
      workspace,
      known: new Set(),
      lastDigest: undefined,
      busy: true,
      stale: false,
      idleTimer: undefined,
      listener: undefined,
    }
    slots.add(slot)
    return slot
  }

  // Its end is waited for, so that the next call finds the place free, but not for long: a guest that V8 cannot end keeps its
  // cell, which goes on counting as one, and keeps nobody waiting.
  async function drop(slot: Slot): Promise<void> {
    slots.delete(slot)
    clearTimeout(slot.idleTimer)
    slot.listener = undefined
    const ended = slot.cell.kill()
    if (!(await settlesWithin(ended, KILL_WAIT_MS))) {
      stuck.add(slot)
      void ended.then(() => {
        stuck.delete(slot)
        queue.shift()?.()
      })
    }
    queue.shift()?.()
  }

  /** Remembers code whose guest could not be ended, so that it costs one cell and not all of them. */
  function watchEnd(slot: Slot, digest: string): void {
    if (!stuck.has(slot)) return
    const timer = setTimeout(() => {
      if (stuck.has(slot)) endless.add(digest)
    }, GIVE_UP_MS)
    timer.unref()
  }

  async function acquire(
    { workspace, signal, limits }: RuntimeCall,
    deadline: number,
  ): Promise<Slot> {
    for (;;) {
      if (signal.aborted) {
        // It may have been woken for a place that it no longer takes: the next in the queue gets it.
        queue.shift()?.()
        throw signal.reason
      }
      if (closed) throw new TypeError('The pool is closed')
      for (const slot of slots) {
        if (slot.busy || slot.workspace !== workspace) continue
        slot.busy = true
        clearTimeout(slot.idleTimer)
        return slot
      }
      if (slots.size + stuck.size < maxCells) return start(workspace)
      const idle = [...slots].find((slot) => !slot.busy)
      if (idle !== undefined) {
        // Never handed over: a cell that has seen one workspace's data ends with it.
        idle.busy = true
        await drop(idle)
        continue
      }
      await new Promise<void>((resolve, reject) => {
        const leave = (): void => {
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
        }
        const giveUp = (reason: unknown): void => {
          leave()
          queue.splice(queue.indexOf(wake), 1)
          reject(reason)
        }
        const wake = (): void => {
          leave()
          resolve()
        }
        const onAbort = (): void => giveUp(signal.reason)
        const timer = setTimeout(
          () => giveUp(wallTimeLimit(limits.wallMs)),
          deadline - performance.now(),
        )
        signal.addEventListener('abort', onAbort, { once: true })
        queue.push(wake)
      })
    }
  }

  function release(slot: Slot): void {
    slot.cell.unref()
    idle(slot, Math.min(SETTLE_MS, idleMs), () => void settle(slot))
  }

  function idle(slot: Slot, ms: number, then: () => void): void {
    slot.busy = false
    slot.idleTimer = setTimeout(then, ms)
    slot.idleTimer.unref()
    queue.shift()?.()
  }

  // What a cell does after a call is nobody's time: it may make an instance ahead, and no more.
  async function settle(slot: Slot): Promise<void> {
    slot.busy = true
    const isDone = await isSettled(slot)
    // Its code may have been forgotten meanwhile.
    if (isDone && !slot.stale) idle(slot, idleMs, () => void drop(slot))
    else await drop(slot)
  }

  /**
   * A cell for a call of this code. It is asked first whether it has done with the code before: what that does in its start is neither paid for
   * by another extension nor blamed on it.
   */
  async function acquireSettled(
    digest: string,
    call: RuntimeCall,
    deadline: number,
  ): Promise<Slot> {
    for (;;) {
      const slot = await acquire(call, deadline)
      const { lastDigest } = slot
      slot.lastDigest = digest
      if (lastDigest === undefined || lastDigest === digest || (await isSettled(slot))) return slot
      await drop(slot)
    }
  }

  return {
    get size() {
      return slots.size
    },
    async run(code, call) {
      if (endless.has(code.digest)) throw endlessError()
      const deadline = performance.now() + call.remainingMs
      const slot = await acquireSettled(code.digest, call, deadline)
      slot.cell.ref()
      call.waits?.within(room)
      try {
        await slot.cell.ready
        call.signal.throwIfAborted()
        if (!slot.known.has(code.digest)) {
          slot.known.add(code.digest)
          slot.cell.post({ kind: 'code', code }, call.limits.cpuMs)
        }
        const outcome = await runLease(
          {
            number: ++leases,
            digest: code.digest,
            cell: slot.cell,
            listen: (listener) => (slot.listener = listener),
          },
          { ...call, remainingMs: Math.max(1, deadline - performance.now()) },
        )
        if (slot.stale) await drop(slot)
        else release(slot)
        return outcome
      } catch (error) {
        // Whatever happened, this cell may still be running the guest.
        await drop(slot)
        watchEnd(slot, code.digest)
        throw error
      }
    },
    forget(digest) {
      kind.forget?.(digest)
      for (const slot of slots) {
        if (!slot.known.has(digest)) continue
        slot.stale = true
        if (!slot.busy) void drop(slot)
      }
    },
    async close() {
      closed = true
      const cause = new TypeError('The pool was closed')
      for (const slot of slots) slot.listener?.onDeath({ outOfMemory: false, cause })
      await Promise.all([...slots].map((slot) => drop(slot)))
      for (const wake of queue.splice(0)) wake()
      await kind.close?.()
    },
  }
}

/** Whether a cell that runs no call answers, which it does when it has nothing else to do. */
function isSettled(slot: Slot): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (answers: boolean): void => {
      clearTimeout(timer)
      slot.listener = undefined
      resolve(answers)
    }
    const timer = setTimeout(() => settle(false), SETTLE_MS)
    slot.listener = {
      onMessage: ({ kind }) => {
        if (kind === 'ready') settle(true)
      },
      onDeath: () => settle(false),
    }
    slot.cell.post({ kind: 'settle' }, SETTLE_MS)
  })
}

/** Within this a cell that was left alone answers, on a busy machine too: making an instance ahead takes a hundredth of it. */
const SETTLE_MS = 250
const KILL_WAIT_MS = 100
/** A cell that has not ended by then will not: a busy machine ends a worker in well under a second. */
const GIVE_UP_MS = 5000

async function settlesWithin(work: Promise<void>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const waited = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms)
  })
  const settled = await Promise.race([work.then(() => true), waited])
  clearTimeout(timer)
  return settled
}

// A trap counts as a crash, and a few of them quarantine the installation, which a person sees.
function endlessError(): HostError<'ERR_HOST_TRAPPED'> {
  return new HostError(
    'ERR_HOST_TRAPPED',
    'Cannot run this version again: its guest could not be ended when it was stopped before',
    { reason: 'cannot-be-ended' },
    { hint: 'Run it at the isolation level process, or remove it' },
  )
}
