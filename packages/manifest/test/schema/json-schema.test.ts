// oxlint-disable unicorn/no-thenable -- `then` is a keyword of JSON Schema
import type { JsonValue } from '@morphee/core'
import { compileJsonSchema } from '@morphee/manifest'
import { expect, it } from 'vitest'

const issuesOf = async (schema: JsonValue, value: JsonValue): Promise<string[]> =>
  (await compileJsonSchema(schema))
    .validate(value)
    .map(({ pointer, message }) => `${pointer} ${message}`)

for (const [schema, value, issues] of [
  [true, 1, []],
  [false, 1, [' is not allowed']],
  [{}, null, []],
  [{ type: 'integer' }, 1.5, [' must be a whole number']],
  [{ type: ['string', 'null'] }, 1, [' must be text or null']],
  [{ const: 'a' }, 'b', [' must be "a"']],
  [
    { const: { $ref: 'https://evil.example/', a: [1] } },
    { a: [1], $ref: 'https://evil.example/' },
    [],
  ],
  [{ enum: ['a', { $id: 'x' }] }, 'b', [' must be one of "a", {"$id":"x"}']],
  [{ const: 1, enum: [2] }, 1, [' must be one of ']],
  [{ minLength: 1 }, '', [' must not be empty']],
  [{ maxLength: 2 }, '😀😀', []],
  [{ maxLength: 1 }, 'ab', [' must have at most 1 characters']],
  [{ minimum: 1, exclusiveMaximum: 3 }, 3, [' must be less than 3']],
  [{ multipleOf: 1 }, 1e-8, [' must be a multiple of 1']],
  [{ multipleOf: 0.1 }, 0.3, []],
  [{ multipleOf: 0.01 }, 19.99, []],
  [{ multipleOf: 2 }, 3, [' must be a multiple of 2']],
  [{ pattern: '^[a-z]+$' }, 'A', [' does not have the form that is wanted']],
  [{ pattern: '^a$' }, 'a\n', [' does not have the form that is wanted']],
  [{ pattern: 'b' }, 'abc', []],
  [{ pattern: '^\\u0061\\p{Lu}$' }, 'aÄ', []],
  [{ format: 'date' }, '2026-02-29', [' must be a date such as 2026-01-31']],
  [{ format: 'date' }, '2024-02-29', []],
  [{ format: 'hostname' }, 'a_b', [' must be a host name such as example.com']],
  [{ format: 'uri' }, 'https://example.com/', []],
  [{ format: 'uri' }, 'x', [' must be an address such as https://example.com/']],
  [
    { items: { type: 'number' }, maxItems: 1 },
    ['a', 1],
    ['/0 must be a number', ' must have at most 1 entries'],
  ],
  [{ prefixItems: [{ type: 'string' }], items: false }, ['a', 1], ['/1 is not allowed']],
  [
    { uniqueItems: true },
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [' must not hold the same entry twice'],
  ],
  [
    { contains: { const: 1 } },
    [2],
    [' does not hold the right number of entries of the kind that is wanted'],
  ],
  [{ required: ['a', 'b'] }, {}, [' needs the field "a"', ' needs the field "b"']],
  [
    { properties: { a: { properties: { b: { type: 'string' } } } } },
    { a: { b: 1 } },
    ['/a/b must be text'],
  ],
  [{ properties: { 'a/b~': { type: 'string' } } }, { 'a/b~': 1 }, ['/a~1b~0 must be text']],
  [
    { patternProperties: { '^x': { type: 'string' } }, additionalProperties: false },
    { xa: 1, y: 1 },
    ['/xa must be text', '/y is not allowed'],
  ],
  [{ propertyNames: { maxLength: 1 } }, { ab: 1 }, [' has a field whose name is not allowed']],
  [
    { dependentRequired: { a: ['b'] } },
    { a: 1 },
    [' lacks a field that another one of its fields needs'],
  ],
  [{ dependentSchemas: { a: { required: ['b'] } } }, { a: 1 }, [' needs the field "b"']],
  [{ allOf: [{ type: 'string' }, { minLength: 3 }] }, 'a', [' must have at least 3 characters']],
  [
    { anyOf: [{ type: 'string' }, { type: 'number' }] },
    true,
    [' fits none of the forms that are allowed'],
  ],
  [{ anyOf: [{ type: 'string' }, { type: 'number' }] }, 1, []],
  [
    { oneOf: [{ type: 'integer' }, { type: 'number' }] },
    1,
    [' must fit exactly one of the forms that are allowed'],
  ],
  [{ not: { type: 'string' } }, 'a', [' has a form that is not allowed']],
  [
    {
      if: { properties: { a: { const: 1 } } },
      then: { required: ['b'] },
      else: { required: ['c'] },
    },
    { a: 1 },
    [' needs the field "b"'],
  ],
  [
    { if: { required: ['a'] }, then: true, else: { required: ['c'] } },
    {},
    [' needs the field "c"'],
  ],
  [
    { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    { a: 1, b: 1 },
    ['/b is not allowed'],
  ],
  [{ prefixItems: [true], unevaluatedItems: false }, [1, 2], ['/1 is not allowed']],
  [
    {
      $ref: '#/$defs/n',
      $defs: {
        n: {
          type: 'object',
          properties: { next: { $ref: '#/$defs/n' } },
          additionalProperties: false,
        },
      },
    },
    { next: { next: { x: 1 } } },
    ['/next/next/x is not allowed'],
  ],
  [
    { properties: { a: { $ref: '#' } }, additionalProperties: false },
    { a: { a: {}, b: 1 } },
    ['/a/b is not allowed'],
  ],
  [
    { $ref: '#/$defs/Foo%3CBar%3E', $defs: { 'Foo<Bar>': { type: 'string' } } },
    1,
    [' must be text'],
  ],
  [
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'x',
      default: { $id: 'https://evil.example/' },
      examples: [{ $ref: 'https://evil.example/' }],
      'x-any': 1,
    },
    1,
    [],
  ],
] as ReadonlyArray<readonly [JsonValue, JsonValue, string[]]>) {
  it(`JsonSchema.validate() says ${JSON.stringify(issues)} to ${JSON.stringify(value)} under ${JSON.stringify(schema).slice(0, 90)}`, async () => {
    expect(await issuesOf(schema, value)).toEqual(issues)
  })
}

it('inherited names: __proto__, constructor and toString are fields like any other', async () => {
  const schema = JSON.parse(
    '{"properties":{"__proto__":{"type":"string"},"a":true},"additionalProperties":false,"required":["toString"]}',
  ) as JsonValue
  const value = JSON.parse('{"__proto__":1,"constructor":2,"a":3}') as JsonValue
  expect((await issuesOf(schema, value)).toSorted()).toEqual([
    ' needs the field "toString"',
    '/__proto__ must be text',
    '/constructor is not allowed',
  ])
  expect(
    await issuesOf({ dependentRequired: { toString: ['x'] }, properties: { valueOf: false } }, {}),
  ).toEqual([])
  expect(
    await issuesOf({ unevaluatedProperties: false }, JSON.parse('{"__proto__":1}') as JsonValue),
  ).toEqual(['/__proto__ is not allowed'])
})

for (const [what, schema] of [
  ['look-ahead', { pattern: '^(?=.*a)' }],
  ['look-behind', { pattern: '(?<=a)b' }],
  ['a back-reference', { pattern: '(a)\\1' }],
  ['RE2 syntax that JavaScript reads otherwise', { pattern: '(?i)a' }],
  ['no expression', { pattern: '(' }],
  ['a pattern of a field name that could take for ever', { patternProperties: { '(a)\\1': true } }],
  ['a pattern without end', { pattern: 'a'.repeat(1001) }],
  ['an unknown keyword', { typ: 'string' }],
  ['an inherited keyword', { constructor: 1 }],
  ['__proto__', JSON.parse('{"__proto__":{"type":"string"}}')],
  ['an unknown type', { type: 'text' }],
  ['an unknown format', { format: 'colour' }],
  ['an inherited format', { format: 'constructor' }],
  ['a remote reference', { $ref: 'https://evil.example/schema' }],
  ['a relative reference', { $ref: 'other.json' }],
  ['a file', { $ref: 'file:///etc/passwd' }],
  ['a reference to nothing', { $ref: '#/$defs/none' }],
  ['a reference into data', { default: { type: 'string' }, $ref: '#/default' }],
  ['$id', { $id: 'https://evil.example/' }],
  ['$dynamicRef', { $dynamicRef: '#a' }],
  ['another dialect', { $schema: 'http://json-schema.org/draft-07/schema#' }],
  ['a vocabulary', { $vocabulary: {} }],
  ['a negative length', { minLength: -1 }],
  ['a multiple of nothing', { multipleOf: 0 }],
  ['properties that are a list', { properties: [] }],
  ['no schema', 'string'],
  ['null', null],
] as ReadonlyArray<readonly [string, JsonValue]>) {
  it(`compileJsonSchema() refuses ${what}`, async () => {
    await expect(compileJsonSchema(schema)).rejects.toThrowCode('ERR_SCHEMA_INVALID')
  })
}

it('compileJsonSchema() reports every fault with its place', async () => {
  await expect(
    compileJsonSchema({ type: 'x', properties: { a: { format: 'y' } } }),
  ).rejects.toMatchObject({
    details: { issues: [{ pointer: '/type' }, { pointer: '/properties/a/format' }] },
  })
})

it('a schema without end is refused: depth, parts', async () => {
  let deep: JsonValue = true
  for (let i = 0; i < 10_000; i++) deep = { not: deep }
  await expect(compileJsonSchema(deep)).rejects.toThrowCode('ERR_SCHEMA_INVALID')
  await expect(
    compileJsonSchema({ allOf: Array.from({ length: 5000 }, () => true) }),
  ).rejects.toThrowCode('ERR_SCHEMA_INVALID')
})

it('a value without end is refused as data', async () => {
  let deep: JsonValue = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(await issuesOf({ items: { $ref: '#' } }, deep)).toEqual([' nests deeper than 100 levels'])
})

it('a schema that calls itself without end is stopped', async () => {
  const loop = await compileJsonSchema({
    $ref: '#/$defs/a',
    $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } },
  })
  expect(() => loop.validate(1)).toThrowCode('ERR_SCHEMA_BUDGET')
})

it('a schema that doubles its work at every level is stopped, in if as well', async () => {
  const $defs: Record<string, JsonValue> = { d0: { type: 'number' } }
  for (let i = 1; i < 40; i++)
    $defs[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] }
  const started = performance.now()
  for (const schema of [{ $ref: '#/$defs/d39' }, { if: { $ref: '#/$defs/d39' }, then: true }]) {
    const bomb = await compileJsonSchema({ ...schema, $defs })
    expect(() => bomb.validate(1)).toThrowCode('ERR_SCHEMA_BUDGET')
    expect(() => bomb.validate(1)).toThrowCode('ERR_SCHEMA_BUDGET')
  }
  expect(performance.now() - started).toBeLessThan(5000)
})

it('a pattern that would take a backtracking engine for ever runs in linear time', async () => {
  const schema = await compileJsonSchema({
    pattern: '^(a+)+$',
    patternProperties: { '^(b+)+$': false },
  })
  const started = performance.now()
  expect(schema.validate(`${'a'.repeat(20_000)}!`)).toHaveLength(1)
  expect(schema.validate({ [`${'b'.repeat(20_000)}!`]: 1 })).toEqual([])
  expect(performance.now() - started).toBeLessThan(2000)
})

it('compileJsonSchema() keeps schemas apart that are compiled side by side', async () => {
  const [text, number] = await Promise.all([
    compileJsonSchema({ type: 'string' }),
    compileJsonSchema({ type: 'number' }),
  ])
  expect(text!.validate(1)).toHaveLength(1)
  expect(number!.validate(1)).toEqual([])
})

it('validate() reports at most 50 issues', async () => {
  expect(
    await issuesOf(
      { items: { type: 'string' } },
      Array.from({ length: 500 }, () => 1),
    ),
  ).toHaveLength(50)
})

it('validate() takes well under a millisecond for a simple input', async () => {
  const schema = await compileJsonSchema({
    type: 'object',
    required: ['jql'],
    properties: {
      jql: { type: 'string', maxLength: 2000, pattern: '^[^;]*$' },
      limit: { type: 'integer', minimum: 1, maximum: 100 },
    },
    additionalProperties: false,
  })
  const value = { jql: 'project = X', limit: 10 }
  for (let i = 0; i < 200; i++) schema.validate(value)
  const started = performance.now()
  for (let i = 0; i < 200; i++) schema.validate(value)
  expect((performance.now() - started) / 200).toBeLessThan(0.5)
})

it('validate() holds a long enum against many values in time linear in both', async () => {
  const allowed = Array.from({ length: 60_000 }, (_, index) => `value-${100_000 + index}`)
  const schema = await compileJsonSchema({ type: 'array', items: { enum: allowed } })
  const before = performance.now()
  expect(schema.validate(Array.from({ length: 100_000 }, () => 'value-999999'))).not.toEqual([])
  // With a list it is six thousand million comparisons.
  expect(performance.now() - before).toBeLessThan(5_000)
})
