// The first thing in a worker: its modules were read once by the host, and are not read and stripped again for each worker.
import { workerData } from 'node:worker_threads'
import type { StartedProgram } from '../isolation/module-bundle.ts'

const { runner, bundle } = workerData as StartedProgram
const { runBundle } = (await import(runner)) as typeof import('../isolation/run-bundle.ts')
await runBundle(bundle)
