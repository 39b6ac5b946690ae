/** Reads hostile components in a worker, whose memory its maker bounds: `workerData` are {@link Input}s. */
import { Component, EngineError } from '@morphee/component'
import { parentPort, workerData } from 'node:worker_threads'

/** A component of the corpus, by its place in it. */
export interface Input {
  readonly index: number
  readonly bytes: Uint8Array
}

/** What became of one. */
export interface Reading {
  readonly index: number
  /** `fine`, or the code. */
  readonly end: string
  readonly details: { readonly limit?: string; readonly offset?: number }
}

/** Everything that a host does with a component before it runs. */
async function read(bytes: Uint8Array): Promise<Pick<Reading, 'end' | 'details'>> {
  try {
    const component = await Component.compile(bytes)
    void [component.imports, component.exports, component.wit(), component.declarations()]
    return { end: 'fine', details: {} }
  } catch (error) {
    if (error instanceof EngineError) return { end: error.code, details: error.details }
    throw error
  }
}

for (const { index, bytes } of workerData as readonly Input[]) {
  const reading: Reading = { index, ...(await read(bytes)) }
  parentPort?.postMessage(reading)
}
