import { expect, it } from 'vitest'
import { failureOf, type Interface, openWasi, type TestWasi, text, utf8 } from './world.ts'

const CREATE = { create: true }
const READ_WRITE = { read: true, write: true }

function rootOf(world: TestWasi): Interface {
  const [[root, name]] = world.of('wasi:filesystem/preopens')['getDirectories']()
  expect(name).toBe('/')
  return root
}

it('a file is written, read, listed, renamed and removed', async () => {
  const world = openWasi()
  const root = rootOf(world)
  await root['createDirectoryAt']('notes')
  const file = await root['openAt']({}, 'notes/a.txt', CREATE, READ_WRITE)
  expect(file.write(utf8('hello world'), 0n)).toBe(11n)
  expect(file.write(utf8('W'), 6n)).toBe(1n)
  const [bytes, end] = file.read(100n, 6n)
  expect([text(bytes), end]).toEqual(['World', true])
  expect(await file.stat()).toMatchObject({ type: 'regular-file', size: 11n })
  await file.sync()
  expect(text(world.keys.get('notes/a.txt') as Uint8Array)).toBe('hello World')
  file[Symbol.dispose]()
  await world.wasi.settle()

  await root['renameAt']('notes/a.txt', root, 'b.txt')
  expect([...world.keys.keys()].sort()).toEqual(['b.txt', 'notes/'])
  const entries = await root['readDirectory']()
  expect([entries.readDirectoryEntry(), entries.readDirectoryEntry()]).toEqual([
    { type: 'directory', name: 'notes' },
    { type: 'regular-file', name: 'b.txt' },
  ])
  expect(entries.readDirectoryEntry()).toBeUndefined()
  await root['removeDirectoryAt']('notes')
  await root['unlinkFileAt']('b.txt')
  expect([...world.keys.keys()]).toEqual([])
})

it('what was written and closed without a sync is saved by settle()', async () => {
  const world = openWasi()
  const file = await rootOf(world)['openAt']({}, 'a', CREATE, READ_WRITE)
  const stream = file.appendViaStream()
  stream.write(utf8('one '))
  stream.write(utf8('two'))
  file[Symbol.dispose]()
  await world.wasi.settle()
  expect(text(world.keys.get('a') as Uint8Array)).toBe('one two')
})

it('settle() tells of a closed file that could not be saved', async () => {
  const storage = {
    get: async () => utf8('old'),
    set: () => Promise.reject(new Error('full')),
    delete: async () => undefined,
    keys: async () => ['a'],
  }
  const world = openWasi({ storage })
  const file = await rootOf(world)['openAt']({}, 'a', {}, READ_WRITE)
  file.write(utf8('new'), 0n)
  expect(await failureOf(() => file.sync())).toBe('io')
  file[Symbol.dispose]()
  expect(await failureOf(() => world.wasi.settle())).toBe('io')
})

for (const path of ['../x', 'a/../../x', '/etc/passwd', 'notes/../../../x']) {
  it(`${path} does not leave the root`, async () => {
    const world = openWasi()
    world.keys.set('x', utf8('secret'))
    const root = rootOf(world)
    for (const work of [
      () => root['openAt']({}, path, {}, { read: true }),
      () => root['statAt']({}, path),
      () => root['unlinkFileAt'](path),
      () => root['createDirectoryAt'](path),
    ])
      expect(await failureOf(work)).toBe('not-permitted')
  })
}

for (const [path, code] of [
  ['a\0.txt', 'invalid'],
  ['a'.repeat(401), 'name-too-long'],
  [`${'./'.repeat(3000)}a`, 'name-too-long'],
  ['/'.repeat(100_000), 'name-too-long'],
  ['', 'is-directory'],
] as const) {
  it(`a path of ${path.length} characters from ${JSON.stringify(path.slice(0, 3))} is ${code}`, async () => {
    const world = openWasi()
    const work = (): unknown => rootOf(world)['openAt']({}, path, CREATE, READ_WRITE)
    expect(await failureOf(work)).toBe(code)
    expect([...world.keys]).toEqual([])
  })
}

it('names are what they are: of built-in objects, in either case, composed and decomposed', async () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'a',
    'A',
    '\u00e9',
    'e\u0301',
    '..a',
    'b\\..',
  ]
  const world = openWasi()
  const root = rootOf(world)
  for (const name of names) {
    const file = await root['openAt']({}, name, { create: true, exclusive: true }, READ_WRITE)
    file.write(utf8(name), 0n)
    file[Symbol.dispose]()
  }
  await world.wasi.settle()
  for (const name of names) {
    const file = await root['openAt']({}, name, {}, { read: true })
    expect(text(file.read(100n, 0n)[0])).toBe(name)
    file[Symbol.dispose]()
  }
  expect([...world.keys.keys()].toSorted()).toEqual(names.toSorted())
  expect(({} as Record<string, unknown>)['read']).toBeUndefined()
})

it('a folder may be called __proto__', async () => {
  const world = openWasi()
  const root = rootOf(world)
  await root['createDirectoryAt']('__proto__')
  expect((await root['statAt']({}, '__proto__')).type).toBe('directory')
  expect(await failureOf(() => root['statAt']({}, '__proto__/toString'))).toBe('no-entry')
})

it('links are refused, so that no name leads anywhere else', async () => {
  const world = openWasi()
  world.keys.set('a', utf8('1'))
  const root = rootOf(world)
  expect(await failureOf(() => root['symlinkAt']('../x', 'b'))).toBe('unsupported')
  expect(await failureOf(() => root['linkAt']({}, 'a', root, 'b'))).toBe('unsupported')
  expect(await failureOf(() => root['readlinkAt']('a'))).toBe('invalid')
})

it('a folder below the root is not left either', async () => {
  const world = openWasi()
  world.keys.set('secret', utf8('1'))
  world.keys.set('notes/a', utf8('2'))
  const notes = await rootOf(world)['openAt']({}, 'notes', { directory: true }, { read: true })
  expect(await failureOf(() => notes.openAt({}, '../secret', {}, { read: true }))).toBe(
    'not-permitted',
  )
  expect((await notes.statAt({}, 'b/../a')).size).toBe(1n)
})

it('the flags with which a file was opened are kept', async () => {
  const world = openWasi()
  const root = rootOf(world)
  const writer = await root['openAt']({}, 'a', CREATE, { write: true })
  expect(await failureOf(() => writer.read(1n, 0n))).toBe('not-permitted')
  const reader = await root['openAt']({}, 'a', {}, { read: true })
  expect(await failureOf(() => reader.write(utf8('x'), 0n))).toBe('not-permitted')
  expect(await failureOf(() => reader.setSize(0n))).toBe('not-permitted')
  expect(await failureOf(() => root['openAt']({}, 'a', { ...CREATE, exclusive: true }, {}))).toBe(
    'exist',
  )
  expect(await failureOf(() => root['openAt']({}, 'b', {}, { read: true }))).toBe('no-entry')
  expect(await failureOf(() => root['openAt']({}, 'a/b', CREATE, READ_WRITE))).toBe('not-directory')
  expect(await failureOf(() => root['openAt']({}, 'c/d', CREATE, READ_WRITE))).toBe('no-entry')
})

it('a file grows to its limit and no further, and what is open is bounded altogether', async () => {
  const world = openWasi({ maxFileBytes: 1000, maxBufferedBytes: 1500 })
  const root = rootOf(world)
  const a = await root['openAt']({}, 'a', CREATE, READ_WRITE)
  a.write(new Uint8Array(900), 0n)
  expect(await failureOf(() => a.write(new Uint8Array(200), 900n))).toBe('file-too-large')
  expect(await failureOf(() => a.write(new Uint8Array(1), 2n ** 63n))).toBe('file-too-large')
  expect(await failureOf(() => a.setSize(2n ** 40n))).toBe('file-too-large')
  const b = await root['openAt']({}, 'b', CREATE, READ_WRITE)
  expect(await failureOf(() => b.write(new Uint8Array(900), 0n))).toBe('insufficient-memory')
  a[Symbol.dispose]()
  await world.wasi.settle()
  expect(b.write(new Uint8Array(900), 0n)).toBe(900n)
})

it('without a storage there is no folder', () => {
  const { wasi } = openWasi()
  expect(wasi).toBeDefined()
  const bare = openWasi({ storage: undefined as never })
  expect(bare.of('wasi:filesystem/preopens')['getDirectories']()).toEqual([])
})
