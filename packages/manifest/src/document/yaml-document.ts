import type { JsonArray, JsonObject, JsonValue } from '@morphee/core'
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ParsedNode,
} from 'yaml'
import type { Path } from './diagnostics.ts'
import { quoted } from './quoted.ts'

/** Where something stands in a text: line and column from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A YAML text as JSON, with the place of everything in it. */
export interface YamlDocument {
  readonly value: JsonValue
  /** The place of the member or item at `path`, or of the nearest thing around it. */
  positionOf(path: Path): Position
}

/** How deep a document may nest. */
export const MAX_DEPTH = 64
/** How many values a document may hold once its aliases are written out: ten megabytes of aliases fit into a few lines. */
export const MAX_NODES = 20_000
/** How many aliases a document may use. */
export const MAX_ALIASES = 100

/** The JSON that YAML 1.2 `text` stands for. Everything that JSON has no word for is reported by position; `undefined` when nothing can be read. */
export function readYaml(
  text: string,
  report: (position: Position, message: string) => void,
): YamlDocument | undefined {
  const lines = new LineCounter()
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  if (nestsTooDeeply(text)) {
    report({ line: 1, column: 1 }, `nests deeper than ${MAX_DEPTH} levels`)
    return undefined
  }
  const document = parse(text, lines)
  if (document === undefined) {
    report({ line: 1, column: 1 }, 'nests too deeply')
    return undefined
  }
  for (const { pos, code, message } of [...document.errors, ...document.warnings]) {
    report(place(pos[0]), code === 'MULTIPLE_DOCS' ? 'holds more than one document' : message)
  }
  if (document.errors.length > 0) return undefined
  const places = new Map<string, number>()
  const reader = new Reader(
    places,
    (offset, message) => report(place(offset), message),
    (alias) => alias.resolve(document) as Node | undefined,
  )
  const value = document.contents === null ? null : reader.read(document.contents, [], 0)
  return {
    value,
    positionOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const offset = places.get(keyOf(path.slice(0, length)))
        if (offset !== undefined) return place(offset)
      }
      return place(document.contents?.range?.[0] ?? 0)
    },
  }
}

function parse(
  text: string,
  lineCounter: LineCounter,
): ReturnType<typeof parseDocument> | undefined {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      schema: 'core',
      strict: true,
      // The library compares every key with every other, which takes seconds for a map of 256 KiB; the reader below looks itself.
      uniqueKeys: false,
      version: '1.2',
      // At 'silent' the library takes the first of several documents and says nothing of the others.
      logLevel: 'error',
    })
  } catch (error) {
    // What is left of the stack differs from engine to engine, so no bound in the text alone is sure.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

// The parser recurses, so depth is bounded before it runs: by brackets for flow style, by indentation and "- - -" for block style.
function nestsTooDeeply(text: string): boolean {
  let depth = 0
  for (const char of text) {
    if (char === '[' || char === '{') depth++
    else if (char === ']' || char === '}') depth = Math.max(0, depth - 1)
    if (depth > MAX_DEPTH * 2) return true
  }
  return text.split('\n').some((line) => {
    const lead = /^[ ]*(?:[-?] +)*/.exec(line)?.[0] ?? ''
    return lead.length > MAX_DEPTH * 16 || lead.replace(/[ ]/g, '').length > MAX_DEPTH
  })
}

interface AliasNode {
  readonly source: string
  resolve(document: ReturnType<typeof parseDocument>): unknown
}

class Reader {
  readonly #places: Map<string, number>
  readonly #report: (offset: number, message: string) => void
  readonly #resolve: (alias: AliasNode) => Node | undefined
  #nodes = 0
  #aliases = 0
  #open = new Set<Node>()

  constructor(
    places: Map<string, number>,
    report: (offset: number, message: string) => void,
    resolve: (alias: AliasNode) => Node | undefined,
  ) {
    this.#places = places
    this.#report = report
    this.#resolve = resolve
  }

  read(node: Node | ParsedNode | null, path: Path, offset: number): JsonValue {
    const at = node?.range?.[0] ?? offset
    if (++this.#nodes > MAX_NODES) {
      if (this.#nodes === MAX_NODES + 1)
        this.#report(at, `holds more than ${MAX_NODES} values once its aliases are written out`)
      return null
    }
    if (path.length > MAX_DEPTH) {
      this.#report(at, `nests deeper than ${MAX_DEPTH} levels`)
      return null
    }
    if (node === null) return null
    if (isAlias(node)) return this.#alias(node as unknown as AliasNode & Node, path, at)
    if (isScalar(node)) return this.#scalar(node.value, at)
    if (this.#open.has(node)) {
      this.#report(at, 'holds itself')
      return null
    }
    this.#open.add(node)
    const value = isMap(node)
      ? this.#map(node.items, path, at)
      : isSeq(node)
        ? this.#list(node.items, path, at)
        : null
    this.#open.delete(node)
    return value
  }

  #alias(node: AliasNode & Node, path: Path, at: number): JsonValue {
    if (++this.#aliases > MAX_ALIASES) {
      if (this.#aliases === MAX_ALIASES + 1)
        this.#report(at, `uses more than ${MAX_ALIASES} aliases`)
      return null
    }
    const target = this.#resolve(node)
    return target === undefined ? null : this.read(target, path, at)
  }

  #scalar(value: unknown, at: number): JsonValue {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    this.#report(at, 'is no number that JSON has')
    return null
  }

  #list(items: readonly unknown[], path: Path, at: number): JsonArray {
    return items.map((item, i) => {
      const node = item as Node | null
      this.#places.set(keyOf([...path, i]), node?.range?.[0] ?? at)
      return this.read(node, [...path, i], at)
    })
  }

  #map(
    pairs: readonly { readonly key: unknown; readonly value: unknown }[],
    path: Path,
    at: number,
  ): JsonObject {
    const object: JsonObject = {}
    for (const { key, value } of pairs) {
      const place = (key as Node | null)?.range?.[0] ?? at
      const name = isScalar(key) ? key.value : undefined
      if (typeof name !== 'string') {
        this.#report(place, 'a field needs a name that is text; put it in quotes')
        continue
      }
      if (Object.hasOwn(object, name)) {
        this.#report(place, `the field ${quoted(name)} stands here twice`)
        continue
      }
      const inner = [...path, name]
      this.#places.set(keyOf(inner), place)
      // `__proto__` is an ordinary name in JSON; assigning it would change what the object inherits.
      Object.defineProperty(object, name, {
        value: this.read(value as Node | null, inner, place),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    return object
  }
}

function keyOf(path: Path): string {
  return path.map((step) => `${typeof step === 'number' ? '#' : '.'}${step}`).join('\0')
}
