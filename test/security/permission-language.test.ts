// The permission language, word by word, and for each word the test in which it denies something. A word without a test does not
// compile here, and a test that is gone, renamed or skipped fails here: what is parsed is enforced, or it is not in the language.
import {
  type Effect,
  type Grant,
  type GrantAnswer,
  type GrantEntry,
  type HttpOperation,
  NEVER_IN_READ,
  PERMISSION_KINDS,
  type PermissionKind,
  type PermissionRequest,
  type PolicyRules,
} from '@morphee/manifest'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ANSWERS = 'test/security/permission-answers.test.ts'
const APPROVALS = 'test/security/approvals.test.ts'
const EFFECTS = 'test/security/effects.test.ts'
const EVENTS = 'test/security/events.test.ts'
const POLICY = 'test/security/policy.test.ts'
const READ_ONLY = 'test/security/read-only.test.ts'
const READING_POSTS = 'test/security/reading-posts.test.ts'
const PARSE = 'packages/manifest/test/document/parse-manifest.test.ts'
const TEXTS = 'packages/manifest/test/document/strangers-text.test.ts'
const RESOLVE = 'packages/manifest/test/permissions/resolve.test.ts'
const URLS = 'packages/manifest/test/url/url-pattern.test.ts'

/** A test: its file and its whole name. */
type Denial = readonly [file: string, name: string]
type Denials<Word extends string> = Readonly<Record<Word, readonly Denial[]>>
/** The members of every shape of a union. */
type MemberOf<Shape> = Shape extends unknown ? Exclude<keyof Shape, 'kind'> : never

const wholly = (kind: PermissionKind): readonly Denial[] => [
  ...[
    'left it out',
    'said no',
    'wants to be asked and is not there',
    'said yes until a time that is over',
    'said yes to all and no to this',
  ].map((answer): Denial => [ANSWERS, `the person ${answer} > ${kind} is refused by the grant`]),
  [ANSWERS, `the action > does not list ${kind} under uses, and it is refused by the action`],
  [
    ANSWERS,
    `the manifest > does not ask for ${kind}, and ${kind === 'guest-auth' ? 'it is refused by the manifest' : 'a component that could use it is not installed'}`,
  ],
]
const inPart = (kind: PermissionKind): readonly Denial[] => [
  ...wholly(kind),
  [
    ANSWERS,
    `the person left a part of it > ${kind} works there, and is refused beside it by the grant`,
  ],
]
const inReadAction = (first: string): Denial => [
  READ_ONLY,
  `${first} > is refused inside a read action by the action, and changes nothing`,
]

const KINDS: Denials<PermissionKind> = {
  'http:read': [
    ...inPart('http:read'),
    [EFFECTS, 'beyond the grant > another host is refused by the manifest, and recorded'],
  ],
  'http:write': [
    ...inPart('http:write'),
    inReadAction('http#write: POST'),
    inReadAction('http#write: DELETE'),
    inReadAction('http#write: PUT'),
    [
      EFFECTS,
      'beyond the grant > a write outside the written paths is refused by the manifest, and recorded',
    ],
  ],
  'guest-auth': [
    ...wholly('guest-auth'),
    [
      READ_ONLY,
      'an authorization of the extension > Authorization never arrives without guest-auth, and is refused by name',
    ],
  ],
  'vault:read': inPart('vault:read'),
  'vault:write': [
    ...inPart('vault:write'),
    inReadAction('vault#set: a new secret'),
    inReadAction('vault#set: another value'),
    inReadAction('vault#delete: a secret'),
  ],
  'storage:read': wholly('storage:read'),
  'storage:write': wholly('storage:write'),
  'data:read': inPart('data:read'),
  'data:write': [
    ...inPart('data:write'),
    inReadAction('data#create: an entry'),
    inReadAction('data#update: an entry'),
    inReadAction('data#delete: an entry'),
  ],
  'event:emit': [...inPart('event:emit'), inReadAction('events#emit: an event')],
  'event:subscribe': [
    ...['left it out', 'said no', 'wants to be asked', 'said yes until a time that is over'].map(
      (answer): Denial => [
        EVENTS,
        `the person > ${answer}: the handler is not run, nobody is asked, and the record says by whom`,
      ],
    ),
    [EVENTS, 'the person > left a part of it: the handler is run there, and not beside it'],
    [EVENTS, 'the person > takes it back: the next event runs nothing'],
    [
      EVENTS,
      'the operator > denies a topic: the next event of it runs nothing, and the record says who',
    ],
    [
      EVENTS,
      'a manifest > that subscribes to nothing and has a handler, or the reverse, is not installed',
    ],
  ],
}

const FIELDS: Denials<MemberOf<PermissionRequest>> = {
  urls: [
    [EFFECTS, 'beyond the grant > another path is refused by the manifest, and recorded'],
    [EFFECTS, 'beyond the grant > another port is refused by the manifest, and recorded'],
  ],
  operations: [
    [
      READING_POSTS,
      'a POST that is declared as reading > at a URL that is only read by GET never arrives from a read action',
    ],
  ],
  names: [[READ_ONLY, 'secrets > have the names that were granted, and no others']],
  collections: [
    [
      ANSWERS,
      'the person left a part of it > data:read works there, and is refused beside it by the grant',
    ],
  ],
  topics: [[READ_ONLY, 'events > have the topics that were granted, and a size']],
  // It allows nothing, so what is to be denied is the text.
  reason: [
    [TEXTS, 'a manifest is refused with a hidden character in > .permissions[0].http:read.reason'],
  ],
  // An author's promise to do without; that the person said nothing is a no, whatever it says.
  optional: [[ANSWERS, 'the manifest > asks for something as optional, and runs without it']],
}

const graphql = (what: string): Denial => [
  READING_POSTS,
  `GraphQL > ${what} never arrives, and the refusal is recorded`,
]
const OPERATIONS: Denials<keyof HttpOperation | HttpOperation['method'] | 'query'> = {
  method: [
    [READING_POSTS, 'a POST that is declared as reading > by PUT never arrives from a read action'],
    [PARSE, 'parseManifestYaml() refuses an operation when its method is not POST'],
  ],
  POST: [
    [
      READING_POSTS,
      'a POST that is declared as reading > by DELETE never arrives from a read action',
    ],
  ],
  url: [
    [
      READING_POSTS,
      'a POST that is declared as reading > at another URL never arrives from a read action',
    ],
  ],
  graphql: [
    graphql('a mutation'),
    graphql('a stored document'),
    graphql('a batch'),
    graphql('a doubled member'),
    graphql('a query in the URL'),
    graphql('multipart'),
    graphql('a body that is said to be compressed'),
    graphql('a document of 100,000 tokens'),
    [
      READING_POSTS,
      'GraphQL > a GET never passes at a URL that is declared as GraphQL, and a query is no way into a write',
    ],
    [PARSE, 'parseManifestYaml() refuses an operation when a URL pattern reaches it'],
  ],
  query: [[PARSE, 'parseManifestYaml() refuses an operation when it is a mutation']],
  fields: [
    graphql('a field that is not named'),
    graphql('such a field behind an alias'),
    graphql('such a field in a fragment'),
    graphql('such a field beside a named one'),
    graphql('introspection'),
    [PARSE, 'parseManifestYaml() refuses an operation when fields stand without graphql'],
  ],
}

const ACTIONS: Denials<Effect | 'uses'> = {
  read: [...NEVER_IN_READ].map((kind): Denial => [
    READ_ONLY,
    `a manifest whose read action lists ${kind} under uses is refused`,
  ]),
  write: [
    [PARSE, 'parseManifestYaml() refuses an action without effect'],
    [
      ANSWERS,
      'the person, of a whole action, > wants to be asked and is not there: it reads, and every write is refused by the grant',
    ],
  ],
  destructive: [
    [
      ANSWERS,
      'the person, of a whole action, > said nothing of a destructive one and is not there: every write is refused by the grant',
    ],
    [APPROVALS, 'one approval > deletes one issue: the second delete after it is asked again'],
  ],
  uses: [
    [
      READ_ONLY,
      'an authorization of the extension > with guest-auth > it never arrives from an action that does not use it',
    ],
    [PARSE, 'parseManifestYaml() refuses a use that is not asked for'],
  ],
}

const GRANTS: Denials<GrantAnswer | keyof GrantEntry | keyof Grant> = {
  allow: [[ANSWERS, 'the person left it out > storage:read is refused by the grant']],
  ask: [
    [ANSWERS, 'the person wants to be asked and is not there > http:read is refused by the grant'],
    [
      ANSWERS,
      'the person said yes to all and wants to be asked about this > http:write is refused by the grant',
    ],
  ],
  deny: [
    [ANSWERS, 'the person said yes to all and no to this > http:read is refused by the grant'],
  ],
  entries: [[ANSWERS, 'the person left it out > http:read is refused by the grant']],
  permission: [
    [
      ANSWERS,
      'the person left a part of it > http:write works there, and is refused beside it by the grant',
    ],
  ],
  answer: [[ANSWERS, 'the person said no > http:write is refused by the grant']],
  expiresAt: [
    [ANSWERS, 'the person said yes until a time that is over > http:read is refused by the grant'],
    [
      'packages/manifest/test/decide.test.ts',
      'decide() counts what has expired as absent, from that millisecond on',
    ],
  ],
  actions: [
    [ANSWERS, 'the person, of a whole action, > said no: all that it does is refused by the grant'],
  ],
}

const RULES: Denials<keyof PolicyRules> = {
  ceiling: [[POLICY, 'a ceiling allows nothing beyond it']],
  deny: [
    [POLICY, 'a rule denies what was granted, from the next effect on, and the record says who'],
  ],
  ask: [[POLICY, 'a forced question is asked whatever the grant says']],
}

const says = (answer: boolean, url: string, pattern: string): Denial => [
  URLS,
  `patternAllows() says ${answer} to ${url} under ${pattern}`,
]
/** The signs of spec/permissions.md, "URL patterns" and "Placeholders". */
const SIGNS: Denials<'https' | 'host' | 'port' | '*.' | '*' | '/**' | 'path' | '{config.x}'> = {
  https: [
    says(false, 'http://a.example/x', 'https://a.example/x'),
    [PARSE, 'parseManifestYaml() refuses http'],
  ],
  host: [says(false, 'https://a.example.evil.example/x', 'https://a.example/x')],
  port: [says(false, 'https://a.example:8443/x', 'https://a.example/x')],
  '*.': [
    says(false, 'https://a.example/x', 'https://*.a.example/x'),
    says(false, 'https://c.b.a.example/x', 'https://*.a.example/x'),
    says(false, 'https://evila.example/x', 'https://*.a.example/x'),
    [PARSE, 'parseManifestYaml() refuses a wildcard over a public suffix'],
  ],
  '*': [
    says(false, 'https://a.example/x/z/y', 'https://a.example/*/y'),
    says(false, 'https://a.example/y', 'https://a.example/*/y'),
  ],
  '/**': [says(false, 'https://a.example/xy', 'https://a.example/x/**')],
  path: [
    says(false, 'https://a.example/x/', 'https://a.example/x'),
    says(false, 'https://a.example/X', 'https://a.example/x'),
  ],
  '{config.x}': [
    [PARSE, 'parseManifestYaml() refuses https://{config.x}.github.io/** with type: string'],
    [PARSE, 'parseManifestYaml() refuses https://{config.x}/** with type: string'],
    [RESOLVE, 'a setting that breaks out of its label: "evil.example/" is refused'],
    [
      RESOLVE,
      'a setting that leads another permission to a URL that takes GraphQL only is refused',
    ],
  ],
}

const TABLES = { KINDS, FIELDS, OPERATIONS, ACTIONS, GRANTS, RULES, SIGNS }
const ROOT = resolve(import.meta.dirname, '../..')
const everyDenial = Object.values(TABLES).flatMap((table) =>
  Object.values<readonly Denial[]>(table).flat(),
)
const files = [...new Set(everyDenial.map(([file]) => file))]

/** The names of all tests of `files`, from the files as they run and not as they read. */
function testNames(): ReadonlySet<string> {
  const { VITEST: _in, VITEST_WORKER_ID: _worker, VITEST_POOL_ID: _pool, ...env } = process.env
  const vitest = resolve(ROOT, 'node_modules/vitest/vitest.mjs')
  const args = ['list', '--no-static-parse', '--json', '--project', 'node', ...files]
  const { stdout, stderr } = spawnSync(process.execPath, [vitest, ...args], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const start = stdout.indexOf('[')
  if (start === -1) throw new Error(`No list of tests: ${stderr.slice(0, 2000)}`)
  const tests = JSON.parse(stdout.slice(start)) as readonly { name: string; file: string }[]
  return new Set(tests.map(({ file, name }) => `${relative(ROOT, file)} > ${name}`))
}

describe('every word of the permission language', () => {
  const known = testNames()
  for (const [table, words] of Object.entries(TABLES)) {
    for (const [word, denials] of Object.entries<readonly Denial[]>(words)) {
      it(`${table.toLowerCase()}: ${word} is denied by a test that there is`, () => {
        expect(denials.length).toBeGreaterThan(0)
        for (const [file, name] of denials) expect(known).toContain(`${file} > ${name}`)
      })
    }
  }

  for (const file of files) {
    it(`${file} runs whole: nothing in it is skipped or singled out`, () => {
      const text = readFileSync(resolve(ROOT, file), 'utf8')
      expect(text).not.toMatch(
        /\b(?:it|test|describe)\s*\.\s*(?:skip|only|todo|skipIf|runIf|fails)\b/,
      )
    })
  }
})

describe('the words of spec/manifest.schema.json', () => {
  interface Schema {
    readonly properties?: Readonly<Record<string, Schema>>
    readonly items?: Schema
    readonly const?: string
    readonly enum?: readonly string[]
    readonly anyOf?: readonly Schema[]
    readonly oneOf?: readonly Schema[]
    readonly $ref?: string
  }
  const root = JSON.parse(
    readFileSync(resolve(ROOT, 'spec/manifest.schema.json'), 'utf8'),
  ) as Schema & { readonly $defs: Readonly<Record<string, Schema>> }

  function* wordsOf(schema: Schema): Generator<string> {
    if (schema.$ref !== undefined) {
      const [name = ''] = schema.$ref.split('/').slice(-1)
      yield* wordsOf(root.$defs[name] ?? {})
    }
    if (typeof schema.const === 'string') yield schema.const
    yield* schema.enum ?? []
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      yield name
      yield* wordsOf(member)
    }
    for (const inner of [schema.items, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
      if (inner !== undefined) yield* wordsOf(inner)
  }

  it('are the permissions, fields and operations above', () => {
    const words = new Set(wordsOf(root.properties?.['permissions'] ?? {}))
    expect([...words].toSorted()).toEqual(
      Object.keys({ ...KINDS, ...FIELDS, ...OPERATIONS }).toSorted(),
    )
    expect(Object.keys(KINDS).toSorted()).toEqual(PERMISSION_KINDS.toSorted())
  })
})
