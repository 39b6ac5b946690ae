import { digestOf } from '@morphee/core'
import { describe, expect, it } from 'vitest'
import { compileArtifact, type CompiledArtifact } from '../../src/extension/compiled-artifact.ts'
import { credentialsReachFurther } from '../../src/installations/credential-reach.ts'
import { type ActiveVersion, proposeInstallation } from '../../src/installations/proposal.ts'
import { tinyExtension } from '../fixture/guest.ts'

const read = (...urls: readonly string[]): object => ({ 'http:read': { urls, reason: 'Reads' } })
const write = (...urls: readonly string[]): object => ({ 'http:write': { urls, reason: 'Writes' } })
const SITE = {
  type: 'object',
  required: ['site'],
  additionalProperties: false,
  properties: {
    site: { type: 'string', maxLength: 63 },
    note: { type: 'string', default: 'none' },
  },
}

async function artifactOf(
  fields: Readonly<Record<string, unknown>> = {},
): Promise<CompiledArtifact> {
  const bytes = tinyExtension(undefined, {
    permissions: [read('https://{config.site}.example.com/api/**')],
    config: SITE,
    ...fields,
  })
  return compileArtifact(bytes, await digestOf(bytes))
}

async function activeOf(
  fields?: Readonly<Record<string, unknown>>,
  config: Readonly<Record<string, string>> = { site: 'acme' },
): Promise<ActiveVersion> {
  const artifact = await artifactOf(fields)
  const proposal = await proposeInstallation(artifact, config, undefined)
  return { artifact, config: proposal.config, authorityDigest: proposal.authorityDigest }
}

describe('proposeInstallation()', () => {
  it('asks for a yes to what is new', async () => {
    const proposal = await proposeInstallation(await artifactOf(), { site: 'acme' }, undefined)
    expect(proposal).toMatchObject({
      needsConsent: 'new',
      difference: [],
      config: { site: 'acme', note: 'none' },
    })
    expect(JSON.stringify(proposal.permissions)).toContain('acme.example.com')
  })

  const UPDATES: readonly (readonly [
    string,
    Readonly<Record<string, unknown>>,
    'wider' | 'major' | undefined,
  ])[] = [
    ['the same again', {}, undefined],
    ['a fix that asks for the same', { version: '1.0.1' }, undefined],
    [
      'less of a path',
      { version: '1.1.0', permissions: [read('https://{config.site}.example.com/api/issues/**')] },
      undefined,
    ],
    ['no permission at all', { version: '1.1.0', permissions: [] }, undefined],
    ['a smaller limit', { version: '1.1.0', limits: { memory: '16 MiB' } }, undefined],
    [
      'more of a path',
      { version: '1.0.1', permissions: [read('https://{config.site}.example.com/**')] },
      'wider',
    ],
    [
      'another host',
      {
        version: '1.0.1',
        permissions: [
          read('https://{config.site}.example.com/api/**', 'https://collector.example/**'),
        ],
      },
      'wider',
    ],
    [
      'the same addresses for writing',
      {
        version: '1.0.1',
        permissions: [
          read('https://{config.site}.example.com/api/**'),
          write('https://{config.site}.example.com/api/**'),
        ],
      },
      'wider',
    ],
    ['a larger limit', { version: '1.0.1', limits: { memory: '200 MiB' } }, 'wider'],
    [
      'a credential',
      {
        version: '1.0.1',
        credentials: {
          token: {
            kind: 'bearer',
            audience: ['https://{config.site}.example.com'],
            fields: { token: { title: 'T' } },
          },
        },
      },
      'wider',
    ],
    ['another MAJOR version that asks for less', { version: '2.0.0', permissions: [] }, 'major'],
  ]
  for (const [what, fields, needsConsent] of UPDATES) {
    it(`${needsConsent === undefined ? 'lets an update pass' : 'makes an update wait'}: ${what}`, async () => {
      const proposal = await proposeInstallation(
        await artifactOf(fields),
        { site: 'acme' },
        await activeOf(),
      )
      expect(proposal.needsConsent).toBe(needsConsent)
      if (needsConsent === 'wider')
        expect(proposal.difference.some(({ wider }) => wider)).toBe(true)
    })
  }

  it('sees a setting that a permission uses as another authority, and one that none uses as the same', async () => {
    const active = await activeOf()
    const other = await proposeInstallation(active.artifact, { site: 'other' }, active)
    expect(other.needsConsent).toBe('wider')
    expect(other.authorityDigest).not.toBe(active.authorityDigest)
    const noted = await proposeInstallation(
      active.artifact,
      { site: 'acme', note: 'hello' },
      active,
    )
    expect(noted).toMatchObject({
      needsConsent: undefined,
      authorityDigest: active.authorityDigest,
    })
  })

  for (const [what, config] of [
    ['a missing setting', {}],
    ['a setting of another type', { site: 7 }],
    ['an unknown setting', { site: 'acme', other: 'x' }],
  ] as const) {
    it(`refuses ${what}`, async () => {
      await expect(proposeInstallation(await artifactOf(), config, undefined)).rejects.toThrowCode(
        'ERR_HOST_CONFIG_INVALID',
      )
    })
  }

  it('refuses settings for an extension that has none', async () => {
    const artifact = await artifactOf({ config: undefined, permissions: [] })
    await expect(proposeInstallation(artifact, { site: 'acme' }, undefined)).rejects.toThrowCode(
      'ERR_HOST_CONFIG_INVALID',
    )
  })
})

describe('credentialsReachFurther()', () => {
  const withAudience = async (
    ...audience: readonly string[]
  ): Promise<CompiledArtifact['manifest']> =>
    (
      await artifactOf({
        credentials: { token: { kind: 'bearer', audience, fields: { token: { title: 'T' } } } },
      })
    ).manifest
  const ONE = 'https://{config.site}.example.com'
  const TWO = 'https://api.example.net'
  const ROWS: readonly (readonly [
    string,
    readonly string[],
    string,
    readonly string[],
    string,
    boolean,
  ])[] = [
    ['the same audience', [ONE], 'a', [ONE], 'a', false],
    ['a smaller one', [ONE, TWO], 'a', [ONE], 'a', false],
    ['a larger one', [ONE], 'a', [ONE, TWO], 'a', true],
    ['another one', [ONE], 'a', [TWO], 'a', true],
    ['another site', [ONE], 'a', [ONE], 'b', true],
  ]
  for (const [what, before, siteBefore, after, siteAfter, further] of ROWS) {
    it(`is ${further} for ${what}`, async () => {
      expect(
        credentialsReachFurther(
          { manifest: await withAudience(...before), config: { site: siteBefore } },
          { manifest: await withAudience(...after), config: { site: siteAfter } },
        ),
      ).toBe(further)
    })
  }

  it('is true when it is sent in another way', async () => {
    const { manifest } = await artifactOf({
      credentials: {
        token: {
          kind: 'api-key',
          header: 'x-key',
          audience: [ONE],
          fields: { key: { title: 'K' } },
        },
      },
    })
    const config = { site: 'a' }
    expect(
      credentialsReachFurther({ manifest: await withAudience(ONE), config }, { manifest, config }),
    ).toBe(true)
  })
})
