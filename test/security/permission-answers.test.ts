// Every permission of the language against everything that a person, an action or a manifest can say to it, by a guest that has
// every door of the contract. What is granted whole works, so a refusal is the answer's and not the test's.
import type { JsonObject } from '@morphee/core'
import {
  type GrantAnswer,
  type GrantEntry,
  NEVER_IN_READ,
  type Permission,
  PERMISSION_KINDS,
  type PermissionKind,
} from '@morphee/manifest'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Attack, openAttack, SITE } from './attack.ts'
import { type Answering, installWith } from './install-with.ts'
import { buildProbe, type StepResult } from './probe.ts'

// What is subscribed to is not done by a call: test/security/events.test.ts.
type Used = Exclude<PermissionKind, 'event:subscribe'>
const USED = PERMISSION_KINDS.filter((kind): kind is Used => kind !== 'event:subscribe')

const api = `https://${SITE}/api`
/** One use of each permission that its whole scope covers. */
const USES: Readonly<Record<Used, JsonObject>> = {
  'http:read': { do: 'fetch', url: `${api}/this/x` },
  'http:write': { do: 'fetch', url: `${api}/write/this`, method: 'POST', body: '{}' },
  'guest-auth': { do: 'fetch', url: `${api}/this/own`, headers: { cookie: 'a=b' } },
  'vault:read': { do: 'vault-get', name: 'own.this' },
  'vault:write': { do: 'vault-set', name: 'own.this', value: 'x' },
  'storage:read': { do: 'get', key: 'x' },
  'storage:write': { do: 'set', key: 'x', value: 1 },
  'data:read': { do: 'data-query', collection: 'tasks' },
  'data:write': { do: 'data-create', collection: 'tasks', value: { title: 'x', done: false } },
  'event:emit': { do: 'emit', topic: 'probe.this', payload: {} },
}

/** The same under another name: covered by what the manifest asks for, and not by what the person left of it. */
const BESIDE: Partial<Record<Used, JsonObject>> = {
  'http:read': { do: 'fetch', url: `${api}/that/x` },
  'http:write': { do: 'fetch', url: `${api}/write/that`, method: 'POST', body: '{}' },
  'vault:read': { do: 'vault-get', name: 'own.that' },
  'vault:write': { do: 'vault-set', name: 'own.that', value: 'x' },
  'data:read': { do: 'data-query', collection: 'notes' },
  'data:write': { do: 'data-create', collection: 'notes', value: {} },
  'event:emit': { do: 'emit', topic: 'probe.that', payload: {} },
}

function narrowed(permission: Permission): Permission {
  switch (permission.kind) {
    case 'http:read':
      return { kind: 'http:read', urls: [`${api}/this/**`] }
    case 'http:write':
      return { kind: 'http:write', urls: [`${api}/write/this`] }
    case 'vault:read':
    case 'vault:write':
      return { kind: permission.kind, names: ['own.this'] }
    case 'data:read':
    case 'data:write':
      return { kind: permission.kind, collections: ['tasks'] }
    case 'event:emit':
    case 'event:subscribe':
      return { kind: permission.kind, topics: ['probe.this'] }
    case 'storage:read':
    case 'storage:write':
    case 'guest-auth':
      return permission
  }
}

let a: Attack
/** What the probe asks for, for a manifest of its own: two collections, so that a person can leave one out. */
let asked: readonly unknown[]
beforeAll(async () => {
  const probe = await buildProbe({ everyDoor: true })
  const notes = { id: 'task', schema: { type: 'object' } } as const
  a = await openAttack({ collections: { notes } }, probe)
  asked = [
    ...probe.permissions.map((permission) =>
      JSON.parse(JSON.stringify(permission).replaceAll('["tasks"]', '["tasks","notes"]')),
    ),
    'guest-auth',
  ]
})
afterAll(() => a.close())
beforeEach(() => {
  a.seen.length = 0
})

const input = { type: 'object' }
const ACTIONS = { write: { title: 'Write', effect: 'write', input, output: {} } }

async function installed(
  name: string,
  answering: Answering,
  more: {
    readonly manifest?: Readonly<Record<string, unknown>>
    readonly actions?: Readonly<Record<string, GrantAnswer>>
  } = {},
): Promise<string> {
  const extension = `acme/${name}`
  const fields = { name: extension, permissions: asked, actions: ACTIONS, ...more.manifest }
  await installWith(a.host, a.probe.with(fields), { site: 'acme' }, answering, more.actions)
  return extension
}

async function use(extension: string, step: JsonObject): Promise<StepResult> {
  const [result] = await a.steps('write', [step], { extension })
  return result as StepResult
}

const everything =
  (answer: (permission: Permission) => readonly GrantEntry[]): Answering =>
  (permission) =>
    answer(permission)

const ANSWERS: Readonly<Record<string, Answering | undefined>> = {
  'left it out': () => undefined,
  'said no': () => 'deny',
  'wants to be asked and is not there': () => 'ask',
  'said yes until a time that is over': everything((permission) => [
    { permission, answer: 'allow', expiresAt: 1 },
  ]),
  'said yes to all and no to this': everything((permission) => [
    { permission, answer: 'allow' },
    { permission: narrowed(permission), answer: 'deny' },
  ]),
  'said yes to all and wants to be asked about this': everything((permission) => [
    { permission, answer: 'allow' },
    { permission: narrowed(permission), answer: 'ask' },
  ]),
}

describe('allowed whole, by the person and the action', () => {
  let extension: string
  beforeAll(async () => {
    extension = await installed('whole', () => 'allow')
  })
  for (const kind of USED) {
    it(`${kind} works`, async () => {
      expect((await use(extension, USES[kind])).failure).toBeUndefined()
      const beside = BESIDE[kind]
      if (beside !== undefined) expect((await use(extension, beside)).failure).toBeUndefined()
    })
  }
})

for (const [index, [what, answering]] of Object.entries(ANSWERS).entries()) {
  describe(`the person ${what}`, () => {
    let extension: string
    beforeAll(async () => {
      extension = await installed(`answer-${index}`, (permission) => answering?.(permission))
    })
    for (const kind of USED) {
      it(`${kind} is refused by the grant`, async () => {
        const { failure } = await use(extension, USES[kind])
        expect(failure).toMatchObject({
          code: 'permission-denied',
          details: { refusedBy: 'grant', permission: kind },
        })
        expect(a.seen).toEqual([])
      })
    }
  })
}

describe('the person left a part of it', () => {
  let extension: string
  beforeAll(async () => {
    extension = await installed('narrow', (permission) => [
      { permission: narrowed(permission), answer: 'allow' },
    ])
  })
  for (const kind of USED) {
    it(`${kind} works there${BESIDE[kind] === undefined ? '' : ', and is refused beside it by the grant'}`, async () => {
      expect((await use(extension, USES[kind])).failure).toBeUndefined()
      const beside = BESIDE[kind]
      if (beside === undefined) return
      expect((await use(extension, beside)).failure).toMatchObject({
        details: { refusedBy: 'grant', permission: kind },
      })
    })
  }
})

describe('the action', () => {
  let extension: string
  beforeAll(async () => {
    const using = (kind: Used): object => ({ ...ACTIONS.write, uses: [kind] })
    const actions = { ...ACTIONS, none: using('storage:read'), destroy: using('storage:write') }
    extension = await installed('unused', () => 'allow', { manifest: { actions } })
  })
  for (const kind of USED) {
    it(`does not list ${kind} under uses, and it is refused by the action`, async () => {
      const action = kind === 'storage:read' ? 'destroy' : 'none'
      const [result] = await a.steps(action, [USES[kind]], { extension })
      expect(result?.failure).toMatchObject({ details: { refusedBy: 'action', permission: kind } })
      expect(a.seen).toEqual([])
    })
  }
})

describe('the person, of a whole action,', () => {
  it('said no: all that it does is refused by the grant', async () => {
    const extension = await installed('denied', () => 'allow', { actions: { write: 'deny' } })
    for (const kind of USED) {
      const { failure } = await use(extension, USES[kind])
      expect(failure).toMatchObject({ details: { refusedBy: 'grant', permission: kind } })
    }
    expect(a.seen).toEqual([])
  })

  it('wants to be asked and is not there: it reads, and every write is refused by the grant', async () => {
    const extension = await installed('asked', () => 'allow', { actions: { write: 'ask' } })
    for (const kind of USED) {
      const { failure } = await use(extension, USES[kind])
      if (NEVER_IN_READ.has(kind))
        expect(failure).toMatchObject({ details: { refusedBy: 'grant', permission: kind } })
      else expect(failure).toBeUndefined()
    }
  })

  it('said nothing of a destructive one and is not there: every write is refused by the grant', async () => {
    const actions = { write: { ...ACTIONS.write, effect: 'destructive' } }
    const extension = await installed('destructive', () => 'allow', {
      manifest: { actions },
      actions: {},
    })
    for (const kind of USED) {
      const { failure } = await use(extension, USES[kind])
      if (NEVER_IN_READ.has(kind))
        expect(failure).toMatchObject({ details: { refusedBy: 'grant', permission: kind } })
      else expect(failure).toBeUndefined()
    }
  })
})

describe('the manifest', () => {
  for (const kind of USED) {
    const door = kind !== 'guest-auth'
    it(`does not ask for ${kind}, and ${door ? 'a component that could use it is not installed' : 'it is refused by the manifest'}`, async () => {
      const permissions = asked.filter(
        (one) => one !== kind && Object.keys(one as object)[0] !== kind,
      )
      const manifest = { name: 'acme/unasked', permissions, actions: ACTIONS }
      const installing = installWith(
        a.host,
        a.probe.with(manifest),
        { site: 'acme' },
        () => 'allow',
      )
      if (door) {
        const problem = expect.stringContaining(`does not ask for ${kind}`) as string
        await expect(installing).rejects.toMatchObject({
          code: 'ERR_HOST_CONTRACT',
          details: { problems: expect.arrayContaining([problem]) as string[] },
        })
        return
      }
      await installing
      const { failure } = await use('acme/unasked', USES[kind])
      expect(failure).toMatchObject({ details: { refusedBy: 'manifest', permission: kind } })
    })
  }

  it('asks for something as optional, and runs without it', async () => {
    const permissions = asked.map((one) =>
      typeof one === 'object' && one !== null && 'vault:read' in one
        ? { 'vault:read': { names: ['own.*'], optional: true } }
        : one,
    )
    const extension = await installed(
      'optional',
      ({ kind }) => (kind === 'vault:read' ? undefined : 'allow'),
      { manifest: { permissions } },
    )
    expect((await use(extension, USES['vault:read'])).failure).toMatchObject({
      details: { refusedBy: 'grant', permission: 'vault:read' },
    })
    expect((await use(extension, USES['http:read'])).failure).toBeUndefined()
  })
})
