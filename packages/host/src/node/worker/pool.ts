import { PlatformError } from '@morphee/core'
import { Worker } from 'node:worker_threads'
import { HostError } from '../../errors.ts'
import { limitError, wallTimeLimit } from '../../invocation/limit-error.ts'
import type { RuntimeCall, RuntimeOutcome } from '../../runtimes/runtime.ts'
import type { FromWorker, GuestCode, ToWorker } from './protocol.ts'

/** Options of {@link createWorkerPool}. */
export interface WorkerPoolOptions {
  /** Workers at once, busy and idle. @default 8 */
  readonly maxWorkers?: number
  /** How long an idle worker is kept. @default 30_000 */
  readonly idleMs?: number
}

/** Runs guests in worker threads; a worker lives for one workspace and serves one call at a time. */
export interface WorkerPool {
  /**
   * Runs one call in a worker of its workspace.
   *
   * A guest that runs past its CPU or wall time, is cancelled, or cannot be trusted to have stopped loses its worker; the next
   * call gets a fresh one. Waiting for a free worker counts as wall time.
   *
   * @throws `ERR_HOST_LIMIT`, `ERR_HOST_TRAPPED`, `ERR_HOST_CANCELLED`
   */
  run(code: GuestCode, call: RuntimeCall): Promise<RuntimeOutcome>
  /** Workers alive now, for tests and metrics. */
  readonly size: number
  close(): Promise<void>
}

interface Slot {
  readonly worker: Worker
  readonly workspace: string
  readonly known: Set<string>
  readonly ready: Promise<void>
  busy: boolean
  idleTimer: NodeJS.Timeout | undefined
  /** Set while a call runs; takes every message and the death of the worker. */
  onMessage: ((message: FromWorker) => void) | undefined
  onDeath: ((error: Error) => void) | undefined
}

/** Makes a pool of worker threads. */
export function createWorkerPool(options: WorkerPoolOptions = {}): WorkerPool {
  const { maxWorkers = 8, idleMs = 30_000 } = options
  const slots = new Set<Slot>()
  const queue: (() => void)[] = []
  let leases = 0
  let closed = false

  function start(workspace: string): Slot {
    const file = import.meta.url.endsWith('.ts') ? './main.ts' : './main.js'
    const worker = new Worker(new URL(file, import.meta.url), {
      env: {},
      stdin: false,
      stdout: true,
      stderr: true,
      // The guest's linear memory is outside these; they bound what lifting can pile up in the worker's own heap.
      resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 },
    })
    const slot: Slot = {
      worker,
      workspace,
      known: new Set(),
      ready: new Promise((resolve, reject) => {
        worker.once('message', () => resolve())
        worker.once('error', reject)
        worker.once('exit', () => reject(new Error('The worker ended before it was ready')))
      }),
      busy: true,
      idleTimer: undefined,
      onMessage: undefined,
      onDeath: undefined,
    }
    slot.ready.catch(() => {})
    worker.on('message', (message: FromWorker) => slot.onMessage?.(message))
    worker.on('error', (error: Error) => {
      slots.delete(slot)
      slot.onDeath?.(error)
    })
    worker.on('exit', () => {
      slots.delete(slot)
      slot.onDeath?.(new Error('The worker ended'))
      queue.shift()?.()
    })
    slots.add(slot)
    return slot
  }

  async function drop(slot: Slot): Promise<void> {
    slots.delete(slot)
    clearTimeout(slot.idleTimer)
    slot.onMessage = undefined
    slot.onDeath = undefined
    await slot.worker.terminate()
    queue.shift()?.()
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
      if (closed) throw new TypeError('The worker pool is closed')
      for (const slot of slots) {
        if (slot.busy || slot.workspace !== workspace) continue
        slot.busy = true
        clearTimeout(slot.idleTimer)
        return slot
      }
      if (slots.size < maxWorkers) return start(workspace)
      const idle = [...slots].find((slot) => !slot.busy)
      if (idle !== undefined) {
        // Never handed over: a worker that has seen one workspace's data ends with it.
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
    slot.busy = false
    slot.onMessage = undefined
    slot.onDeath = undefined
    slot.worker.unref()
    slot.idleTimer = setTimeout(() => void drop(slot), idleMs)
    slot.idleTimer.unref()
    queue.shift()?.()
  }

  return {
    get size() {
      return slots.size
    },
    async run(code, call) {
      const deadline = performance.now() + call.remainingMs
      const slot = await acquire(call, deadline)
      slot.worker.ref()
      const lease = ++leases
      try {
        await slot.ready
        call.signal.throwIfAborted()
        const remainingMs = Math.max(1, deadline - performance.now())
        const outcome = await runLease(slot, lease, code, { ...call, remainingMs })
        release(slot)
        return outcome
      } catch (error) {
        // Whatever happened, this worker may still be running the guest.
        await drop(slot)
        throw error
      }
    },
    async close() {
      closed = true
      for (const slot of slots) slot.onDeath?.(new TypeError('The worker pool was closed'))
      await Promise.all([...slots].map((slot) => drop(slot)))
      for (const wake of queue.splice(0)) wake()
    },
  }
}

function runLease(
  slot: Slot,
  lease: number,
  code: GuestCode,
  call: RuntimeCall,
): Promise<RuntimeOutcome> {
  const { limits } = call
  return new Promise<RuntimeOutcome>((resolve, reject) => {
    let onStackSince: number | undefined = performance.now()
    let cpuMs = 0
    let cpuTimer: NodeJS.Timeout | undefined
    let settled = false
    let asking = false
    let logLines = 0

    const settle = (act: () => void): void => {
      if (settled) return
      settled = true
      clearTimeout(cpuTimer)
      clearTimeout(wallTimer)
      call.signal.removeEventListener('abort', onAbort)
      slot.onMessage = undefined
      slot.onDeath = undefined
      act()
    }
    const fail = (error: Error): void => settle(() => reject(error))
    const enter = (): void => {
      onStackSince = performance.now()
      cpuTimer = setTimeout(
        () => fail(limitError('cpu-time', limits.cpuMs, 'ms', 'ran')),
        Math.max(0, limits.cpuMs - cpuMs),
      )
    }
    const leave = (): void => {
      clearTimeout(cpuTimer)
      if (onStackSince !== undefined) cpuMs += performance.now() - onStackSince
      onStackSince = undefined
    }
    const onAbort = (): void => fail(call.signal.reason as Error)
    const wallTimer = setTimeout(() => fail(wallTimeLimit(limits.wallMs)), call.remainingMs)
    call.signal.addEventListener('abort', onAbort, { once: true })

    slot.onDeath = (error) =>
      fail(
        (error as { code?: string }).code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? limitError('memory', limits.memoryBytes, 'bytes', 'used')
          : workerEnded(error),
      )
    slot.onMessage = (message) => {
      if (message.kind === 'ready' || message.lease !== lease || settled) return
      switch (message.kind) {
        case 'started':
          return
        case 'log':
          // The worker keeps to the limit; one that a guest has taken over might not.
          if (++logLines > limits.logLines) return
          call.onLog({ level: message.level as 'info', message: message.message })
          return
        case 'progress':
          call.onProgress({ fraction: message.fraction, message: message.message })
          return
        case 'ask': {
          // A guest waits for each answer: a second question in between does not come from a guest.
          if (asking) {
            fail(workerEnded(new Error('The worker asked twice')))
            return
          }
          asking = true
          leave()
          call.calls.call(message.name, message.bytes).then(
            (bytes) => {
              asking = false
              if (settled) return
              post(slot, { kind: 'answer', lease, ask: message.ask, bytes })
              enter()
            },
            (error: unknown) =>
              fail(
                error instanceof PlatformError
                  ? error
                  : new Error('A host call failed', { cause: error }),
              ),
          )
          return
        }
        case 'done':
          leave()
          call.onDroppedLogLines(message.droppedLogLines)
          settle(() => resolve({ answer: message.answer, cpuMs }))
          return
        case 'failed':
          leave()
          call.onDroppedLogLines(message.droppedLogLines)
          fail(guestError(message.reason, message.message, call))
          return
      }
    }

    const sendCode = !slot.known.has(code.digest)
    slot.known.add(code.digest)
    post(slot, {
      kind: 'invoke',
      lease,
      digest: code.digest,
      code: sendCode ? code : undefined,
      invocation: call.invocation,
      caller: call.caller,
      locale: call.locale,
      timeZone: call.timeZone,
      action: call.action,
      input: call.input,
      config: call.config,
      remainingMs: call.remainingMs,
      outputBytes: limits.outputBytes,
      logLines: limits.logLines,
      logLineBytes: limits.logLineBytes,
    })
    enter()
  })
}

function post(slot: Slot, message: ToWorker): void {
  slot.worker.postMessage(message)
}

function workerEnded(cause: Error): Error {
  return new HostError(
    'ERR_HOST_TRAPPED',
    'Cannot finish the call: the worker of the extension ended',
    { reason: 'worker-ended' },
    { cause },
  )
}

function guestError(reason: string, message: string, call: RuntimeCall): Error {
  if (reason === 'output-bytes')
    return limitError('output', call.limits.outputBytes, 'bytes', 'returned')
  if (reason === 'out-of-memory')
    return limitError('memory', call.limits.memoryBytes, 'bytes', 'used')
  return new HostError(
    'ERR_HOST_TRAPPED',
    `Cannot finish action "${call.action}": the extension crashed (${reason})`,
    { reason },
    { cause: new Error(message) },
  )
}
