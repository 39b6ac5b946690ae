import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCheckpointSigner, openMasterKey } from '@morphee/host/node'
import { beforeEach, expect, it } from 'vitest'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'key-'))
  path = join(directory, 'master.key')
  return () => rmSync(directory, { recursive: true })
})

const owners = [
  {
    name: 'openMasterKey()',
    open: () => openMasterKey({ path, environment: {} }),
    code: 'ERR_VAULT_KEY_SOURCE',
  },
  { name: 'openCheckpointSigner()', open: () => openCheckpointSigner(path), code: 'ERR_AUDIT_KEY' },
] as const

for (const { name, open, code } of owners) {
  it(`${name} makes a file that only its owner can read, and uses it again`, async () => {
    const first = await open()
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await open()).keyId).toBe(first.keyId)
    expect(readdirSync(directory)).toEqual(['master.key'])
  })

  it(`${name} agrees on one key, when many start together`, async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => open()))
    expect(new Set(keys.map(({ keyId }) => keyId)).size).toBe(1)
  })

  for (const mode of [0o640, 0o604, 0o660, 0o606]) {
    it(`${name} refuses a file of mode ${mode.toString(8)}`, async () => {
      await open()
      chmodSync(path, mode)
      await expect(open()).rejects.toMatchObject({ code, details: { reason: 'exposed' } })
    })
  }

  it(`${name} refuses a symbolic link`, async () => {
    await open()
    const real = join(directory, 'elsewhere.key')
    writeFileSync(real, readFileSync(path), { mode: 0o600 })
    rmSync(path)
    symlinkSync(real, path)
    await expect(open()).rejects.toMatchObject({ code, details: { reason: 'not-a-file' } })
  })

  it(`${name} refuses a dangling link and makes nothing at its end`, async () => {
    symlinkSync(join(directory, 'target'), path)
    await expect(open()).rejects.toThrowCode(code)
    expect(readdirSync(directory)).toEqual(['master.key'])
  })

  it(`${name} refuses a directory`, async () => {
    mkdirSync(path, { mode: 0o700 })
    await expect(open()).rejects.toMatchObject({ code, details: { reason: 'not-a-file' } })
  })

  for (const text of ['', 'c2hvcnQ=\n', 'no base64 at all', 'A'.repeat(5000)]) {
    it(`${name} refuses a malformed key of ${text.length} bytes and leaves it`, async () => {
      writeFileSync(path, text, { mode: 0o600 })
      const error = await open().catch((reason: Error) => reason)
      expect(error).toMatchObject({ code, details: { reason: 'malformed' } })
      expect(readFileSync(path, 'utf8')).toBe(text)
      if (text !== '') expect((error as Error).message).not.toContain(text)
    })
  }

  it(`${name} says so, when the directory is not there`, async () => {
    path = join(directory, 'nowhere', 'master.key')
    const error = await open().catch((reason: Error) => reason)
    expect(error).toMatchObject({ code, details: { reason: 'unreadable' } })
    expect((error as Error).message).not.toContain(directory)
  })
}

it('openMasterKey() prefers the environment and makes no file then', async () => {
  const environment = { MORPHEE_MASTER_KEY: Buffer.alloc(32, 5).toString('base64') }
  const key = await openMasterKey({ path, environment })
  expect((await openMasterKey({ path, environment })).keyId).toBe(key.keyId)
  expect(readdirSync(directory)).toEqual([])
})

it('openMasterKey() refuses a malformed environment instead of falling back to the file', async () => {
  const environment = { MORPHEE_MASTER_KEY: 'c2VjcmV0' }
  const error = await openMasterKey({ path, environment }).catch((reason: Error) => reason)
  expect(error).toMatchObject({ code: 'ERR_VAULT_KEY_SOURCE', details: { reason: 'malformed' } })
  expect((error as Error).message).not.toContain('c2VjcmV0')
  expect(readdirSync(directory)).toEqual([])
})
