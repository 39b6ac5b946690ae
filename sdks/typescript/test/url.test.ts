import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Url } from '../src/url/url.ts'
import { UrlSearchParams } from '../src/url/url-search-params.ts'

const PARTS = [
  'href',
  'origin',
  'protocol',
  'username',
  'password',
  'host',
  'hostname',
  'port',
  'pathname',
  'search',
  'hash',
] as const

function parts(Class: typeof URL, url: string, base?: string): unknown {
  try {
    const made = new Class(url, base)
    return [...PARTS.map((part) => `${part}=${made[part]}`), ...made.searchParams]
  } catch {
    return 'refused'
  }
}

const Guest = Url as unknown as typeof URL
const piece = fc.constantFrom(
  'http:',
  'https:',
  'ftp:',
  'mailto:',
  'data:',
  'x-y:',
  'HTTPS:',
  '/',
  '//',
  '\\',
  '?',
  '#',
  '@',
  ':',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  'a',
  'B.c',
  'example.com',
  '127.1',
  '0x7f.1',
  '256',
  '08',
  '[::1]',
  '[1:2::3]',
  '[::1.2.3.4]',
  '443',
  '80',
  '8080',
  '65536',
  ' ',
  '\t',
  '\n',
  '"',
  '<',
  '^',
  '|',
  '`',
  '{',
  '~',
  "'",
  '%',
  '%zz',
  '%41',
  'ü',
  '🎉',
  '\ud800',
  '+',
  '&',
  '=',
  'a=b',
  'user',
  ';',
  ',',
  '!',
  '*',
)
const text = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''))
const absolute = fc
  .tuple(
    fc.constantFrom('http://', 'https://', 'ftp://', 'wss://', 'x-y://', 'x-y:/', 'mailto:'),
    text,
  )
  .map((pair) => pair.join(''))

// What is left out on purpose: host names outside ASCII (the engine's URL knows Unicode's tables) and punycode's own checks.
const beyond = (url: string, base = ''): boolean =>
  /xn--|file:/i.test(url + base) ||
  /[^\0-\x7f]|%/.test(hostOf(url)) ||
  /[^\0-\x7f]|%/.test(hostOf(base))
const hostOf = (url: string): string => /^[^?#]*/.exec(url)?.[0] ?? ''

describe('Url', () => {
  test('reads every URL as the engine of Node does', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, absolute),
        fc.option(absolute, { nil: undefined }),
        (url, base) => {
          fc.pre(!beyond(url, base))
          expect(parts(Guest, url, base)).toEqual(parts(URL, url, base))
        },
      ),
      { numRuns: 20_000 },
    )
  })

  test('encodes paths and queries outside ASCII as the engine of Node does', () => {
    fc.assert(
      fc.property(text, (rest) => {
        const url = `https://example.com/${rest}`
        expect(parts(Guest, url)).toEqual(parts(URL, url))
      }),
      { numRuns: 5000 },
    )
  })

  for (const [url, why] of [
    ['https://bücher.example/', 'a host outside ASCII'],
    ['file:///etc/passwd', 'a file'],
    ['https://1.2.3.256/', 'an address that is none'],
    ['https://a b/', 'a space in the host'],
    ['//example.com/', 'a reference without a base'],
    ['https://a:65536/', 'a port that is none'],
  ] as const) {
    test(`new Url() refuses ${why}`, () => {
      expect(() => new Url(url)).toThrow(TypeError)
      expect(Url.canParse(url)).toBe(false)
      expect(Url.parse(url)).toBeNull()
    })
  }

  test('searchParams writes its changes into the URL, and takes those of the URL', () => {
    const url = new Url('https://a.test/?x=1')
    url.searchParams.append('y', 'ü &')
    expect(url.href).toBe('https://a.test/?x=1&y=%C3%BC+%26')
    url.search = '?z=2'
    expect([...url.searchParams]).toEqual([['z', '2']])
    url.searchParams.delete('z')
    expect(url.href).toBe('https://a.test/')
  })

  for (const part of [
    'protocol',
    'username',
    'password',
    'host',
    'hostname',
    'port',
    'pathname',
    'search',
    'hash',
  ] as const) {
    test(`${part} is set as the engine of Node sets it`, () => {
      const value = fc.constantFrom(
        '',
        'a',
        'b.example',
        '1.2.3.4',
        '8080',
        '443',
        'http',
        'ws:',
        '/x/../y',
        '?q=ü',
        '#f',
        'a/b',
        'a:1',
        '[::1]:2',
        'ü x'.slice(2),
        '%41',
      )
      fc.assert(
        fc.property(
          fc.constantFrom('https://u:p@example.com:81/a?b#c', 'http://example.com', 'mailto:x'),
          value,
          (url, to) => {
            const guest = new Url(url)
            const node = new URL(url)
            guest[part] = to
            node[part] = to
            expect(guest.href).toBe(node.href)
          },
        ),
      )
    })
  }
})

describe('UrlSearchParams', () => {
  test('does what the one of Node does', () => {
    const word = fc.constantFrom('', 'a', 'b', 'ü', '+', '%20', '&', '=', '\ud800', '🎉', ' ')
    const operation = fc.tuple(
      fc.constantFrom('append' as const, 'set' as const, 'delete' as const),
      word,
      word,
    )
    fc.assert(
      fc.property(
        fc.array(word),
        fc.array(operation, { maxLength: 8 }),
        fc.boolean(),
        (words, operations, sort) => {
          const results = [UrlSearchParams, URLSearchParams].map((Class) => {
            const params = new Class(words.join('')) as URLSearchParams
            for (const [name, key, value] of operations) {
              if (name === 'delete') params.delete(key)
              else params[name](key, value)
            }
            if (sort) params.sort()
            return [
              params.toString(),
              params.size,
              [...params],
              params.getAll('a'),
              params.get('b'),
              params.has('ü'),
            ]
          })
          expect(results[0]).toEqual(results[1])
        },
      ),
      { numRuns: 3000 },
    )
  })
})
