import { isCleanText, type JsonObject, type JsonValue } from '@morphee/core'
import type { Path, Report } from './diagnostics.ts'
import { quoted } from './quoted.ts'

/** Reads the parts of a document and reports what does not fit; every reader returns `undefined` after reporting. */
export class Shape {
  readonly report: Report

  constructor(report: Report) {
    this.report = report
  }

  /** The members of an object, unknown ones reported. */
  object(
    value: JsonValue | undefined,
    path: Path,
    known: readonly string[],
  ): JsonObject | undefined {
    const object = this.map(value, path)
    if (object === undefined) return undefined
    for (const name of Object.keys(object)) {
      if (!known.includes(name))
        this.report(
          [...path, name],
          `unknown field ${quoted(name)}; known here: ${known.join(', ')}`,
        )
    }
    return object
  }

  /** An object with names of its own choosing. */
  map(value: JsonValue | undefined, path: Path): JsonObject | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as JsonObject
    this.report(path, `must be a set of fields, not ${describe(value)}`)
    return undefined
  }

  list(value: JsonValue | undefined, path: Path, max: number): readonly JsonValue[] | undefined {
    if (!Array.isArray(value)) {
      this.report(path, `must be a list, not ${describe(value)}`)
      return undefined
    }
    if (value.length > max)
      this.report(path, `has ${value.length} entries; at most ${max} are read`)
    return value.slice(0, max)
  }

  /** A text of a stranger that will be shown: bounded and without characters that hide or reorder. */
  text(
    value: JsonValue | undefined,
    path: Path,
    max: number,
    lines: 'one' | 'many' = 'one',
  ): string | undefined {
    const text = this.string(value, path)
    if (text === undefined) return undefined
    if (text.trim() !== text || text === '')
      this.report(path, 'must not be empty, nor begin or end with white space')
    else if (text.length > max)
      this.report(path, `has ${text.length} characters; at most ${max} are shown`)
    else if (!isCleanText(text))
      this.report(path, 'holds control, bidirectional or invisible characters')
    else if (lines === 'one' && /[\n\t]/.test(text)) this.report(path, 'must be on one line')
    else return text
    return undefined
  }

  string(value: JsonValue | undefined, path: Path): string | undefined {
    if (typeof value === 'string') return value
    this.report(path, `must be text, not ${describe(value)}`)
    return undefined
  }

  boolean(value: JsonValue | undefined, path: Path): boolean | undefined {
    if (typeof value === 'boolean') return value
    this.report(path, `must be true or false, not ${describe(value)}`)
    return undefined
  }

  oneOf<const Choice extends string>(
    value: JsonValue | undefined,
    path: Path,
    choices: readonly Choice[],
  ): Choice | undefined {
    const choice = choices.find((known) => known === value)
    if (choice === undefined)
      this.report(path, `must be one of ${choices.join(', ')}, not ${describe(value)}`)
    return choice
  }
}

/** The member `name` of `object` itself, never an inherited one. */
export function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** What a value is, for a message. */
export function describe(value: JsonValue | undefined): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a set of fields'
  return typeof value === 'string' ? quoted(value) : String(value)
}
