import {
  createId,
  digestFromHash,
  digestOf,
  encodeUtf8,
  ID_PREFIXES,
  type IdKind,
  shortDigest,
  tryParseDigest,
  tryParseId,
} from '@morphee/core'
import { expect, it } from 'vitest'

it('digestOf() is SHA-256 in one spelling', async () => {
  const digest = await digestOf(encodeUtf8('abc'))
  expect(digest).toBe('sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  expect(tryParseDigest(digest)).toBe(digest)
  expect(shortDigest(digest)).toBe('ba7816bf8f01')
})

it('tryParseDigest() refuses other algorithms, lengths and cases', () => {
  const hex = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  for (const text of [
    hex,
    `sha512:${hex}`,
    `sha256:${hex.toUpperCase()}`,
    `sha256:${hex}0`,
    `sha256:${hex}\n`,
    ` sha256:${hex}`,
    '',
  ]) {
    expect(tryParseDigest(text)).toBeUndefined()
  }
})

it('digestFromHash() takes 32 bytes', () => {
  expect(() => digestFromHash(new Uint8Array(31))).toThrow(RangeError)
})

it('createId() makes ids that parse as their own kind and as no other', () => {
  const kinds = Object.keys(ID_PREFIXES) as IdKind[]
  for (const kind of kinds) {
    const id = createId(kind)
    for (const other of kinds) expect(tryParseId(other, id)).toBe(other === kind ? id : undefined)
  }
  expect(new Set(Object.values(ID_PREFIXES)).size).toBe(kinds.length)
  expect(new Set(Array.from({ length: 1000 }, () => createId('invocation'))).size).toBe(1000)
})

it('tryParseId() refuses what createId() never makes', () => {
  const id = createId('invocation')
  for (const text of [
    id.slice(0, -1),
    `${id}0`,
    id.toUpperCase(),
    id.replace(/.$/, 'u'),
    `${id}\n`,
    'inv_',
  ]) {
    expect(tryParseId('invocation', text)).toBeUndefined()
  }
})
