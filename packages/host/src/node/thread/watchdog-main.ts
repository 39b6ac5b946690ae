// The thread that stops guests in the host's own thread, which cannot look at a clock while they run.
import { raiseInterruption } from '@morphee/component'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { raiseDue } from './raise-due.ts'
import { PLACES, type PlaceMessage, wallClock, type WatchdogData } from './watchdog.ts'

const port = parentPort
if (port === null) throw new TypeError('This file runs in a worker only')
const { bell, deadlines, states } = (workerData as WatchdogData).places
const flags: (SharedArrayBuffer | undefined)[] = Array.from({ length: PLACES })

const LOOK_MS = 2
/** Looks without anything to see before it sleeps until it is woken. */
const IDLE_LOOKS = 500

/** Learns whose flag is in which place. */
function learn(): void {
  for (;;) {
    const received = receiveMessageOnPort(port as NonNullable<typeof port>)
    if (received === undefined) return
    const { place, flag } = received.message as PlaceMessage
    flags[place] = flag
  }
}

/** Raises what is due, and says whether anything is armed. */
function look(): boolean {
  return raiseDue({ states, deadlines }, wallClock(), (place) => {
    // The place may have a new flag, which was posted before it was armed.
    learn()
    const flag = flags[place]
    if (flag !== undefined) raiseInterruption(flag)
  })
}

port.postMessage('ready')
let idle = 0
for (;;) {
  const rung = Atomics.load(bell, 0)
  learn()
  idle = look() ? 0 : idle + 1
  if (idle < IDLE_LOOKS) {
    Atomics.wait(bell, 0, rung, LOOK_MS)
    continue
  }
  Atomics.store(bell, 1, 1)
  // Armed between the last look and the store, and not told: seen now.
  if (!look()) Atomics.wait(bell, 0, rung)
  Atomics.store(bell, 1, 0)
  idle = 0
}
