/** The OCI's own conformance program judges the server: every storage, every kind of account. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RegistryServerOptions, startRegistryServer } from '@morphee/registry-server'
import { afterAll, expect, test } from 'vitest'
import { goTool } from './go-tool.ts'

const conformance = await goTool(
  'github.com/opencontainers/distribution-spec/conformance',
  'v0.0.0-20260831232431-97274622c111',
)
const directory = await mkdtemp(join(tmpdir(), 'morphee-conformance-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

const account = { username: 'someone', password: 'a password' }
const rows: readonly (readonly [string, RegistryServerOptions])[] = [
  ['in memory', {}],
  ['in a directory', { storage: { dir: join(directory, 'registry') } }],
  ['with basic authentication', { auth: { kind: 'basic', ...account } }],
  ['with bearer tokens', { auth: { kind: 'bearer', ...account } }],
]
for (const [how, options] of rows) {
  const title = `startRegistryServer() passes the OCI conformance program, ${how}`
  if ('missing' in conformance) {
    test.skip(`${title} (go cannot install it: ${conformance.missing})`)
    continue
  }
  test(title, async () => {
    const failures: unknown[] = []
    await using server = await startRegistryServer({
      ...options,
      onError: (error) => failures.push(error),
    })
    const results = await mkdtemp(join(directory, 'results-'))
    const output = await new Promise<string>((resolve) => {
      const env = {
        OCI_REGISTRY: server.registry,
        OCI_TLS: 'disabled',
        OCI_VERSION: '1.1',
        OCI_RESULTS_DIR: results,
        OCI_API_BLOBS_DIGEST_HEADER: 'true',
        OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
        OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
        ...(options.auth === undefined
          ? {}
          : { OCI_USERNAME: account.username, OCI_PASSWORD: account.password }),
      }
      execFile(
        conformance.path,
        { cwd: results, env, timeout: 60_000, maxBuffer: 1 << 26 },
        (_, stdout, stderr) => resolve(stdout + stderr),
      )
    })
    const suite =
      /<testsuite [^>]*>/.exec(await readFile(join(results, 'junit.xml'), 'utf8'))?.[0] ?? ''
    const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1])
    expect({ failures: count('failures'), errors: count('errors') }, output).toEqual({
      failures: 0,
      errors: 0,
    })
    // A program that tested next to nothing would pass as well. Attributes that are zero may be left out.
    expect(count('tests') - (count('skipped') || 0) - (count('disabled') || 0)).toBeGreaterThan(800)
    expect(failures).toEqual([])
  })
}
