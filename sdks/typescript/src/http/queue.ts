import type { HostRequest } from 'morphee:extension/http@0.9.0'
import { read, readAll, write } from 'morphee:permitted/http'
import { callHost, fromHostFailure } from '../failure.ts'
import { onIdle } from '../runtime/event-loop.ts'
import { Response } from './response.ts'

interface Waiting {
  readonly request: HostRequest
  readonly effect: 'read' | 'write'
  readonly resolve: (response: Response) => void
  readonly reject: (reason: unknown) => void
}

let waiting: Waiting[] = []

/** Sends a request once the turn has nothing else to do, beside the other reads of the turn. */
export function enqueue(request: HostRequest, effect: 'read' | 'write'): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) onIdle(sendWaiting)
    waiting.push({ request, effect, resolve, reject })
  })
}

// In the order in which they were made, so that a read never overtakes a write or the other way round.
function sendWaiting(): void {
  const sending = waiting
  waiting = []
  for (let at = 0; at < sending.length;) {
    const first = sending[at] as Waiting
    if (first.effect === 'write') {
      settle(first, () => write(first.request))
      at++
      continue
    }
    const end = sending.findIndex((other, i) => i > at && other.effect === 'write')
    const reads = sending.slice(at, end === -1 ? undefined : end)
    if (reads.length === 1) settle(first, () => read(first.request))
    else sendReads(reads)
    at += reads.length
  }
}

function settle(
  { resolve, reject }: Waiting,
  send: () => ConstructorParameters<typeof Response>[0],
): void {
  try {
    resolve(new Response(callHost(send)))
  } catch (error) {
    reject(error)
  }
}

function sendReads(reads: readonly Waiting[]): void {
  let answers: ReturnType<typeof readAll>
  try {
    answers = callHost(() => readAll(reads.map(({ request }) => request)))
  } catch (error) {
    for (const { reject } of reads) reject(error)
    return
  }
  for (const [i, { resolve, reject }] of reads.entries()) {
    const answer = answers[i]
    if (answer?.tag === 'ok') resolve(new Response(answer.val))
    else
      reject(
        answer
          ? fromHostFailure(answer.val)
          : new Error('The host gave fewer answers than requests'),
      )
  }
}
