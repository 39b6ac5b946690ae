import { type Keyword } from '@hyperjump/json-schema/experimental'
import { value } from '@hyperjump/json-schema/instance/experimental'
import type { JsonObject, JsonValue } from '@morphee/core'
import { quoted } from '../document/quoted.ts'
import { FORMATS } from './formats.ts'
import type { SchemaIssue } from './issue.ts'

type Node = Parameters<Keyword<unknown>['interpret']>[1]

const NOUNS: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  number: 'a number',
  string: 'text',
  integer: 'a whole number',
}

/** In plain words why `instance` fails the keyword, with the compiled `argument` of the keyword. */
export function explain(keywordId: string, argument: unknown, instance: Node): SchemaIssue[] {
  const keyword = keywordId.slice(keywordId.lastIndexOf('/') + 1)
  const { pointer } = instance
  if (keyword === 'required') {
    const object = value<JsonObject>(instance)
    return (argument as string[])
      .filter((name) => !Object.hasOwn(object, name))
      .map((name) => ({ pointer, message: `needs the field ${quoted(name)}` }))
  }
  return [{ pointer, message: sentence(keyword, argument) }]
}

function sentence(keyword: string, argument: unknown): string {
  switch (keyword) {
    case 'type':
      return `must be ${[argument]
        .flat()
        .map((type) => NOUNS[type as string] ?? String(type))
        .join(' or ')}`
    case 'values':
      return valuesSentence([...(argument as ReadonlySet<string>)])
    case 'minLength':
      return argument === 1
        ? 'must not be empty'
        : `must have at least ${String(argument)} characters`
    case 'maxLength':
      return `must have at most ${String(argument)} characters`
    case 'minItems':
      return `must have at least ${String(argument)} entries`
    case 'maxItems':
      return `must have at most ${String(argument)} entries`
    case 'minProperties':
      return `must have at least ${String(argument)} fields`
    case 'maxProperties':
      return `must have at most ${String(argument)} fields`
    case 'uniqueItems':
      return 'must not hold the same entry twice'
    case 'contains':
      return 'does not hold the right number of entries of the kind that is wanted'
    case 'minimum':
      return `must be at least ${String(argument)}`
    case 'maximum':
      return `must be at most ${String(argument)}`
    case 'exclusiveMinimum':
      return `must be more than ${String(argument)}`
    case 'exclusiveMaximum':
      return `must be less than ${String(argument)}`
    case 'multipleOf':
      return `must be a multiple of ${String(argument)}`
    case 'pattern':
      return 'does not have the form that is wanted'
    case 'format':
      return `must be ${FORMATS[argument as string]?.says ?? String(argument)}`
    case 'dependentRequired':
      return 'lacks a field that another one of its fields needs'
    case 'propertyNames':
      return 'has a field whose name is not allowed'
    case 'anyOf':
      return 'fits none of the forms that are allowed'
    case 'oneOf':
      return 'must fit exactly one of the forms that are allowed'
    case 'not':
      return 'has a form that is not allowed'
    default:
      return 'does not fit'
  }
}

function valuesSentence(values: readonly string[]): string {
  const shown = values.slice(0, 10).map((text) => quotedJson(text))
  if (values.length === 1) return `must be ${shown[0]}`
  return `must be one of ${shown.join(', ')}${values.length > shown.length ? ', …' : ''}`
}

function quotedJson(text: string): string {
  const parsed = JSON.parse(text) as JsonValue
  return typeof parsed === 'string' ? quoted(parsed) : text.slice(0, 60)
}
