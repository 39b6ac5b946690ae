// What a guest would run that had broken out of its engine: every way out of its process, and whether it was one.
import { spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import {
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { open } from 'node:fs/promises'
import { request } from 'node:http'
import { open as openInspector } from 'node:inspector'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
import { toFrame } from '../../src/node/process/frames.ts'
import { encodeFromGuest } from '../../src/node/process/message-codec.ts'

const settled = (
  emitter: { once(event: string, listener: (value: unknown) => void): unknown },
  good: string,
): Promise<unknown> =>
  new Promise((resolve, reject) => {
    emitter.once(good, resolve)
    emitter.once('error', reject)
    // Some refusals come out of Node’s own queue.
    process.once('uncaughtException', reject)
  })

const WAYS_OUT: Readonly<Record<string, () => unknown>> = {
  'read a file': () => readFileSync('/etc/passwd'),
  'read a file later': () => open('/etc/passwd'),
  'stat a file': () => statSync('/etc/passwd'),
  'list a folder': () => readdirSync('/'),
  'look at its host': () => readFileSync(`/proc/${process.ppid}/environ`),
  'look at its own descriptors': () => readdirSync('/proc/self/fd'),
  'open a terminal': () => openSync('/dev/tty', 'r+'),
  'write a file': () => writeFileSync('/tmp/morphee-escaped', 'x'),
  'load a module of the host': () => createRequire('/')('/etc/passwd'),
  'start a process': () => {
    const { error } = spawnSync(process.execPath, ['--version'])
    if (error !== undefined) throw error
  },
  'start a thread': () => new Worker('0', { eval: true }),
  'load native code': () => process.dlopen({ exports: {} }, '/lib/x.node'),
  'connect to a port': () => settled(connect(8099, '127.0.0.1'), 'connect'),
  'connect to a local socket': () => settled(connect('/run/x.sock'), 'connect'),
  'listen at a port': () => settled(createServer().listen(0, '127.0.0.1'), 'listening'),
  'send a datagram': () => {
    const socket = createSocket('udp4')
    socket.bind(0)
    return settled(socket, 'listening')
  },
  'ask a name server': () => lookup('example.com', { family: 4 }),
  'send a request': () => settled(request('http://127.0.0.1:8099/').end(), 'response'),
  fetch: () => fetch('http://127.0.0.1:8099/'),
  'open the inspector': () => openInspector(0),
  'generate code': () => new Function('return 1')(),
  'signal its host': () => process.kill(process.ppid, 0),
}

const results: Record<string, string> = {}
for (const [way, go] of Object.entries(WAYS_OUT)) {
  try {
    await go()
    results[way] = 'OPEN'
  } catch (error) {
    const { code, cause, name } = error as Error & { code?: string; cause?: { code?: string } }
    results[way] = code ?? cause?.code ?? name
  }
}

const message = JSON.stringify({ results, environment: Object.keys(process.env) })
const say = (text: string): void => {
  const frame = toFrame(
    encodeFromGuest({ kind: 'log', lease: 1, lines: [{ level: 'info', message: text }] }),
  )
  for (let at = 0; at < frame.length;) at += writeSync(3, frame, at)
}
say(message)
// Until the host ends it.
readSync(3, new Uint8Array(1))
