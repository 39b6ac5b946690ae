import { Component, InterruptionFlag } from '@morphee/component'
import type { CellKind, CellListener, GuestCell } from '../isolation/guest-cell.ts'
import { createGuestRunner, type HostAnswer } from '../isolation/guest-runner.ts'
import type { FromGuest, GuestCode } from '../isolation/protocol.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

/** Guests in the host's own thread, in cores that another thread can stop. A guest that computes keeps the host from all else. */
export function createThreadCells(): CellKind {
  const components = new Map<string, Promise<Component>>()
  const watchdog = createWatchdog()
  const listeners = new Set<CellListener>()
  watchdog.onEnd((cause) => {
    for (const listener of listeners) listener.onDeath({ outOfMemory: false, cause })
  })

  function compile({ digest, bytes, limits }: GuestCode): Promise<Component> {
    const known = components.get(digest)
    if (known !== undefined) return known
    const component = Component.compile(bytes, { limits, interruption: 'flag' })
    components.set(digest, component)
    return component
  }

  return {
    holds: true,
    open(listener) {
      listeners.add(listener)
      const cell = openThreadCell(compile, watchdog, listener)
      return {
        ...cell,
        async kill() {
          listeners.delete(listener)
          await cell.kill()
        },
      }
    },
    forget: (digest) => void components.delete(digest),
    close: () => watchdog.close(),
  }
}

function openThreadCell(
  compile: (code: GuestCode) => Promise<Component>,
  watchdog: Watchdog,
  listener: CellListener,
): GuestCell {
  const interruption = new InterruptionFlag()
  const guard = watchdog.guard(interruption)
  let killed = false
  let waiting: { readonly ask: number; resolve(answer: HostAnswer): void } | undefined
  const runner = createGuestRunner(
    {
      suspends: true,
      send(message: FromGuest) {
        if (message.kind !== 'log' && message.kind !== 'progress') guard.disarm()
        if (!killed) listener.onMessage(message)
      },
      answer: (_lease, ask) =>
        new Promise((resolve) => {
          waiting = { ask, resolve }
        }),
    },
    { compile, interruption, preparesWithinMs: 0 },
  )
  return {
    ready: watchdog.ready,
    post(message, stackMs) {
      guard.arm(stackMs)
      if (message.kind !== 'answer') {
        // As the end of a worker or a process is: nobody else would catch it, and it would end the host.
        runner.take(message).catch((cause: Error) => {
          if (!killed) listener.onDeath({ outOfMemory: false, cause })
        })
        return
      }
      // A cell is killed with its call, so that an answer to an earlier one finds nobody.
      if (waiting?.ask === message.ask) waiting.resolve(message)
    },
    // What it waits for keeps the host's process alive: a timer, a host call.
    ref: () => {},
    unref: () => {},
    async kill() {
      killed = true
      // Whatever of it is still to come, an instance that is being made or a guest that wakes up, stops at its first check.
      interruption.raise()
      runner.stop()
      guard.release()
    },
  }
}
