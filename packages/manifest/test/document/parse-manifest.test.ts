import {
  type Diagnostic,
  ManifestError,
  parseManifestYaml,
  type ParseManifestOptions,
  PERMISSION_KINDS,
  SUPPORTED,
} from '@morphee/manifest'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { JIRA, JIRA_FILES } from '../fixture.ts'

const readFile = (path: string): string | undefined => JIRA_FILES[path]
const BASE = `manifest: 1
name: acme/demo
version: 1.0.0
title: Demo
actions:
  go: { title: Go, effect: read }
`

function diagnosticsOf(text: string, options: ParseManifestOptions = {}): readonly Diagnostic[] {
  try {
    parseManifestYaml(text, { readFile, ...options })
  } catch (error) {
    if (error instanceof ManifestError && error.code === 'ERR_MANIFEST_INVALID') {
      return (error.details as { diagnostics: readonly Diagnostic[] }).diagnostics
    }
    throw error
  }
  return []
}
it('parseManifestYaml() reads the manifest of the design', () => {
  expect(parseManifestYaml(JIRA, { readFile })).toMatchObject({
    manifest: 1,
    name: 'acme/jira',
    version: '1.2.0',
    permissions: [
      {
        kind: 'http:read',
        urls: ['https://{config.site}.atlassian.net/rest/api/3/**'],
        reason: 'Reads issues, projects and people',
      },
      { kind: 'http:write' },
      { kind: 'storage:read' },
      { kind: 'storage:write' },
    ],
    credentials: { jira: { kind: 'basic', fields: { username: { title: 'E-mail' } } } },
    actions: {
      'search-issues': { effect: 'read', input: { required: ['jql'] } },
      'create-issue': { effect: 'write', output: true },
      'delete-issue': { effect: 'destructive', uses: ['http:write'] },
    },
    limits: {
      memoryBytes: 64 * 1024 * 1024,
      httpRequestsPerMinute: 200,
      cpuMs: 30_000,
      handles: 1000,
    },
    locales: { de: 'locales/de.json' },
  })
})

it('parseManifestYaml() reports everything that is wrong at once, in the order of the text', () => {
  const text = `manifest: 2
name: Acme/Demo
version: 1.0
title: "Demo\\u202egnp"
colour: blue
permissions:
  - http:reed: { urls: [] }
actions:
  go: { title: Go, effect: reads, extra: 1 }
limits: { memory: 64 MB }
`
  expect(diagnosticsOf(text, { fileName: 'x/extension.yaml' })).toEqual([
    {
      path: '$.manifest',
      message: 'must be 1, the only version of this format there is, not 2',
      file: 'x/extension.yaml',
      line: 1,
      column: 1,
    },
    {
      path: '$.name',
      message:
        'must be publisher/name in lower-case ASCII letters, digits and hyphens, not "Acme/Demo"',
      file: 'x/extension.yaml',
      line: 2,
      column: 1,
    },
    {
      path: '$.version',
      message: 'must be text; put it in quotes or give it three parts, such as 1.2.0',
      file: 'x/extension.yaml',
      line: 3,
      column: 1,
    },
    {
      path: '$.title',
      message: 'holds control, bidirectional or invisible characters',
      file: 'x/extension.yaml',
      line: 4,
      column: 1,
    },
    {
      path: '$.colour',
      message: expect.stringContaining('unknown field "colour"'),
      file: 'x/extension.yaml',
      line: 5,
      column: 1,
    },
    {
      path: '$.permissions[0]["http:reed"]',
      message: 'unknown permission "http:reed"',
      file: 'x/extension.yaml',
      line: 7,
      column: 5,
    },
    {
      path: '$.actions.go.effect',
      message: 'must be one of read, write, destructive, not "reads"',
      file: 'x/extension.yaml',
      line: 9,
      column: 20,
    },
    {
      path: '$.actions.go.extra',
      message: expect.stringContaining('unknown field "extra"'),
      file: 'x/extension.yaml',
      line: 9,
      column: 35,
    },
    {
      path: '$.limits.memory',
      message: 'unknown unit "MB"; known: B, KiB, MiB, GiB',
      file: 'x/extension.yaml',
      line: 10,
      column: 11,
    },
  ])
})

for (const field of ['lifetime', 'schedules', 'webhooks', 'panels']) {
  it(`parseManifestYaml() refuses the reserved field ${field} as not supported yet`, () => {
    expect(diagnosticsOf(`${BASE}${field}: x\n`)).toMatchObject([
      { path: `$.${field}`, message: `"${field}" is not supported yet`, line: 7 },
    ])
  })
}

const SCOPED: Readonly<Record<string, string>> = {
  http: 'urls: ["https://a.example/"]',
  vault: 'names: [a]',
  data: 'collections: [a]',
  event: 'topics: [a]',
}
for (const kind of PERMISSION_KINDS) {
  const scope = SCOPED[kind.split(':')[0] as string]
  const text = `${BASE}permissions:\n  - ${scope === undefined ? kind : `${kind}: { ${scope} }`}\n`
  it(`parseManifestYaml() takes ${kind} by default, and refuses it as not supported yet where the host does not enforce it`, () => {
    expect(SUPPORTED).toContain(kind)
    expect(diagnosticsOf(text)).toEqual([])
    expect(diagnosticsOf(text, { supports: [] }).map(({ message }) => message)).toEqual([
      `the permission ${kind} is not supported yet`,
    ])
  })
}

it('parseManifestYaml() takes operations under http:read where the host runs them', () => {
  const text = `${BASE}permissions:
  - http:read: { operations: [{ method: POST, url: "https://slack.com/api/conversations.list" }, { method: POST, url: "https://a.example/graphql", graphql: query, fields: [me] }] }
`
  expect(diagnosticsOf(text)).toEqual([])
  expect(diagnosticsOf(text, { supports: ['http:read'] }).map(({ message }) => message)).toContain(
    'operations under http:read are not supported yet',
  )
})

const GRAPHQL = '{ method: POST, url: "https://a.example/graphql", graphql: query }'
const WITH_SITE = 'config: { type: object, properties: { site: { type: string } } }'
for (const [what, scope, message] of [
  [
    'a URL pattern reaches it',
    `urls: ["https://a.example/**"], operations: [${GRAPHQL}]`,
    `'"https://a.example/graphql" takes GraphQL queries only, and "https://a.example/**" reaches it too'`,
  ],
  [
    'a POST that is declared as reading reaches it',
    `operations: [${GRAPHQL}, { method: POST, url: "https://a.example/*" }]`,
    'takes GraphQL queries only',
  ],
  [
    'two settings could be the same',
    `urls: ["https://{config.site}.a.example/x/**"], operations: [{ method: POST, url: "https://{config.site}.a.example/x/q", graphql: query }]`,
    'takes GraphQL queries only',
  ],
  [
    'it names no fields',
    `operations: [${GRAPHQL.replace(' }', ', fields: [] }')}]`,
    'at least one',
  ],
  ['its method is not POST', `operations: [${GRAPHQL.replace('POST', 'PUT')}]`, 'PUT'],
  ['it is a mutation', `operations: [${GRAPHQL.replace('query', 'mutation')}]`, 'mutation'],
  [
    'fields stand without graphql',
    'operations: [{ method: POST, url: "https://a.example/", fields: [me] }]',
    'only beside graphql: query',
  ],
] as const) {
  it(`parseManifestYaml() refuses an operation when ${what}`, () => {
    const text = `${BASE}permissions:\n  - http:read: { ${scope} }\n${WITH_SITE}\n`
    const [fault] = diagnosticsOf(text)
    expect(fault?.message).toContain(message.replaceAll("'", ''))
    expect(fault?.line).toBeGreaterThan(1)
  })
}

for (const [what, line, message] of [
  ['an empty scope', 'permissions: [{ http:read: { urls: [] } }]', 'must name at least one'],
  ['a scope that is missing', 'permissions: [http:read]', 'must be a list, not missing'],
  [
    'an unknown field of a permission',
    'permissions: [{ http:read: { urls: ["https://a.example/"], url: x } }]',
    'unknown field "url"',
  ],
  ['a permission twice', 'permissions: [storage:read, storage:read]', 'asked for twice'],
  [
    'a wildcard over a public suffix',
    'permissions: [{ http:read: { urls: ["https://*.github.io/**"] } }]',
    'anybody can have a name under',
  ],
  ['http', 'permissions: [{ http:read: { urls: ["http://127.0.0.1/"] } }]', 'only https'],
  [
    'a setting that is not declared',
    'permissions: [{ http:read: { urls: ["https://{config.x}.a.example/"] } }]',
    'there is no setting "x"',
  ],
  [
    'another placeholder',
    'permissions: [{ http:read: { urls: ["https://{env.X}.a.example/"] } }]',
    'the only placeholder',
  ],
  ['a limit without unit', 'limits: { memory: 64 }', 'needs a unit'],
  ['a limit of nothing', 'limits: { memory: 0 MiB }', 'above zero'],
  ['a limit with a fraction', 'limits: { memory: 1.5 MiB }', 'must be written like'],
  ['a limit with odd commas', 'limits: { handles: "1,00" }', 'must be written like'],
  ['an unknown limit', 'limits: { ram: 1 MiB }', 'unknown field "ram"'],
  ['an icon with scripts', 'icon: icon.svg', '.png, .jpg or .webp'],
  ['a path out of the folder', 'icon: ../icon.png', 'path of a file below'],
  ['a language that is none', 'locales: { deutsch!: a.json }', 'no language tag'],
  ['settings that are no object', 'config: { type: string }', 'must be object'],
  [
    'a setting with a pattern that could take for ever',
    'config: { type: object, properties: { a: { type: string, pattern: "(?=a)" } } }',
    'could take for ever',
  ],
  [
    'a remote reference',
    'config: { type: object, properties: { a: { $ref: "https://evil.example/x" } } }',
    'must refer to a part of this document',
  ],
  ['oauth2', 'credentials: { a: { kind: oauth2 } }', 'oauth2 is not supported yet'],
  [
    'a credential without audience',
    'credentials: { a: { kind: bearer } }',
    'must be a list, not missing',
  ],
  [
    'a credential for every host',
    'credentials: { a: { kind: bearer, audience: ["https://*.a.example"] } }',
    'exact hosts only',
  ],
  [
    'a credential for a path',
    'credentials: { a: { kind: bearer, audience: ["https://a.example/x"] } }',
    'write an origin',
  ],
  [
    'a field that a credential has not',
    'credentials: { a: { kind: bearer, audience: ["https://a.example"], fields: { password: {} } } }',
    'unknown field "password"',
  ],
  [
    'a header of the host',
    'credentials: { a: { kind: api-key, header: Cookie, audience: ["https://a.example"] } }',
    'written by the host alone',
  ],
  [
    'a header that is none',
    'credentials: { a: { kind: api-key, header: "X-Key: x", audience: ["https://a.example"] } }',
    'no name of a header',
  ],
  [
    'a help link that is none',
    'credentials: { a: { kind: bearer, audience: ["https://a.example"], fields: { token: { help: "javascript:alert(1)" } } } }',
    'must be an https address',
  ],
  [
    'an inherited name',
    'credentials: { constructor: { kind: bearer, audience: ["https://a.example"] } }',
    'credential name "constructor"',
  ],
  ['__proto__', '__proto__: { polluted: true }', 'unknown field "__proto__"'],
] as const) {
  it(`parseManifestYaml() refuses ${what}`, () => {
    expect(
      diagnosticsOf(`${BASE}${line}\n`)
        .map((diagnostic) => diagnostic.message)
        .join('\n'),
    ).toContain(message)
  })
}

for (const [what, action, message] of [
  [
    'a write under a read action',
    '{ title: Go, effect: read, uses: [http:write] }',
    'never has http:write',
  ],
  [
    'a use that is not asked for',
    '{ title: Go, effect: write, uses: [storage:read] }',
    'not among the permissions',
  ],
  [
    'a use that is none',
    '{ title: Go, effect: write, uses: [everything] }',
    'unknown permission "everything"',
  ],
  [
    'an action without effect',
    '{ title: Go }',
    'must be one of read, write, destructive, not missing',
  ],
  ['a title on two lines', '{ title: "Go\\nnow", effect: read }', 'must be on one line'],
  ['a title without end', `{ title: ${'x'.repeat(81)}, effect: read }`, 'at most 80'],
  [
    'a schema file that is not there',
    '{ title: Go, effect: read, input: { $ref: none.json } }',
    'there is no file "none.json"',
  ],
  [
    'a schema file out of the folder',
    '{ title: Go, effect: read, input: { $ref: ../../etc/passwd } }',
    'path of a file below',
  ],
  [
    'a schema with an unknown keyword',
    '{ title: Go, effect: read, input: { typ: object } }',
    'no keyword that is run here',
  ],
] as const) {
  it(`parseManifestYaml() refuses ${what}`, () => {
    const text =
      BASE.replace('{ title: Go, effect: read }', action) +
      'permissions: [{ http:write: { urls: ["https://a.example/"] } }]\n'
    expect(
      diagnosticsOf(text)
        .map((diagnostic) => diagnostic.message)
        .join('\n'),
    ).toContain(message)
  })
}

for (const [template, config, ok] of [
  ['https://{config.x}.acme.com/**', 'type: string', true],
  ['https://{config.x}/**', 'type: string, format: hostname', true],
  ['https://{config.x}:8443/**', 'type: string, format: hostname', true],
  ['https://{config.x}/**', 'type: string', false],
  ['https://{config.x}.github.io/**', 'type: string', false],
  ['https://{config.x}.com/**', 'type: string', false],
  ['https://{config.x}.{config.x}.com/**', 'type: string', false],
  ['https://a.{config.x}/**', 'type: string, format: hostname', false],
  ['https://*.{config.x}/**', 'type: string, format: hostname', false],
  ['https://a{config.x}.acme.com/**', 'type: string', false],
  ['https://acme.com:{config.x}/**', 'type: string', false],
  ['https://acme.com/{config.x}/**', 'type: string', true],
  ['https://acme.com/a{config.x}/**', 'type: string', false],
  ['https://{config.x}.acme.com/**', 'type: integer', false],
] as const) {
  it(`parseManifestYaml() ${ok ? 'takes' : 'refuses'} ${template} with ${config}`, () => {
    const text = `${BASE}permissions: [{ http:read: { urls: ["${template}"] } }]\nconfig: { type: object, properties: { x: { ${config} } } }\n`
    expect(diagnosticsOf(text).length === 0).toBe(ok)
  })
}

it('ten megabytes of aliases: refused before they are written out', () => {
  let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n'
  for (let i = 1; i < 12; i++)
    bomb += `a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]\n`
  const started = performance.now()
  expect(diagnosticsOf(BASE + bomb).length).toBeGreaterThan(0)
  expect(performance.now() - started).toBeLessThan(2000)
})

it('ten megabytes of text: refused by its size', () => {
  expect(() => parseManifestYaml(`${BASE}# ${'x'.repeat(10_000_000)}`)).toThrowCode(
    'ERR_MANIFEST_TOO_LARGE',
  )
  expect(() => parseManifestYaml(`${BASE}# ${'é'.repeat(140_000)}`)).toThrowCode(
    'ERR_MANIFEST_TOO_LARGE',
  )
})

for (const [what, text] of [
  ['nested lists', '['.repeat(100_000)],
  ['nested maps', '{a: '.repeat(50_000)],
  ['nested block lists', `${'- '.repeat(100_000)}x`],
  ['nested block maps', Array.from({ length: 500 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ['nested explicit keys', '? '.repeat(100_000)],
  ['an alias of itself', 'a: &a [*a]'],
  ['an alias of nothing', 'a: *b'],
  ['a field twice', 'manifest: 1\nmanifest: 1'],
  ['two documents', 'manifest: 1\n---\nmanifest: 1'],
  ['a tag', 'a: !!js/function x'],
  ['an unknown tag', 'a: !evil x'],
  ['a merge', 'a: &a { b: 1 }\nc: { <<: *a }'],
  ['keys that are no text', '1: x\n? [a]\n: y\n'],
  ['numbers that JSON has not', 'a: .nan\nb: .inf'],
  ['nothing', ''],
  ['a lone text', 'hello'],
  ['a list', '- 1'],
  ['a lone surrogate', 'title: "\\ud800"'],
  ['a NUL', 'a: "\u0000"'],
] as const) {
  it(`hostile YAML: ${what} gives diagnostics, never another error`, () => {
    expect(diagnosticsOf(text).length).toBeGreaterThan(0)
  })
}

it('the error says the first fault and how many more there are', () => {
  expect(() => parseManifestYaml(BASE.replace('acme/demo', 'x').replace('Demo', '""'))).toThrow(
    'Cannot use the manifest "extension.yaml": line 2: $.name must be publisher/name in lower-case ASCII letters, digits and hyphens, not "x", and 1 more',
  )
})

it('hostile YAML: twenty thousand fields are refused without comparing each with each', () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join('\n')
  const started = performance.now()
  expect(diagnosticsOf(text)).toHaveLength(100)
  expect(performance.now() - started).toBeLessThan(4000)
})

it('hostile YAML: a second document is not left out in silence', () => {
  expect(() => parseManifestYaml('manifest: 1\n---\nname: evil/jira\n')).toThrow(
    'holds more than one document',
  )
})

it('hostile YAML: a field that stands twice is named, at every level', () => {
  const twice = BASE.replace('effect: read }', 'effect: read, effect: destructive }')
  expect(diagnosticsOf(twice)).toMatchObject([
    { message: 'the field "effect" stands here twice', line: 6, column: 34 },
  ])
})

it('hostile YAML: any text gives a manifest or coded errors', () => {
  const piece = fc.constantFrom(
    ...BASE.split(/(?=[\n :{},])/),
    '&a ',
    '*a',
    '[',
    ']',
    '- ',
    '? ',
    '!!str ',
    '|',
    '>',
    '"',
    "'",
    '%',
    '---',
    '\t',
    '\ufeff',
    '\u0000',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      for (const text of [pieces.join(''), BASE + pieces.join('')]) {
        try {
          parseManifestYaml(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError)
        }
      }
    }),
    { numRuns: 300 },
  )
})

for (const [what, text, message] of [
  [
    'aliases',
    `a: &a x\nb: [${Array.from({ length: 101 }, () => '*a').join(', ')}]`,
    'uses more than 100 aliases',
  ],
  [
    'values in aliases',
    `a: &a [${'x, '.repeat(1000)}x]\nb: [${Array.from({ length: 50 }, () => '*a').join(', ')}]`,
    'holds more than 20000 values once its aliases are written out',
  ],
  ['a list in itself', 'a: &a [*a]', 'holds itself'],
  ['brackets', '['.repeat(100_000), 'nests deeper than 64 levels'],
  ['dashes', `${'- '.repeat(100_000)}x`, 'nests deeper than 64 levels'],
  [
    'levels that the parser still takes',
    `a: ${'['.repeat(100)}${']'.repeat(100)}`,
    'nests deeper than 64 levels',
  ],
] as const) {
  it(`hostile YAML: ${what} are refused by their own bound`, () => {
    expect(diagnosticsOf(text).map((diagnostic) => diagnostic.message)).toContain(message)
  })
}
