import { encodeUtf8 } from '@morphee/core'
import {
  APPROVAL_MIGRATIONS,
  type Answer,
  type Approval,
  type AuditLog,
  type AuditWriter,
  auditMigrations,
  createAuditLog,
  type Question,
  type Store,
} from '@morphee/host'
import { nodeAuditHash, openSqliteStore } from '@morphee/host/node'
import { ApprovalDesk, type AskOutcome } from '../../src/approvals/approval-desk.ts'
import type { ApprovalLimits } from '../../src/approvals/approval-services.ts'
import { AS_ADA } from '../fixture/answering.ts'

export const QUESTION: Question = {
  workspace: 'home',
  installation: 'ins_1',
  extension: 'acme/jira',
  artifact: 'sha256:aa',
  action: 'delete-issue',
  principal: { kind: 'agent', id: 'claude', onBehalfOf: 'ada' },
  conversation: null,
  permission: 'http:write',
  target: 'DELETE https://acme.atlassian.net/rest/api/3/issue/ABC-7',
  question: 'A person is to be asked: DELETE https://acme.atlassian.net/rest/api/3/issue/ABC-7',
  askedBy: 'grant',
  effect: {
    kind: 'http',
    method: 'DELETE',
    url: 'https://acme.atlassian.net/rest/api/3/issue/ABC-7',
    headers: [{ name: 'accept', value: 'application/json' }],
    body: encodeUtf8('{}'),
    credential: { name: 'jira', connection: 'con_1', owner: 'shared' },
  },
}

/** The question with another effect. */
export function withEffect(change: Readonly<Record<string, unknown>>): Question {
  return { ...QUESTION, effect: { ...QUESTION.effect, ...change } as Question['effect'] }
}

/** A desk on a store of its own, with a clock that a test moves. */
export interface TestDesk {
  readonly desk: ApprovalDesk
  readonly store: Store
  readonly audit: AuditLog
  /** `now` is the system's clock, which anybody may set. */
  readonly time: { now: number; monotonic: number }
  /** Every question that a surface was told of. */
  readonly asked: Approval[]
  ask(question?: Question, signal?: AbortSignal): Promise<AskOutcome>
  /** Waits for the next question that is stored, and returns it. */
  next(): Promise<Approval>
  answer(approval: Approval, answer: Answer): Promise<Approval>
  /** Another host on the same store; `writer` says whose calls are its own. */
  other(writer: AuditWriter): ApprovalDesk
  /** A host on the same store that has nobody to ask. */
  readonly mute: ApprovalDesk
  close(): Promise<void>
}

export async function createDesk(
  limits: Partial<ApprovalLimits> = {},
  writer: AuditWriter = aliveWriter('one'),
): Promise<TestDesk> {
  const store = await openSqliteStore({
    path: ':memory:',
    migrations: [...auditMigrations, ...APPROVAL_MIGRATIONS],
  })
  const asked: Approval[] = []
  const waiting: ((approval: Approval) => void)[] = []
  const told: Approval[] = []
  const time = { now: 1_700_000_000_000, monotonic: 0 }
  const clock = { now: () => time.now, monotonic: () => time.monotonic }
  const audit = createAuditLog({ store, clock, hash: nodeAuditHash })
  const services = { store, audit, clock, limits }
  const surface = {
    asked(approval: Approval) {
      asked.push(approval)
      const waiter = waiting.shift()
      if (waiter === undefined) told.push(approval)
      else waiter(approval)
    },
  }
  const desk = new ApprovalDesk({ ...services, writer, surface })
  const test: TestDesk = {
    desk,
    store,
    audit,
    time,
    asked,
    ask: (question = QUESTION, signal = new AbortController().signal) =>
      desk.ask({ question, invocation: 'inv_1', remainingMs: 60_000, signal }),
    next: () => {
      const [first] = told.splice(0, 1)
      return first === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(first)
    },
    answer: ({ id, digest, question }, answer) =>
      desk.inbox.answer({
        workspace: question.workspace,
        id,
        shown: digest,
        by: AS_ADA,
        answer,
      }),
    mute: new ApprovalDesk({ ...services, writer }),
    other: (otherWriter) => new ApprovalDesk({ ...services, writer: otherWriter, surface }),
    async close() {
      await audit.close()
      await store.close()
    },
  }
  return test
}

/** A writer that takes only itself for alive. */
export function aliveWriter(id: string, alive: readonly string[] = [id]): AuditWriter {
  return { id, isAlive: (other) => alive.includes(other), release: () => {} }
}
