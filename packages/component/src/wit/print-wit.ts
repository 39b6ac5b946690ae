import { BoundedText, TypeLength } from './bounded-text.ts'
import {
  isInterface,
  isPublic,
  type WitCase,
  type WitDefinition,
  type WitField,
  type WitFunc,
  type WitInterface,
  type WitType,
  type WitWorld,
} from './document.ts'

/** The words that a name of WIT may be only behind a `%` (Component Model, WIT.md, "Keywords"). */
const KEYWORDS: ReadonlySet<string> = new Set(
  `as async bool borrow char constructor enum error-context export f32 f64 flags from func future import include interface list map option
  own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant with world`.split(
    /\s+/,
  ),
)

function formatName(name: string): string {
  return KEYWORDS.has(name) ? `%${name}` : name
}

/** `ns:package/name@version`, taken apart. */
function splitName(full: string): { packageName: string; name: string } {
  const [path = '', version] = full.split('@', 2)
  const [base = '', name = ''] = path.split('/', 2)
  const escaped = base.split(':').map(formatName).join(':')
  return { packageName: version === undefined ? escaped : `${escaped}@${version}`, name }
}

/** What an interface holds, of both sides of the component together. */
interface MergedInterface {
  readonly types: Map<string, WitDefinition>
  readonly funcs: Map<string, WitFunc>
  readonly unspeakable: Set<string>
}

/**
 * A world as WIT text, in the layout of `wasm-tools component wit`: the world first, behind it the packages it refers to.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` for a text of more than 8 Mi characters
 */
export function printWit(world: WitWorld): string {
  return new WitPrinter().print(world)
}

class WitPrinter {
  readonly #text = new BoundedText()
  readonly #length = new TypeLength()
  /** What the block being written has had so far: a blank line stands between its items. */
  #hasItems = false

  print(world: WitWorld): string {
    this.#text.line('package root:component;')
    this.#text.line('')
    this.#text.block('world root {', '}', () => this.#world(world))
    let first = true
    for (const [packageName, interfaces] of collectPackages(world)) {
      if (!first) for (const blank of ['', '']) this.#text.line(blank)
      first = false
      this.#text.block(`package ${packageName} {`, '}', () => {
        for (const [name, merged] of interfaces) {
          this.#text.block(`interface ${formatName(name)} {`, '}', () =>
            this.#scope(merged, packageName),
          )
        }
      })
    }
    return this.#text.toString()
  }

  #separate(): void {
    if (this.#hasItems) this.#text.line('')
    this.#hasItems = true
  }

  #world({ types, imports, exports }: WitWorld): void {
    const interfaces = imports.items.filter(isInterface)
    const funcs = imports.items.filter((item) => !isInterface(item))
    this.#items('import', interfaces)
    this.#types(types, undefined)
    this.#items('import', funcs)
    this.#unspeakable('import', imports.unspeakable)
    if (exports.items.length + exports.unspeakable.length > 0) this.#separate()
    this.#items('export', exports.items)
    this.#unspeakable('export', exports.unspeakable)
  }

  #items(word: 'import' | 'export', items: readonly (WitFunc | WitInterface)[]): void {
    for (const item of items) {
      this.#hasItems = true
      if (!isInterface(item)) this.#text.line(`${word} ${this.#func(item)}`)
      else if (isPublic(item)) this.#text.line(`${word} ${this.#path(item.name, undefined)};`)
      else {
        this.#text.block(`${word} ${formatName(item.name)}: interface {`, '}', () =>
          this.#scope(merge([item]), undefined),
        )
      }
    }
  }

  #unspeakable(word: string, names: Iterable<string>): void {
    for (const name of names)
      this.#text.line(`// ${word} ${JSON.stringify(name)}: WIT has no words for what this is`)
  }

  #scope({ types, funcs, unspeakable }: MergedInterface, packageName: string | undefined): void {
    const before = this.#hasItems
    this.#hasItems = false
    this.#types(types, packageName)
    for (const func of funcs.values()) {
      this.#separate()
      this.#text.line(this.#func(func))
    }
    this.#unspeakable('has', unspeakable)
    this.#hasItems = before
  }

  #types(types: ReadonlyMap<string, WitDefinition>, packageName: string | undefined): void {
    for (const line of usesOf(types, (from) => this.#path(from, packageName))) {
      this.#hasItems = true
      this.#text.line(line)
    }
    for (const [name, definition] of types) {
      if (definition.kind === 'use') continue
      this.#separate()
      this.#define(formatName(name), definition)
    }
  }

  #define(name: string, definition: Exclude<WitDefinition, { kind: 'use' }>): void {
    const parts = (lines: readonly string[]): void =>
      this.#text.block(`${definition.kind} ${name} {`, '}', () => {
        for (const line of lines) this.#text.line(`${line},`)
      })
    switch (definition.kind) {
      case 'alias':
        return this.#text.line(`type ${name} = ${this.#type(definition.type)};`)
      case 'record':
        return parts(definition.fields.map((field) => this.#field(field)))
      case 'variant':
        return parts(definition.cases.map((one) => this.#case(one)))
      case 'enum':
      case 'flags':
        return parts(definition.names.map(formatName))
      case 'resource':
        if (definition.members.length === 0) return this.#text.line(`resource ${name};`)
        return this.#text.block(`resource ${name} {`, '}', () => {
          for (const member of definition.members) this.#text.line(this.#func(member))
        })
    }
  }

  #func({ kind, name, isAsync, params, result }: WitFunc): string {
    const inputs = params.map((param) => this.#field(param)).join(', ')
    if (kind === 'constructor') {
      // A constructor says what it makes only when it can fail.
      const output = result?.kind === 'result' ? ` -> ${this.#type(result)}` : ''
      return `constructor(${inputs})${output};`
    }
    const words = `${kind === 'static' ? 'static ' : ''}${isAsync ? 'async ' : ''}func`
    const output = result === undefined ? '' : ` -> ${this.#type(result)}`
    return `${formatName(name)}: ${words}(${inputs})${output};`
  }

  #field({ name, type }: WitField): string {
    return `${formatName(name)}: ${this.#type(type)}`
  }

  #case({ name, type }: WitCase): string {
    return type === undefined ? formatName(name) : `${formatName(name)}(${this.#type(type)})`
  }

  #type(type: WitType): string {
    this.#length.count()
    switch (type.kind) {
      case 'primitive':
        return type.name
      case 'named':
        return formatName(type.name)
      case 'borrow':
        return `borrow<${formatName(type.name)}>`
      case 'list':
        return type.length === undefined
          ? `list<${this.#type(type.element)}>`
          : `list<${this.#type(type.element)}, ${type.length}>`
      case 'option':
        return `option<${this.#type(type.type)}>`
      case 'tuple':
        return `tuple<${type.types.map((inner) => this.#type(inner)).join(', ')}>`
      case 'result': {
        const ok = type.ok && this.#type(type.ok)
        if (type.error === undefined) return ok === undefined ? 'result' : `result<${ok}>`
        return `result<${ok ?? '_'}, ${this.#type(type.error)}>`
      }
      case 'map':
        return `map<${this.#type(type.key)}, ${this.#type(type.value)}>`
      case 'stream':
      case 'future':
        return type.element === undefined ? type.kind : `${type.kind}<${this.#type(type.element)}>`
    }
  }

  /** An interface as it is referred to from inside `from`. */
  #path(full: string, from: string | undefined): string {
    const { packageName, name } = splitName(full)
    if (packageName === from) return formatName(name)
    const [base = '', version] = packageName.split('@', 2)
    return `${base}/${formatName(name)}${version === undefined ? '' : `@${version}`}`
  }
}

/** The `use` lines of a scope: neighbours from the same interface share one. */
function usesOf(
  types: ReadonlyMap<string, WitDefinition>,
  path: (from: string) => string,
): string[] {
  const groups: { readonly from: string; readonly names: string[] }[] = []
  for (const [name, definition] of types) {
    if (definition.kind !== 'use') continue
    const from = definition.from.name
    let group = groups.at(-1)
    if (group?.from !== from) groups.push((group = { from, names: [] }))
    const own = formatName(name)
    group.names.push(definition.name === name ? own : `${formatName(definition.name)} as ${own}`)
  }
  return groups.map(({ from, names }) => `use ${path(from)}.{${names.join(', ')}};`)
}

function merge(interfaces: readonly WitInterface[]): MergedInterface {
  const types = new Map<string, WitDefinition>()
  const funcs = new Map<string, WitFunc>()
  const unspeakable = new Set<string>()
  for (const one of interfaces) {
    for (const [name, definition] of one.types) {
      const before = types.get(name)
      types.set(name, before === undefined ? definition : mergeDefinitions(before, definition))
    }
    for (const func of one.funcs) if (!funcs.has(func.name)) funcs.set(func.name, func)
    for (const name of one.unspeakable) unspeakable.add(name)
  }
  return { types, funcs, unspeakable }
}

function mergeDefinitions(a: WitDefinition, b: WitDefinition): WitDefinition {
  if (a.kind !== 'resource' || b.kind !== 'resource') return a
  const known = new Set(a.members.map(({ kind, name }) => `${kind} ${name}`))
  const more = b.members.filter(({ kind, name }) => !known.has(`${kind} ${name}`))
  return { kind: 'resource', members: [...a.members, ...more] }
}

/** Packages with their interfaces, each in the order in which it is met first. */
function collectPackages(world: WitWorld): Map<string, Map<string, MergedInterface>> {
  const found = new Map<string, WitInterface[]>()
  for (const item of [...world.imports.items, ...world.exports.items]) {
    if (!isInterface(item) || !isPublic(item)) continue
    const same = found.get(item.name)
    if (same === undefined) found.set(item.name, [item])
    else same.push(item)
  }
  const packages = new Map<string, Map<string, MergedInterface>>()
  for (const [full, interfaces] of found) {
    const { packageName, name } = splitName(full)
    let own = packages.get(packageName)
    if (own === undefined) packages.set(packageName, (own = new Map()))
    own.set(name, merge(interfaces))
  }
  return packages
}
