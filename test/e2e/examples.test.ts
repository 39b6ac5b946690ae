// The code that README files show runs as it stands there.
import { buildExtension } from '@morphee/authoring'
import { embedArtifact, readArtifact } from '@morphee/manifest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { run } from '../../docs/examples/component.ts'
import { countWords } from '../../docs/examples/embed.ts'
import { createTestHost } from '../../packages/host/test/fixture/test-host.ts'
import { describeUpdate } from '../../docs/examples/update.ts'
import { componentOf } from '../security/probe.ts'

let dir: string
let file: string
let bytes: Uint8Array

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'morphee-examples-'))
  ;({ file, bytes } = await buildExtension(
    join(import.meta.dirname, '../../extensions/word-count'),
    {
      out: join(dir, 'word-count.wasm'),
    },
  ))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

it("the README's example installs an extension and counts the words of its input", async () => {
  expect(await countWords(file, join(dir, 'home'))).toMatchObject({ words: 5 })
})

it("the component package's example compiles, instantiates and calls", async () => {
  expect(await run(bytes)).toMatchObject({ words: 4 })
})

it("the manifest package's example says what an update changes, in the words of the host's proposal", async () => {
  const urls = ['https://api.example.com/words/**']
  const { manifest } = readArtifact(bytes)
  const wider = { ...manifest, version: '1.1.0', permissions: [{ kind: 'http:read', urls }] }
  const offered = embedArtifact(componentOf(bytes), wider as typeof manifest)
  const { host, install, close } = await createTestHost()
  try {
    await install(bytes)
    const proposal = await host.propose('personal', await host.admitUnsigned(offered), {})
    const said = describeUpdate(bytes, offered, {})
    expect(said).toEqual({
      asksFor: [expect.objectContaining({ scopes: urls })],
      changes: proposal.difference.map(({ line }) => line),
      waitsForYes: true,
    })
    expect(JSON.parse(JSON.stringify(said))).toEqual(said)
    expect(describeUpdate(bytes, bytes, {})).toMatchObject({ changes: [], waitsForYes: false })
  } finally {
    await close()
  }
})
