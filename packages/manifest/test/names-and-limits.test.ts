import {
  effectiveLimits,
  formatLimit,
  LIMITS,
  parseRequestUrl,
  publisherOf,
  tryParseExtensionName,
  tryParseExtensionReference,
  tryParseVersion,
} from '@morphee/manifest'
import { expect, it } from 'vitest'

it('tryParseExtensionReference() reads a name, or a name and a version', () => {
  expect(tryParseExtensionReference('acme/jira')).toEqual({ name: 'acme/jira' })
  expect(tryParseExtensionReference('acme/jira@1.2.0-rc.1')).toEqual({
    name: 'acme/jira',
    version: '1.2.0-rc.1',
  })
  expect(publisherOf(tryParseExtensionName('acme/jira')!)).toBe('acme')
})

for (const text of [
  '',
  'jira',
  'acme/',
  '/jira',
  'acme/jira/x',
  'Acme/jira',
  'acme/ji_ra',
  'acme/ji--ra',
  'acme/-jira',
  'аcme/jira',
  'acme/jira@',
  'acme/jira@1',
  'acme/jira@1.2.0@1',
  'acme/jira@latest',
  `${'a'.repeat(40)}/x`,
  'acme/jira ',
  '../jira',
]) {
  it(`tryParseExtensionReference() refuses ${JSON.stringify(text)}`, () => {
    expect(tryParseExtensionReference(text)).toBeUndefined()
  })
}

for (const text of [
  'v1.2.0',
  '1.2',
  '01.2.0',
  '1.2.0+build',
  ' 1.2.0',
  '1.2.0\n',
  `1.2.0-${'a'.repeat(80)}`,
]) {
  it(`tryParseVersion() refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
    expect(tryParseVersion(text)).toBeUndefined()
  })
}

it('effectiveLimits() takes what is asked for or the default, never above the ceiling', () => {
  const limits = effectiveLimits({ memoryBytes: 2 ** 40, handles: 5 }, { cpuMs: 1000 })
  expect(limits).toMatchObject({
    memoryBytes: LIMITS.memoryBytes.ceiling,
    handles: 5,
    cpuMs: 1000,
    wallMs: 60_000,
  })
})

it('formatLimit() writes the largest unit that divides', () => {
  expect([
    formatLimit(64 * 1024 * 1024, 'bytes'),
    formatLimit(1000, 'bytes'),
    formatLimit(90_000, 'ms'),
    formatLimit(120_000, 'ms'),
    formatLimit(10_000, 'count'),
  ]).toEqual(['64 MiB', '1000 B', '90 s', '2 min', '10,000'])
})

it('parseRequestUrl() drops the fragment and keeps the query', () => {
  expect(parseRequestUrl('https://a.example/x?y#z').href).toBe('https://a.example/x?y')
  expect(parseRequestUrl('https://a.example/x?y#').href).toBe('https://a.example/x?y')
  const url = new URL('https://a.example/x#z')
  expect(parseRequestUrl(url).href).toBe('https://a.example/x')
  expect(url.hash).toBe('#z')
  expect(() => parseRequestUrl('https://u:p@a.example/')).toThrowCode('ERR_URL_REFUSED')
})
