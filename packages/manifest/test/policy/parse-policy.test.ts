import { ManifestError, parsePolicyYaml, type Policy, policyFor } from '@morphee/manifest'
import { expect, it } from 'vitest'

const isAddressRange = (text: string): boolean => /^\d+\.\d+\.\d+\.\d+\/\d+$/.test(text)
const parse = (text: string): Policy => parsePolicyYaml(text, { isAddressRange })

function faults(text: string): string[] {
  try {
    parse(text)
  } catch (error) {
    const { code, details } = error as ManifestError<'ERR_POLICY_INVALID'>
    expect(code).toBe('ERR_POLICY_INVALID')
    return details.diagnostics.map(
      ({ line, column, path, message }) => `${line}:${column} ${path} ${message}`,
    )
  }
  throw new Error('the policy was accepted')
}

it('parsePolicyYaml() reads rules with the lines on which they stand', () => {
  const policy = parse(`policy: 1
publishers:
  allow: [acme]
  deny:
    - evil
limits: { memory: 64 MiB, cpu-time: 5 s }
isolation: process
permissions:
  ceiling:
    - http:read
    - storage:read
  deny:
    - http:write: { urls: ["https://a.example/**"] }
  ask:
    - http:read:
        urls: ["https://b.example/x"]
        operations: [{ method: POST, url: "https://b.example/graphql", graphql: query }]
network:
  private: [{ host: jira.internal.example, range: 10.0.0.0/8 }]
`)
  expect(policy).toEqual({
    publishers: [{ publisher: 'acme', place: { file: 'policy.yaml', line: 3 } }],
    refusedPublishers: [{ publisher: 'evil', place: { file: 'policy.yaml', line: 5 } }],
    ceilings: { memoryBytes: 64 * 1024 * 1024, cpuMs: 5000 },
    isolation: 'process',
    rules: {
      ceiling: [
        { permission: 'http:read', place: { file: 'policy.yaml', line: 10 } },
        { permission: 'storage:read', place: { file: 'policy.yaml', line: 11 } },
      ],
      deny: [
        {
          permission: { kind: 'http:write', urls: ['https://a.example/**'] },
          place: { file: 'policy.yaml', line: 13 },
        },
      ],
      ask: [
        {
          permission: {
            kind: 'http:read',
            urls: ['https://b.example/x'],
            operations: [{ method: 'POST', url: 'https://b.example/graphql', graphql: 'query' }],
          },
          place: { file: 'policy.yaml', line: 15 },
        },
      ],
    },
    privateNetworks: [{ host: 'jira.internal.example', cidr: '10.0.0.0/8' }],
  })
})

it('parsePolicyYaml() reports everything that is wrong at once, with its place', () => {
  expect(
    faults(`policy: 2
publisher: [acme]
limits: { memory: 64, hostcalls: 3 }
isolation: vm
permissions:
  deny:
    - http:writes
    - http:write: { urls: ["https://*/**"] }
    - http:write: { urls: ["https://a.example/**"], reason: because }
    - { storage:read: {}, storage:write: {} }
    - http:read: { urls: ["https://{config.site}.example/**"] }
network:
  private:
    - { host: "*.internal", range: 10.0.0.0/8 }
    - { host: x.internal, range: "10" }
extensions:
  jira: { run: maybe }
  acme/jira: { run: maybe, publishers: {} }
`),
  ).toMatchInlineSnapshot(`
    [
      "1:1 $.policy must be 1, the only version of this format there is, not 2",
      "2:1 $.publisher unknown field "publisher"; known here: policy, publishers, limits, permissions, network, isolation, extensions",
      "3:11 $.limits.memory needs a unit, such as 64 MiB",
      "3:23 $.limits.hostcalls unknown field "hostcalls"; known here: memory, cpu-time, wall-time, http-requests-per-minute, bandwidth-per-minute, file-size, storage, response-size, log-lines, log-line-size, output-size, concurrent-invocations, handles, host-calls",
      "4:1 $.isolation must be one of thread, worker, process, not "vm"",
      "7:7 $.permissions.deny[0] unknown permission "http:writes"",
      "8:28 $.permissions.deny[1]["http:write"].urls[0] "https://*/**": "*" may stand for one label at the beginning of a host only: "*.example.com"",
      "9:53 $.permissions.deny[2]["http:write"].reason unknown field "reason"; known here: urls",
      "10:7 $.permissions.deny[3] must be the name of a permission, or one name with its scope",
      "11:27 $.permissions.deny[4]["http:read"].urls[0] "https://{config.site}.example/**": there is no setting "site" in config.properties",
      "14:9 $.network.private[0].host must be one exact host, not "*.internal"",
      "15:27 $.network.private[1].range must be an address range such as 10.1.0.0/16, not "10"",
      "17:3 $.extensions.jira must be publisher/name, not "jira"",
      "18:16 $.extensions["acme/jira"].run must be one of allow, deny, not "maybe"",
      "18:28 $.extensions["acme/jira"].publishers unknown field "publishers"; known here: run, limits, permissions, network, isolation",
    ]
  `)
})

for (const [what, text, says] of [
  ['no YAML', 'policy: [', '1:'],
  ['an empty file', '', 'must be a set of fields'],
  ['a list', '- 1', 'must be a set of fields'],
  ['a field twice', 'policy: 1\nlimits: {}\nlimits: {}', 'stands here twice'],
  ['two documents', 'policy: 1\n---\npolicy: 1', 'more than one document'],
  ['a megabyte', `policy: 1\n# ${'x'.repeat(1_000_000)}`, 'is larger than'],
  ['a million levels', '['.repeat(1_000_000), 'is larger than'],
] as const) {
  it(`parsePolicyYaml() refuses ${what}`, () => {
    expect(faults(text).join('\n')).toContain(says)
  })
}

it('policyFor() adds what an extension is denied, and puts its own limits and ceiling in the place of the general ones', () => {
  const policy = parse(`policy: 1
limits: { memory: 64 MiB, log-lines: 10 }
permissions:
  ceiling: [http:read]
  deny: [vault:read]
  ask: [storage:write]
extensions:
  acme/jira:
    limits: { memory: 200 MiB }
    isolation: thread
    permissions:
      ceiling: [http:read, http:write]
      deny: [storage:read]
`)
  const kinds = (list: readonly { readonly permission: unknown }[] | undefined): unknown =>
    list?.map(({ permission }) => permission)
  const own = policyFor(policy, 'acme/jira')
  expect(own.ceilings).toEqual({ memoryBytes: 200 * 1024 * 1024, logLines: 10 })
  expect(own.isolation).toBe('thread')
  expect(kinds(own.rules.ceiling)).toEqual(['http:read', 'http:write'])
  expect(kinds(own.rules.deny)).toEqual(['vault:read', 'storage:read'])
  expect(kinds(own.rules.ask)).toEqual(['storage:write'])

  const other = policyFor(policy, 'acme/other')
  expect(other.isolation).toBe('worker')
  expect(kinds(other.rules.ceiling)).toEqual(['http:read'])
  expect(policyFor(policy, 'acme/jira')).toBe(own)
})

it('policyFor() says why an extension may not run at all', () => {
  const policy = parse(`policy: 1
publishers:
  allow: [acme, globex]
  deny: [globex]
extensions:
  acme/old: { run: deny }
`)
  const reasons = ['acme/new', 'acme/old', 'globex/x', 'initech/x', '__proto__/x'].map(
    (name) => policyFor(policy, name).refusal,
  )
  expect(reasons).toEqual([
    undefined,
    { reason: 'the policy refuses this extension', place: { file: 'policy.yaml', line: 6 } },
    {
      reason: 'the policy refuses its publisher "globex"',
      place: { file: 'policy.yaml', line: 4 },
    },
    { reason: 'its publisher "initech" is none of the policy\'s: acme, globex' },
    { reason: 'its publisher "__proto__" is none of the policy\'s: acme, globex' },
  ])
  expect(policyFor({ publishers: [] }, 'acme/x').refusal?.reason).toContain('nobody')
})
