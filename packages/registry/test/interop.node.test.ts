/** oras, which nobody here wrote, reads what we publish, and we read what it copies. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { formatReference, MEDIA_TYPES, publishArtifact, pullVerified } from '@morphee/registry'
import { afterAll, expect, test } from 'vitest'
import { goTool } from '../../registry-server/test/go-tool.ts'
import { publication } from './artifact/extension.ts'
import { startRegistry } from './registry.ts'

const run = promisify(execFile)
const oras = await goTool('oras.land/oras/cmd/oras', 'v1.3.6')
const directory = await mkdtemp(join(tmpdir(), 'morphee-oras-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

const tests: Record<
  string,
  (orasOf: (...args: readonly string[]) => Promise<string>) => Promise<void>
> = {
  'publishArtifact() makes what oras pulls byte for byte': async (orasOf) => {
    await using registry = await startRegistry()
    await publishArtifact({
      client: registry.client,
      reference: registry.reference(),
      ...publication,
    })
    await orasOf(
      'pull',
      '--plain-http',
      '-o',
      directory,
      formatReference(registry.reference(':1.2.0')),
    )
    expect(new Uint8Array(await readFile(join(directory, 'jira.wasm')))).toEqual(publication.wasm)
  },
  'publishArtifact() makes signatures that oras discovers, with a referrers API and without':
    async (orasOf) => {
      for (const referrersApi of [true, false]) {
        await using registry = await startRegistry({ referrersApi })
        const { signatures } = await publishArtifact({
          client: registry.client,
          reference: registry.reference(),
          ...publication,
        })
        const found = await orasOf(
          'discover',
          '--plain-http',
          '--format',
          'json',
          formatReference(registry.reference(':1.2.0')),
        )
        expect(found).toContain(signatures[0]?.digest)
        expect(found).toContain(MEDIA_TYPES.notarySignature)
      }
    },
  'pullVerified() reads what oras copied with its signatures': async (orasOf) => {
    await using from = await startRegistry()
    await using to = await startRegistry({ referrersApi: false })
    const { manifestDigest } = await publishArtifact({
      client: from.client,
      reference: from.reference(),
      ...publication,
    })
    await orasOf(
      'cp',
      '-r',
      '--from-plain-http',
      '--to-plain-http',
      formatReference(from.reference(':1.2.0')),
      formatReference(to.reference(':1.2.0')),
    )
    const pulled = await pullVerified({
      client: to.client,
      reference: to.reference(':1.2.0'),
      verify: ({ envelopes }) => Promise.resolve(envelopes.length),
    })
    expect([pulled.manifestDigest, pulled.verified]).toEqual([manifestDigest, 1])
    expect(pulled.wasm).toEqual(publication.wasm)
  },
}

for (const [title, body] of Object.entries(tests)) {
  if ('missing' in oras) test.skip(`${title} (go cannot install it: ${oras.missing})`)
  else
    test(title, () =>
      body(
        async (...args) => (await run(oras.path, [...args], { env: { HOME: directory } })).stdout,
      ),
    )
}
