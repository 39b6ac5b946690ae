import { Worker } from 'node:worker_threads'

// The thread that hangs can say nothing any more, so another one does, and ends the process.
const CODE = `
const { workerData } = require('node:worker_threads')
const beats = new Int32Array(workerData.buffer)
let last = -1
setInterval(() => {
  const [count, seed] = beats
  if (count === last) {
    require('node:fs').writeSync(2, 'A case hangs; MORPHEE_SEED=' + (seed >>> 0) + ' repeats it alone\\n')
    process.kill(process.pid, 'SIGKILL')
  }
  last = count
}, workerData.patienceMs)`

/** Ends the process, with the seed of the case, when a case of a fuzz run takes longer than `patienceMs`. */
export class HangWatchdog {
  readonly #beats = new Int32Array(new SharedArrayBuffer(8))
  readonly #worker: Worker

  constructor(patienceMs: number) {
    const workerData = { buffer: this.#beats.buffer, patienceMs }
    this.#worker = new Worker(CODE, { eval: true, workerData })
    this.#worker.unref()
  }

  /** A case begins. */
  begin(seed: number): void {
    this.#beats[1] = seed
    this.#beats[0] = (this.#beats[0] as number) + 1
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}
