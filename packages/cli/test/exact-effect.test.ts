import { encodeUtf8 } from '@morphee/core'
import { describe, expect, it } from 'vitest'
import { formatExactEffect } from '../src/consent/format-question.ts'

const effect = {
  kind: 'http',
  method: 'POST',
  url: 'https://acme.atlassian.net/rest/api/3/issue',
  headers: [{ name: 'content-type', value: 'application/json' }],
  body: encodeUtf8('{"summary":"x"}'),
  credential: { name: 'jira', connection: 'con_x', owner: 'shared' },
} as const

it('formatExactEffect() shows all that would be sent', () => {
  expect(formatExactEffect(effect)).toEqual([
    'POST https://acme.atlassian.net/rest/api/3/issue',
    'content-type: application/json',
    'signed in with credential jira (shared)',
    'body, 15 B:',
    '  {"summary":"x"}',
  ])
})

describe('formatExactEffect() refuses what a person could not see whole', () => {
  const rows: [string, Partial<typeof effect> | Record<string, unknown>][] = [
    ['bytes that are no text', { body: Uint8Array.of(0xff, 0xfe) }],
    ['a body that turns its text around', { body: encodeUtf8('delete \u202eeverything') }],
    ['a body with a terminal escape', { body: encodeUtf8('\u001b[2Jharmless') }],
    ['a body too long to read', { body: encodeUtf8('x'.repeat(5000)) }],
    ['a body that runs off the screen', { body: encodeUtf8(`harmless${'\n'.repeat(300)}`) }],
    ['a body with a filler', { body: encodeUtf8('delete\u3164everything') }],
    ['a header with an escape', { headers: [{ name: 'x-a', value: '\u001b[1A' }] }],
    ['a header with a line break', { headers: [{ name: 'x-a', value: 'a\nb' }] }],
    ['a URL too long to read', { url: `https://acme.atlassian.net/${'x'.repeat(5000)}` }],
  ]
  it.each(rows)('%s', (_name, change) => {
    expect(formatExactEffect({ ...effect, ...change } as typeof effect)).toBeUndefined()
  })
})
