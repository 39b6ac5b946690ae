import fc from 'fast-check'
import {
  createExtensionStorage,
  type ExtensionStorage,
  extensionStorageMigrations,
  MAX_STORAGE_VALUE_BYTES,
  type Store,
} from '@morphee/host'
import { openSqliteStore } from '@morphee/host/node'
import { beforeEach, expect, it } from 'vitest'

const scope = { workspace: 'wsp_a', extension: 'acme/jira' }
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (value: Uint8Array | undefined): string | undefined =>
  value && new TextDecoder().decode(value)
let store: Store
let storage: ExtensionStorage

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', migrations: extensionStorageMigrations })
  storage = createExtensionStorage(store)
  return () => store.close()
})

it('set(), get() and delete() keep one value a key', async () => {
  await storage.set(scope, 'a', bytes('1'))
  await storage.set(scope, 'a', bytes('2'))
  expect(text(await storage.get(scope, 'a'))).toBe('2')
  expect(await storage.delete(scope, 'a')).toBe(true)
  expect(await storage.delete(scope, 'a')).toBe(false)
  expect(await storage.get(scope, 'a')).toBeUndefined()
})

it('set() keeps the bytes of its call, when the caller goes on writing into its buffer', async () => {
  const buffer = bytes('before')
  const done = storage.set(scope, 'a', buffer)
  buffer.fill(0)
  await done
  expect(text(await storage.get(scope, 'a'))).toBe('before')
})

const strangers = [
  { workspace: 'wsp_b', extension: 'acme/jira' },
  { workspace: 'wsp_a', extension: 'acme/jir' },
  { workspace: 'wsp_a', extension: 'acme/jira2' },
  { workspace: 'wsp_aacme/', extension: 'jira' },
]
for (const other of strangers) {
  it(`reading another's keys as ${other.extension} in ${other.workspace} finds nothing`, async () => {
    await storage.set(scope, 'a', bytes('mine'))
    await storage.set(other, 'b', bytes('theirs'))
    expect(await storage.get(other, 'a')).toBeUndefined()
    expect(await storage.delete(other, 'a')).toBe(false)
    expect((await storage.keys(other)).keys).toEqual(['b'])
    await storage.clear(other)
    expect(text(await storage.get(scope, 'a'))).toBe('mine')
  })
}

for (const key of [
  "'; DROP TABLE extension_storage; --",
  '%',
  '_',
  '"x"',
  '?',
  '../../etc/passwd',
  '__proto__',
  '𝄞',
  '\u00e9',
  'e\u0301',
]) {
  it(`SQL and other syntax in the key ${JSON.stringify(key)} is only text`, async () => {
    await storage.set(scope, 'other', bytes('other'))
    await storage.set(scope, key, bytes('v'))
    expect(text(await storage.get(scope, key))).toBe('v')
    expect((await storage.keys(scope, { prefix: key })).keys).toEqual([key])
    expect(await storage.delete(scope, key)).toBe(true)
    expect(text(await storage.get(scope, 'other'))).toBe('other')
  })
}

for (const [name, key, reason] of [
  ['empty', '', 'empty'],
  ['of 513 bytes', 'x'.repeat(513), 'too-long'],
  ['of 514 bytes in 257 characters', '\u00e9'.repeat(257), 'too-long'],
  ['with a zero', 'a\0b', 'control-character'],
  ['with a C1 control', 'a\u0085b', 'control-character'],
  ['with half a pair', 'a\ud800', 'not-text'],
] as const) {
  it(`a key ${name} is refused everywhere`, async () => {
    const refusal = { code: 'ERR_STORAGE_KEY', details: { reason } }
    await expect(storage.set(scope, key, bytes(''))).rejects.toMatchObject(refusal)
    await expect(storage.get(scope, key)).rejects.toMatchObject(refusal)
    await expect(storage.delete(scope, key)).rejects.toMatchObject(refusal)
  })
}

it('set() takes a key of 512 bytes and refuses a value above 10 MiB', async () => {
  await storage.set(scope, 'x'.repeat(512), bytes(''))
  await expect(
    storage.set(scope, 'a', new Uint8Array(MAX_STORAGE_VALUE_BYTES + 1)),
  ).rejects.toThrowCode('ERR_STORAGE_VALUE_TOO_LARGE')
})

it('keys() pages through a prefix in bytewise order', async () => {
  const names = ['b', 'a%c', 'a_c', 'abc', 'ab', 'a\u{10ffff}', 'a\uffff', 'a', 'A']
  for (const name of names) await storage.set(scope, name, bytes(name))
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await storage.keys(scope, {
      prefix: 'a',
      limit: 2,
      ...(cursor !== undefined && { cursor }),
    })
    found.push(...page.keys)
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(found).toEqual(['a', 'a%c', 'a_c', 'ab', 'abc', 'a\uffff', 'a\u{10ffff}'])
})

it('keys() finds exactly the keys that begin with the prefix, whatever both are', async () => {
  const key = fc.string({
    unit: fc.constantFrom('a', 'b', '%', '_', '\\', 'é', '\u07ff', '\uffff', '\u{10ffff}'),
    minLength: 1,
    maxLength: 4,
  })
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), key, async (names, prefix) => {
      await storage.clear(scope)
      for (const name of names) await storage.set(scope, name, bytes(''))
      const { keys } = await storage.keys(scope, { prefix, limit: 1000 })
      expect(keys.toSorted()).toEqual(names.filter((name) => name.startsWith(prefix)).toSorted())
    }),
    { numRuns: 60 },
  )
})

for (const cursor of ['zz', 'xyz', '', '62', '6'.repeat(3000)]) {
  it(`a cursor that was not handed out for the listing (${cursor.slice(0, 8)}) is refused`, async () => {
    await expect(storage.keys(scope, { prefix: 'a', cursor })).rejects.toThrowCode(
      'ERR_STORAGE_CURSOR',
    )
  })
}

it('set() counts keys, values and rows against the quota and leaves what was there', async () => {
  const options = { quotaBytes: 200 }
  await storage.set(scope, 'a', new Uint8Array(100), options)
  expect(await storage.usage(scope)).toBe(165)
  await expect(storage.set(scope, 'b', new Uint8Array(0), options)).rejects.toMatchObject({
    code: 'ERR_STORAGE_QUOTA',
    details: { limit: 200, bytes: 230 },
  })
  await storage.set(scope, 'a', new Uint8Array(135), options)
  await expect(storage.set(scope, 'a', new Uint8Array(136), options)).rejects.toThrowCode(
    'ERR_STORAGE_QUOTA',
  )
  expect((await storage.get(scope, 'a'))?.length).toBe(135)
  await storage.delete(scope, 'a')
  expect(await storage.usage(scope)).toBe(0)
})

it('set() lets an extension shrink, when it is above a quota that was lowered', async () => {
  await storage.set(scope, 'a', new Uint8Array(1000))
  await storage.set(scope, 'a', new Uint8Array(500), { quotaBytes: 100 })
  expect(await storage.usage(scope)).toBe(565)
})

it('racing for the quota cannot pass it', async () => {
  const options = { quotaBytes: 10 * (100 + 64 + 2) }
  const results = await Promise.allSettled(
    Array.from({ length: 40 }, (_, i) =>
      storage.set(scope, String(i + 10), new Uint8Array(100), options),
    ),
  )
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  expect(await storage.usage(scope)).toBe(options.quotaBytes)
  expect((await storage.keys(scope, { limit: 1000 })).keys).toHaveLength(10)
})

it("clearIn() forgets everything with the caller's change or not at all", async () => {
  await storage.set(scope, 'a', bytes('1'))
  const undone = store.transaction(async (tx) => {
    await storage.clearIn(tx, scope)
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  expect(await storage.usage(scope)).toBe(66)
  await store.transaction((tx) => storage.clearIn(tx, scope))
  expect(await storage.usage(scope)).toBe(0)
  expect((await storage.keys(scope)).keys).toEqual([])
})

it('set() takes a lower limit for one value from its caller', async () => {
  await storage.set(scope, 'a', new Uint8Array(10), { valueBytes: 10 })
  await expect(
    storage.set(scope, 'a', new Uint8Array(11), { valueBytes: 10 }),
  ).rejects.toMatchObject({
    code: 'ERR_STORAGE_VALUE_TOO_LARGE',
    details: { limit: 10, bytes: 11 },
  })
})
