// The inside of a worker. It has the thread to itself, so it sleeps on the bell instead of turning an event loop: a guest
// that asks for an effect waits where it stands, and a message comes in without passing through a queue of tasks.
import { InterruptionFlag } from '@morphee/component'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createGuestRunner, ownThreadEngine } from '../isolation/guest-runner.ts'
import type { FromGuest, ToGuest } from '../isolation/protocol.ts'
import { createSynchronousDoor } from '../isolation/synchronous-door.ts'
import type { WorkerCellData } from './worker-cell.ts'

const port = parentPort
if (port === null) throw new TypeError('This file runs in a worker only')
const { bell, interruption } = workerData as WorkerCellData

const send = (message: FromGuest): void => port.postMessage(message)

function receive(): ToGuest {
  for (;;) {
    const rung = Atomics.load(bell, 0)
    const received = receiveMessageOnPort(port as NonNullable<typeof port>)
    if (received !== undefined) return received.message as ToGuest
    Atomics.wait(bell, 0, rung)
  }
}

const { door, next } = createSynchronousDoor(send, receive)
const runner = createGuestRunner(door, ownThreadEngine(new InterruptionFlag(interruption)))
send({ kind: 'ready' })
for (;;) await runner.take(next())
