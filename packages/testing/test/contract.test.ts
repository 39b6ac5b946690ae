import { readFileSync } from 'node:fs'
import { type ContractDescription, createContract } from '@morphee/testing'
import { describe, expect, test } from 'vitest'

const jira = JSON.parse(
  readFileSync(new URL('../contracts/jira-cloud-v3.json', import.meta.url), 'utf8'),
) as ContractDescription & { info: { license: { name: string } } }

/** A description with one operation: `POST /things/{id}`. */
function describeThing(schema: object): ContractDescription {
  return {
    paths: {
      '/things/{id}': {
        post: {
          operationId: 'postThing',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'n', in: 'query', schema: { type: 'integer' } },
            { name: 'must', in: 'query', required: true, schema: { type: 'boolean' } },
            { name: 'list', in: 'query', schema: { type: 'array', items: { type: 'integer' } } },
          ],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
          responses: {
            '200': {
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
            },
            '204': {},
          },
        },
      },
    },
    components: { schemas: { Thing: schema, Failure: { type: 'object', required: ['message'] } } },
  }
}

const THING = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string' },
    next: { $ref: '#/components/schemas/Thing', nullable: true },
  },
}

describe("the excerpt of Atlassian's description", () => {
  const contract = createContract(jira)

  test('says under which licence it is', () => {
    expect(jira.info.license.name).toBe('Apache 2.0')
    expect(JSON.stringify(jira)).toContain('Excerpt of')
  })

  for (const [path, methods] of Object.entries(jira.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        const example = content?.['application/json']?.example
        if (example === undefined) continue
        test(`holds Atlassian's own example of ${operation.operationId} ${status}`, () => {
          const found = contract.match(method, path.replaceAll(/\{.+?\}/g, 'X-1'))!
          expect(found.id).toBe(operation.operationId)
          expect(contract.checkResponse(found, Number(status), example, 'ErrorCollection')).toEqual(
            [],
          )
        })
      }
    }
  }
})

describe('createContract()', () => {
  const contract = createContract(describeThing(THING))
  const operation = contract.match('POST', '/things/a%2Fb')!
  const check = (query: string, body: unknown): string[] =>
    contract.checkRequest(operation, new URLSearchParams(query), body)

  test('decodes what stands for a placeholder', () => {
    expect(operation.path).toEqual({ id: 'a/b' })
  })

  for (const path of ['/things', '/things/', '/things/1/2', '/thing/1']) {
    test(`finds nothing at ${path}`, () => {
      expect(contract.match('POST', path)).toBeUndefined()
    })
  }

  const ROWS: [what: string, query: string, body: unknown, issues: string[]][] = [
    ['nothing wrong', 'must=true&n=1&list=1,2&list=3', { name: 'x', next: { next: null } }, []],
    [
      'a parameter that is not there',
      'must=true&x=1',
      {},
      ['query: "x" is not a parameter of this operation'],
    ],
    ['a parameter that is missing', '', {}, ['query: "must" is required']],
    ['a number that is none', 'must=true&n=one', {}, ['query n must be integer']],
    ['a parameter twice', 'must=true&n=1&n=2', {}, ['query n must be integer']],
    ['a boolean that is none', 'must=yes', {}, ['query must must be boolean']],
    ['an item of the wrong type', 'must=true&list=1,x', {}, ['query list/1 must be integer']],
    ['a missing body', 'must=true', undefined, ['body must be object']],
    [
      'a wrong type deep inside',
      'must=true',
      { next: { name: 1 } },
      [
        'body/next/name must be string',
        'body/next must be null',
        'body/next must match a schema in anyOf',
      ],
    ],
    [
      'an unknown property',
      'must=true',
      { extra: 1 },
      ['body must NOT have additional properties ("extra")'],
    ],
  ]
  for (const [what, query, body, issues] of ROWS) {
    test(`checkRequest() finds ${what}`, () => {
      expect(check(query, body)).toEqual(issues)
    })
  }

  test('checkResponse() holds each status to its own description', () => {
    expect(contract.checkResponse(operation, 200, { name: 1 }, 'Failure')).toEqual([
      'status 200/name must be string',
    ])
    expect(contract.checkResponse(operation, 204, undefined, 'Failure')).toEqual([])
    expect(contract.checkResponse(operation, 204, {}, 'Failure')).toEqual([
      'status 204 has no body',
    ])
    expect(contract.checkResponse(operation, 201, {}, 'Failure')).toEqual([
      'status 201 is not described',
    ])
    expect(contract.checkResponse(operation, 400, {}, 'Failure')).toEqual([
      "status 400 must have required property 'message'",
    ])
  })

  test('takes a property that is called nullable for a property', () => {
    const odd = createContract(
      describeThing({ type: 'object', properties: { nullable: { type: 'boolean' } } }),
    )
    const found = odd.match('post', '/things/1')!
    expect(odd.checkRequest(found, new URLSearchParams('must=true'), { nullable: 'x' })).toEqual([
      'body/nullable must be boolean',
    ])
  })
})
