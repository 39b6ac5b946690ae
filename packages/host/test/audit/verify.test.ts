import {
  type AuditRecord,
  exportAudit,
  type ExportAuditOptions,
  type Row,
  type SqlValue,
  verifyAudit,
  verifyAuditLines,
} from '@morphee/host'
import { nodeAuditHash } from '@morphee/host/node'
import { beforeEach, expect, it } from 'vitest'
import { canonicalJson } from '@morphee/core'
import { type AuditFixture, createAuditFixture, newSigner } from './fixture.ts'

const workspace = 'wsp_a'
let fixture: AuditFixture
let publicKeys: Uint8Array<ArrayBuffer>[]

// Eight records of wsp_a, of which a checkpoint has signed five, and three of wsp_b.
beforeEach(async () => {
  fixture = await createAuditFixture()
  publicKeys = [fixture.signer.publicKey]
  for (let i = 1; i <= 5; i++)
    await fixture.log.event({
      workspace,
      capability: 'c',
      target: `t${i}`,
      personal: { p: `p${i}` },
    })
  for (let i = 1; i <= 3; i++)
    await fixture.log.event({ workspace: 'wsp_b', capability: 'c', target: `b${i}` })
  await fixture.log.checkpoint()
  for (let i = 6; i <= 8; i++)
    await fixture.log.event({ workspace, capability: 'c', target: `t${i}` })
  return () => fixture.close()
})

const sql = (text: string, params: SqlValue[] = []) =>
  fixture.store.transaction((tx) => tx.run(text, params))
type Stored = { seq: number; hash: string; body: string } & Row
const rowsOf = () =>
  fixture.store.read<Stored>(
    'SELECT seq, hash, body FROM audit_record WHERE workspace = ? ORDER BY seq',
    [workspace],
  )

/** Writes the chain anew from its records, hashing as the host does: what an attacker without the key can do. */
async function rewrite(change: (records: AuditRecord[]) => AuditRecord[]): Promise<void> {
  const records = change((await rowsOf()).map(({ body }) => JSON.parse(body) as AuditRecord))
  await sql('DELETE FROM audit_record WHERE workspace = ?', [workspace])
  let prev = '0'.repeat(64)
  for (const [index, record] of records.entries()) {
    const body = canonicalJson({ ...record, seq: index + 1, prev } as never)
    prev = nodeAuditHash.sha256(body)
    await sql('INSERT INTO audit_record (workspace, seq, hash, body) VALUES (?, ?, ?, ?)', [
      workspace,
      index + 1,
      prev,
      body,
    ])
  }
  await sql('DELETE FROM audit_personal')
}

it('verifyAudit() says up to which checkpoint the trail is proven', async () => {
  expect(await verifyAudit({ store: fixture.store, publicKeys })).toMatchObject({
    workspaces: [
      { workspace, records: 8, provenThrough: 5 },
      { workspace: 'wsp_b', records: 3, provenThrough: 3 },
    ],
    checkpoints: 1,
    proven: { checkpoint: 1 },
    personal: { kept: 5, erased: 0 },
  })
  await fixture.log.checkpoint()
  expect(
    await verifyAudit({
      store: fixture.store,
      publicKeys,
      sha256: (text) => nodeAuditHash.sha256(text),
    }),
  ).toMatchObject({
    workspaces: [{ provenThrough: 8 }, { provenThrough: 3 }],
    proven: { checkpoint: 2 },
  })
})

it('verifyAudit() finds any single row that was changed, dropped or given another hash', async () => {
  for (let seq = 1; seq <= 8; seq++) {
    for (const [attack, reason] of [
      [
        `UPDATE audit_record SET body = replace(body, '"t${seq}"', '"x"') WHERE workspace = 'wsp_a' AND seq = ${seq}`,
        'changed',
      ],
      [
        `UPDATE audit_record SET hash = '${'f'.repeat(64)}' WHERE workspace = 'wsp_a' AND seq = ${seq}`,
        'changed',
      ],
      [
        `UPDATE audit_record SET body = body || ' ' WHERE workspace = 'wsp_a' AND seq = ${seq}`,
        'changed',
      ],
      [
        `UPDATE audit_record SET extension = 'other/one' WHERE workspace = 'wsp_a' AND seq = ${seq}`,
        'changed',
      ],
      [
        `UPDATE audit_record SET invocation = 'inv_x' WHERE workspace = 'wsp_a' AND seq = ${seq}`,
        'changed',
      ],
      ...(seq < 8
        ? [
            [
              `DELETE FROM audit_record WHERE workspace = 'wsp_a' AND seq = ${seq}`,
              'dropped',
            ] as const,
          ]
        : []),
    ] as const) {
      const before = await fixture.store.read<
        Stored & { extension: string | null; invocation: string | null }
      >('SELECT * FROM audit_record WHERE workspace = ? AND seq = ?', [workspace, seq])
      await sql(attack)
      await expect(verifyAudit({ store: fixture.store, publicKeys }), attack).rejects.toMatchObject(
        {
          code: 'ERR_AUDIT_BROKEN',
          details: { workspace, seq, reason },
        },
      )
      const row = before[0] as Stored & { extension: string | null; invocation: string | null }
      await sql('DELETE FROM audit_record WHERE workspace = ? AND seq = ?', [workspace, seq])
      await sql(
        'INSERT INTO audit_record (workspace, seq, hash, extension, invocation, body) VALUES (?, ?, ?, ?, ?, ?)',
        [workspace, seq, row.hash, row.extension, row.invocation, row.body],
      )
    }
  }
  await verifyAudit({ store: fixture.store, publicKeys })
})

const attacks: readonly (readonly [string, () => Promise<unknown>, object])[] = [
  [
    'swapping two rows',
    async () => {
      await sql("UPDATE audit_record SET seq = 100 WHERE workspace = 'wsp_a' AND seq = 2")
      await sql("UPDATE audit_record SET seq = 2 WHERE workspace = 'wsp_a' AND seq = 3")
      await sql("UPDATE audit_record SET seq = 3 WHERE workspace = 'wsp_a' AND seq = 100")
    },
    { seq: 2, reason: 'reordered' },
  ],
  [
    'moving a row in from another workspace',
    () =>
      sql(
        "UPDATE audit_record SET hash = b.hash, body = b.body FROM (SELECT hash, body FROM audit_record WHERE workspace = 'wsp_b' AND seq = 2) AS b WHERE workspace = 'wsp_a' AND seq = 2",
      ),
    { seq: 2, reason: 'reordered' },
  ],
  [
    'inserting a row before the first',
    () =>
      sql("INSERT INTO audit_record (workspace, seq, hash, body) VALUES ('wsp_a', 0, 'x', '{}')"),
    { seq: 0, reason: 'forked' },
  ],
  [
    'inserting a row of a negative number',
    () =>
      sql("INSERT INTO audit_record (workspace, seq, hash, body) VALUES ('wsp_a', -7, 'x', '{}')"),
    { seq: -7, reason: 'forked' },
  ],
  [
    'appending a row that does not continue the chain',
    () => appendForged('0'.repeat(64)),
    { seq: 9, reason: 'forked' },
  ],
  [
    'changing a record and hashing it again',
    async () => {
      const row = (await rowsOf())[6] as Stored
      const body = row.body.replace('"t7"', '"x"')
      await sql(
        "UPDATE audit_record SET body = ?, hash = ? WHERE workspace = 'wsp_a' AND seq = 7",
        [body, nodeAuditHash.sha256(body)],
      )
    },
    { seq: 8, reason: 'forked' },
  ],
  [
    'changing a signed record and hashing the whole chain again',
    () =>
      rewrite((records) =>
        records.map((record) => (record.seq === 2 ? { ...record, target: 'x' } : record)),
      ),
    { seq: 5, reason: 'forked' },
  ],
  [
    'dropping a signed record and hashing the whole chain again',
    () => rewrite((records) => records.filter(({ seq }) => seq !== 2)),
    { seq: 5, reason: 'forked' },
  ],
  [
    'inserting a record before signed ones and hashing the whole chain again',
    () => rewrite((records) => [records[0] as AuditRecord, ...records]),
    { seq: 5, reason: 'forked' },
  ],
  [
    'reordering signed records and hashing the whole chain again',
    () => rewrite((records) => records.toSorted((a, b) => b.seq - a.seq)),
    { seq: 5, reason: 'forked' },
  ],
  [
    'cutting the tail below the checkpoint',
    () => sql("DELETE FROM audit_record WHERE workspace = 'wsp_a' AND seq > 3"),
    { seq: 4, reason: 'tail-missing' },
  ],
  [
    'cutting a whole workspace',
    () => sql("DELETE FROM audit_record WHERE workspace = 'wsp_a'"),
    { seq: 1, reason: 'tail-missing' },
  ],
  [
    'cutting the tail and going on from there',
    async () => {
      await sql("DELETE FROM audit_record WHERE workspace = 'wsp_a' AND seq > 3")
      await sql("DELETE FROM audit_personal WHERE workspace = 'wsp_a' AND seq > 3")
      for (let i = 0; i < 5; i++) await fixture.log.event({ workspace, capability: 'innocent' })
    },
    { seq: 5, reason: 'forked' },
  ],
  [
    'changing personal data',
    () => sql("UPDATE audit_personal SET content = 'x' WHERE seq = 3"),
    { seq: 3, reason: 'changed' },
  ],
  [
    'adding personal data',
    () =>
      sql(
        "INSERT INTO audit_personal (workspace, seq, name, time, salt, content) VALUES ('wsp_a', 4, 'q', 0, '', 'x')",
      ),
    { seq: 4, reason: 'changed' },
  ],
]

async function appendForged(prev: string): Promise<void> {
  const body = canonicalJson({
    workspace,
    seq: 9,
    prev,
    kind: 'event',
    capability: 'x',
    decision: 'done',
    time: 1,
  })
  await sql('INSERT INTO audit_record (workspace, seq, hash, body) VALUES (?, 9, ?, ?)', [
    workspace,
    nodeAuditHash.sha256(body),
    body,
  ])
}

for (const [name, attack, details] of attacks) {
  it(`${name} is noticed, with its place`, async () => {
    await attack()
    await expect(verifyAudit({ store: fixture.store, publicKeys })).rejects.toMatchObject({
      code: 'ERR_AUDIT_BROKEN',
      details: { workspace, ...details },
    })
  })
}

const checkpointAttacks: readonly (readonly [string, () => Promise<unknown>, object])[] = [
  [
    'changing a checkpoint',
    () =>
      sql(
        'UPDATE audit_checkpoint SET body = replace(body, \'"time":17\', \'"time":16\') WHERE number = 1',
      ),
    { checkpoint: 1, reason: 'signature' },
  ],
  [
    'emptying a signature',
    () => sql("UPDATE audit_checkpoint SET signature = '' WHERE number = 2"),
    { checkpoint: 2, reason: 'signature' },
  ],
  [
    'taking the signature of another checkpoint',
    () =>
      sql(
        'UPDATE audit_checkpoint SET signature = (SELECT signature FROM audit_checkpoint WHERE number = 1)',
      ),
    { checkpoint: 2, reason: 'signature' },
  ],
  [
    'dropping the first checkpoint',
    () => sql('DELETE FROM audit_checkpoint WHERE number = 1'),
    { checkpoint: 1, reason: 'dropped' },
  ],
  [
    'dropping a checkpoint and renumbering',
    async () => {
      await sql('DELETE FROM audit_checkpoint WHERE number = 1')
      await sql('UPDATE audit_checkpoint SET number = 1')
    },
    { checkpoint: 1, reason: 'dropped' },
  ],
  [
    'writing nonsense for a checkpoint',
    () => sql("UPDATE audit_checkpoint SET body = '[]' WHERE number = 2"),
    { checkpoint: 2, reason: 'changed' },
  ],
]
for (const [name, attack, details] of checkpointAttacks) {
  it(`${name} is noticed`, async () => {
    await fixture.log.checkpoint()
    await attack()
    await expect(verifyAudit({ store: fixture.store, publicKeys })).rejects.toMatchObject({
      code: 'ERR_AUDIT_CHECKPOINT',
      details,
    })
  })
}

it('mixing checkpoints of two histories of one host is noticed', async () => {
  const second = await fixture.log.checkpoint()
  await sql('DELETE FROM audit_checkpoint WHERE number = 2')
  await fixture.log.event({ workspace, capability: 'c' })
  await fixture.log.checkpoint()
  await fixture.log.checkpoint()
  await sql('UPDATE audit_checkpoint SET body = ?, signature = ? WHERE number = 2', [
    second.body,
    second.signature,
  ])
  await expect(verifyAudit({ store: fixture.store, publicKeys })).rejects.toMatchObject({
    code: 'ERR_AUDIT_CHECKPOINT',
    details: { checkpoint: 3, reason: 'changed' },
  })
})

it('a second spelling of a record under a hash of its own is noticed', async () => {
  const body = `${((await rowsOf())[7] as Stored).body} `
  await sql("UPDATE audit_record SET body = ?, hash = ? WHERE workspace = 'wsp_a' AND seq = 8", [
    body,
    nodeAuditHash.sha256(body),
  ])
  await expect(verifyAudit({ store: fixture.store, publicKeys })).rejects.toMatchObject({
    details: { workspace, seq: 8, reason: 'changed' },
  })
})

it('signing a rewritten trail with another key is noticed', async () => {
  await expect(
    verifyAudit({ store: fixture.store, publicKeys: [(await newSigner()).publicKey] }),
  ).rejects.toMatchObject({
    code: 'ERR_AUDIT_CHECKPOINT',
    details: { checkpoint: 1, reason: 'unknown-key' },
  })
})

it('a copy of the checkpoint kept elsewhere proves a tail that was cut together with its checkpoint', async () => {
  const copy = await fixture.log.checkpoint()
  await sql('DELETE FROM audit_checkpoint WHERE number = 2')
  await sql("DELETE FROM audit_record WHERE workspace = 'wsp_a' AND seq > 6")
  expect(await verifyAudit({ store: fixture.store, publicKeys })).toMatchObject({
    proven: { checkpoint: 1 },
  })
  await expect(
    verifyAudit({ store: fixture.store, publicKeys, copies: [copy] }),
  ).rejects.toMatchObject({
    code: 'ERR_AUDIT_BROKEN',
    details: { workspace, seq: 7, reason: 'tail-missing' },
  })
})

it('verifyAudit() proves more than a page of records while others go on writing', async () => {
  await Promise.all(
    Array.from({ length: 2500 }, () => fixture.log.event({ workspace, capability: 'x' })),
  )
  await fixture.log.checkpoint()
  const [verification] = await Promise.all([
    verifyAudit({ store: fixture.store, publicKeys }),
    ...Array.from({ length: 50 }, () => fixture.log.event({ workspace, capability: 'y' })),
  ])
  expect(verification.workspaces[0]).toMatchObject({ provenThrough: 2508 })
})

async function collect(options?: ExportAuditOptions): Promise<string[]> {
  const lines: string[] = []
  for await (const line of exportAudit(fixture.store, options)) lines.push(line)
  return lines
}

it('exportAudit() and verifyAuditLines() prove the same elsewhere', async () => {
  const inDatabase = await verifyAudit({ store: fixture.store, publicKeys })
  const lines = await collect({ personal: true })
  expect(await verifyAuditLines(lines, { publicKeys })).toEqual({
    ...inDatabase,
    workspace: undefined,
  })
  const bare = await collect()
  expect(JSON.stringify(bare)).not.toContain('"p1"')
  expect(await verifyAuditLines(bare, { publicKeys })).toMatchObject({
    personal: { kept: 0, erased: 5 },
  })
})

it('exportAudit() of one workspace proves that one', async () => {
  expect(
    await verifyAuditLines(await collect({ workspace: 'wsp_b' }), { publicKeys }),
  ).toMatchObject({
    workspace: 'wsp_b',
    workspaces: [{ workspace: 'wsp_b', records: 3, provenThrough: 3 }],
  })
})

// Lines: header, checkpoint, wsp_a 1 to 8, wsp_b 1 to 3.
const lineAttacks: readonly (readonly [string, (lines: string[]) => string[], object])[] = [
  [
    'changing',
    (lines) => lines.with(3, (lines[3] as string).replace('"t2"', '"x"')),
    { seq: 2, reason: 'changed' },
  ],
  ['dropping', (lines) => lines.toSpliced(3, 1), { seq: 2, reason: 'dropped' }],
  [
    'swapping',
    (lines) => lines.with(3, lines[4] as string).with(4, lines[3] as string),
    { seq: 2, reason: 'reordered' },
  ],
  ['repeating', (lines) => lines.toSpliced(3, 0, lines[3] as string), { seq: 2, reason: 'forked' }],
  [
    'moving to the end',
    (lines) => [...lines.toSpliced(3, 1), lines[3] as string],
    { seq: 2, reason: 'reordered' },
  ],
  ['cutting', (lines) => lines.slice(0, 5), { seq: 4, reason: 'tail-missing' }],
]
for (const [name, attack, details] of lineAttacks) {
  it(`${name} a line of an export is noticed`, async () => {
    await expect(verifyAuditLines(attack(await collect()), { publicKeys })).rejects.toMatchObject({
      code: 'ERR_AUDIT_BROKEN',
      details: { workspace, ...details },
    })
  })
}

for (const [name, attack, line] of [
  ['no header', (lines: string[]) => lines.slice(1), 1],
  ['a line that is no JSON', (lines: string[]) => lines.with(4, '{'), 5],
  [
    'a line with a member twice',
    (lines: string[]) => lines.with(4, (lines[4] as string).replace('{', '{"hash":"x",')),
    5,
  ],
  ['a checkpoint after records', (lines: string[]) => [...lines, lines[1] as string], undefined],
  [
    'a record that is none',
    (lines: string[]) => lines.with(2, '{"hash":"","line":"record","personal":[],"record":{}}'),
    3,
  ],
] as const) {
  it(`verifyAuditLines() refuses ${name}`, async () => {
    await expect(verifyAuditLines(attack(await collect()), { publicKeys })).rejects.toMatchObject({
      code: 'ERR_AUDIT_FORMAT',
      ...(line !== undefined && { details: { line } }),
    })
  })
}

it('a torn export is never an error without a code', async () => {
  const whole = (await collect()).join('\n')
  for (let length = 0; length < whole.length; length += 97) {
    const error = await verifyAuditLines(whole.slice(0, length).split('\n'), { publicKeys }).catch(
      (reason: Error) => reason,
    )
    if (error instanceof Error) expect(error).toMatchObject({ name: 'AuditError' })
  }
})
