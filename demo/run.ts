// The main job from end to end, on loopback: build → sign → publish → verify → consent → install → run → refuse → audit.
import { buildExtension } from '@morphee/authoring'
import { runCli } from '@morphee/cli'
import { readArtifact } from '@morphee/manifest'
import { startRegistryServer } from '@morphee/registry-server'
import { startJiraDouble, startLoopback } from '@morphee/testing'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { createLoopbackEgress } from './loopback-network.ts'
import { expectThat, Story } from './story.ts'

const TOKEN = 'demo-api-token-4f1c9a'
const EMAIL = 'ada@example.com'
const root = resolve(import.meta.dirname, '..')
const yes = process.argv.includes('--yes') ? ['--yes'] : []

if (yes.length === 0 && process.stdin.isTTY !== true) {
  process.stderr.write(
    'The demo installs extensions, and there is no terminal to ask you. Pass --yes to accept what it shows.\n',
  )
  process.exit(2)
}

const story = new Story()
const home = await mkdtemp(join(tmpdir(), 'morphee-demo-'))
const loopback = await startLoopback({ hosts: ['acme.atlassian.net'] })
const jira = await startJiraDouble({ loopback, site: 'acme', email: EMAIL, token: TOKEN })
const registry = await startRegistryServer()
// Somewhere a grant does not reach: it exists, resolves and listens, so that only the permission stops a request.
const elsewhere = await loopback.serve(
  'collector.example',
  (_request, response) => void response.end('should never be reached'),
)

interface RunOptions {
  readonly expected?: number
  readonly stdin?: string
  readonly quiet?: boolean
  readonly network?: boolean
}

/** Runs the real command in this process; only its network is the loopback one. */
async function morphee(args: readonly string[], options: RunOptions = {}): Promise<void> {
  const { expected = 0, stdin } = options
  story.say(`\n$ morphee ${args.map((arg) => (/[\s{}"]/.test(arg) ? `'${arg}'` : arg)).join(' ')}`)
  const code = await runCli(args, {
    stdin:
      stdin === undefined
        ? process.stdin
        : (Readable.from([stdin]) as unknown as NodeJS.ReadStream),
    stdout: process.stdout,
    stderr: process.stderr,
    cwd: root,
    variables: { MORPHEE_HOME: home, MORPHEE_KEY_PASSPHRASE: 'the demo has no secrets to keep' },
    createEgress: () => createLoopbackEgress(loopback),
  })
  expectThat(code === expected, `exit code ${expected} of morphee ${args.join(' ')}, not ${code}`)
}

try {
  const [jiraFile, wordsFile, badFile] = await buildAll()
  await publishAndTrust(jiraFile, wordsFile)
  await installBoth()
  await runBoth()
  await ruleAsOperator()
  await refuseMisbehaviour(badFile)
  await updateThatAsksForMore()
  await refuseForgeries(wordsFile)
  await showAudit()
  expectThat(
    jira.violations.length === 0,
    `no request or response against Atlassian's description, not ${JSON.stringify(jira.violations)}`,
  )
  story.end()
} finally {
  await Promise.all([jira.close(), elsewhere.close(), registry.close()])
  await loopback.close()
  await rm(home, { recursive: true, force: true })
}

async function buildAll(): Promise<string[]> {
  story.chapter('Build: source → one .wasm with its manifest inside')
  const files: string[] = []
  for (const name of ['jira', 'word-count', 'misbehaving']) {
    await story.timed(`built ${name}`, () => morphee(['build', `extensions/${name}`]))
    files.push(join('extensions', name, 'build', `${name}.wasm`))
  }
  return files
}

async function publishAndTrust(jiraFile: string, wordsFile: string): Promise<void> {
  story.chapter(`Sign, publish to a registry over HTTP (${registry.registry}), trust the publisher`)
  await morphee(['keygen', 'acme', '--organization', 'Acme GmbH'])
  await story.timed('published', async () => {
    await morphee(['publish', jiraFile, `${registry.registry}/acme/jira`, '--key', 'acme'])
    await morphee(['publish', wordsFile, `${registry.registry}/acme/word-count`, '--key', 'acme'])
  })
  await morphee(['trust', 'add', join(home, 'keys', 'acme.crt'), '--publisher', 'acme', '--yes'])
}

async function installBoth(): Promise<void> {
  story.chapter('Install: resolved, pulled by digest, verified, shown, and only after a yes')
  story.say('Without a terminal and without --yes it is a refusal:')
  await morphee(['install', `${registry.registry}/acme/jira:1.0.0`, '--set', 'site=acme'], {
    expected: 2,
    stdin: '',
  })
  story.say("\nWith the demo's own --yes:")
  await story.timed('installed', async () => {
    await morphee(['install', `${registry.registry}/acme/jira:1.0.0`, '--set', 'site=acme', ...yes])
    await morphee(['install', `${registry.registry}/acme/word-count:1.0.0`, ...yes])
  })
  await morphee(['connect', 'acme/jira', 'jira', '--field', `username=${EMAIL}`, '--stdin'], {
    stdin: TOKEN,
  })
  await morphee(['list'])
}

async function runBoth(): Promise<void> {
  story.chapter(
    'Run: word-count on this README, Jira against a double held to Atlassian’s own description',
  )
  jira.addIssue('DEMO', { summary: 'The build is slow on Mondays' })
  await story.timed('word-count', () =>
    morphee(['run', 'acme/word-count', 'count', '{}', '--text', 'text=README.md']),
  )
  await story.timed('search', () =>
    morphee(['run', 'acme/jira', 'search-issues', '{"jql":"project = DEMO"}']),
  )
  await story.timed('create', () =>
    morphee([
      'run',
      'acme/jira',
      'create-issue',
      '{"project":"DEMO","summary":"Filed by an extension","description":"It never saw the token."}',
    ]),
  )
  const signedIn = jira.requests.filter(({ headers }) =>
    String(headers['authorization']).startsWith('Basic '),
  )
  expectThat(
    signedIn.length === jira.requests.length && jira.requests.length >= 2,
    'each request to be signed in by the host',
  )
  story.say(
    `\nThe double saw ${jira.requests.length} requests, each signed in by the host; the guest never held the token.`,
  )
}

async function ruleAsOperator(): Promise<void> {
  story.chapter('The operator: what it really used, and a rule that counts from the next effect on')
  await morphee(['permissions', 'minimise', 'acme/jira'])
  const url = 'https://acme.atlassian.net/rest/api/3/issue'
  const policy = join(home, 'policy.yaml')
  await writeFile(
    policy,
    `policy: 1\npermissions:\n  ask:\n    - http:write: { urls: ['${url}'] }\n`,
  )
  story.say('\nAn issue is created only after a person was asked, whatever was granted:')
  await morphee(['policy', 'check', 'acme/jira', 'create-issue', 'POST', url])
  story.say('\nHere is nobody to ask, so it is refused:')
  await morphee(['run', 'acme/jira', 'create-issue', '{"project":"DEMO","summary":"No"}'], {
    expected: 1,
    stdin: '',
  })
  await rm(policy)
}

async function refuseMisbehaviour(file: string): Promise<void> {
  story.chapter(
    'Refuse: an extension that goes beyond (unsigned, so in a development host of its own)',
  )
  await morphee(['install', file, '--set', 'site=acme', ...yes], { expected: 1 })
  await morphee(['--dev', 'install', file, '--set', 'site=acme', ...yes])
  await morphee(
    ['--dev', 'connect', 'acme/misbehaving', 'jira', '--field', `username=${EMAIL}`, '--stdin'],
    { stdin: TOKEN },
  )
  story.say('\nA URL outside the grant:')
  await morphee(
    [
      '--dev',
      'run',
      'acme/misbehaving',
      'read-elsewhere',
      '{"url":"https://collector.example/?loot=1"}',
    ],
    { expected: 1 },
  )
  story.say('\nA read action that tries to write:')
  const before = jira.issues.length
  await morphee(['--dev', 'run', 'acme/misbehaving', 'write-while-reading'], { expected: 1 })
  expectThat(jira.issues.length === before, 'no issue to be created by a read action')
  story.say('\nAn endless loop, stopped by its CPU limit:')
  await story.timed('stopped', () =>
    morphee(['--dev', 'run', 'acme/misbehaving', 'run-forever'], { expected: 1 }),
  )
  await morphee(['--dev', 'audit', 'list', '--limit', '12'])
  await morphee(['--dev', 'audit', 'verify'])
}

/** Builds the Jira extension again as another version, in a copy of its folder. */
async function buildVariant(version: string, change: (yaml: string) => string): Promise<string> {
  const dir = join(home, `jira-${version}`)
  await cp(join(root, 'extensions/jira'), dir, {
    recursive: true,
    filter: (path) => !/node_modules|build$/.test(relative(root, path)),
  })
  await symlink(join(root, 'extensions/jira/node_modules'), join(dir, 'node_modules'))
  const file = join(dir, 'extension.yaml')
  await writeFile(
    file,
    change((await readFile(file, 'utf8')).replace('version: 1.0.0', `version: ${version}`)),
  )
  return (await buildExtension(dir)).file
}

async function updateThatAsksForMore(): Promise<void> {
  story.chapter('Update: a version that could do more waits for a yes while the old one runs on')
  const file = await story.timed('built 1.1.0', () =>
    buildVariant('1.1.0', (yaml) =>
      yaml.replace(/\/rest\/api\/3\/issue\b(?!\/)/, '/rest/api/3/issue/**'),
    ),
  )
  await morphee(['publish', file, `${registry.registry}/acme/jira`, '--key', 'acme'])
  await morphee(['update', 'acme/jira', `${registry.registry}/acme/jira:1.1.0`], {
    expected: 2,
    stdin: '',
  })
  await morphee(['list'])
  await morphee(['update', 'acme/jira', ...yes])
  await morphee(['rollback', 'acme/jira'])
  await morphee(['show', 'acme/jira'])
}

async function refuseForgeries(wordsFile: string): Promise<void> {
  story.chapter('Refuse: what is not what the publisher signed')
  const original = new Uint8Array(await readFile(join(root, wordsFile)))
  const name: string = readArtifact(original).manifest.name
  expectThat(name === 'acme/word-count', 'word-count to be what was built')

  story.say('Tampered bytes (one bit of a signed file):')
  const tampered = join(home, 'tampered.wasm')
  await morphee(['sign', wordsFile, '--key', 'acme'])
  await writeFile(`${tampered}.jws.sig`, await readFile(join(root, `${wordsFile}.jws.sig`)))
  const bytes = original.slice()
  bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1
  await writeFile(tampered, bytes)
  await morphee(['verify', wordsFile])
  await morphee(['install', tampered, ...yes], { expected: 1 })

  story.say('\nAn unsigned file:')
  const unsigned = join(home, 'unsigned.wasm')
  await writeFile(unsigned, original)
  await morphee(['install', unsigned, ...yes], { expected: 1 })

  story.say("\nAnother publisher's key, trusted for its own names:")
  await morphee(['keygen', 'mallory', '--organization', 'Mallory Ltd'])
  await morphee([
    'trust',
    'add',
    join(home, 'keys', 'mallory.crt'),
    '--publisher',
    'mallory',
    '--yes',
  ])
  const forged = `${registry.registry}/mallory/word-count`
  await morphee(['publish', wordsFile, forged, '--key', 'mallory'], { expected: 1 })
  // Whoever wants to sign does: the command's no is a help for those who took the wrong key, and holds nobody off.
  await morphee(['publish', wordsFile, forged, '--key', join(home, 'keys', 'mallory.key')])
  await morphee(['install', `${registry.registry}/mallory/word-count:1.0.0`, ...yes], {
    expected: 1,
  })

  story.say('\nA swapped tag (the tag says 9.9.9, the signed content is another version):')
  await swapTag('acme/word-count', '1.0.0', '9.9.9')
  await morphee(['install', `${registry.registry}/acme/word-count:9.9.9`, ...yes], { expected: 1 })
  await rm(join(root, `${wordsFile}.jws.sig`), { force: true })
}

/** What whoever can write to the registry can do: let a tag name other, truly signed content. */
async function swapTag(repository: string, from: string, to: string): Promise<void> {
  const type = 'application/vnd.oci.image.manifest.v1+json'
  const url = (tag: string): string => `${registry.url}/v2/${repository}/manifests/${tag}`
  const manifest = await (await fetch(url(from), { headers: { accept: type } })).bytes()
  const put = await fetch(url(to), {
    method: 'PUT',
    headers: { 'content-type': type },
    body: manifest,
  })
  expectThat(put.status === 201, `the registry to take the tag, not ${put.status}`)
}

async function showAudit(): Promise<void> {
  story.chapter('Audit: everything that was done, in one chain')
  await morphee(['audit', 'list', '--limit', '30'])
  await morphee(['audit', 'verify'])
}
