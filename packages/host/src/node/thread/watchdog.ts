import type { InterruptionFlag } from '@morphee/component'
import { Worker } from 'node:worker_threads'
import {
  createProgram,
  ownModule,
  type StartedProgram,
  toDataUrl,
} from '../isolation/module-bundle.ts'

/** Raises the flags of guests that stay on the host's stack for too long, from a thread of its own. */
export interface Watchdog {
  readonly ready: Promise<void>
  /** Watches the guests that run with `flag`, one at a time. */
  guard(flag: InterruptionFlag): Guard
  /** Told when it ended by itself: nobody stops a guest any more. */
  onEnd(tell: (cause: Error) => void): void
  close(): Promise<void>
}

/** The watch over one flag. */
export interface Guard {
  /** From now on the guest may be on its stack for so long. */
  arm(stackMs: number): void
  disarm(): void
  /** Gives the place back. */
  release(): void
}

/** What the watchdog's thread is started with. */
export interface WatchdogData extends StartedProgram {
  readonly places: WatchdogPlaces
}

/** What both threads see; a place belongs to one flag. */
export interface WatchdogPlaces {
  /** Counted up to wake the thread. */
  readonly bell: Int32Array<SharedArrayBuffer>
  /** Milliseconds since the epoch at which the flag of each place is raised. */
  readonly deadlines: Float64Array<SharedArrayBuffer>
  /** For each place {@link IDLE}, or a number of its own for each time that it is armed, or {@link RAISED}. */
  readonly states: Int32Array<SharedArrayBuffer>
}

export const IDLE = 0
export const RAISED = -1
/** Flags that can be watched at once. */
export const PLACES = 256

/** What the host tells the watchdog's thread: whose flag is in a place now. */
export interface PlaceMessage {
  readonly place: number
  readonly flag: SharedArrayBuffer
}

/** Milliseconds since the epoch, with fractions, the same in all threads. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now()
}

/** Starts the watchdog's thread. */
export function createWatchdog(): Watchdog {
  const places: WatchdogPlaces = {
    bell: new Int32Array(new SharedArrayBuffer(8)),
    deadlines: new Float64Array(new SharedArrayBuffer(8 * PLACES)),
    states: new Int32Array(new SharedArrayBuffer(4 * PLACES)),
  }
  const { boot, runner, bundle } = createProgram(
    ownModule('../worker/boot', import.meta.url),
    ownModule('./watchdog-main', import.meta.url),
  )
  const thread = new Worker(new URL(toDataUrl(boot)), {
    env: {},
    stdin: false,
    stdout: true,
    stderr: true,
    workerData: { runner, bundle, places } satisfies WatchdogData,
    resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
  })
  const ends: ((cause: Error) => void)[] = []
  const ready = new Promise<void>((resolve, reject) => {
    thread.once('message', () => {
      // From here on what keeps the host's process alive is the work, not its watchdog.
      thread.unref()
      resolve()
    })
    thread.once('error', reject)
    thread.once('exit', () => reject(new Error('The watchdog ended')))
  })
  ready.catch(() => {})
  let closed = false
  const end = (cause: Error): void => {
    if (!closed) for (const tell of ends) tell(cause)
  }
  thread.once('error', end)
  thread.once('exit', () => end(new Error('The watchdog ended')))

  const free = Array.from({ length: PLACES }, (_, place) => place)
  let turns = 0
  const wake = (): void => {
    Atomics.add(places.bell, 0, 1)
    Atomics.notify(places.bell, 0)
  }
  return {
    ready,
    guard(flag) {
      const place = free.pop()
      if (place === undefined) throw new TypeError(`More than ${PLACES} guests in one thread`)
      thread.postMessage({ place, flag: flag.buffer } satisfies PlaceMessage)
      wake()
      let armed = IDLE
      const disarm = (): void => {
        if (armed === IDLE) return
        // Lost to the thread, which has seen the deadline pass: the flag is up or about to be, and stays so.
        Atomics.compareExchange(places.states, place, armed, IDLE)
        armed = IDLE
      }
      return {
        arm(stackMs) {
          disarm()
          if (Atomics.load(places.states, place) === RAISED) return
          turns = turns >= 0x7fff_ffff ? 1 : turns + 1
          armed = turns
          places.deadlines[place] = wallClock() + stackMs
          Atomics.store(places.states, place, armed)
          // It looks by itself for as long as there is something to see.
          if (Atomics.load(places.bell, 1) === 1) wake()
        },
        disarm,
        release() {
          disarm()
          Atomics.store(places.states, place, IDLE)
          free.push(place)
        },
      }
    },
    onEnd: (tell) => void ends.push(tell),
    async close() {
      closed = true
      await thread.terminate()
    },
  }
}
