import { execFileSync, spawn } from 'node:child_process'
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Digest, digestOf, encodeUtf8, tryParseDigest } from '@morphee/core'
import { createDirectoryCache } from '@morphee/registry/node'
import { afterEach, beforeEach, expect, test } from 'vitest'

const bytes = encodeUtf8('bytes of an extension')
const digest = await digestOf(bytes)
let directory: string
let entry: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'morphee-cache-'))
  entry = join(directory, 'sha256', digest.slice(7))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('createDirectoryCache() gives back what was put, in another process too', async () => {
  expect(await (await createDirectoryCache(directory)).put(bytes)).toBe(digest)
  const cache = await createDirectoryCache(directory)
  expect(await cache.get(digest)).toEqual(bytes)
  expect(await cache.usage()).toEqual({ entries: 1, bytes: bytes.length })
  await cache.remove(digest)
  await cache.remove(digest)
  expect(await cache.get(digest)).toBeUndefined()
})

test('createDirectoryCache() keeps entries to itself: directories 0700, files 0600', async () => {
  await (await createDirectoryCache(join(directory, 'a', 'b'))).put(bytes)
  const mode = async (...path: string[]) =>
    ((await stat(join(directory, 'a', 'b', ...path))).mode & 0o777).toString(8)
  expect([await mode(), await mode('sha256'), await mode('sha256', digest.slice(7))]).toEqual([
    '700',
    '700',
    '600',
  ])
})

for (const [how, damage] of [
  ['one bit is flipped', async () => writeFile(entry, bytes.with(3, (bytes[3] as number) ^ 1))],
  ['it was cut off', async () => truncate(entry, 5)],
  ['it is empty', async () => truncate(entry, 0)],
  ['something was added', async () => writeFile(entry, 'x', { flag: 'a' })],
  ['it is another entry', async () => writeFile(entry, 'another extension')],
  [
    'it is a link to the same bytes',
    async () => {
      await writeFile(join(directory, 'elsewhere'), bytes)
      await replace(() => symlink(join(directory, 'elsewhere'), entry))
    },
  ],
  ['it is a link to itself', async () => replace(() => symlink(entry, entry))],
  ['it is a directory', async () => replace(() => mkdir(entry))],
  [
    'it is a pipe that nobody writes to',
    async () => replace(() => Promise.resolve(execFileSync('mkfifo', [entry]))),
  ],
] as const) {
  test(`createDirectoryCache() removes and reports an entry, when ${how}`, async () => {
    const damaged: Digest[] = []
    const cache = await createDirectoryCache(directory, { onDamaged: (one) => damaged.push(one) })
    await cache.put(bytes)
    await damage()
    expect(await cache.get(digest)).toBeUndefined()
    expect(damaged).toEqual([digest])
    expect(await readdir(join(directory, 'sha256'))).toEqual([])
    await cache.put(bytes)
    expect(await cache.get(digest)).toEqual(bytes)
  })
}

test('createDirectoryCache() heals a damaged entry that is put again', async () => {
  const cache = await createDirectoryCache(directory)
  await cache.put(bytes)
  await writeFile(entry, 'something else')
  await cache.put(bytes)
  expect(await cache.get(digest)).toEqual(bytes)
})

test('createDirectoryCache() lets go of what was used least recently, past its size', async () => {
  const cache = await createDirectoryCache(directory, { maxBytes: 50 })
  const [a, b] = [
    await cache.put(encodeUtf8('a'.repeat(20))),
    await cache.put(encodeUtf8('b'.repeat(20))),
  ]
  const used = async (one: Digest, time: number) =>
    utimes(join(directory, 'sha256', one.slice(7)), time, time)
  await used(a, 1000)
  await used(b, 2000)
  await cache.get(a)
  const c = await cache.put(encodeUtf8('c'.repeat(20)))
  expect(
    (await Promise.all([a, b, c].map((one) => cache.get(one)))).map((found) => found !== undefined),
  ).toEqual([true, false, true])
  await cache.put(new Uint8Array(51))
  expect(await cache.usage()).toEqual({ entries: 2, bytes: 40 })
})

test('createDirectoryCache() clears away old leavings, and not what another process is writing', async () => {
  const pending = join(directory, 'pending')
  await mkdir(pending)
  await writeFile(join(pending, 'old'), 'x')
  await utimes(join(pending, 'old'), 1000, 1000)
  await writeFile(join(pending, 'new'), 'x')
  await createDirectoryCache(directory)
  expect(await readdir(pending)).toEqual(['new'])
})

test('createDirectoryCache() serves many writers of one entry at once', async () => {
  const caches = await Promise.all(Array.from({ length: 5 }, () => createDirectoryCache(directory)))
  await Promise.all(
    caches.flatMap((cache) => [cache.put(bytes), cache.put(bytes), cache.get(digest)]),
  )
  expect(await caches[0]?.get(digest)).toEqual(bytes)
  expect(await readdir(join(directory, 'pending'))).toEqual([])
})

test('createDirectoryCache() shows no entry before it is whole', async () => {
  const cache = await createDirectoryCache(directory)
  const large = new Uint8Array(32 * 1024 * 1024)
  const sizes = new Set<number>()
  let isDone = false
  const putting = cache.put(large).finally(() => {
    isDone = true
  })
  while (!isDone) {
    for (const name of await readdir(join(directory, 'sha256'))) {
      sizes.add((await stat(join(directory, 'sha256', name))).size)
    }
  }
  await putting
  expect([...sizes].filter((size) => size !== large.length)).toEqual([])
  expect((await cache.usage()).bytes).toBe(large.length)
})

test(
  'createDirectoryCache() holds every entry whole or not at all, after 20 kills',
  { timeout: 120_000 },
  async () => {
    const program = join(import.meta.dirname, 'put-for-ever.ts')
    const promised: string[] = []
    for (let kill = 0; kill < 20; kill++) {
      const child = spawn(process.execPath, ['--conditions=@morphee/source', program, directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const gone = new Promise((resolve) => child.on('close', resolve))
      let seen = ''
      for await (const chunk of child.stdout) {
        seen += String(chunk)
        // Killed in the middle of one of the puts after so many lines.
        if (seen.split('\n').length > 1 + (kill % 5)) break
      }
      child.kill('SIGKILL')
      await gone
      promised.push(...seen.split('\n').slice(0, -1))
    }
    const names = await readdir(join(directory, 'sha256'))
    for (const name of names) {
      expect(await digestOf(new Uint8Array(await readFile(join(directory, 'sha256', name))))).toBe(
        `sha256:${name}`,
      )
    }
    expect(promised.length).toBeGreaterThan(20)
    const cache = await createDirectoryCache(directory)
    for (const line of promised)
      expect(await cache.get(tryParseDigest(line) as Digest)).toBeDefined()
  },
)

test('createDirectoryCache() says so, when its directory is gone', async () => {
  const cache = await createDirectoryCache(directory)
  await rm(join(directory, 'sha256'), { recursive: true })
  await writeFile(join(directory, 'sha256'), 'a file')
  await expect(cache.get(digest)).rejects.toThrowCode('ENOTDIR')
  await expect(cache.put(bytes)).rejects.toThrow()
})

async function replace(make: () => Promise<unknown>): Promise<void> {
  await rm(entry)
  await make()
}
