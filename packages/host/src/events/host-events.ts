import {
  canonicalJson,
  type Clock,
  createId,
  encodeUtf8,
  type Id,
  type JsonValue,
} from '@morphee/core'
import { compilePermissionSet } from '@morphee/manifest'
import type { AuditLog } from '../audit/index.ts'
import { HostError } from '../errors.ts'
import { limitError } from '../invocation/limit-error.ts'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import { assertWorkspace } from '../workspace-name.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { Deliveries, DeliveryReport } from './deliveries.ts'
import type { DeliveryTable } from './delivery-table.ts'
import { createEventPump } from './event-pump.ts'
import { MAX_EVENT_BYTES } from './event-sink.ts'
import type { EventLog } from './store-event-log.ts'

/** Something that the application announces to extensions. */
export interface PublishRequest {
  readonly workspace: string
  /** Who is behind it, for the record. */
  readonly principal: Principal
  /** Such as `task.created`. */
  readonly topic: string
  /** Every extension that may subscribe to the topic gets to read it. */
  readonly payload: JsonValue
}

/** What happens, for the application: nothing that a guest or a model's surface reaches. */
export interface HostEvents extends Pick<EventLog, 'list'> {
  /**
   * Announces something as `host`. Delivered by {@link HostEvents.deliver} or after {@link HostEvents.start}.
   *
   * @throws `ERR_HOST_ARGUMENT`, `ERR_HOST_LIMIT`
   */
  publish(request: PublishRequest): Promise<Id<'event'>>
  /** Runs the handlers of all workspaces that have something to do, once, until nothing is due. */
  deliver(): Promise<DeliveryReport>
  /** Delivers from now on until the host is closed. */
  start(options?: { readonly onError?: (error: unknown) => void }): void
  /** What extensions could not handle, the newest first. */
  deadLetters(workspace: string): Promise<readonly DeadLetter[]>
  /** See {@link Deliveries.retry}. */
  retry: Deliveries['retry']
  /** See {@link Deliveries.drop}. */
  drop: Deliveries['drop']
}

/** What {@link createHostEvents} works with. */
export interface HostEventServices {
  readonly log: EventLog
  readonly table: DeliveryTable
  readonly deliveries: Deliveries
  readonly audit: AuditLog
  readonly clock: Clock
}

/** {@link HostEvents}, and what only the host itself may do. */
export interface ClosableEvents {
  readonly events: HostEvents
  /** An extension announced something. */
  announced(): void
  /** Begins no more deliveries, and waits for those that run. */
  close(): Promise<void>
}

/** Puts the application's side of events together. */
export function createHostEvents(services: HostEventServices): ClosableEvents {
  const { log, table, deliveries, audit, clock } = services
  let report: ((error: unknown) => void) | undefined
  const under = new Set<Promise<unknown>>()
  const deliver = async (): Promise<DeliveryReport> => {
    const running = deliveries.deliver()
    under.add(running)
    try {
      return await running
    } finally {
      under.delete(running)
    }
  }
  const pump = createEventPump({
    deliver,
    waitMs: async () => {
      const due = await table.nextDue(clock.now())
      return due === undefined ? undefined : Math.max(0, due - clock.now())
    },
    onError: (error) => report?.(error),
  })
  const wake = (): void => {
    deliveries.wake()
    pump.wake()
  }
  return {
    events: {
      list: (...args) => log.list(...args),
      async publish({ workspace, principal, topic, payload }) {
        assertWorkspace(workspace)
        assertTopic(topic)
        const text = canonicalJson(payload)
        if (encodeUtf8(text).length > MAX_EVENT_BYTES)
          throw limitError('event', MAX_EVENT_BYTES, 'bytes', 'announced')
        const id = createId('event')
        await audit.event({
          workspace,
          principal: formatPrincipal(principal),
          capability: 'event:publish',
          target: `${topic}/${id}`,
          decision: 'done',
        })
        await log.emit({ id, workspace, source: 'host', topic, payload: text })
        wake()
        return id
      },
      deliver,
      start(options) {
        report = options?.onError
        pump.start()
      },
      deadLetters: (workspace) => table.deadLetters(workspace),
      retry: (...args) => deliveries.retry(...args),
      drop: (...args) => deliveries.drop(...args),
    },
    announced: wake,
    async close() {
      deliveries.stop()
      await pump.stop()
      await Promise.allSettled(under)
    },
  }
}

// A topic that no permission could name would be announced to nobody.
function assertTopic(topic: string): void {
  const nameable = compilePermissionSet([{ kind: 'event:subscribe', topics: patterns(topic) }])
  if (nameable.allows({ kind: 'event', access: 'subscribe', topic })) return
  throw new HostError('ERR_HOST_ARGUMENT', 'Cannot announce this: its topic is not valid', {
    argument: 'topic',
    accepted: 'lower-case names joined by dots, such as task.created',
  })
}

function patterns(topic: string): string[] {
  const parts = topic.split('.').length
  return parts > 64 ? [] : [Array.from({ length: parts }, () => '*').join('.')]
}
