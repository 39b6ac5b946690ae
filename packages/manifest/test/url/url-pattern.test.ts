import {
  covers,
  difference,
  formatUrlPattern,
  intersect,
  parseRequestUrl,
  parseUrlPattern,
  patternAllows,
  type RequestUrl,
  type UrlPattern,
} from '@morphee/manifest'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const allows = (pattern: string, url: string): boolean =>
  patternAllows(parseUrlPattern(pattern, { development: true }), url)

for (const [pattern, url, expected] of [
  ['https://a.example/x', 'https://a.example/x', true],
  ['https://a.example/x', 'https://a.example/x?q=/../y', true],
  ['https://a.example/x', 'https://a.example/x#y', true],
  ['https://a.example/x', 'https://A.EXAMPLE/x', true],
  ['https://a.example/x', 'https://a.example:443/x', true],
  ['https://a.example/x', 'https://a.example:8443/x', false],
  ['https://a.example:8443/x', 'https://a.example:8443/x', true],
  ['https://a.example/x', 'https://a.example/x/', false],
  ['https://a.example/x', 'https://a.example/X', false],
  ['https://a.example/x', 'http://a.example/x', false],
  ['https://a.example', 'https://a.example/', true],
  ['https://a.example', 'https://a.example/x', false],
  ['https://a.example/**', 'https://a.example/', true],
  ['https://a.example/**', 'https://a.example/x/y/z', true],
  ['https://a.example/x/**', 'https://a.example/x', true],
  ['https://a.example/x/**', 'https://a.example/x/y', true],
  ['https://a.example/x/**', 'https://a.example/xy', false],
  ['https://a.example/*/y', 'https://a.example/x/y', true],
  ['https://a.example/*/y', 'https://a.example/x/z/y', false],
  ['https://a.example/*/y', 'https://a.example/y', false],
  ['https://*.a.example/x', 'https://b.a.example/x', true],
  ['https://*.a.example/x', 'https://a.example/x', false],
  ['https://*.a.example/x', 'https://c.b.a.example/x', false],
  ['https://*.a.example/x', 'https://evila.example/x', false],
  ['https://a.example/x', 'https://a.example.evil.example/x', false],
  ['http://127.0.0.1:8080/**', 'http://127.0.0.1:8080/x', true],
  ['http://127.0.0.1:8080/**', 'http://127.0.0.1:8081/x', false],
] as const) {
  it(`patternAllows() says ${expected} to ${url} under ${pattern}`, () => {
    expect(allows(pattern, url)).toBe(expected)
  })
}

// Each of these is read by some other program as something else than what the pattern is about.
for (const url of [
  'https://user@a.example/x',
  'https://user:pass@a.example/x',
  'https://a.example@evil.example/x',
  'https:\\\\a.example\\x',
  'https://a.example\\@evil.example/',
  'https://a.example/x/../y',
  'https://a.example/x/./y',
  'https://a.example/x/%2e%2e/y',
  'https://a.example/x/.%2E/y',
  'https://a.example/x%2ey',
  'https://a.example/x%2fy',
  'https://a.example/x%5Cy',
  'https://a.example/x\\y',
  'https://a.example//x',
  'https://a.example/x//y',
  'https://a.example/x/',
  'https://a.example./x',
  'https://a..example/x',
  'https://a.exam\tple/x',
  ' https://a.example/x',
  'https:a.example/x',
  'https:/a.example/x',
  'https:///a.example/x',
  '//a.example/x',
  'ftp://a.example/x',
  'file:///etc/passwd',
  'data:text/plain,x',
  'javascript:alert(1)',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://0177.0.0.1/',
  'https://127.1/',
  'https://１２７.0.0.1/',
  'https://[::ffff:127.0.0.1]/',
  'https://a_b.example/x',
  `https://a.example/${'x'.repeat(9000)}`,
  'https://a.example/\ud800',
  '',
]) {
  it(`URL lies: ${JSON.stringify(url.slice(0, 60))} is allowed by no pattern`, () => {
    for (const pattern of [
      'https://a.example/**',
      'https://*.example.com/**',
      'http://127.0.0.1/**',
      'https://127.0.0.1/**',
      'https://[::1]/**',
    ]) {
      expect(allows(pattern, url)).toBe(false)
    }
  })
}

// Servlet containers drop parameters, proxies decode once more, others trim, cut at NUL, or take overlong and full-width dots.
for (const segment of [
  '..;',
  '..;a=b',
  '.;',
  ';',
  ';a=b',
  '..%3b',
  '..%3Ba',
  '..%253b',
  '%252e%252e',
  '%25252e.',
  'a%252fb',
  'a%255cb',
  '..%00',
  '..%2500',
  '..%09',
  '..%20',
  '%20..',
  'a%0d%0ab',
  'a%7f',
  '%c0%ae%c0%ae',
  '%C1%9Ca',
  '%e0%80%ae',
  '%f0%80%80%ae',
  '．．',
  '%ef%bc%8e%ef%bc%8e',
  '%E2%80%A5',
  '%u002e%u002e',
  'a%',
  'a%2',
]) {
  it(`path tricks: a segment ${segment} climbs out of no prefix and is no pattern`, () => {
    expect(allows('https://a.example/issue/**', `https://a.example/issue/${segment}/user`)).toBe(
      false,
    )
    expect(allows('https://a.example/issue/**', `https://a.example/issue/${segment}`)).toBe(false)
    expect(() => parseUrlPattern(`https://a.example/issue/${segment}`)).toThrowCode(
      'ERR_URL_PATTERN_INVALID',
    )
  })
}

for (const segment of [
  '...',
  'a;v=1',
  'a..b',
  '..a',
  '%20a',
  'a%20b',
  '%C3%A9',
  '%E9',
  '100%25',
  'a%2525',
  '／',
]) {
  it(`path tricks: a segment ${segment} is an ordinary one`, () => {
    expect(allows('https://a.example/issue/**', `https://a.example/issue/${segment}`)).toBe(true)
  })
}

it('URL lies: a host in another script is matched by its ASCII form only', () => {
  expect(allows('https://xn--mnchen-3ya.example/**', 'https://münchen.example/x')).toBe(true)
  // A Cyrillic "а" is another host, whatever it looks like.
  expect(allows('https://a.example/**', 'https://\u0430.example/x')).toBe(false)
})

it('patternAllows() checks a URL object as it will be sent', () => {
  const pattern = parseUrlPattern('https://a.example/x/**')
  expect(patternAllows(pattern, new URL('https://a.example/x/y'))).toBe(true)
  expect(patternAllows(pattern, new URL('https://a.example/x/../y'))).toBe(false)
  expect(patternAllows(pattern, new URL('https://a.example/x%2f..%2fy'))).toBe(false)
  expect(patternAllows(pattern, new URL('https://u:p@a.example/x'))).toBe(false)
})

for (const text of [
  '*',
  'https://*',
  'https://*/**',
  'https://*.com/**',
  'https://*.co.uk/',
  'https://*.github.io/**',
  'https://*.localhost/',
  'https://*.*.example.com/',
  'https://a.*.example.com/',
  'https://a*.example.com/',
  'https://*.127.0.0.1/',
  'https://*.[::1]/',
  'http://a.example/',
  'http://*.localhost/',
  'ftp://a.example/',
  'a.example/x',
  'https://',
  'https:///x',
  'https://u@a.example/',
  'https://u:p@a.example/',
  'https://A.example/',
  'https://münchen.example/',
  'https://a.example./',
  'https://0x7f.1/',
  'https://127.1/',
  'https://[0:0::1]/',
  'https://a.example:443x/',
  'https://a.example:080/',
  'https://a.example:99999/',
  'https://a.example/x?y',
  'https://a.example/x#y',
  'https://a.example/x?',
  'https://a.example//x',
  'https://a.example/x/',
  'https://a.example/x/../y',
  'https://a.example/./x',
  'https://a.example/%2e/x',
  'https://a.example/x%2Fy',
  'https://a.example/x\\y',
  'https://a.example/**/x',
  'https://a.example/x*',
  'https://a.example/x**',
  'https://a.example/***',
  'https://a.example/ü',
  'https://a.example/{config.x}',
  'https://{config.x}.example/',
  ' https://a.example/',
  'https://a.example/x y',
  `https://a.example/${'x/'.repeat(2000)}x`,
]) {
  it(`parseUrlPattern() refuses ${JSON.stringify(text.slice(0, 60))}`, () => {
    expect(() => parseUrlPattern(text, { development: true })).toThrowCode(
      'ERR_URL_PATTERN_INVALID',
    )
  })
}

it('parseUrlPattern() takes http to loopback in a development host only', () => {
  expect(() => parseUrlPattern('http://127.0.0.1:8080/**')).toThrowCode('ERR_URL_PATTERN_INVALID')
  expect(parseUrlPattern('http://localhost:8080/**', { development: true }).text).toBe(
    'http://localhost:8080/**',
  )
})

it('parseUrlPattern() says what it wants instead', () => {
  expect(() => parseUrlPattern('https://A.example/')).toThrow(
    'Cannot use the URL pattern "https://A.example/": write the host as "a.example"',
  )
})

it('formatUrlPattern() gives one spelling for one pattern', () => {
  expect(formatUrlPattern(parseUrlPattern('https://a.example:443'))).toBe('https://a.example/')
  expect(formatUrlPattern(parseUrlPattern('https://*.a.example:8443/x/*/**'))).toBe(
    'https://*.a.example:8443/x/*/**',
  )
})

// A world small enough that generated requests fall into, beside and between the patterns.
const LABELS = ['a', 'b', 'q']
const SEGMENTS = ['x', 'y', 'q']
const pattern = fc
  .record({
    wild: fc.constantFrom('*.', 'a.', 'b.', ''),
    host: fc.constantFrom('acme.com', 'b.acme.com'),
    port: fc.constantFrom('', '', ':8443'),
    path: fc.array(fc.constantFrom('x', 'y', '*'), { maxLength: 3 }),
    tail: fc.boolean(),
  })
  .map(({ wild, host, port, path, tail }) =>
    parseUrlPattern(
      `https://${wild}${host}${port}/${[...path, ...(tail ? ['**'] : [])].join('/')}`,
    ),
  )

function* requests(): Generator<string> {
  const hosts = [
    'acme.com',
    ...LABELS.map((label) => `${label}.acme.com`),
    ...LABELS.map((label) => `${label}.b.acme.com`),
    'q.a.acme.com',
    'other.com',
  ]
  const paths = ['/']
  for (const a of SEGMENTS) {
    paths.push(`/${a}`)
    for (const b of SEGMENTS) {
      paths.push(`/${a}/${b}`)
      for (const c of SEGMENTS) paths.push(`/${a}/${b}/${c}`, `/${a}/${b}/${c}/q`)
    }
  }
  for (const host of hosts)
    for (const port of ['', ':8443'])
      for (const path of paths) yield `https://${host}${port}${path}`
}
const WORLD = [...requests()].map((url) => parseRequestUrl(url))
const inAny = (patterns: readonly UrlPattern[], url: RequestUrl): boolean =>
  patterns.some((p) => patternAllows(p, url))

it('covers() is true exactly when no request of the smaller is refused by the larger', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), pattern, (larger, smaller) => {
      const escapes = WORLD.filter((url) => patternAllows(smaller, url) && !inAny(larger, url))
      expect(covers(larger, smaller)).toBe(escapes.length === 0)
    }),
    { numRuns: 150 },
  )
})

it('covers() sees coverage that only several patterns give together', () => {
  const [exact, one, below] = [
    'https://a.example/x',
    'https://a.example/x/*',
    'https://a.example/x/*/*/**',
  ].map((text) => parseUrlPattern(text))
  const whole = parseUrlPattern('https://a.example/x/**')
  expect(covers([exact!, one!, below!], whole)).toBe(true)
  expect(covers([exact!, below!], whole)).toBe(false)
})

it('intersect() allows exactly what both allow', () => {
  fc.assert(
    fc.property(pattern, pattern, (a, b) => {
      const both = intersect(a, b)
      for (const url of WORLD) {
        expect(both !== undefined && patternAllows(both, url)).toBe(
          patternAllows(a, url) && patternAllows(b, url),
        )
      }
    }),
    { numRuns: 100 },
  )
})

it('difference() holds exactly what the first allow and the second do not', () => {
  fc.assert(
    fc.property(
      fc.array(pattern, { maxLength: 3 }),
      fc.array(pattern, { maxLength: 3 }),
      (from, less) => {
        const regions = difference(from, less)
        for (const url of WORLD) {
          const inRegion = regions.some(
            (region) => patternAllows(region.pattern, url) && !inAny(region.except, url),
          )
          expect(inRegion).toBe(inAny(from, url) && !inAny(less, url))
        }
      },
    ),
    { numRuns: 60 },
  )
})

it('parseUrlPattern() reads back what formatUrlPattern() writes', () => {
  fc.assert(
    fc.property(pattern, (p) => {
      expect(parseUrlPattern(formatUrlPattern(p))).toEqual(p)
    }),
  )
})

it('hostile patterns: deciding a union made to be hard ends, and errs on the side of asking', () => {
  const hard = Array.from({ length: 300 }, (_, i) => {
    const segments = Array.from({ length: 24 }, (_, at) =>
      (i * 7 + at * 13) % 5 === 0 ? `v${(i + at) % 3}` : '*',
    )
    return parseUrlPattern(`https://a.example/${segments.join('/')}`)
  })
  const started = performance.now()
  expect(
    covers(
      hard,
      parseUrlPattern(`https://a.example/${Array.from({ length: 24 }, () => '*').join('/')}`),
    ),
  ).toBe(false)
  expect(performance.now() - started).toBeLessThan(2000)
})
