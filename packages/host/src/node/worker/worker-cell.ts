import { InterruptionFlag } from '@morphee/component'
import { Worker } from 'node:worker_threads'
import type { CellKind, CellListener, GuestCell } from '../isolation/guest-cell.ts'
import {
  createProgram,
  ownModule,
  type Program,
  type StartedProgram,
  toDataUrl,
} from '../isolation/module-bundle.ts'
import type { FromGuest, ToGuest } from '../isolation/protocol.ts'
import { watchProcessorTime } from './processor-time.ts'

/** What a worker is started with. */
export interface WorkerCellData extends StartedProgram {
  /** One number, counted up after each message: the worker sleeps on it. */
  readonly bell: Int32Array<SharedArrayBuffer>
  /** The memory of the flag that this worker's guests look at where V8 does not. */
  readonly interruption: WebAssembly.Memory
}

/** Makes worker threads as cells; what they run is read once. */
export function createWorkerCells(): CellKind {
  const program = createProgram(
    ownModule('./boot', import.meta.url),
    ownModule('./main', import.meta.url),
  )
  return { holds: true, open: (listener) => openWorkerCell(program, listener) }
}

function openWorkerCell({ boot, runner, bundle }: Program, listener: CellListener): GuestCell {
  const bell = new Int32Array(new SharedArrayBuffer(4))
  const interruption = new InterruptionFlag()
  const worker = new Worker(new URL(toDataUrl(boot)), {
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    workerData: {
      bell,
      interruption: interruption.memory,
      runner,
      bundle,
    } satisfies WorkerCellData,
    // The guest's linear memory is outside these; they bound what lifting can pile up in the worker's own heap.
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
  })
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('The worker ended before it was ready')))
  })
  ready.catch(() => {})
  let killed = false
  let dead = false
  const die = (cause: Error): void => {
    if (killed || dead) return
    dead = true
    const { code } = cause as { code?: string }
    listener.onDeath({ outOfMemory: code === 'ERR_WORKER_OUT_OF_MEMORY', cause })
  }
  worker.on('message', (message: FromGuest) => listener.onMessage(message))
  worker.on('error', die)
  worker.on('exit', () => die(new Error('The worker ended')))
  return {
    ready,
    post(message: ToGuest) {
      worker.postMessage(message)
      Atomics.add(bell, 0, 1)
      Atomics.notify(bell, 0)
    },
    hold: (onComputed) => watchProcessorTime(() => worker.cpuUsage(), onComputed),
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    async kill() {
      killed = true
      interruption.raise()
      await worker.terminate()
    },
  }
}
