import { cleanText, PlatformError } from '@morphee/core'
import { HostError } from '../../errors.ts'
import { limitError, wallTimeLimit } from '../../invocation/limit-error.ts'
import { startWallTimer } from '../../invocation/wall-timer.ts'
import type { RuntimeCall, RuntimeOutcome } from '../../runtimes/runtime.ts'
import type { CellListener, GuestCell } from './guest-cell.ts'
import { createProgressGate, toLogLine, toProgress, toTrapReason } from './guest-words.ts'
import type { FromGuest, ToGuest } from './protocol.ts'
import { createSharedTimer } from './shared-timer.ts'

// Half of what a cell keeps to, so that nothing of an honest one is lost on the way.
const PROGRESS_MS = 25
const MAX_CAUSE = 500

const startTimer = createSharedTimer()

/** The cell of one call, for as long as the call runs. */
export interface Lease {
  readonly number: number
  readonly digest: string
  readonly cell: Pick<GuestCell, 'post' | 'hold'>
  /** Who hears of the cell from now on; `undefined` for nobody. */
  listen(listener: CellListener | undefined): void
}

/**
 * Runs one call in a cell and keeps it to its limits.
 *
 * A rejection means that the guest may still be running: the cell must be killed.
 *
 * @throws `ERR_HOST_LIMIT`, `ERR_HOST_TRAPPED`, or the reason of the call's signal
 */
export function runLease(lease: Lease, call: RuntimeCall): Promise<RuntimeOutcome> {
  const { limits } = call
  return new Promise<RuntimeOutcome>((resolve, reject) => {
    const clock = createCpuClock(limits.cpuMs, () =>
      fail(limitError('cpu-time', limits.cpuMs, 'ms', 'ran')),
    )
    let settled = false
    let asking = false
    let logLines = 0
    const mayProgress = createProgressGate(PROGRESS_MS)

    const settle = (act: () => void): void => {
      if (settled) return
      settled = true
      clock.stop()
      wall.end()
      unfollow?.()
      letGo?.()
      call.signal.removeEventListener('abort', onAbort)
      lease.listen(undefined)
      act()
    }
    const fail = (error: Error): void => settle(() => reject(error))
    const onAbort = (): void => fail(call.signal.reason as Error)
    const wall = startWallTimer(
      call.remainingMs,
      call.waits,
      () => fail(wallTimeLimit(limits.wallMs)),
      startTimer,
    )
    let letGo: (() => void) | undefined
    const unfollow = call.waits?.follow({
      stop: () => (letGo = lease.cell.hold?.(clock.spend)),
      goOn() {
        letGo?.()
        letGo = undefined
      },
    })
    call.signal.addEventListener('abort', onAbort, { once: true })

    lease.listen({
      onDeath: ({ outOfMemory, cause }) =>
        fail(
          outOfMemory
            ? limitError('memory', limits.memoryBytes, 'bytes', 'used')
            : cellEnded(cause),
        ),
      onMessage: (message) => {
        if (message.kind === 'ready' || message.lease !== lease.number) return
        take(message)
      },
    })

    function post(message: ToGuest): void {
      lease.cell.post(message, Math.min(clock.leftMs(), wall.leftMs()))
    }

    function take(message: Exclude<FromGuest, { readonly kind: 'ready' }>): void {
      switch (message.kind) {
        case 'log':
          for (const { level, message: text } of message.lines) {
            // The cell keeps to the limit; one that a guest has taken over might not.
            if (++logLines > limits.logLines) return
            call.onLog(toLogLine(level, text, limits.logLineBytes))
          }
          return
        case 'progress':
          if (mayProgress()) call.onProgress(toProgress(message.fraction, message.message))
          return
        case 'ask':
          // A guest waits for each answer: a second question in between does not come from a guest.
          if (asking) {
            fail(cellEnded(new Error('The cell asked twice')))
            return
          }
          asking = true
          clock.leave()
          clock
            .charge(() => call.calls.call(message.name, message.bytes))
            .then(
              (bytes) => {
                asking = false
                if (settled) return
                clock.enter()
                post({
                  kind: 'answer',
                  lease: lease.number,
                  ask: message.ask,
                  bytes,
                  remainingMs: wall.leftMs(),
                })
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
      clock.leave()
      call.onDroppedLogLines(message.droppedLogLines)
      switch (message.kind) {
        case 'done':
          settle(() =>
            resolve({ answer: { kind: 'ok', output: message.output }, cpuMs: clock.spentMs() }),
          )
          return
        case 'refused':
          settle(() =>
            resolve({
              answer: { kind: 'failure', failure: message.failure },
              cpuMs: clock.spentMs(),
            }),
          )
          return
        case 'failed':
          fail(
            message.reason === 'interrupted'
              ? stoppedOnStack(clock.leftMs(), call)
              : guestError(message.reason, message.message, call),
          )
      }
    }

    clock.enter()
    post({
      kind: 'invoke',
      lease: lease.number,
      digest: lease.digest,
      invocation: call.invocation,
      caller: call.caller,
      locale: call.locale,
      timeZone: call.timeZone,
      event: call.event,
      action: call.action,
      input: call.input,
      config: Object.entries(call.config),
      remainingMs: call.remainingMs,
      outputBytes: limits.outputBytes,
      logLines: limits.logLines,
      logLineBytes: limits.logLineBytes,
    })
  })
}

/** Adds up what a call costs of processors' time, and tells when it is too much. */
interface CpuClock {
  /** The guest is on its stack from now on. */
  enter(): void
  leave(): void
  /**
   * Does something for the guest while it is off its stack, and counts that too: arguments that are costly to read, a decision
   * among many patterns. What `work` does after it first waits is not counted: other calls have the thread meanwhile.
   */
  charge<T>(work: () => T): T
  /** Counts milliseconds that were measured elsewhere. */
  spend(ms: number): void
  stop(): void
  spentMs(): number
  leftMs(): number
}

function createCpuClock(limitMs: number, onLimit: () => void): CpuClock {
  let spent = 0
  let since: number | undefined
  let stopTimer: (() => void) | undefined
  const leftMs = (): number => Math.max(0, limitMs - spent)
  const spend = (ms: number): void => {
    spent += ms
    if (spent >= limitMs) onLimit()
  }
  return {
    enter() {
      since = performance.now()
      stopTimer = startTimer(leftMs(), onLimit)
    },
    leave() {
      stopTimer?.()
      if (since !== undefined) spent += performance.now() - since
      since = undefined
    },
    charge(work) {
      const started = performance.now()
      try {
        return work()
      } finally {
        spend(performance.now() - started)
      }
    },
    spend,
    stop: () => stopTimer?.(),
    spentMs: () => spent,
    leftMs,
  }
}

function cellEnded(cause: Error): Error {
  return new HostError(
    'ERR_HOST_TRAPPED',
    'Cannot finish the call: what the extension ran in ended',
    { reason: 'worker-ended' },
    { cause },
  )
}

/** The guest was stopped because its time on the stack was up: the CPU time it had, or the wall time that was left. */
function stoppedOnStack(cpuLeftMs: number, { limits }: RuntimeCall): Error {
  return cpuLeftMs === 0
    ? limitError('cpu-time', limits.cpuMs, 'ms', 'ran')
    : wallTimeLimit(limits.wallMs)
}

function guestError(said: string, message: string, call: RuntimeCall): Error {
  const reason = toTrapReason(said)
  const { limits } = call
  if (reason === 'output-bytes')
    return limitError('output', limits.outputBytes, 'bytes', 'returned')
  if (reason === 'out-of-memory') return limitError('memory', limits.memoryBytes, 'bytes', 'used')
  return new HostError(
    'ERR_HOST_TRAPPED',
    `Cannot finish action "${call.action}": the extension crashed (${reason})`,
    { reason },
    { cause: new Error(cleanText(message, MAX_CAUSE)) },
  )
}
