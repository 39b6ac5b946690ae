import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistryServer } from '@morphee/registry-server'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { IMAGE, manifestOf, pushBlob, putManifest, sha256 } from './push.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'morphee-registry-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

test('startRegistryServer() serves after a restart what was pushed before it', async () => {
  const repository = 'acme/jira'
  let subject: string
  {
    await using server = await startRegistryServer({ storage: { dir } })
    const config = await pushBlob(server.url, repository, '{}')
    subject = sha256(manifestOf(config))
    await putManifest(server.url, repository, '1.0.0', manifestOf(config))
    const body = manifestOf(config, {
      artifactType: 'application/x',
      subject: { mediaType: IMAGE, digest: subject, size: manifestOf(config).length },
    })
    await putManifest(server.url, repository, sha256(body), body)
  }
  await using server = await startRegistryServer({ storage: { dir } })
  const manifest = await fetch(`${server.url}/v2/${repository}/manifests/1.0.0`)
  expect(sha256(await manifest.text())).toBe(subject)
  expect(await (await fetch(`${server.url}/v2/${repository}/blobs/${sha256('{}')}`)).text()).toBe(
    '{}',
  )
  const referrers = await (
    await fetch(`${server.url}/v2/${repository}/referrers/${subject}`)
  ).json()
  expect(referrers).toMatchObject({ manifests: [{ artifactType: 'application/x' }] })
})

test('startRegistryServer() clears away uploads of a process that was killed', async () => {
  await (await startRegistryServer({ storage: { dir } })).close()
  await writeFile(join(dir, 'pending', 'left-over'), 'half a blob')
  await using server = await startRegistryServer({ storage: { dir } })
  expect(await readdir(join(dir, 'pending'))).toEqual([])
  expect((await fetch(`${server.url}/v2/`)).status).toBe(200)
})

test('startRegistryServer() keeps what is pushed to itself: directories 0700, files 0600', async () => {
  await using server = await startRegistryServer({ storage: { dir } })
  const digest = await pushBlob(server.url, 'acme/jira', 'bytes')
  const mode = async (...path: string[]) =>
    ((await stat(join(dir, ...path))).mode & 0o777).toString(8)
  expect(await mode('content', 'sha256')).toBe('700')
  expect(await mode('content', 'sha256', digest.slice(7))).toBe('600')
  expect(await mode('repositories', ...(await readdir(join(dir, 'repositories'))))).toBe('600')
})

test('startRegistryServer() loses nothing, when many push to one repository at once', async () => {
  {
    await using server = await startRegistryServer({ storage: { dir } })
    const { url } = server
    await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const config = await pushBlob(url, 'acme/jira', `{"i":${i % 10}}`)
        await putManifest(url, 'acme/jira', `1.0.${i}`, manifestOf(config))
      }),
    )
  }
  await using server = await startRegistryServer({ storage: { dir } })
  const { tags } = (await (await fetch(`${server.url}/v2/acme/jira/tags/list`)).json()) as {
    tags: string[]
  }
  expect(tags.length).toBe(40)
})
