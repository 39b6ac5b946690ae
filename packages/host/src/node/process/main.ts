// The inside of a child process. Like a worker it has nothing else to do than its one call, so it reads and writes its pipe
// on the spot.
import { readSync, writeSync } from 'node:fs'
import { createGuestRunner } from '../isolation/guest-runner.ts'
import type { FromGuest, ToGuest } from '../isolation/protocol.ts'
import { createSynchronousDoor } from '../isolation/synchronous-door.ts'
import { FrameReader, toFrame } from './frames.ts'
import { decodeToGuest, encodeFromGuest } from './message-codec.ts'

const PIPE = 3

function send(message: FromGuest): void {
  const frame = toFrame(encodeFromGuest(message))
  for (let at = 0; at < frame.length;) at += writeSync(PIPE, frame, at)
}

const frames = new FrameReader()
const chunk = new Uint8Array(65_536)

function receive(): ToGuest {
  for (;;) {
    const frame = frames.next()
    if (frame !== undefined) return decodeToGuest(frame)
    const got = readSync(PIPE, chunk)
    // The host is gone, and nobody is left to run anything for.
    if (got === 0) process.exit(0)
    frames.push(chunk.slice(0, got))
  }
}

const { door, next } = createSynchronousDoor(send, receive)
const runner = createGuestRunner(door)
send({ kind: 'ready' })
for (;;) await runner.take(next())
