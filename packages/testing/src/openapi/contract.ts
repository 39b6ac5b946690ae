import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { schemaForAjv } from './schema-for-ajv.ts'

interface Media {
  readonly schema?: object
  readonly example?: unknown
}

interface Parameter {
  readonly name: string
  readonly in: 'query' | 'path' | 'header' | 'cookie'
  readonly required?: boolean
  readonly schema: { readonly type?: string; readonly items?: { readonly type?: string } }
}

interface OperationDescription {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly required?: boolean
    readonly content: Readonly<Record<string, Media>>
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, Media>> }>
  >
}

/** What of an OpenAPI 3.0 description is read. */
export interface ContractDescription {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationDescription>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

/** One operation of a service as its maker describes it. */
export interface ContractOperation {
  readonly id: string
  readonly description: OperationDescription
  /** The values of the path's placeholders, decoded. */
  readonly path: Readonly<Record<string, string>>
}

/** A service's description by its maker, ready to judge what a client sends and what a double answers. */
export interface Contract {
  match(method: string, path: string): ContractOperation | undefined
  /** What is wrong with a request; empty when nothing is. A parameter that the description does not know is wrong. */
  checkRequest(operation: ContractOperation, query: URLSearchParams, body: unknown): string[]
  /** What is wrong with an answer. A status without a described body is held to `fallback`, a schema's name. */
  checkResponse(
    operation: ContractOperation,
    status: number,
    body: unknown,
    fallback: string,
  ): string[]
}

/** Compiles `description`; schemas are compiled when they are first used. */
export function createContract(description: ContractDescription): Contract {
  const ajv = new Ajv({ strict: false, allErrors: true })
  formats.default(ajv)
  ajv.addSchema(schemaForAjv({ components: description.components }) as object, 'contract')
  const compiled = new Map<string, ValidateFunction>()

  function check(schema: object, value: unknown, where: string): string[] {
    const key = JSON.stringify(schema)
    let validate = compiled.get(key)
    if (validate === undefined) {
      const absolute = key.replaceAll('"#/components/', '"contract#/components/')
      validate = ajv.compile(schemaForAjv(JSON.parse(absolute)) as object)
      compiled.set(key, validate)
    }
    return validate(value) ? [] : (validate.errors ?? []).map((error) => explain(error, where))
  }

  return {
    match(method, path) {
      for (const [template, methods] of Object.entries(description.paths)) {
        const operation = methods[method.toLowerCase()]
        const values = operation === undefined ? undefined : matchPath(template, path)
        if (operation !== undefined && values !== undefined) {
          return { id: operation.operationId, description: operation, path: values }
        }
      }
      return undefined
    },
    checkRequest({ description: { parameters = [], requestBody } }, query, body) {
      const known = new Map(
        parameters.filter((parameter) => parameter.in === 'query').map((one) => [one.name, one]),
      )
      const issues = [...new Set(query.keys())]
        .filter((name) => !known.has(name))
        .map((name) => `query: "${name}" is not a parameter of this operation`)
      for (const { name, required, schema } of known.values()) {
        const values = query.getAll(name)
        if (values.length === 0) {
          if (required === true) issues.push(`query: "${name}" is required`)
          continue
        }
        issues.push(...check(schema, readParameter(values, schema), `query ${name}`))
      }
      const media = requestBody?.content['application/json']
      if (media?.schema === undefined) {
        if (body !== undefined) issues.push('body: this operation has none')
      } else if (body !== undefined || requestBody?.required === true) {
        issues.push(...check(media.schema, body, 'body'))
      }
      return issues
    },
    checkResponse({ description: { responses } }, status, body, fallback) {
      const media = responses[status]?.content?.['application/json']
      if (status < 400 && responses[status] === undefined)
        return [`status ${status} is not described`]
      if (media?.schema === undefined && status < 400) {
        return body === undefined ? [] : [`status ${status} has no body`]
      }
      const schema = media?.schema ?? { $ref: `#/components/schemas/${fallback}` }
      return check(schema, body, `status ${status}`)
    },
  }
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const want = template.split('/')
  const have = path.split('/')
  if (want.length !== have.length) return undefined
  const values: Record<string, string> = {}
  for (const [index, part] of want.entries()) {
    const given = have[index] ?? ''
    const name = /^\{(.+)\}$/.exec(part)?.[1]
    if (name === undefined ? part !== given : given === '') return undefined
    if (name !== undefined) values[name] = decodeURIComponent(given)
  }
  return values
}

function readParameter(values: readonly string[], schema: Parameter['schema']): unknown {
  if (schema.type === 'array') {
    return values
      .flatMap((value) => value.split(','))
      .map((value) => scalar(value, schema.items?.type))
  }
  return values.length === 1 ? scalar(values[0] ?? '', schema.type) : values
}

function scalar(value: string, type: string | undefined): unknown {
  if (type === 'integer' || type === 'number') return value === '' ? value : Number(value)
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  return value
}

function explain({ instancePath, message, params }: ErrorObject, where: string): string {
  const extra = (params as { additionalProperty?: string }).additionalProperty
  return `${where}${instancePath} ${message ?? 'is wrong'}${extra === undefined ? '' : ` ("${extra}")`}`
}
