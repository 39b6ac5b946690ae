import type { IsolationLevel } from '@morphee/manifest'
import type { RuntimeCall, RuntimeOutcome } from '../../runtimes/runtime.ts'
import { findOsSandbox } from '../process/os-sandbox.ts'
import { createProcessCells } from '../process/process-cell.ts'
import { createThreadCells } from '../thread/thread-cell.ts'
import { createWorkerCells } from '../worker/worker-cell.ts'
import { type CellPool, createCellPool } from './cell-pool.ts'
import type { GuestCode } from './protocol.ts'

/** How many worker threads there are, and for how long. */
export interface WorkerPoolOptions {
  /** Workers at once, busy and idle. @default 8 */
  readonly maxWorkers?: number
  /** How long an idle worker is kept, in milliseconds. @default 30_000 */
  readonly idleMs?: number
}

/** How many child processes there are, and for how long. */
export interface ProcessPoolOptions {
  /** Processes at once, busy and idle. @default 8 */
  readonly maxProcesses?: number
  /** How long an idle process is kept, in milliseconds. @default 30_000 */
  readonly idleMs?: number
}

/** Options of {@link createHousing}. */
export interface HousingOptions {
  readonly workers?: WorkerPoolOptions | undefined
  readonly processes?: ProcessPoolOptions | undefined
}

/** Where guests run: one pool of cells for each isolation level, made when it is first used. */
export interface GuestHousing {
  /**
   * Runs one call at `level`.
   *
   * @throws `ERR_HOST_LIMIT`, `ERR_HOST_TRAPPED`, `ERR_HOST_CANCELLED`
   */
  run(level: IsolationLevel, code: GuestCode, call: RuntimeCall): Promise<RuntimeOutcome>
  /** Drops this code wherever it is held: it may not run any more, or nobody needs it. */
  forget(digest: string): void
  /** Cells alive now at `level`, for tests and metrics. */
  size(level: IsolationLevel): number
  close(): Promise<void>
}

/** What a level is on this machine, for people. */
export function describeIsolation(level: IsolationLevel): string {
  return level === 'process' ? `process, ${findOsSandbox().description}` : level
}

const MAX_CELLS = 8
// A cell of the thread is little more than its place in a list: what bounds it is the memory of the guests that sleep in it.
const MAX_THREAD_CELLS = 32
const IDLE_MS = 30_000

/** Makes the housing of one host. */
export function createHousing({ workers = {}, processes = {} }: HousingOptions = {}): GuestHousing {
  const create: Readonly<Record<IsolationLevel, () => CellPool>> = {
    thread: () =>
      createCellPool(createThreadCells(), { maxCells: MAX_THREAD_CELLS, idleMs: IDLE_MS }),
    worker: () =>
      createCellPool(createWorkerCells(), {
        maxCells: workers.maxWorkers ?? MAX_CELLS,
        idleMs: workers.idleMs ?? IDLE_MS,
      }),
    process: () =>
      createCellPool(createProcessCells(), {
        maxCells: processes.maxProcesses ?? MAX_CELLS,
        idleMs: processes.idleMs ?? IDLE_MS,
      }),
  }
  const pools = new Map<IsolationLevel, CellPool>()
  const poolOf = (level: IsolationLevel): CellPool => {
    const known = pools.get(level)
    if (known !== undefined) return known
    const pool = create[level]()
    pools.set(level, pool)
    return pool
  }
  return {
    run: (level, code, call) => poolOf(level).run(code, call),
    forget(digest) {
      for (const pool of pools.values()) pool.forget(digest)
    },
    size: (level) => pools.get(level)?.size ?? 0,
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()))
    },
  }
}
