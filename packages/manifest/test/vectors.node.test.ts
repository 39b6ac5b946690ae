import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { JsonValue } from '@morphee/core'
import {
  type AccessRequest,
  compileJsonSchema,
  covers,
  decide,
  type DecisionLayers,
  encodeManifest,
  intersect,
  ManifestError,
  parseManifestYaml,
  parseUrlPattern,
  patternAllows,
} from '@morphee/manifest'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { JIRA } from './fixture.ts'

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../spec/${path}`, import.meta.url)), 'utf8')
const vectors = <Row>(name: string): readonly Row[] =>
  JSON.parse(read(`vectors/permissions/${name}.json`)) as Row[]

for (const { pattern, url, allows } of vectors<{ pattern: string; url: string; allows: boolean }>(
  'allows',
)) {
  it(`vector: ${pattern} ${allows ? 'allows' : 'does not allow'} ${url}`, () => {
    expect(patternAllows(parseUrlPattern(pattern), url)).toBe(allows)
  })
}

for (const pattern of vectors<string>('refused-patterns')) {
  it(`vector: ${pattern} is no pattern`, () => {
    expect(() => parseUrlPattern(pattern)).toThrowCode('ERR_URL_PATTERN_INVALID')
  })
}

for (const row of vectors<{ larger: string[]; smaller: string; covers: boolean }>('covers')) {
  it(`vector: ${row.larger.join(', ') || 'nothing'} ${row.covers ? 'covers' : 'does not cover'} ${row.smaller}`, () => {
    expect(
      covers(
        row.larger.map((text) => parseUrlPattern(text)),
        parseUrlPattern(row.smaller),
      ),
    ).toBe(row.covers)
  })
}

for (const row of vectors<{ a: string; b: string; intersect: string | null }>('intersect')) {
  it(`vector: ${row.a} meets ${row.b} in ${row.intersect ?? 'nothing'}`, () => {
    expect(intersect(parseUrlPattern(row.a), parseUrlPattern(row.b))?.text ?? null).toBe(
      row.intersect,
    )
    expect(intersect(parseUrlPattern(row.b), parseUrlPattern(row.a))?.text ?? null).toBe(
      row.intersect,
    )
  })
}

for (const row of vectors<{
  title: string
  request: AccessRequest
  layers: DecisionLayers
  decision: object
}>('decide')) {
  it(`vector: ${row.title}`, () => {
    const { message: _message, accepted: _accepted, ...decision } = decide(row.request, row.layers)
    expect(decision).toEqual(row.decision)
  })
}

for (const name of ['minimal', 'full']) {
  it(`vector: ${name}.yaml is encoded as ${name}.json, byte for byte`, () => {
    expect(
      new TextDecoder().decode(
        encodeManifest(parseManifestYaml(read(`vectors/manifest/${name}.yaml`))),
      ),
    ).toBe(read(`vectors/manifest/${name}.json`))
  })
}

it('vector: invalid.yaml has exactly the faults of invalid.diagnostics.json', () => {
  let diagnostics: unknown
  try {
    parseManifestYaml(read('vectors/manifest/invalid.yaml'), { fileName: 'invalid.yaml' })
  } catch (error) {
    if (error instanceof ManifestError)
      diagnostics = (error.details as { diagnostics: unknown }).diagnostics
  }
  expect(diagnostics).toEqual(JSON.parse(read('vectors/manifest/invalid.diagnostics.json')))
})

it('spec/manifest.schema.json takes what parseManifestYaml() takes, written by hand and as embedded', async () => {
  const schema = await compileJsonSchema(JSON.parse(read('manifest.schema.json')) as JsonValue)
  for (const text of [
    JIRA,
    read('vectors/manifest/minimal.yaml'),
    read('vectors/manifest/full.yaml'),
  ]) {
    expect(schema.validate(parse(text) as JsonValue)).toEqual([])
  }
  for (const name of ['minimal', 'full'])
    expect(schema.validate(JSON.parse(read(`vectors/manifest/${name}.json`)) as JsonValue)).toEqual(
      [],
    )
  expect(
    schema
      .validate(parse(read('vectors/manifest/invalid.yaml')) as JsonValue)
      .map(({ pointer }) => pointer),
  ).toEqual(['/colour', '/lifetime', '/version', '/limits/memory'])
})
