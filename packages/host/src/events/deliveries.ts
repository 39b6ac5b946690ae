// Brings announced events to the extensions that subscribe to them: at least once, in order for each installation, from the moment
// of its installation on. An event that fails is tried again, and everything after it waits; after MAX_ATTEMPTS it is kept as a dead
// letter and the next one comes. Installations do not wait for each other, beyond the places that there are.
import { cleanText, type Clock, isPlatformError } from '@morphee/core'
import { compilePermissionSet, resolvePermissions } from '@morphee/manifest'
import type { AuditEntry, AuditLog } from '../audit/index.ts'
import type { Installations } from '../installations/installations.ts'
import type { HandleOutcome, HandleRequest } from '../invocation/invoke.ts'
import { startTimeout } from '../invocation/start-timer.ts'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import type { Store } from '../store/store.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Cursor, DeliveryTable, HeldCursor } from './delivery-table.ts'
import { MAX_ATTEMPTS, waitAfter } from './delivery-times.ts'
import { notAllowed, unknownDeadLetter } from './event-errors.ts'
import type { RecordedEvent } from './store-event-log.ts'

/** What {@link Deliveries} works with. */
export interface DeliveryServices {
  readonly table: DeliveryTable
  readonly store: Store
  readonly installations: Installations
  readonly audit: AuditLog
  readonly clock: Clock
  /** Runs the handler of an extension: `Invocations.handle`. */
  readonly handle: (request: HandleRequest) => Promise<HandleOutcome>
  /** From 0 to 1, for the waits. @default Math.random */
  readonly random?: () => number
}

/** What {@link Deliveries.deliver} did. */
export interface DeliveryReport {
  readonly handled: number
  /** Attempts that failed and come again. */
  readonly failed: number
  readonly dead: number
}

/** Handlers at once. */
const MAX_DELIVERIES = 8
const PAGE = 200
/** How long an installation that cannot run at all is left alone. */
const BLOCKED_MS = 60_000
const LOOK_AGAIN_MS = 1_000
const MAX_MESSAGE = 500
const HOST: Principal = { kind: 'automation', trigger: 'event' }

type Wants = (topic: string) => boolean
type Outcome = 'handled' | 'failed' | 'dead' | 'nothing'

/** Deliveries of one host; several hosts on one store share the work. */
export class Deliveries {
  readonly #services: DeliveryServices
  /** By installation and version: what it asks for, or `undefined` when it subscribes to nothing. */
  readonly #wants = new Map<
    string,
    { readonly version: string; readonly wants: Wants | undefined }
  >()
  #stopped = false
  #lookAgain: (() => void) | undefined

  constructor(services: DeliveryServices) {
    this.#services = services
  }

  /** Begins or ends deliveries to an extension whose active version has changed. @throws `ERR_HOST_NOT_INSTALLED` */
  async changedVersion(workspace: string, extension: string): Promise<void> {
    const { installations } = this.#services
    const { installation } = await installations.show(workspace, extension)
    await this.#subscribe(workspace, extension, installation.id, installation.activeDigest)
  }

  /** Delivers until nothing is due; what fails is due again later. */
  async deliver(): Promise<DeliveryReport> {
    const { table, clock } = this.#services
    const report = { handled: 0, failed: 0, dead: 0 }
    const running = new Map<string, Promise<void>>()
    await this.#notice()
    try {
      for (;;) {
        const due = this.#stopped ? [] : await table.due(clock.now())
        for (const cursor of due) {
          const { installation } = cursor
          if (running.has(installation) || running.size >= MAX_DELIVERIES) continue
          const done = this.#next(cursor).then((outcome) => {
            if (outcome !== 'nothing') report[outcome]++
          })
          const over = done.finally(() => running.delete(installation))
          over.catch(() => {})
          running.set(installation, over)
        }
        if (running.size === 0) return report
        await this.#untilSomething(running.values())
      }
    } finally {
      await Promise.allSettled(running.values())
    }
  }

  /** Something was announced: what is due now does not wait for handlers that run. */
  wake(): void {
    this.#lookAgain?.()
  }

  /** Begins nothing new; what runs is for the caller to wait for. */
  stop(): void {
    this.#stopped = true
    this.wake()
  }

  // Until a handler has ended, something was announced here, or might have been by another process or become due.
  async #untilSomething(running: Iterable<Promise<void>>): Promise<void> {
    let cancel = (): void => {}
    const again = new Promise<void>((resolve) => {
      this.#lookAgain = resolve
      cancel = startTimeout(LOOK_AGAIN_MS, resolve)
    })
    try {
      await Promise.race([...running, again])
    } finally {
      cancel()
    }
  }

  /**
   * Has an extension handle a dead letter once more, out of order. It is gone when that goes well.
   *
   * @throws `ERR_HOST_EVENT_UNKNOWN`, `ERR_HOST_PERMISSION_DENIED`, and what the handler fails with
   */
  async retry(workspace: string, extension: string, event: string, by: Principal): Promise<void> {
    const { audit, clock, store, table, handle } = this.#services
    const { installation, letter } = await this.#letter(workspace, extension, event)
    const attempts = letter.attempts + 1
    await audit.event(recordOf(letter.event, extension, 'event:retry', by, 'done'))
    try {
      const outcome = await handle(requestOf(letter.event, extension, attempts))
      if (outcome !== 'handled') throw notAllowed(extension, letter.event.topic, outcome)
    } catch (error) {
      await store.transaction((tx) =>
        table.renew(tx, installation, {
          event: letter.event,
          attempts,
          diedAt: clock.now(),
          ...faultOf(error),
        }),
      )
      throw error
    }
    await store.transaction((tx) => table.unbury(tx, installation, event))
  }

  /** Forgets a dead letter. @throws `ERR_HOST_EVENT_UNKNOWN` */
  async drop(workspace: string, extension: string, event: string, by: Principal): Promise<void> {
    const { audit, store, table } = this.#services
    const { installation, letter } = await this.#letter(workspace, extension, event)
    await store.transaction(async (tx) => {
      await table.unbury(tx, installation, event)
      await audit.eventIn(tx, recordOf(letter.event, extension, 'event:drop', by, 'done'))
    })
  }

  async #letter(
    workspace: string,
    extension: string,
    event: string,
  ): Promise<{ readonly installation: string; readonly letter: DeadLetter }> {
    const { installations, table } = this.#services
    const { installation } = await installations.show(workspace, extension)
    const letter = (await table.deadLetters(workspace)).find(
      (one) => one.extension === extension && one.event.id === event,
    )
    if (letter === undefined) throw unknownDeadLetter(extension, event)
    return { installation: installation.id, letter }
  }

  // Where a crash came between an installation and the beginning of its deliveries, they begin here.
  async #notice(): Promise<void> {
    for (const {
      workspace,
      extension,
      installation,
      digest,
    } of await this.#services.table.active()) {
      if (this.#wants.get(installation)?.version === digest) continue
      try {
        await this.#subscribe(workspace, extension, installation, digest)
      } catch (error) {
        // One damaged or removed installation holds up nobody else's events.
        if (!isPlatformError(error)) throw error
      }
    }
  }

  async #subscribe(
    workspace: string,
    extension: string,
    installation: string,
    version: string,
  ): Promise<void> {
    const { installations, table } = this.#services
    const { installation: row } = await installations.show(workspace, extension)
    const { manifest } = await installations.artifact(row.activeDigest)
    const asked = resolvePermissions(manifest, row.config).filter(
      ({ kind }) => kind === 'event:subscribe',
    )
    const wants: Wants = (topic) =>
      compilePermissionSet(asked).allows({ kind: 'event', access: 'subscribe', topic })
    if (asked.length === 0) await table.end(installation)
    else await table.begin(installation, workspace)
    this.#wants.set(installation, { version, wants: asked.length === 0 ? undefined : wants })
  }

  async #next(cursor: Cursor): Promise<Outcome> {
    const { table, clock } = this.#services
    const wants = this.#wants.get(cursor.installation)?.wants
    const page = await table.after(cursor, PAGE)
    const at = page.findIndex(
      // What an extension announced itself is no news to it.
      ({ topic, source }) => source !== cursor.extension && wants?.(topic) === true,
    )
    const event = page[at]
    const before = at === -1 ? page.at(-1) : page[at - 1]
    if (before !== undefined) {
      await table.skip(cursor, before.seq)
      return 'nothing'
    }
    if (event === undefined) return 'nothing'
    const held = await table.hold(cursor, clock.now())
    return held === undefined ? 'nothing' : this.#attempt(held, event)
  }

  async #attempt(cursor: HeldCursor, event: RecordedEvent): Promise<Outcome> {
    const { table, handle } = this.#services
    let outcome: HandleOutcome
    // Whatever the last attempt did to the process that made it, another one would do again.
    if (cursor.attempts > MAX_ATTEMPTS) return this.#failed(cursor, event, undefined)
    try {
      outcome = await handle(requestOf(event, cursor.extension, cursor.attempts))
    } catch (error) {
      return this.#failed(cursor, event, error)
    }
    await table.release(cursor, { position: event.seq, attempts: 0, dueAt: 0 })
    return outcome === 'handled' ? 'handled' : 'nothing'
  }

  async #failed(cursor: HeldCursor, event: RecordedEvent, error: unknown): Promise<Outcome> {
    const { table, clock, audit, random = Math.random } = this.#services
    const now = clock.now()
    const { position, attempts, installation, extension } = cursor
    const wait = blockedFor(error)
    if (wait !== undefined) {
      // It never got to the event, so this was no attempt.
      await table.release(cursor, { position, attempts: attempts - 1, dueAt: now + wait })
      return 'nothing'
    }
    if (attempts < MAX_ATTEMPTS) {
      const dueAt = now + waitAfter(attempts, random(), retryAfterOf(error))
      await table.release(cursor, { position, attempts, dueAt })
      return 'failed'
    }
    const letter = { event, attempts, diedAt: now, ...faultOf(error) }
    await table.release(cursor, { position: event.seq, attempts: 0, dueAt: 0 }, async (tx) => {
      await table.bury(tx, installation, letter)
      await audit.eventIn(tx, {
        ...recordOf(event, extension, 'event:dead-letter', HOST, 'failed'),
        details: { error: letter.code, attempts },
      })
    })
    return 'dead'
  }
}

function requestOf(
  { workspace, id, source, topic, time, payload, hops }: Omit<RecordedEvent, 'seq'>,
  extension: string,
  attempt: number,
): HandleRequest {
  return {
    workspace,
    extension,
    event: { id, source, topic, time, attempt, payload },
    hops: hops + 1,
  }
}

function recordOf(
  { workspace, topic, id }: Omit<RecordedEvent, 'seq'>,
  extension: string,
  capability: string,
  by: Principal,
  decision: 'done' | 'failed',
): AuditEntry {
  const principal = formatPrincipal(by)
  return { workspace, principal, extension, capability, target: `${topic}/${id}`, decision }
}

// Milliseconds until what kept the extension from running at all is looked at again.
function blockedFor(error: unknown): number | undefined {
  if (!isPlatformError(error)) return undefined
  switch (error.code) {
    case 'ERR_HOST_LIMIT':
      return (error.details as { limit: string }).limit === 'concurrency' ? 1_000 : undefined
    case 'ERR_HOST_NOT_ACTIVE':
    case 'ERR_HOST_NOT_INSTALLED':
    case 'ERR_HOST_QUARANTINED':
    case 'ERR_HOST_CONSENT_REQUIRED':
    case 'ERR_HOST_POLICY':
    case 'ERR_HOST_UNSIGNED':
    case 'ERR_HOST_ARTIFACT_CORRUPT':
      return BLOCKED_MS
  }
  return error.code.startsWith('ERR_SIGNING_') ? BLOCKED_MS : undefined
}

function retryAfterOf(error: unknown): number | undefined {
  if (!isPlatformError(error)) return undefined
  return (error.details as { readonly retryAfterMs?: number } | undefined)?.retryAfterMs
}

function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  if (!isPlatformError(error)) return { code: 'ERR_INTERNAL', message: 'The host failed, or ended' }
  return { code: error.code, message: cleanText(error.message, MAX_MESSAGE) }
}
