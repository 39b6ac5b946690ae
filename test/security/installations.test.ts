// What may be installed, and what a yes covers.
import type { JsonObject } from '@morphee/core'
import { encodeManifest, type Grant } from '@morphee/manifest'
import type { Candidate, ConsentInput } from '@morphee/host'
import { createDevelopmentHost, createHost } from '@morphee/host/node'
import { ComponentBuilder } from '@morphee/testing'
import { embedArtifact } from '@morphee/manifest'
import { rm } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildGuest, manifestOf, tinyExtension } from '../../packages/host/test/fixture/guest.ts'
import {
  ADA,
  createTestHost,
  newHome,
  type TestHost,
  WORKSPACE,
} from '../../packages/host/test/fixture/test-host.ts'
import { buildProbe, componentOf, type Probe, withManifest } from './probe.ts'

let t: TestHost
let probe: Probe
beforeAll(async () => {
  probe = await buildProbe()
  t = await createTestHost()
})
afterAll(() => t.close())

const SITE_CONFIG = {
  type: 'object',
  required: ['site'],
  additionalProperties: false,
  properties: { site: { type: 'string', maxLength: 63 }, note: { type: 'string' } },
}
const AT_SITE = {
  permissions: [
    { 'http:read': { urls: ['https://{config.site}.services.example/**'], reason: 'Reads' } },
  ],
  credentials: {
    token: {
      kind: 'bearer',
      audience: ['https://{config.site}.services.example'],
      fields: { token: { title: 'Token' } },
    },
  },
  config: SITE_CONFIG,
}

/** A guest that asks for something at a site of its settings and uses none of it. */
const atSite = (fields: JsonObject, answer = '{}'): Uint8Array<ArrayBuffer> =>
  tinyExtension({ kind: 'answer', text: answer }, { ...AT_SITE, ...fields })

async function yesTo(candidate: Candidate, config: JsonObject): Promise<ConsentInput> {
  const { authorityDigest, permissions } = await t.host.propose(WORKSPACE, candidate, config)
  const grant: Grant = {
    entries: permissions.map((permission) => ({ permission, answer: 'allow' as const })),
  }
  return { authorityDigest, grant, surface: 'test' }
}

const install = (candidate: Candidate, config: JsonObject, consent?: ConsentInput) =>
  t.host.install({
    workspace: WORKSPACE,
    principal: ADA,
    candidate,
    config,
    ...(consent === undefined ? {} : { consent }),
  })

/** A component that imports an interface whose functions take a number and give nothing. */
function importing(name: string, functions: readonly string[]): Uint8Array {
  const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)]
  const members = functions.flatMap((member, index) => [
    0x01,
    0x40,
    1,
    ...text('x'),
    0x79,
    1,
    0,
    0x04,
    0,
    ...text(member),
    0x01,
    index,
  ])
  const type = [1, 0x42, functions.length * 2, ...members]
  const imported = [1, 0, ...text(name), 0x05, 0]
  return new ComponentBuilder()
    .raw([7, type.length, ...type])
    .raw([10, imported.length, ...imported])
    .build()
}

describe('a component that does not fit', () => {
  for (const missing of ['http:read', 'http:write', 'storage:read', 'storage:write']) {
    it(`imports what needs ${missing}, and its manifest does not ask for it`, async () => {
      const permissions = [
        { 'http:read': { urls: ['https://services.example/**'], reason: 'Reads' } },
        { 'http:write': { urls: ['https://services.example/**'], reason: 'Writes' } },
        'storage:read',
        'storage:write',
      ].filter((one) => (typeof one === 'string' ? one !== missing : !Object.hasOwn(one, missing)))
      const artifact = probe.with({
        permissions,
        config: undefined,
        credentials: undefined,
        actions: { read: { title: 'Read', effect: 'read', input: {}, output: {} } },
      })
      await expect(t.host.admitUnsigned(artifact)).rejects.toMatchObject({
        code: 'ERR_HOST_CONTRACT',
        details: {
          problems: expect.arrayContaining([expect.stringContaining(missing)]) as unknown,
        },
      })
    })
  }

  for (const [what, component] of [
    ['exports nothing', () => new ComponentBuilder().build()],
    [
      'exports the actions of another version',
      () =>
        buildGuest(
          { kind: 'answer', text: '{}' },
          { actionsName: 'morphee:extension/actions@0.8.0' },
        ),
    ],
    [
      'imports a bare function',
      () => {
        const c = new ComponentBuilder()
        c.importFunc('fetch', {})
        return c.build()
      },
    ],
  ] as const) {
    it(what, async () => {
      const artifact = Uint8Array.from(embedArtifact(component(), manifestOf()))
      await expect(t.host.admitUnsigned(artifact)).rejects.toThrowCode('ERR_HOST_CONTRACT')
    })
  }
  for (const [what, component, problem] of [
    ['a foreign interface', importing('wasi:sockets/tcp@0.2.0', []), 'wasi:sockets/tcp'],
    [
      'another version of the contract',
      importing('morphee:extension/http@1.0.0', []),
      'http@1.0.0',
    ],
    [
      'a function that the contract does not have',
      importing('morphee:extension/http@0.9.0', ['fetch']),
      'http.fetch',
    ],
    [
      'a function by the name of an inherited member',
      importing('morphee:extension/http@0.9.0', ['constructor']),
      'http.constructor',
    ],
    [
      'a function of the contract with other types',
      importing('morphee:extension/http@0.9.0', ['read']),
      'other types',
    ],
    [
      'what the host does not enforce yet',
      importing('morphee:extension/vault@0.9.0', ['get']),
      'vault.get',
    ],
  ] as const) {
    it(`imports ${what}`, async () => {
      const artifact = Uint8Array.from(embedArtifact(component, manifestOf()))
      await expect(t.host.admitUnsigned(artifact)).rejects.toMatchObject({
        code: 'ERR_HOST_CONTRACT',
        details: {
          problems: expect.arrayContaining([expect.stringContaining(problem)]) as unknown,
        },
      })
    })
  }

  for (const [what, bytes] of [
    ['nothing', new Uint8Array()],
    ['text', new TextEncoder().encode('#!/bin/sh')],
    ['no manifest', componentOf(tinyExtension())],
    ['a core module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)],
    ['half an artifact', tinyExtension().subarray(0, 400)],
  ] as const) {
    it(`is refused with a code: ${what}`, async () => {
      const error = (await t.host.admitUnsigned(bytes).catch((thrown: unknown) => thrown)) as {
        code?: string
      }
      expect(error.code).toMatch(/^ERR_/)
    })
  }

  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`a manifest with the action, credential and setting ${name} pollutes nothing`, async () => {
      const text = JSON.stringify({
        ...(JSON.parse(new TextDecoder().decode(encodeManifest(manifestOf()))) as object),
      }).replaceAll('"go"', JSON.stringify(name))
      const outcome = await Promise.resolve()
        .then(() => withManifest(tinyExtension(), JSON.parse(text) as JsonObject))
        .then((artifact) => t.install(artifact))
        .catch((error: unknown) => error as { code: string })
      if ('code' in outcome) expect(outcome.code).toMatch(/^ERR_/)
      else expect((await t.call('acme/tiny', name)).output).toEqual({})
      expect(({} as Record<string, unknown>)['title']).toBeUndefined()
    })
  }
})

describe('settings', () => {
  for (const site of [
    'evil.com/',
    'evil.com/.',
    'a.b',
    'a/b',
    '@evil.com',
    'evil.com#',
    'evil.com?',
    '',
    ' ',
    '*',
    '..',
    'a%2eb',
    'xn--',
    '-a',
    'a\u3002b',
    'a:8443',
    '[::1]',
    'a\\b',
  ]) {
    it(`{ site: ${JSON.stringify(site)} } never becomes part of a host`, async () => {
      const candidate = await t.host.admitUnsigned(atSite({ name: 'acme/sited' }))
      const error = (await t.host
        .propose(WORKSPACE, candidate, { site })
        .catch((thrown: unknown) => thrown)) as { code: string }
      expect(error.code).toMatch(/^ERR_(HOST_CONFIG_INVALID|CONFIG_UNUSABLE)$/)
    })
  }

  for (const config of [
    {},
    { site: 1 },
    { site: 'acme', other: 1 },
    { site: 'acme', __proto__: { note: 1 } },
    JSON.parse('{"site":"acme","__proto__":{"note":1}}') as JsonObject,
  ]) {
    it(`${JSON.stringify(config)} is checked against the schema`, async () => {
      const candidate = await t.host.admitUnsigned(atSite({ name: 'acme/sited' }))
      const proposing = t.host.propose(WORKSPACE, candidate, config as JsonObject)
      if (Object.keys(config).length === 1 && (config as { site?: unknown }).site === 'acme')
        expect((await proposing).config).toEqual({ site: 'acme' })
      else await expect(proposing).rejects.toThrowCode('ERR_HOST_CONFIG_INVALID')
    })
  }

  it('a setting that a permission uses needs a new yes, which forgets the credentials', async () => {
    const name = 'acme/moves'
    await t.install(atSite({ name }), { config: { site: 'one' } })
    await t.host.connect(WORKSPACE, name, ADA, 'token', { token: 'secret' })
    const { installations } = t.host
    await expect(
      installations.configure(WORKSPACE, name, ADA, { site: 'two' }),
    ).rejects.toThrowCode('ERR_HOST_CONSENT_REQUIRED')
    expect(await t.host.connections(WORKSPACE, name)).toMatchObject([{ credential: 'token' }])
    await installations.configure(WORKSPACE, name, ADA, { note: 'reaches nothing' })
    expect(await t.host.connections(WORKSPACE, name)).toMatchObject([{ credential: 'token' }])
    const { authorityDigest } = await installations.proposeSettings(WORKSPACE, name, {
      site: 'two',
    })
    await installations.configure(
      WORKSPACE,
      name,
      ADA,
      { site: 'two' },
      { authorityDigest, grant: { entries: [] }, surface: 'test' },
    )
    expect(await t.host.connections(WORKSPACE, name)).toEqual([])
  })

  it('a yes to other settings than the ones that are set is refused, also when nothing changes', async () => {
    const name = 'acme/moves'
    const { installations } = t.host
    const { authorityDigest } = await installations.proposeSettings(WORKSPACE, name, {
      site: 'three',
    })
    const consent = { authorityDigest, grant: { entries: [] }, surface: 'test' }
    await expect(
      installations.configure(WORKSPACE, name, ADA, { site: 'four' }, consent),
    ).rejects.toThrowCode('ERR_HOST_CONSENT_REQUIRED')
    await expect(
      installations.configure(WORKSPACE, name, ADA, { note: 'x' }, consent),
    ).rejects.toThrowCode('ERR_HOST_CONSENT_REQUIRED')
  })

  it('an update and a rollback that send a credential elsewhere forget it too', async () => {
    const name = 'acme/travels'
    await t.install(atSite({ name }), { config: { site: 'one' } })
    await t.host.connect(WORKSPACE, name, ADA, 'token', { token: 'secret' })
    await t.install(atSite({ name, version: '1.0.1' }, '1'), {})
    expect(await t.host.connections(WORKSPACE, name)).toMatchObject([{ credential: 'token' }])
    await t.install(atSite({ name, version: '1.0.2' }, '2'), { config: { site: 'two' } })
    expect(await t.host.connections(WORKSPACE, name)).toEqual([])
    await t.host.connect(WORKSPACE, name, ADA, 'token', { token: 'secret of two' })
    await t.host.installations.rollback(WORKSPACE, name, ADA, '1.0.0')
    expect(await t.host.connections(WORKSPACE, name)).toEqual([])
    expect((await t.host.installations.show(WORKSPACE, name)).installation.config).toEqual({
      site: 'one',
    })
  })
})

describe('consent', () => {
  it('nothing is installed without a yes', async () => {
    const candidate = await t.host.admitUnsigned(atSite({ name: 'acme/asks' }))
    await expect(install(candidate, { site: 'one' })).rejects.toThrowCode(
      'ERR_HOST_CONSENT_REQUIRED',
    )
    await expect(t.call('acme/asks', 'go')).rejects.toThrowCode('ERR_HOST_NOT_INSTALLED')
  })

  it('a yes to something else is refused', async () => {
    const candidate = await t.host.admitUnsigned(atSite({ name: 'acme/asks' }))
    const other = await yesTo(candidate, { site: 'two' })
    await expect(install(candidate, { site: 'one' }, other)).rejects.toThrowCode(
      'ERR_HOST_CONSENT_REQUIRED',
    )
  })

  it('a wider update waits while the old version runs on, is not callable, and can be declined', async () => {
    const name = 'acme/grows'
    await t.install(atSite({ name }, '"old"'), { config: { site: 'one' } })
    const wider = await t.host.admitUnsigned(
      atSite(
        {
          name,
          version: '1.1.0',
          permissions: [
            {
              'http:read': {
                urls: ['https://{config.site}.services.example/**', 'https://more.example/**'],
                reason: 'Reads',
              },
            },
          ],
        },
        '"new"',
      ),
    )
    expect((await install(wider, {})).kind).toBe('waiting')
    expect((await t.call(name, 'go')).output).toBe('old')
    const before = await t.host.installations.show(WORKSPACE, name)
    expect(before.versions).toHaveLength(2)
    // Another one that waits takes its place: what nobody said yes to does not pile up.
    const widest = await t.host.admitUnsigned(atSite({ name, version: '2.0.0' }, '"newest"'))
    expect((await install(widest, {})).kind).toBe('waiting')
    expect((await t.host.installations.show(WORKSPACE, name)).versions).toHaveLength(2)
    await t.host.installations.decline(WORKSPACE, name, ADA)
    expect((await t.host.installations.show(WORKSPACE, name)).versions).toHaveLength(1)
    expect(await t.host.pending(WORKSPACE, name)).toBeUndefined()
    expect((await t.call(name, 'go')).output).toBe('old')
    // Going back forgets it too.
    const patched = await t.host.admitUnsigned(atSite({ name, version: '1.0.1' }, '"patched"'))
    expect((await install(patched, {})).kind).toBe('updated')
    expect((await install(wider, {})).kind).toBe('waiting')
    await t.host.installations.rollback(WORKSPACE, name, ADA)
    const { versions, installation } = await t.host.installations.show(WORKSPACE, name)
    expect(versions.map(({ version }) => version).toSorted()).toEqual(['1.0.0', '1.0.1'])
    expect(installation.pendingDigest).toBeUndefined()
  })

  it('installing what is installed with settings that reach further is a question, not something that waits', async () => {
    const candidate = await t.host.admitUnsigned(atSite({ name: 'acme/grows' }, '"old"'))
    await expect(install(candidate, { site: 'elsewhere' })).rejects.toThrowCode(
      'ERR_HOST_CONSENT_REQUIRED',
    )
    expect(
      (await t.host.installations.show(WORKSPACE, 'acme/grows')).installation.pendingDigest,
    ).toBeUndefined()
  })

  it('candidates of another host, and made-up ones, are refused', async () => {
    const other = await createTestHost()
    const candidate = await other.host.admitUnsigned(tinyExtension())
    await other.close()
    const own = await t.host.admitUnsigned(tinyExtension())
    for (const forged of [
      candidate,
      { ...own },
      Object.create(own) as Candidate,
      {
        ...own,
        provenance: { kind: 'signed', source: '', publisher: 'acme', keyId: 'x', verifiedAt: 0 },
      } as Candidate,
    ]) {
      const consent = {
        authorityDigest: (await t.host.propose(WORKSPACE, own, {})).authorityDigest,
        grant: { entries: [] },
        surface: 'test',
      }
      await expect(
        t.host.install({
          workspace: WORKSPACE,
          principal: ADA,
          candidate: forged,
          config: {},
          consent,
        }),
      ).rejects.toThrow(TypeError)
    }
  })

  it('of two versions that are installed at once one wins, and the other is told', async () => {
    const name = 'acme/races'
    await t.install(tinyExtension({ kind: 'answer', text: '0' }, { name }))
    const candidates = await Promise.all(
      ['1.0.1', '1.0.2', '1.0.3'].map((version, n) =>
        t.host.admitUnsigned(
          tinyExtension({ kind: 'answer', text: `${n + 1}` }, { name, version }),
        ),
      ),
    )
    const settled = await Promise.allSettled(candidates.map((candidate) => install(candidate, {})))
    const won = settled.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
    for (const one of settled)
      if (one.status === 'rejected')
        expect(one.reason).toMatchObject({ code: 'ERR_HOST_CONSENT_REQUIRED' })
    const { installation, versions } = await t.host.installations.show(WORKSPACE, name)
    expect(versions).toHaveLength(2)
    expect((await t.call(name, 'go')).output).toBe(
      candidates.findIndex(({ artifact }) => artifact.digest === installation.activeDigest) + 1,
    )
  })

  it('settings that change while an update is decided stop the update, and the other way round', async () => {
    const name = 'acme/interleaves'
    await t.install(atSite({ name }), { config: { site: 'one' } })
    const { authorityDigest } = await t.host.installations.proposeSettings(WORKSPACE, name, {
      site: 'two',
    })
    const consent = { authorityDigest, grant: { entries: [] }, surface: 'test' }
    const update = await t.host.admitUnsigned(atSite({ name, version: '1.0.1' }, '1'))
    const settled = await Promise.allSettled([
      t.host.installations.configure(WORKSPACE, name, ADA, { site: 'two' }, consent),
      install(update, {}),
    ])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { installation, versions } = await t.host.installations.show(WORKSPACE, name)
    const active = versions.find(({ digest }) => digest === installation.activeDigest)
    expect(installation.config).toEqual(active?.consent?.config)
  })
})

describe('what runs', () => {
  for (const [state, take] of [
    ['disabled', (name: string) => t.host.installations.setState(WORKSPACE, name, ADA, 'disabled')],
    [
      'removed',
      (name: string) => t.host.installations.remove(WORKSPACE, name, ADA, { keepData: false }),
    ],
  ] as const) {
    it(`ends when it is ${state}`, async () => {
      const name = `acme/ends-${state}`
      await t.install(tinyExtension({ kind: 'loop' }, { name }))
      const running = expect(t.call(name, 'go')).rejects.toMatchObject({
        code: 'ERR_HOST_NOT_ACTIVE',
        details: { state },
      })
      const begun = async (): Promise<number> =>
        (await t.host.audit.list({ workspace: WORKSPACE, extension: name })).filter(
          ({ capability }) => capability === 'invoke',
        ).length
      await expect.poll(begun).toBe(1)
      await take(name)
      await running
    })
  }
})

describe('what is stored', () => {
  it('settings that nobody said yes to do not run', async () => {
    const name = 'acme/drifts'
    await t.install(atSite({ name }), { config: { site: 'one' } })
    await t.call(name, 'go')
    const database = new DatabaseSync(join(t.home, 'morphee.db'))
    database
      .prepare(
        `UPDATE installation SET config = '{"site":"two"}', updated_at = updated_at + 1 WHERE extension = ?`,
      )
      .run(name)
    database.close()
    await expect(t.call(name, 'go')).rejects.toThrowCode('ERR_HOST_CONSENT_REQUIRED')
  })

  it('altered bytes are not loaded, hide nothing else, and are mended by installing again', async () => {
    const home = await newHome()
    const open = async (): Promise<TestHost> => createTestHost({ home })
    let h = await open()
    await h.install(tinyExtension({ kind: 'answer', text: '"whole"' }, { name: 'acme/damaged' }))
    await h.install(tinyExtension())
    await h.close()
    const database = new DatabaseSync(join(home, 'morphee.db'))
    const rows = database.prepare('SELECT digest, bytes FROM artifact').all() as {
      digest: string
      bytes: Uint8Array
    }[]
    for (const { digest, bytes } of rows) {
      if (!new TextDecoder().decode(bytes).includes('acme/damaged')) continue
      const changed = Uint8Array.from(bytes)
      changed[changed.length - 1] = (changed.at(-1) as number) ^ 1
      database.prepare('UPDATE artifact SET bytes = ? WHERE digest = ?').run(changed, digest)
    }
    database.close()
    h = await open()
    await expect(h.call('acme/damaged', 'go')).rejects.toThrowCode('ERR_HOST_ARTIFACT_CORRUPT')
    expect((await h.host.list(WORKSPACE)).map(({ extension }) => extension)).toEqual(['acme/tiny'])
    await h.install(tinyExtension({ kind: 'answer', text: '"whole"' }, { name: 'acme/damaged' }))
    expect((await h.call('acme/damaged', 'go')).output).toBe('whole')
    await h.close()
    await rm(home, { recursive: true, force: true })
  })

  it('the home of one kind of host is not opened by the other', async () => {
    const trust = {
      read: async () => {
        throw new Error('nobody asks')
      },
    }
    const home = await newHome()
    const signed = await createHost({ home, trust })
    await signed.close()
    await expect(createDevelopmentHost({ home })).rejects.toThrowCode('ERR_HOST_HOME')
    await expect(createHost({ home: t.home, trust })).rejects.toThrowCode('ERR_HOST_HOME')
    await rm(home, { recursive: true, force: true })
  })

  it('a removed extension leaves no credential, and no data unless it is kept', async () => {
    const name = 'acme/leaves'
    await t.install(probe.with({ name }), { config: { site: 'acme' } })
    await t.host.connect(WORKSPACE, name, ADA, 'token', { token: 'secret' })
    const set = () => t.call(name, 'write', { steps: [{ do: 'set', key: 'k', value: 1 }] })
    const get = async () =>
      (
        (await t.call(name, 'read', { steps: [{ do: 'get', key: 'k' }] })).output as {
          results: unknown[]
        }
      ).results
    await set()
    await t.host.installations.remove(WORKSPACE, name, ADA, { keepData: true })
    await expect(set()).rejects.toThrowCode('ERR_HOST_NOT_INSTALLED')
    await t.install(probe.with({ name }), { config: { site: 'acme' } })
    expect(await t.host.connections(WORKSPACE, name)).toEqual([])
    expect(await get()).toEqual([{ ok: 1 }])
    await t.host.installations.remove(WORKSPACE, name, ADA, { keepData: false })
    await t.install(probe.with({ name }), { config: { site: 'acme' } })
    expect(await get()).toEqual([{ ok: null }])
  })
})
