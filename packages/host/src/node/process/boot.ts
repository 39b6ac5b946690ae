// The first thing in a child process, handed over on its command line: it may open no file, so its modules come through the
// pipe too. What it gets is written by `process-cell.ts`.
import { closeSync, readSync } from 'node:fs'
import type { StartedProgram } from '../isolation/module-bundle.ts'

/** What the host sends before the first frame, as JSON behind its length. */
export interface ProcessBootData extends StartedProgram {
  /** Descriptors that the child got from the host's own parent and has no use for. */
  readonly inherited: readonly number[]
}

const PIPE = 3

function read(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0; at < length;) {
    const got = readSync(PIPE, bytes, at, length - at, null)
    // The host is gone before it said anything.
    if (got === 0) process.exit(0)
    at += got
  }
  return bytes
}

const { inherited, runner, bundle } = JSON.parse(
  read(read(4).readUInt32LE(0)).toString('utf8'),
) as ProcessBootData
for (const descriptor of inherited) closeSync(descriptor)

const { runBundle } = (await import(runner)) as typeof import('../isolation/run-bundle.ts')
await runBundle(bundle)
