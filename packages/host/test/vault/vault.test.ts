import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createMasterKey,
  createVault,
  type Row,
  type SqlValue,
  type Store,
  type Vault,
  vaultMigrations,
} from '@morphee/host'
import { openSqliteStore } from '@morphee/host/node'
import { beforeEach, expect, it } from 'vitest'

const scope = { workspace: 'wsp_a', owner: 'con_1' }
const other = { workspace: 'wsp_b', owner: 'con_1' }
const keyOf = (byte: number) => createMasterKey(new Uint8Array(32).fill(byte))
let path: string
let store: Store
let vault: Vault

const reopen = async (byte = 1): Promise<Vault> =>
  createVault({ store, masterKey: await keyOf(byte) })
const change = (sql: string, params: SqlValue[] = []) =>
  store.transaction((tx) => tx.run(sql, params))

beforeEach(async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vault-'))
  path = join(directory, 'state.db')
  store = await openSqliteStore({ path, migrations: vaultMigrations })
  vault = await reopen()
  return async () => {
    await store.close()
    rmSync(directory, { recursive: true })
  }
})

it('put(), get(), names() and delete() keep secrets by name, also for the next start', async () => {
  await vault.put(scope, 'token', { token: 's3cret', scopes: ['a'] })
  await vault.put(scope, 'basic', 'x')
  await vault.put(scope, 'token', { token: 'newer' })
  const next = await reopen()
  expect(await next.get(scope, 'token')).toEqual({ token: 'newer' })
  expect(await next.names(scope)).toEqual(['basic', 'token'])
  expect(await next.delete(scope, 'token')).toBe(true)
  expect(await next.delete(scope, 'token')).toBe(false)
  expect(await next.get(scope, 'token')).toBeUndefined()
})

it('get() finds nothing for another owner, workspace or name', async () => {
  await vault.put(scope, 'token', 'mine')
  await vault.put(other, 'other', 'theirs')
  for (const [place, name] of [
    [other, 'token'],
    [{ ...scope, owner: 'con_2' }, 'token'],
    [{ workspace: 'wsp_c', owner: 'con_1' }, 'token'],
    [scope, 'toke'],
  ] as const) {
    expect(await vault.get(place, name)).toBeUndefined()
  }
  await vault.clear(other)
  expect(await vault.names(other)).toEqual([])
  expect(await vault.names(scope)).toEqual(['token'])
})

it('reading the disk shows neither secrets nor names nor owners', async () => {
  await vault.put({ ...scope, owner: 'owner-in-clear' }, 'name-in-clear', 'secret-in-clear')
  const bytes = ['', '-wal'].map((end) => readFileSync(path + end).toString('latin1')).join('')
  expect(bytes).toContain('vault_secret')
  for (const word of ['name-in-clear', 'owner-in-clear', 'secret-in-clear'])
    expect(bytes).not.toContain(word)
})

it('sealing the same secret twice gives different bytes', async () => {
  await vault.put(scope, 'a', 'same')
  await vault.put(scope, 'b', 'same')
  const rows = await store.read<{ sealed_value: Uint8Array } & Row>(
    'SELECT sealed_value FROM vault_secret',
  )
  expect(new Set(rows.map((row) => Buffer.from(row.sealed_value).toString('hex'))).size).toBe(2)
})

it('opening the vault with another master key is refused, and nothing is written with it', async () => {
  await vault.put(scope, 'token', 'x')
  const wrong = await reopen(2)
  await expect(wrong.get(scope, 'token')).rejects.toThrowCode('ERR_VAULT_KEY')
  await expect(wrong.put(scope, 'token', 'y')).rejects.toThrowCode('ERR_VAULT_KEY')
  await expect(wrong.put({ workspace: 'wsp_new', owner: 'o' }, 'token', 'y')).rejects.toThrowCode(
    'ERR_VAULT_KEY',
  )
  await expect(wrong.rotate(await keyOf(3))).rejects.toThrowCode('ERR_VAULT_KEY')
  expect(await vault.get(scope, 'token')).toBe('x')
})

// Each attack has the database and not the key.
const attacks: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['flipping a bit of a value', () => flip('sealed_value', -1)],
  ['flipping a bit of a nonce', () => flip('sealed_value', 0)],
  [
    'cutting a value short',
    () => change('UPDATE vault_secret SET sealed_value = ?', [new Uint8Array(5)]),
  ],
  [
    'emptying a value',
    () => change('UPDATE vault_secret SET sealed_value = ?', [new Uint8Array()]),
  ],
  ['claiming another version', () => change('UPDATE vault_secret SET version = version + 1')],
  ['putting the value of another workspace', () => move('wsp_b', 1)],
  ['putting the value of another owner', () => move('wsp_a', 4)],
  ['putting the value of another name', () => move('wsp_a', 3)],
  [
    'putting the key of another workspace',
    () =>
      change(
        "UPDATE vault_key SET wrapped = (SELECT wrapped FROM vault_key WHERE workspace = 'wsp_b') WHERE workspace = 'wsp_a'",
      ),
  ],
  [
    'putting a key of their own',
    () => change('UPDATE vault_key SET wrapped = ?', [new Uint8Array(92)]),
  ],
]

async function flip(column: string, at: number): Promise<void> {
  const [row] = await store.read<{ bytes: Uint8Array } & Row>(
    `SELECT ${column} AS bytes FROM vault_secret WHERE version = 2`,
  )
  const bytes = (row as { bytes: Uint8Array }).bytes.slice()
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] as number) ^ 1
  await change(`UPDATE vault_secret SET ${column} = ? WHERE version = 2`, [bytes])
}

function move(workspace: string, version: number): Promise<unknown> {
  return change(
    `UPDATE vault_secret SET sealed_value = (SELECT sealed_value FROM vault_secret WHERE workspace = ? AND version = ?)
     WHERE version = 2`,
    [workspace, version],
  )
}

for (const [name, attack] of attacks) {
  it(`${name} is noticed`, async () => {
    // Versions tell the rows apart: 2 is under attack, 1 of another workspace, 3 of another name, 4 of another owner.
    const rows = [
      [scope, 'token', 2],
      [other, 'token', 1],
      [scope, 'second', 3],
      [{ ...scope, owner: 'con_2' }, 'token', 4],
    ] as const
    for (const [place, secret, version] of rows) {
      for (let i = 1; i <= version; i++) await vault.put(place, secret, 'loot')
    }
    await attack()
    await expect((await reopen()).get(scope, 'token')).rejects.toThrowCode('ERR_VAULT_TAMPERED')
  })
}

it('moving a whole row to another workspace or owner does not open it there', async () => {
  await vault.put(scope, 'token', 'loot')
  await vault.put(other, 'token', 'x')
  const [tags] = await store.read<{ owner_tag: Uint8Array; name_tag: Uint8Array } & Row>(
    "SELECT owner_tag, name_tag FROM vault_secret WHERE workspace = 'wsp_b'",
  )
  await change("DELETE FROM vault_secret WHERE workspace = 'wsp_b'")
  await change("UPDATE vault_secret SET workspace = 'wsp_b', owner_tag = ?, name_tag = ?", [
    tags?.owner_tag ?? null,
    tags?.name_tag ?? null,
  ])
  const next = await reopen()
  await expect(next.get(other, 'token')).rejects.toThrowCode('ERR_VAULT_TAMPERED')
  await expect(next.names(other)).rejects.toThrowCode('ERR_VAULT_TAMPERED')
})

it('showing one name for two secrets is noticed', async () => {
  await vault.put(scope, 'read-only', 'a')
  await vault.put(scope, 'admin', 'b')
  await change(
    'UPDATE vault_secret SET sealed_name = (SELECT sealed_name FROM vault_secret ORDER BY name_tag LIMIT 1)',
  )
  await expect((await reopen()).names(scope)).rejects.toThrowCode('ERR_VAULT_TAMPERED')
})

it('errors hold neither the secret nor the name', async () => {
  await vault.put(scope, 'name-in-clear', 'secret-in-clear')
  await change('UPDATE vault_secret SET version = 9')
  const error = await vault.get(scope, 'name-in-clear').catch((reason: Error) => reason)
  expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toMatch(
    /in-clear"|secret-in/,
  )
  const tooLarge = await vault
    .put(scope, 'n', 'secret'.repeat(20_000))
    .catch((reason: Error) => reason)
  expect(tooLarge).toMatchObject({ code: 'ERR_VAULT_TOO_LARGE' })
  expect(String((tooLarge as Error).message)).not.toContain('secretsecret')
})

for (const name of ['', 'x'.repeat(513), 'a\ud800']) {
  it(`put() refuses the name ${JSON.stringify(name.slice(0, 3))} of ${name.length} characters`, async () => {
    await expect(vault.put(scope, name, 1)).rejects.toThrowCode('ERR_VAULT_NAME')
    await expect(vault.put({ ...scope, owner: name }, 'n', 1)).rejects.toThrowCode('ERR_VAULT_NAME')
  })
}

it('rotate() locks the vault with the new key, without touching a secret', async () => {
  await vault.put(scope, 'token', 'a')
  await vault.put(other, 'token', 'b')
  const derived = await vault.deriveKey('wsp_a', 'audit')
  const before = await store.read('SELECT sealed_value FROM vault_secret ORDER BY workspace')
  await vault.rotate(await keyOf(2))
  expect(await store.read('SELECT sealed_value FROM vault_secret ORDER BY workspace')).toEqual(
    before,
  )
  await vault.put({ workspace: 'wsp_new', owner: 'o' }, 'n', 'c')
  const next = await reopen(2)
  expect([await next.get(scope, 'token'), await next.get(other, 'token')]).toEqual(['a', 'b'])
  expect(await next.get({ workspace: 'wsp_new', owner: 'o' }, 'n')).toBe('c')
  expect(await next.deriveKey('wsp_a', 'audit')).toEqual(derived)
  await expect((await reopen(1)).get(scope, 'token')).rejects.toThrowCode('ERR_VAULT_KEY')
})

it('rotate() changes nothing, when one key does not open', async () => {
  await vault.put(scope, 'token', 'a')
  await vault.put(other, 'token', 'b')
  await change("UPDATE vault_key SET wrapped = ? WHERE workspace = 'wsp_b'", [new Uint8Array(92)])
  await expect(vault.rotate(await keyOf(2))).rejects.toThrowCode('ERR_VAULT_TAMPERED')
  expect(await (await reopen(1)).get(scope, 'token')).toBe('a')
})

it('rotate() does not disturb readers that are under way', async () => {
  await vault.put(scope, 'token', 'a')
  const fresh = await reopen(1)
  const results = await Promise.all([
    fresh.get(scope, 'token'),
    fresh.rotate(await keyOf(2)),
    fresh.get(scope, 'token'),
    fresh.get(scope, 'token'),
  ])
  expect(results).toEqual(['a', undefined, 'a', 'a'])
})

it('put() by two processes that make the first key together agree on one', async () => {
  const [a, b] = [await reopen(), await reopen()]
  await Promise.all([a.put(scope, 'a', 1), b.put(scope, 'b', 2)])
  const next = await reopen()
  expect([await next.get(scope, 'a'), await next.get(scope, 'b')]).toEqual([1, 2])
})

it('deriveKey() differs by workspace and purpose', async () => {
  const keys = await Promise.all([
    vault.deriveKey('wsp_a', 'audit'),
    vault.deriveKey('wsp_a', 'other'),
    vault.deriveKey('wsp_b', 'audit'),
  ])
  expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(3)
  expect(keys[0]?.length).toBe(32)
})

it("prepareClear() forgets an owner's secrets with the caller's change or not at all, those put meanwhile too", async () => {
  const forget = await vault.prepareClear(scope)
  await vault.put(scope, 'token', 'a')
  await vault.put({ ...scope, owner: 'con_2' }, 'token', 'b')
  const undone = store.transaction(async (tx) => {
    await forget(tx)
    throw new Error('undo')
  })
  await expect(undone).rejects.toThrow('undo')
  expect(await vault.get(scope, 'token')).toBe('a')
  await store.transaction(forget)
  expect(await vault.names(scope)).toEqual([])
  expect(await vault.names({ ...scope, owner: 'con_2' })).toEqual(['token'])
})

it('errors say what was refused and what would be accepted', async () => {
  await vault.put(scope, 'token', 'x')
  await expect((await reopen(2)).get(scope, 'token')).rejects.toThrow(
    /^Cannot open the vault: the master key is not the one it was locked with$/,
  )
})
