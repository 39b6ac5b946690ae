import * as core from '@morphee/core'
import { ERROR_TABLE, isPlatformError, PlatformError } from '@morphee/core'
import { expect, it } from 'vitest'

it('the package exports these names', () => {
  expect(Object.keys(core).toSorted()).toMatchInlineSnapshot(`
    [
      "COMPONENT_PREAMBLE",
      "ERROR_TABLE",
      "ID_PREFIXES",
      "MAX_JSON_DEPTH",
      "PlatformError",
      "WasmSectionError",
      "canonicalJson",
      "cleanLine",
      "cleanText",
      "concatBytes",
      "createId",
      "digestFromHash",
      "digestOf",
      "encodeUtf8",
      "equalBytes",
      "isCleanText",
      "isPlatformError",
      "readSections",
      "readU32",
      "shortDigest",
      "systemClock",
      "toBase64",
      "toHex",
      "tryDecodeUtf8",
      "tryFromBase64",
      "tryFromHex",
      "tryParseDigest",
      "tryParseId",
      "tryParseStrictJson",
      "wasmLayer",
      "writeU32",
    ]
  `)
})

it('ERROR_TABLE has exit codes and statuses that exist, and something to do next', () => {
  for (const [code, row] of Object.entries(ERROR_TABLE)) {
    expect(code).toMatch(/^ERR_[A-Z0-9]+(_[A-Z0-9]+)*$/)
    expect([1, 2, 3]).toContain(row.exit)
    expect(row.http).toBeGreaterThanOrEqual(400)
    expect(row.next).not.toBe('')
    expect(row.next, 'never a way around verification').not.toMatch(/disable|skip|ignore/i)
  }
})

it('isPlatformError() knows its own and one code', () => {
  class ExampleError extends PlatformError<'ERR_EXAMPLE', { readonly of: string }> {}
  const error = new ExampleError(
    'ERR_EXAMPLE',
    'Cannot do it',
    { of: 'a test' },
    { hint: 'Try again' },
  )
  expect([
    isPlatformError(error),
    isPlatformError(error, 'ERR_EXAMPLE'),
    isPlatformError(error, 'ERR_OTHER'),
  ]).toEqual([true, true, false])
  expect(isPlatformError(new Error('other'))).toBe(false)
  expect(error.hint).toBe('Try again')
})
