import type { JsonObject, JsonValue } from '@morphee/core'
import type { Host, InvokeRequest, InvokeResult } from '@morphee/host'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADA, WORKSPACE } from './fixture/test-host.ts'

/** One action of one extension, with an input that it accepts. */
export interface SubjectAction {
  readonly extension: string
  readonly action: string
  readonly input: JsonValue
}

/** A host with extensions of one kind: built in or installed. The suite must not be able to tell which. */
export interface InterfaceSubject {
  readonly host: Host
  readonly good: SubjectAction & {
    readonly output: JsonObject
    /** Inputs that its schema refuses, and where. */
    readonly refused: readonly { readonly input: JsonValue; readonly pointer: string }[]
  }
  /** Answers with a failure of the code `not-found`. */
  readonly failing: SubjectAction
  /** Answers with what its own schema refuses at `pointer`. */
  readonly liar: SubjectAction & { readonly pointer: string }
  /** Ends only when it is stopped. */
  readonly endless: SubjectAction
  /** Calls of one extension at once; the default of the manifest. */
  readonly concurrency: number
}

/** What every caller may rely on, whatever is behind the `InterfaceManager`. */
export function testInterface(kind: string, open: () => Promise<InterfaceSubject>): void {
  describe(`InterfaceManager over ${kind}`, () => {
    let subject: InterfaceSubject
    const call = (
      { extension, action, input }: SubjectAction,
      request: Partial<InvokeRequest> = {},
    ): Promise<InvokeResult> =>
      subject.host.invoke({
        workspace: WORKSPACE,
        principal: ADA,
        extension,
        action,
        input,
        ...request,
      })

    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject?.host.close())

    it('list() describes what can be called, by name, with schemas and effects', async () => {
      const described = await subject.host.list(WORKSPACE)
      expect(described.map(({ extension }) => extension)).toEqual(
        described.map(({ extension }) => extension).sort(),
      )
      const { good } = subject
      const one = described.find(({ extension }) => extension === good.extension)
      expect(one).toMatchObject({ version: '1.0.0', title: expect.any(String) as string })
      const action = one?.actions.find(({ name }) => name === good.action)
      expect(action).toMatchObject({ input: { type: 'object' }, output: { type: 'object' } })
      expect(['read', 'write', 'destructive']).toContain(action?.effect)
    })

    it('list() refuses what is no workspace', async () => {
      await expect(subject.host.list('../other')).rejects.toThrowCode('ERR_HOST_ARGUMENT')
    })

    it('invoke() gives the output and what the call used', async () => {
      const result = await call(subject.good)
      expect(result.output).toMatchObject(subject.good.output)
      expect(result.invocation).toMatch(/^inv_/)
      expect(result.usage.wallMs).toBeGreaterThan(0)
      expect(result.droppedLogLines).toBe(0)
    })

    it('invoke() refuses input that the schema refuses, and says where', async () => {
      for (const { input, pointer } of subject.good.refused) {
        const refused = call({ ...subject.good, input })
        await expect(refused, JSON.stringify(input)).rejects.toThrowCode('ERR_HOST_INPUT_INVALID')
        await expect(refused).rejects.toMatchObject({
          details: {
            issues: expect.arrayContaining([expect.objectContaining({ path: pointer })]) as unknown,
          },
        })
      }
    })

    const circle: { self?: unknown } = {}
    circle.self = circle
    let deep: JsonValue = []
    for (let depth = 0; depth < 10_000; depth++) deep = [deep]
    for (const [what, input] of [
      ['undefined', undefined],
      ['a number that JSON does not have', { text: Number.NaN, title: Number.NaN }],
      ['a circle', circle],
      ['a lone surrogate', { text: '\ud800', title: '\ud800' }],
      ['10,000 levels', deep],
    ] as const) {
      it(`invoke() refuses input that is no JSON: ${what}`, async () => {
        await expect(call({ ...subject.good, input: input as JsonValue })).rejects.toThrowCode(
          'ERR_HOST_INPUT_INVALID',
        )
      })
    }

    for (const action of ['no-such-action', 'constructor', '__proto__', '']) {
      it(`invoke() refuses the unknown action ${JSON.stringify(action)} and names those there are`, async () => {
        const refused = call({ ...subject.good, action })
        await expect(refused).rejects.toThrowCode('ERR_HOST_ACTION_UNKNOWN')
        await expect(refused).rejects.toMatchObject({
          details: { actions: expect.arrayContaining([subject.good.action]) as unknown },
        })
      })
    }

    for (const extension of ['acme/nothing', 'constructor', '__proto__', '', 'x'.repeat(100_000)]) {
      it(`invoke() refuses the unknown extension ${JSON.stringify(extension.slice(0, 20))}`, async () => {
        const refused = await call({ ...subject.good, extension }).catch(
          (error: unknown) => error as Error,
        )
        expect(refused).toMatchObject({ code: 'ERR_HOST_NOT_INSTALLED' })
        expect((refused as Error).message.length).toBeLessThan(300)
      })
    }

    for (const workspace of ['', 'Personal', '../personal', 'a b', 'personal\0', 'x'.repeat(64)]) {
      it(`invoke() refuses the workspace ${JSON.stringify(workspace)}`, async () => {
        await expect(call(subject.good, { workspace })).rejects.toThrowCode('ERR_HOST_ARGUMENT')
      })
    }

    it('invoke() refuses an idempotency key, which nothing enforces', async () => {
      await expect(call(subject.good, { idempotencyKey: 'once' } as object)).rejects.toThrowCode(
        'ERR_HOST_ARGUMENT',
      )
    })

    it('invoke() refuses output that breaks the schema, and says where', async () => {
      const refused = call(subject.liar)
      await expect(refused).rejects.toThrowCode('ERR_HOST_OUTPUT_INVALID')
      await expect(refused).rejects.toMatchObject({
        details: { issues: [expect.objectContaining({ path: subject.liar.pointer })] as unknown },
      })
    })

    it('invoke() passes a failure on, with its code', async () => {
      const refused = call(subject.failing)
      await expect(refused).rejects.toThrowCode('ERR_HOST_EXTENSION_FAILED')
      await expect(refused).rejects.toMatchObject({ details: { code: 'not-found' } })
    })

    it('invoke() records an intent before the call and its outcome after it', async () => {
      const { invocation } = await call(subject.good)
      const records = (
        await subject.host.audit.list({ workspace: WORKSPACE, invocation })
      ).reverse()
      expect(records[0]).toMatchObject({
        kind: 'intent',
        capability: 'invoke',
        target: subject.good.action,
        principal: 'person:ada',
      })
      const outcome = records.find(
        ({ kind, intent }) => kind === 'outcome' && intent === records[0]?.seq,
      )
      expect(outcome).toMatchObject({ decision: 'done' })
    })

    it('invoke() records how a failed call ended', async () => {
      await call(subject.failing).catch(() => {})
      const [last] = await subject.host.audit.list({
        workspace: WORKSPACE,
        extension: subject.failing.extension,
        limit: 1,
      })
      expect(last).toMatchObject({
        kind: 'outcome',
        decision: 'failed',
        details: { error: 'ERR_HOST_EXTENSION_FAILED' },
      })
    })

    it('invoke() does not start a call that was taken back before', async () => {
      await expect(call(subject.endless, { signal: AbortSignal.abort() })).rejects.toThrowCode(
        'ERR_HOST_CANCELLED',
      )
    })

    it('invoke() ends a running call that is taken back', async () => {
      const controller = new AbortController()
      const running = call(subject.endless, { signal: controller.signal })
      await untilRunning(subject, 1)
      controller.abort()
      await expect(running).rejects.toThrowCode('ERR_HOST_CANCELLED')
    })

    it('invoke() refuses one call more than the limit at once, and none afterwards', async () => {
      const controller = new AbortController()
      const running = Array.from({ length: subject.concurrency }, () =>
        call(subject.endless, { signal: controller.signal }),
      )
      await untilRunning(subject, subject.concurrency)
      const refused = call(subject.endless)
      await expect(refused).rejects.toThrowCode('ERR_HOST_LIMIT')
      await expect(refused).rejects.toMatchObject({
        details: { limit: 'concurrency', value: subject.concurrency },
      })
      controller.abort()
      await Promise.all(running.map((one) => expect(one).rejects.toThrowCode('ERR_HOST_CANCELLED')))
      await expect(call(subject.endless, { signal: AbortSignal.abort() })).rejects.toThrowCode(
        'ERR_HOST_CANCELLED',
      )
      expect((await call(subject.good)).output).toMatchObject(subject.good.output)
    })

    it('invoke() admits no more than the limit of calls that arrive together', async () => {
      const controller = new AbortController()
      const settled = Array.from({ length: subject.concurrency * 3 }, () =>
        call(subject.endless, { signal: controller.signal }).catch(
          (error: unknown) => error as { code: string },
        ),
      )
      await untilRunning(subject, subject.concurrency)
      controller.abort()
      const codes = (await Promise.all(settled)).map((error) => (error as { code: string }).code)
      expect(codes.filter((code) => code === 'ERR_HOST_CANCELLED')).toHaveLength(
        subject.concurrency,
      )
      expect(codes.filter((code) => code === 'ERR_HOST_LIMIT')).toHaveLength(
        subject.concurrency * 2,
      )
    })

    it('verifyAudit() proves everything that the suite did', async () => {
      const { workspaces } = await subject.host.verifyAudit()
      expect(workspaces.find(({ workspace }) => workspace === WORKSPACE)?.records).toBeGreaterThan(
        10,
      )
    })

    it('invoke() and list() refuse once the host is closed', async () => {
      await subject.host.close()
      await expect(call(subject.good)).rejects.toThrow(TypeError)
      await expect(subject.host.list(WORKSPACE)).rejects.toThrow(TypeError)
    })
  })
}

/** Waits until that many calls of the endless action have their intent in the audit trail and no outcome yet. */
async function untilRunning({ host, endless }: InterfaceSubject, count: number): Promise<void> {
  for (;;) {
    const records = await host.audit.list({
      workspace: WORKSPACE,
      extension: endless.extension,
      limit: 1000,
    })
    const ended = new Set(records.map(({ intent }) => intent))
    if (records.filter(({ kind, seq }) => kind === 'intent' && !ended.has(seq)).length >= count)
      return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
