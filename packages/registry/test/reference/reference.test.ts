import { digestOf, encodeUtf8 } from '@morphee/core'
import { formatReference, isTag, parseReference, referrersTag } from '@morphee/registry'
import fc from 'fast-check'
import { expect, test } from 'vitest'

const digest = await digestOf(encodeUtf8('something'))

for (const [text, reference] of [
  ['ghcr.io/acme/jira', { registry: 'ghcr.io', repository: 'acme/jira' }],
  ['ghcr.io/acme/jira:1.2.0', { registry: 'ghcr.io', repository: 'acme/jira', tag: '1.2.0' }],
  [`ghcr.io/acme/jira@${digest}`, { registry: 'ghcr.io', repository: 'acme/jira', digest }],
  [
    `ghcr.io/acme/jira:1.2.0@${digest}`,
    { registry: 'ghcr.io', repository: 'acme/jira', tag: '1.2.0', digest },
  ],
  ['127.0.0.1:5000/a', { registry: '127.0.0.1:5000', repository: 'a' }],
  ['localhost/a', { registry: 'localhost', repository: 'a' }],
  ['[::1]:5000/a/b/c__d', { registry: '[::1]:5000', repository: 'a/b/c__d' }],
  ['docker.io/library/alpine:3', { registry: 'docker.io', repository: 'library/alpine', tag: '3' }],
] as const) {
  test(`parseReference() reads ${text}, and formatReference() writes it again`, () => {
    expect(parseReference(text)).toEqual(reference)
    expect(formatReference(parseReference(text))).toBe(text)
  })
}

for (const [text, same] of [
  ['oci://ghcr.io/acme/jira', 'ghcr.io/acme/jira'],
  ['GHCR.io/acme/jira', 'ghcr.io/acme/jira'],
  ['ghcr.io:443/acme/jira', 'ghcr.io/acme/jira'],
] as const) {
  test(`parseReference() gives ${text} its one spelling`, () => {
    expect(formatReference(parseReference(text))).toBe(same)
  })
}

for (const [why, text] of [
  ['nothing', ''],
  ['the short form of Docker Hub', 'alpine'],
  ['a Docker Hub user for a registry', 'acme/jira:1.0.0'],
  ['a URL', 'https://ghcr.io/acme/jira'],
  ['a user in the host', 'user:secret@ghcr.io/acme/jira'],
  ['a host after an @', 'ghcr.io/acme/jira@evil.example/x'],
  ['a repository in upper case', 'ghcr.io/Acme/jira'],
  ['an empty repository', 'ghcr.io/'],
  ['an empty part', 'ghcr.io/acme//jira'],
  ['a part that leaves', 'ghcr.io/acme/../jira'],
  ['an encoded slash', 'ghcr.io/acme%2fjira'],
  ['a query', 'ghcr.io/acme/jira?x=1'],
  ['a fragment', 'ghcr.io/acme/jira#x'],
  ['a backslash', 'ghcr.io\\evil.example/acme/jira'],
  ['an empty tag', 'ghcr.io/acme/jira:'],
  ['a tag that starts with a dot', 'ghcr.io/acme/jira:.x'],
  ['a tag with build metadata', 'ghcr.io/acme/jira:1.0.0+1'],
  ['two tags', 'ghcr.io/acme/jira:1:2'],
  ['a tag of 129 characters', `ghcr.io/acme/jira:${'x'.repeat(129)}`],
  ['a digest in upper case', `ghcr.io/acme/jira@${digest.toUpperCase()}`],
  ['a digest that is short', 'ghcr.io/acme/jira@sha256:abc'],
  ['a digest of another algorithm', `ghcr.io/acme/jira@sha512:${'0'.repeat(128)}`],
  ['a host that looks like another', 'ghcr.іo/acme/jira'],
  ['a host with a soft hyphen', 'gh\u00adcr.io/acme/jira'],
  ['an address in hexadecimal', '0x7f.0.0.1/acme/jira'],
  ['an address in one number', '2130706433:80/acme/jira'],
  ['an address in two numbers', '127.1/acme/jira'],
  ['an address in octal', '0177.0.0.1/acme/jira'],
  ['an IPv6 address written long', '[0:0:0:0:0:0:0:1]/a'],
  ['a port past the last', 'ghcr.io:65536/acme/jira'],
  ['port zero', 'ghcr.io:0/acme/jira'],
  ['a label that starts with a hyphen', '-ghcr.io/acme/jira'],
  ['a space', 'ghcr.io /acme/jira'],
  ['a line end', 'ghcr.io/acme/jira\n'],
  ['a header', 'ghcr.io/acme/jira:1\r\nx: y'],
  ['a null character', 'ghcr.io/acme/jira\0'],
  ['something very long', `ghcr.io/${'a/'.repeat(100_000)}a`],
] as const) {
  test(`parseReference() refuses ${why}`, () => {
    expect(() => parseReference(text)).toThrowCode('ERR_REGISTRY_REFERENCE')
  })
}

test('parseReference() says what to write instead', () => {
  expect(() => parseReference('acme/jira')).toThrow(
    'Cannot read the reference: it starts with no registry host; Docker Hub is written docker.io/user/name',
  )
})

test('parseReference() and formatReference() undo each other, for every reference there is', () => {
  const part = fc.stringMatching(/^[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?$/)
  const reference = fc.record(
    {
      registry: fc.constantFrom('ghcr.io', 'a.b-c.example:5000', '10.0.0.1:1', '[2001:db8::1]'),
      repository: fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
      tag: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/),
      digest: fc.constant(digest),
    },
    { requiredKeys: ['registry', 'repository'] },
  )
  fc.assert(
    fc.property(reference, (one) => {
      expect(parseReference(formatReference(one))).toEqual(one)
    }),
  )
})

test('parseReference() throws nothing but its own error, for any text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl()), (text) => {
      try {
        const reference = parseReference(text)
        expect(parseReference(formatReference(reference))).toEqual(reference)
      } catch (error) {
        expect(error).toMatchObject({ code: 'ERR_REGISTRY_REFERENCE' })
      }
    }),
  )
})

test('referrersTag() is a tag', () => {
  expect(referrersTag(digest)).toBe(`sha256-${digest.slice(7)}`)
  expect(isTag(referrersTag(digest))).toBe(true)
})
