import { digestOf, encodeUtf8 } from '@morphee/core'
import { createMemoryCache } from '@morphee/registry'
import { expect, test } from 'vitest'

const bytes = encodeUtf8('bytes')
const digest = await digestOf(bytes)

test('createMemoryCache() gives back what was put, to each reader in a buffer of its own', async () => {
  const cache = createMemoryCache()
  const given = bytes.slice()
  expect(await cache.put(given)).toBe(digest)
  given.fill(0)
  const first = await cache.get(digest)
  expect(first).toEqual(bytes)
  first?.fill(0)
  expect(await cache.get(digest)).toEqual(bytes)
})

test('createMemoryCache() forgets what is removed, and has nothing it was not given', async () => {
  const cache = createMemoryCache()
  expect(await cache.get(digest)).toBeUndefined()
  await cache.put(bytes)
  expect(await cache.usage()).toEqual({ entries: 1, bytes: bytes.length })
  await cache.remove(digest)
  expect(await cache.get(digest)).toBeUndefined()
  expect(await cache.usage()).toEqual({ entries: 0, bytes: 0 })
})

test('createMemoryCache() lets go of what was used least recently, past its size', async () => {
  const cache = createMemoryCache({ maxBytes: 30 })
  const a = await cache.put(encodeUtf8('aaaaaaaaaa'))
  const b = await cache.put(encodeUtf8('bbbbbbbbbb'))
  const c = await cache.put(encodeUtf8('cccccccccc'))
  await cache.get(a)
  await cache.put(encodeUtf8('dddddddddd'))
  expect(await cache.get(b)).toBeUndefined()
  expect(await cache.get(a)).toBeDefined()
  expect(await cache.get(c)).toBeDefined()
  await cache.put(new Uint8Array(31))
  expect((await cache.usage()).bytes).toBe(30)
})
