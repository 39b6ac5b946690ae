// A character that hides or reorders what stands beside it is refused in every text of an author, wherever in a manifest it is.
import { type JsonObject, type JsonValue, isCleanText } from '@morphee/core'
import {
  authorityOf,
  differenceOfAuthority,
  embedArtifact,
  ManifestError,
  type ManifestErrorDetails,
  parseManifestYaml,
} from '@morphee/manifest'
import { describe, expect, it } from 'vitest'
import { EMPTY_COMPONENT } from '../fixture.ts'

const UNSEEN: Readonly<Record<string, string>> = {
  'a right-to-left override': '\u202e',
  'an isolate': '\u2066',
  'an Arabic letter mark': '\u061c',
  'a zero-width space': '\u200b',
  'a zero-width joiner': '\u200d',
  'a byte order mark': '\ufeff',
  'a soft hyphen': '\u00ad',
  'a line separator': '\u2028',
  'an escape': '\u001b',
  'a bell': '\u0007',
  'a carriage return': '\r',
  'a C1 control': '\u009b',
  'a tag letter': '\u{e0041}',
  'an interlinear annotation': '\ufff9',
}

const MANIFEST: JsonObject = {
  manifest: 1,
  name: 'acme/texts',
  version: '1.0.0',
  title: 'Texts',
  description: 'Has a text in every place that there is',
  license: 'Apache-2.0',
  permissions: [
    {
      'http:read': {
        urls: ['https://{config.site}.acme.example/api/**'],
        operations: [
          { method: 'POST', url: 'https://acme.example/graphql', graphql: 'query', fields: ['me'] },
        ],
        reason: 'Reads',
      },
    },
    { 'vault:read': { names: ['own.token'], reason: 'Needs it' } },
    { 'data:read': { collections: ['tasks'] } },
    { 'event:emit': { topics: ['texts.changed'] } },
  ],
  credentials: {
    login: {
      kind: 'basic',
      audience: ['https://{config.site}.acme.example'],
      title: 'Login',
      fields: {
        username: { title: 'E-mail', help: 'https://acme.example/help' },
        password: { title: 'Password' },
      },
    },
    key: {
      kind: 'api-key',
      audience: ['https://acme.example'],
      header: 'x-acme-key',
      scheme: 'Key',
      fields: { key: { title: 'Key' } },
    },
  },
  config: {
    type: 'object',
    title: 'Settings',
    properties: {
      site: { type: 'string', title: 'Site', description: 'Which one', default: 'acme' },
      mode: { type: 'string', enum: ['fast', 'slow'], examples: ['fast'] },
      kind: { const: 'fixed', $comment: 'never shown' },
      name: { type: 'string', pattern: '^[a-z]+$' },
    },
  },
  actions: {
    go: {
      title: 'Go',
      description: 'Goes',
      effect: 'read',
      uses: ['http:read'],
      input: {
        type: 'object',
        properties: { where: { type: 'string', title: 'Where', description: 'A place' } },
      },
      output: { type: 'object', description: 'What it found' },
    },
  },
  locales: { de: 'locales/de.json' },
}

/** Every text of a value, names of members included, as a way to put something in front of it and behind. */
function* places(value: JsonValue, path = ''): Generator<[string, (mark: string) => JsonValue]> {
  if (typeof value === 'string') {
    yield [path, (mark) => `${value.slice(0, 1)}${mark}${value.slice(1)}`]
  } else if (Array.isArray(value)) {
    const items = value as readonly JsonValue[]
    for (const [i, item] of items.entries())
      for (const [place, change] of places(item, `${path}[${i}]`))
        yield [place, (mark) => items.with(i, change(mark))]
  } else if (typeof value === 'object' && value !== null) {
    const object = value as JsonObject
    for (const [name, member] of Object.entries(object)) {
      const rest = Object.fromEntries(Object.entries(object).filter(([other]) => other !== name))
      yield [`the name ${path}.${name}`, (mark) => ({ ...rest, [`${name}${mark}`]: member })]
      for (const [place, change] of places(member, `${path}.${name}`))
        yield [place, (mark) => ({ ...object, [name]: change(mark) })]
    }
  }
}

it('the manifest without such characters is taken', () => {
  expect(() => parseManifestYaml(JSON.stringify(MANIFEST))).not.toThrow()
})

/** Everything that is said of a manifest that is refused. */
function refusalOf(text: string): string[] {
  try {
    parseManifestYaml(text)
    return []
  } catch (error) {
    if (!(error instanceof ManifestError) || error.code !== 'ERR_MANIFEST_INVALID') throw error
    const { diagnostics } = error.details as ManifestErrorDetails['ERR_MANIFEST_INVALID']
    return [error.message, ...diagnostics.flatMap(({ path, message }) => [path, message])]
  }
}

const MARKS = Object.values(UNSEEN)
describe('a manifest is refused with a hidden character in', () => {
  for (const [index, [place, change]] of [...places(MANIFEST)].entries()) {
    // Each place with one of them, and each of them in many places: all are looked for by the same two lines.
    it(place, () => {
      const text = JSON.stringify(change(MARKS[index % MARKS.length] as string))
      const shown = refusalOf(text)
      expect(shown).not.toEqual([])
      for (const line of shown) expect(isCleanText(line)).toBe(true)
    })
  }
})

for (const [what, mark] of Object.entries(UNSEEN)) {
  it(`a title and a value of an enum are refused with ${what}`, () => {
    const named = { ...MANIFEST, title: `T${mark}T` }
    const enumerated = { type: 'object', properties: { mode: { enum: [`a${mark}b`] } } }
    const { permissions: _asked, credentials: _credentials, ...plain } = MANIFEST
    const action = { title: 'Go', effect: 'read' }
    const chosen = { ...plain, config: enumerated, actions: { go: action } }
    for (const manifest of [named, chosen])
      expect(() => parseManifestYaml(JSON.stringify(manifest))).toThrow('invisible characters')
  })
}

describe('a translation is refused with', () => {
  const manifest = parseManifestYaml(JSON.stringify(MANIFEST))
  for (const [what, mark] of Object.entries(UNSEEN)) {
    it(what, () => {
      for (const translation of [{ title: `T${mark}` }, { [`title${mark}`]: 'T' }]) {
        const bytes = new TextEncoder().encode(JSON.stringify(translation))
        expect(() =>
          embedArtifact(EMPTY_COMPONENT, manifest, { 'locales/de.json': bytes }),
        ).toThrowCode('ERR_ARTIFACT_ASSET')
      }
    })
  }
})

it('what a difference shows of texts from elsewhere holds no such character', () => {
  const manifest = parseManifestYaml(JSON.stringify(MANIFEST))
  const marks = MARKS.join('')
  // As it was stored before this was refused, or by another tool.
  const previous = authorityOf({ ...manifest, title: `Old${marks}` })
  const next = authorityOf({ ...manifest, title: `New${marks}` })
  const [change] = differenceOfAuthority(previous, next)
  expect(change?.line).toContain('New')
  expect(isCleanText(change?.line ?? '\u202e')).toBe(true)
})
