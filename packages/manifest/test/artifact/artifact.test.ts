import { canonicalJson, concatBytes, encodeUtf8, type JsonObject, writeU32 } from '@morphee/core'
import {
  decodeManifest,
  embedArtifact,
  encodeManifest,
  type Manifest,
  ManifestError,
  parseManifestYaml,
  readArtifact,
} from '@morphee/manifest'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EMPTY_COMPONENT, JIRA, JIRA_ASSETS, JIRA_FILES } from '../fixture.ts'

const manifest = parseManifestYaml(JIRA, { readFile: (path) => JIRA_FILES[path] })
const plain = parseManifestYaml(JIRA.replace(/locales:.*/, ''), {
  readFile: (path) => JIRA_FILES[path],
})
const section = (id: number, content: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(id), writeU32(content.length), content])
const custom = (name: string, content: Uint8Array = new Uint8Array()): Uint8Array => {
  const text = encodeUtf8(name)
  return section(0, concatBytes([writeU32(text.length), text, content]))
}
const component = (...sections: Uint8Array[]): Uint8Array =>
  concatBytes([EMPTY_COMPONENT, ...sections])
const coreModule = (...sections: Uint8Array[]): Uint8Array =>
  concatBytes([Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), ...sections])
const MANIFEST = custom('morphee:manifest', encodeManifest(plain))

it('encodeManifest() writes canonical JSON that decodeManifest() reads back', () => {
  const bytes = encodeManifest(manifest)
  const text = new TextDecoder().decode(bytes)
  expect(canonicalJson(JSON.parse(text))).toBe(text)
  expect(decodeManifest(bytes)).toEqual(manifest)
})

it('encodeManifest() keeps names that every object inherits as ordinary names of a schema', () => {
  const config = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}',
  ) as JsonObject
  const bytes = encodeManifest({
    ...plain,
    permissions: [],
    credentials: {},
    actions: { go: { title: 'Go', effect: 'read', input: true, output: true } },
    config,
  })
  expect(new TextDecoder().decode(bytes)).toContain(
    '"properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}',
  )
  expect(encodeManifest(decodeManifest(bytes))).toEqual(bytes)
})

for (const [what, change] of [
  ['white space', (text: string) => ` ${text}`],
  ['a line feed at the end', (text: string) => `${text}\n`],
  [
    'members in another order',
    (text: string) => text.replace('"manifest":1,', '').replace(/}$/, ',"manifest":1}'),
  ],
  ['a member twice', (text: string) => text.replace('{', '{"name":"evil/x",')],
  ['an escape that is not needed', (text: string) => text.replace('"Jira"', '"\\u004aira"')],
  [
    'a number in another spelling',
    (text: string) => text.replace('"manifest":1', '"manifest":1.0'),
  ],
  ['a limit in another unit', (text: string) => text.replace('64 MiB', '65536 KiB')],
  ['a limit without the space', (text: string) => text.replace('64 MiB', '64MiB')],
  [
    'a default written out',
    (text: string) => text.replace('"storage:read"', '{"storage:read":{}}'),
  ],
  ['a byte order mark', (text: string) => `\ufeff${text}`],
  ['nothing', () => ''],
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['no JSON', () => 'manifest: 1'],
] as const) {
  it(`decodeManifest() refuses ${what}: one manifest has one digest`, () => {
    const bytes = encodeUtf8(change(new TextDecoder().decode(encodeManifest(manifest))))
    expect(() => decodeManifest(bytes)).toThrowCode('ERR_MANIFEST_NOT_CANONICAL')
  })
}

it('decodeManifest() checks what it reads as extension.yaml is checked', () => {
  const bytes = (change: object): Uint8Array => encodeManifest({ ...plain, ...change } as Manifest)
  expect(() => decodeManifest(bytes({ name: 'x' }))).toThrowCode('ERR_MANIFEST_INVALID')
  expect(() => decodeManifest(bytes({ lifetime: 'workspace' }))).toThrow('is not supported yet')
  expect(() =>
    decodeManifest(bytes({ permissions: [{ kind: 'event:subscribe', topics: ['a'] }] }), {
      supports: [],
    }),
  ).toThrow('not supported yet')
  expect(() => decodeManifest(new Uint8Array(2_000_000))).toThrowCode('ERR_MANIFEST_TOO_LARGE')
  expect(() =>
    decodeManifest(encodeUtf8(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)),
  ).toThrowCode('ERR_MANIFEST_NOT_CANONICAL')
})

it('readArtifact() reads what embedArtifact() wrote, and the code is untouched', () => {
  const code = component(section(1, coreModule(custom('name'))), custom('producers'))
  const bytes = embedArtifact(code, manifest, JIRA_ASSETS)
  const artifact = readArtifact(bytes)
  expect(artifact.manifest).toEqual(manifest)
  expect(artifact.manifestBytes).toEqual(encodeManifest(manifest))
  expect(artifact.assets).toEqual(JIRA_ASSETS)
  expect(bytes.subarray(bytes.length - code.length + 8)).toEqual(code.subarray(8))
})

const long = (bytes: Uint8Array): Uint8Array => {
  // The size of the section, in one byte more than it needs.
  const at = bytes.findIndex((byte, i) => i > 0 && byte < 0x80)
  return concatBytes([
    bytes.subarray(0, at),
    Uint8Array.of((bytes[at] as number) | 0x80, 0),
    bytes.subarray(at + 1),
  ])
}
for (const [attack, bytes] of [
  ['no manifest', component()],
  ['a manifest that is not first', component(custom('producers'), MANIFEST)],
  ['a second manifest', component(MANIFEST, MANIFEST)],
  [
    'a second manifest at the end',
    component(MANIFEST, custom('producers'), custom('morphee:manifest', encodeManifest(manifest))),
  ],
  ['assets before the manifest', component(custom('morphee:assets'), MANIFEST)],
  [
    'assets that are not second',
    component(MANIFEST, custom('producers'), custom('morphee:assets', Uint8Array.of(0))),
  ],
  ['assets without any', component(MANIFEST, custom('morphee:assets', Uint8Array.of(0)))],
  [
    'assets that cannot be read',
    component(MANIFEST, custom('morphee:assets', Uint8Array.of(5, 1))),
  ],
  ['a reserved section of another name', component(MANIFEST, custom('morphee:signature'))],
  ['a manifest inside a core module', component(MANIFEST, section(1, coreModule(MANIFEST)))],
  ['a manifest inside a component', component(MANIFEST, section(4, component(MANIFEST)))],
  [
    'a manifest inside a module inside a component',
    component(MANIFEST, section(4, component(section(1, coreModule(custom('morphee:x')))))),
  ],
  ['a header that is longer than it needs', component(long(MANIFEST))],
  ['a core module', coreModule(MANIFEST)],
  [
    'a nested thing that is no WebAssembly',
    component(MANIFEST, section(1, Uint8Array.of(1, 2, 3))),
  ],
  [
    'a section that runs past the end',
    concatBytes([component(MANIFEST), Uint8Array.of(0, 100, 1)]),
  ],
  ['a name that is not UTF-8', component(MANIFEST, section(0, Uint8Array.of(2, 0xff, 0xfe)))],
  ['a name that is cut off', component(MANIFEST, section(0, Uint8Array.of(100, 65)))],
  ['nothing', new Uint8Array()],
  ['text', encodeUtf8('manifest: 1')],
] as const) {
  it(`artifact lies: readArtifact() refuses ${attack}`, () => {
    expect(() => readArtifact(bytes)).toThrowCode('ERR_ARTIFACT_MALFORMED')
  })
}

it('artifact lies: components nested without end are refused before the stack is', () => {
  let inner: Uint8Array = component()
  for (let i = 0; i < 200; i++) inner = component(section(4, inner))
  expect(() => readArtifact(component(MANIFEST, section(4, inner)))).toThrowCode(
    'ERR_ARTIFACT_MALFORMED',
  )
})

it('readArtifact() is total: mutated and truncated artifacts give coded errors or artifacts, nothing else', () => {
  const whole = embedArtifact(
    component(section(1, coreModule(custom('name')))),
    manifest,
    JIRA_ASSETS,
  )
  fc.assert(
    fc.property(
      fc.nat(whole.length),
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 }),
      (length, changes) => {
        const bytes = whole.slice(0, changes.length === 0 ? length : whole.length)
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          readArtifact(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(ManifestError)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

it('embedArtifact() refuses a component that already has a manifest, and one that is none', () => {
  expect(() => embedArtifact(component(MANIFEST), plain)).toThrowCode('ERR_ARTIFACT_MALFORMED')
  expect(() => embedArtifact(coreModule(), plain)).toThrowCode('ERR_ARTIFACT_MALFORMED')
})

const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0)
for (const [what, assets] of [
  ['an asset that is missing', {}],
  ['an asset that nothing refers to', { ...JIRA_ASSETS, 'evil.bin': Uint8Array.of(1) }],
  ['a translation that is no JSON', { 'locales/de.json': encodeUtf8('x') }],
  ['a translation that is a list', { 'locales/de.json': encodeUtf8('["x"]') }],
  [
    'a translation that turns text around',
    { 'locales/de.json': encodeUtf8('{"title":"\u202eaxe"}') },
  ],
  [
    'a translation without end',
    { 'locales/de.json': encodeUtf8(`{"a":"${'x'.repeat(600_000)}"}`) },
  ],
] as const) {
  it(`embedArtifact() refuses ${what}`, () => {
    expect(() => embedArtifact(component(), manifest, assets)).toThrowCode('ERR_ARTIFACT_ASSET')
  })
}

it('embedArtifact() takes an icon that is what its name says, and no other', () => {
  const withIcon = { ...plain, icon: 'icon.png' }
  expect(
    readArtifact(embedArtifact(component(), withIcon, { 'icon.png': PNG })).assets['icon.png'],
  ).toEqual(PNG)
  expect(() =>
    embedArtifact(component(), withIcon, { 'icon.png': encodeUtf8('<svg onload="x">') }),
  ).toThrowCode('ERR_ARTIFACT_ASSET')
})
