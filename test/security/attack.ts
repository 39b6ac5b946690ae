// A running host on a small internet of its own, for attacks.
import type { JsonObject, JsonValue } from '@morphee/core'
import type { InvokeRequest } from '@morphee/host'
import type { NodeHostOptions } from '@morphee/host/node'
import { type Loopback, startLoopback } from '@morphee/testing'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createLoopbackEgress } from '../../demo/loopback-network.ts'
import { createTestHost, type TestHost } from '../../packages/host/test/fixture/test-host.ts'
import { buildProbe, type Probe, type StepResult } from './probe.ts'

export const SITE = 'acme.services.example'
export const TOKEN = 'canary-token-5b1f93c7a2'

/** One request as the service saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A host with the probe installed, a service inside its grant and one outside. */
export interface Attack extends TestHost {
  readonly loopback: Loopback
  readonly probe: Probe
  /** What reached the granted service, and the other one. */
  readonly seen: Seen[]
  readonly seenElsewhere: Seen[]
  /** How the granted service answers; 200 with nothing until a test says otherwise. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  /** Runs steps in the probe, or in the extension that `options` names. */
  steps(
    action: string,
    steps: readonly JsonObject[],
    options?: Partial<InvokeRequest> & { rethrow?: boolean },
  ): Promise<StepResult[]>
}

export async function openAttack(
  options: Partial<NodeHostOptions> = {},
  probe?: Probe,
): Promise<Attack> {
  probe ??= await buildProbe()
  const loopback = await startLoopback({
    hosts: [SITE, 'other.services.example', 'collector.example'],
  })
  const seen: Seen[] = []
  const seenElsewhere: Seen[] = []
  const note = async (list: Seen[], request: IncomingMessage): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    list.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
  }
  const attack = { answer: quiet } as { answer: Attack['answer'] }
  await loopback.serve(SITE, (request, response) => {
    void note(seen, request).then(() => attack.answer(request, response))
  })
  for (const host of ['other.services.example', 'collector.example']) {
    await loopback.serve(host, (request, response) => {
      void note(seenElsewhere, request).then(() => quiet(request, response))
    })
  }
  const test = await createTestHost({ egress: createLoopbackEgress(loopback), ...options })
  await test.install(probe.wasm, { config: { site: 'acme' } })
  return Object.assign(attack, test, {
    loopback,
    probe,
    seen,
    seenElsewhere,
    async steps(
      action: string,
      steps: readonly JsonObject[],
      { rethrow = false, ...request }: Partial<InvokeRequest> & { rethrow?: boolean } = {},
    ) {
      const { output } = await test.call(
        request.extension ?? 'acme/probe',
        action,
        { steps: steps as JsonValue, rethrow } as JsonValue,
        request,
      )
      return (output as unknown as { results: StepResult[] }).results
    },
    async close() {
      await test.close()
      await loopback.close()
    },
  })
}

function quiet(_request: IncomingMessage, response: ServerResponse): void {
  response.end()
}
