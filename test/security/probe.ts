// An extension that does what its input says, step by step, and tells what came of it: the guest behind most attacks.
import { buildExtension } from '@morphee/authoring'
import { embedArtifact, parseManifestYaml, readArtifact } from '@morphee/manifest'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const SOURCE = `
import { action, config, defineExtension, Failure, fetch, invocation, log } from '@morphee/sdk'
import * as storage from '@morphee/sdk/storage'

async function send({ url, ...options }) {
  const response = await fetch(url, options)
  return { status: response.status, headers: [...response.headers], body: await response.text(), url: response.url }
}

async function act(step) {
  switch (step.do) {
    case 'fetch': return await send(step)
    case 'together': return await Promise.all(step.requests.map((one) => send(one).catch((error) => told(error))))
    case 'set': return await storage.setJson(step.key, step.value)
    case 'get': return await storage.getJson(step.key)
    case 'delete': return await storage.delete(step.key)
    case 'keys': { const keys = []; for await (const key of storage.keys(step.prefix)) keys.push(key); return keys }
    case 'config': return config.get(step.key)
    case 'log': for (let n = 0; n < (step.times ?? 1); n++) log.info(step.text); return
    case 'progress': for (let n = 0; n < (step.times ?? 1); n++) invocation.progress(step.text, step.fraction); return
    case 'fail': throw new Failure(step.code, step.message, { details: step.details })
    default: return await beyond(step)
  }
}

const beyond = () => { throw new Error('no such step') }

const told = (error) => ({ code: error.code ?? 'thrown', message: String(error.message), details: error.details, retryAfterMs: error.retryAfterMs })

const run = async ({ steps, rethrow }) => {
  const results = []
  for (const step of steps) {
    try {
      results.push({ ok: (await act(step)) ?? null })
    } catch (error) {
      if (rethrow) throw error
      results.push({ failure: told(error) })
    }
  }
  return { results }
}

export const extension = defineExtension({ actions: { read: action(run), write: action(run), destroy: action(run), none: action(run) } })
`

// Everything else that the contract has: only for a manifest that asks for all of it.
const BEYOND = `
import * as data from '@morphee/sdk/data'
import * as events from '@morphee/sdk/events'
import * as vault from '@morphee/sdk/vault'

async function beyond(step) {
  const { collection, name } = step
  switch (step.do) {
    case 'vault-get': return await vault.get(name)
    case 'vault-set': return await vault.set(name, step.value)
    case 'vault-delete': return await vault.delete(name)
    case 'emit': return await events.emit(step.topic, step.payload)
    case 'data-get': return await data.get(collection, step.id)
    case 'data-query': { const all = []; for await (const entry of data.query(collection, step.filter)) all.push(entry); return all }
    case 'data-create': return await data.create(collection, step.value)
    case 'data-update': return await data.update(collection, step.entry, step.value)
    case 'data-delete': return await data.delete(collection, step.entry)
    default: throw new Error('no such step')
  }
}
`

// Keeps each event as it came, then does what its payload says; what that fails with is what the handler fails with.
const HANDLER = `
async function onEvent(event) {
  await storage.setJson('seen.' + event.topic + '.' + event.id + '.' + event.attempt, event)
  const { steps = [], hang = false } = event.payload ?? {}
  while (hang);
  const { results } = await run({ steps, rethrow: true })
  await storage.setJson('results.' + event.id, results)
}
`

const INPUT = {
  type: 'object',
  required: ['steps'],
  properties: { steps: { type: 'array', items: { type: 'object' } }, rethrow: { type: 'boolean' } },
}
const OUTPUT = { type: 'object' }

/** Where the probe's grant reaches: `https://<site>.services.example/api/**`, and `…/api/write/**` for writing. */
const MANIFEST = {
  manifest: 1,
  name: 'acme/probe',
  version: '1.0.0',
  title: 'Probe',
  description: 'Does what it is told',
  license: 'Apache-2.0',
  permissions: [
    { 'http:read': { urls: ['https://{config.site}.services.example/api/**'], reason: 'Reads' } },
    {
      'http:write': {
        urls: ['https://{config.site}.services.example/api/write/**'],
        reason: 'Writes',
      },
    },
    'storage:read',
    'storage:write',
  ],
  credentials: {
    token: {
      kind: 'bearer',
      audience: ['https://{config.site}.services.example'],
      fields: { token: { title: 'Token' } },
    },
  },
  config: {
    type: 'object',
    required: ['site'],
    additionalProperties: false,
    properties: {
      site: { type: 'string', pattern: '^[a-z0-9-]+$', maxLength: 63 },
      note: { type: 'string', maxLength: 100 },
    },
  },
  actions: {
    read: { title: 'Read', effect: 'read', input: INPUT, output: OUTPUT },
    write: { title: 'Write', effect: 'write', input: INPUT, output: OUTPUT },
    destroy: { title: 'Destroy', effect: 'destructive', input: INPUT, output: OUTPUT },
    none: { title: 'None', effect: 'write', uses: ['storage:read'], input: INPUT, output: OUTPUT },
  },
}

/** What a manifest asks for so that the probe with every door may be installed. */
const EVERY_PERMISSION: readonly unknown[] = [
  ...MANIFEST.permissions,
  { 'vault:read': { names: ['own.*'] } },
  { 'vault:write': { names: ['own.*'] } },
  { 'data:read': { collections: ['tasks'] } },
  { 'data:write': { collections: ['tasks'] } },
  { 'event:emit': { topics: ['probe.*'] } },
]

/** What came of one step. */
export interface StepResult {
  readonly ok?: any
  readonly failure?: {
    readonly code: string
    readonly message: string
    readonly details?: any
    readonly retryAfterMs?: number
  }
}

/** The probe's component, built once; `with` gives it another manifest. */
export interface Probe {
  /** What its own manifest asks for. */
  readonly permissions: readonly unknown[]
  readonly wasm: Uint8Array<ArrayBuffer>
  with(fields: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer>
}

/** With `everyDoor` it can do all that the contract has, and asks for it; with `handler` it is told of all `probe.*` besides. */
export async function buildProbe({ everyDoor = false, handler = false } = {}): Promise<Probe> {
  const every = handler
    ? [...EVERY_PERMISSION, { 'event:subscribe': { topics: ['probe.*'] } }]
    : EVERY_PERMISSION
  const manifest = everyDoor ? { ...MANIFEST, permissions: every } : MANIFEST
  let source = everyDoor ? SOURCE.replace(/^const beyond = .*$/m, '').concat(BEYOND) : SOURCE
  if (handler) source = source.replace('{ actions: {', '{ onEvent, actions: {').concat(HANDLER)
  const folder = await mkdtemp(join(tmpdir(), 'morphee-probe-'))
  try {
    await mkdir(join(folder, 'src'))
    await mkdir(join(folder, 'node_modules/@morphee'), { recursive: true })
    await symlink(
      resolve(import.meta.dirname, '../../sdks/typescript'),
      join(folder, 'node_modules/@morphee/sdk'),
    )
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'probe', type: 'module', dependencies: { '@morphee/sdk': '*' } }),
    )
    await writeFile(join(folder, 'src/main.ts'), `// @ts-nocheck\n${source}`)
    await writeFile(join(folder, 'extension.yaml'), JSON.stringify(manifest))
    const { bytes } = await buildExtension(folder, { out: join(folder, 'probe.wasm') })
    const wasm = Uint8Array.from(bytes)
    return {
      permissions: manifest.permissions,
      wasm,
      with: (fields) => withManifest(wasm, { ...manifest, ...fields }),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The same code under another manifest, as an author could build it by hand. */
export function withManifest(
  artifact: Uint8Array,
  manifest: Readonly<Record<string, unknown>>,
): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    embedArtifact(componentOf(artifact), parseManifestYaml(JSON.stringify(manifest))),
  )
}

/** An artifact's component without its manifest. */
export function componentOf(artifact: Uint8Array): Uint8Array {
  const { manifestBytes } = readArtifact(artifact)
  // The manifest is the first section, directly behind the preamble of eight bytes: its id, its size, its name, its bytes.
  let at = 9
  let size = 0
  for (let shift = 0; ; shift += 7) {
    const byte = artifact[at++] as number
    size |= (byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  if (size < manifestBytes.length) throw new Error('The first section is not the manifest')
  return Uint8Array.from([...artifact.subarray(0, 8), ...artifact.subarray(at + size)])
}
