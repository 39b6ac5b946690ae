import type { JsonObject, JsonValue } from '@morphee/core'

/** One thing that is wrong with a trust file. */
export interface TrustDiagnostic {
  /** Which document: `publishers.json`, `trustpolicy.oci.json`, a certificate's file name. Never a whole path. */
  readonly file: string
  /** Where in it, as `publishers[0].keys[1].status`; empty for the whole document. */
  readonly path: string
  readonly message: string
}

/**
 * Reads untyped JSON into typed values and collects everything that is wrong, so that a person sees all of it at once.
 *
 * Every method returns a harmless value after a problem; nothing read may be used unless {@link problems} stayed empty.
 */
export class ShapeReader {
  readonly problems: TrustDiagnostic[] = []
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  problem(path: string, message: string): void {
    this.problems.push({ file: this.#file, path, message })
  }

  /** An object with all of `required`, perhaps some of `optional`, and nothing else. */
  object(
    value: JsonValue | undefined,
    path: string,
    required: readonly string[],
    optional: readonly string[] = [],
  ): JsonObject {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.problem(path, 'Expected an object')
      return {}
    }
    const object = value as JsonObject
    for (const name of required) {
      if (!Object.hasOwn(object, name)) this.problem(join(path, name), 'Is missing')
    }
    for (const name of Object.keys(object)) {
      if (!required.includes(name) && !optional.includes(name)) {
        this.problem(join(path, name), 'Is not a known member')
      }
    }
    return object
  }

  /** Each item of an array of at most `max` items, read by `read`. */
  array<T>(
    value: JsonValue | undefined,
    path: string,
    max: number,
    read: (item: JsonValue, path: string) => T,
  ): readonly T[] {
    if (!Array.isArray(value)) {
      if (value !== undefined) this.problem(path, 'Expected an array')
      return []
    }
    if (value.length > max) {
      this.problem(path, `Holds ${value.length} items; at most ${max} are read`)
      return []
    }
    return value.map((item: JsonValue, i) => read(item, `${path}[${i}]`))
  }

  /** A string that matches `pattern`; `what` says what it should be. */
  string(value: JsonValue | undefined, path: string, pattern: RegExp, what: string): string {
    if (typeof value === 'string' && pattern.test(value)) return value
    if (value !== undefined) this.problem(path, `Expected ${what}`)
    return ''
  }

  /** One of a few strings. */
  choice<const T extends string>(
    value: JsonValue | undefined,
    path: string,
    choices: readonly T[],
  ): T {
    const found = choices.find((choice) => choice === value)
    if (found === undefined && value !== undefined) {
      this.problem(path, `Expected one of ${choices.join(', ')}`)
    }
    return found ?? (choices[0] as T)
  }

  /** A point in time in RFC 3339, seconds or finer, in UTC. */
  time(value: JsonValue | undefined, path: string): string {
    const text = this.string(
      value,
      path,
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/,
      'a time like 2026-11-22T05:30:00Z',
    )
    if (text !== '' && Number.isNaN(Date.parse(text))) this.problem(path, 'Is not a time')
    return text
  }

  /** A whole number from 1. */
  count(value: JsonValue | undefined, path: string): number {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value
    if (value !== undefined) this.problem(path, 'Expected a whole number from 1')
    return 0
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
