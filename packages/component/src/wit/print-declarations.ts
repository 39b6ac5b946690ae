import { toCamelCase, toMemberName, toPascalCase } from '../names/extern-name.ts'
import { BoundedText, TypeLength } from './bounded-text.ts'
import {
  isInterface,
  isPublic,
  type WitDefinition,
  type WitField,
  type WitFunc,
  type WitInterface,
  type WitNames,
  type WitScope,
  type WitSide,
  type WitType,
  type WitWorld,
} from './document.ts'

/** Options of the declarations for a host. */
export interface DeclarationOptions {
  /** Whether imports may suspend the guest: then they may return promises, and every export does. @default false */
  readonly suspending?: boolean
}

/**
 * The TypeScript declarations of what a host gives and gets: `Imports` and `Exports`, and a namespace of types for each interface.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` for a text of more than 8 Mi characters
 */
export function printDeclarations(world: WitWorld, options: DeclarationOptions): string {
  return new DeclarationPrinter(options.suspending === true).print(world)
}

// What the declarations themselves refer to; a type of the component that is called so gets another name.
const OWN_NAMES = ['Awaitable', 'Map', 'Option', 'Promise', 'Result', 'Uint8Array']

// Words that can be no name of a parameter in strict code.
const RESERVED: ReadonlySet<string> = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if
  implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof
  var void while with yield`.split(/\s+/),
)

const PRIMITIVES: Readonly<Record<string, string>> = {
  bool: 'boolean',
  s64: 'bigint',
  u64: 'bigint',
  char: 'string',
  string: 'string',
  'error-context': 'unknown',
}

type Side = 'import' | 'export'

class DeclarationPrinter {
  readonly #suspending: boolean
  readonly #text = new BoundedText()
  readonly #length = new TypeLength()
  readonly #taken = new Set([...OWN_NAMES, 'Exports', 'Imports'])
  readonly #namespaces = new Map<WitInterface, string>()
  readonly #helpers = new Set<string>()

  constructor(suspending: boolean) {
    this.#suspending = suspending
  }

  print(world: WitWorld): string {
    for (const name of world.types.keys()) this.#taken.add(typeName(name))
    const interfaces = [...world.imports.items, ...world.exports.items].filter(isInterface)
    for (const one of interfaces) this.#namespaces.set(one, this.#freeName(one))
    for (const one of interfaces) this.#interface(one)
    for (const [side, names] of [
      ['import', world.imports.types],
      ['export', world.exports.types],
    ] as const) {
      for (const name of names)
        this.#define(world, name, world.types.get(name) as WitDefinition, side)
      if (names.length > 0) this.#text.line('')
    }
    this.#side('Imports', 'What the component asks of its host.', world, world.imports)
    this.#text.line('')
    this.#side('Exports', 'What the component offers its host.', world, world.exports)
    for (const helper of this.#helpers) this.#text.line(helper)
    return this.#text.toString()
  }

  /** `ns:package/name@1.2.3` as a name: `NsPackageName`. */
  #freeName({ name, side }: WitInterface): string {
    const words = name.replace(/@.*/s, '').split(/[:/]/)
    const plain = words.map(toPascalCase).join('')
    const candidates = [plain, ...(side === 'export' ? [`Exported${plain}`] : [])]
    let free = candidates.find((candidate) => !this.#taken.has(candidate))
    for (let i = 2; free === undefined; i++) {
      if (!this.#taken.has(`${plain}${i}`)) free = `${plain}${i}`
    }
    this.#taken.add(free)
    return free
  }

  #interface(one: WitInterface): void {
    const name = this.#namespaces.get(one) as string
    const comment = `/** \`${one.name}\`, ${one.side === 'import' ? 'as the host provides it' : 'as the component provides it'}. */`
    if (one.types.size > 0) {
      this.#text.line(comment)
      this.#text.block(`export namespace ${name} {`, '}', () => {
        for (const [own, definition] of one.types) this.#define(one, own, definition, one.side)
      })
      this.#text.line('')
    }
    if (!hasValues(one)) return
    this.#text.line(comment)
    this.#text.block(`export interface ${name} {`, '}', () =>
      this.#values(one, one.funcs, one.side, `${name}.`),
    )
    this.#text.line('')
  }

  /** Everything of a scope that exists at run time: functions, and classes of resources. */
  #values(scope: WitScope, funcs: readonly WitFunc[], side: Side, prefix: string): void {
    for (const func of funcs) this.#func(scope, func, side, prefix, toCamelCase(func.name))
    for (const [name, definition] of scope.types) {
      if (definition.kind === 'resource') this.#class(scope, name, definition.members, side, prefix)
    }
    for (const name of scope.unspeakable) this.#unspeakable(name)
  }

  #unspeakable(name: string): void {
    this.#text.line(`// ${JSON.stringify(name)} cannot be declared: it is no function and no type`)
  }

  #side(name: string, sentence: string, world: WitWorld, side: WitSide): void {
    const direction = name === 'Imports' ? 'import' : 'export'
    this.#text.line(`/** ${sentence} */`)
    // An alias, because an interface would not be taken for the record of unknowns that `instantiate` accepts.
    this.#text.block(`export type ${name} = {`, '}', () => {
      for (const item of side.items) {
        if (!isInterface(item)) {
          this.#func(world, item, direction, '', toCamelCase(item.name))
        } else if (hasValues(item)) {
          const key = direction === 'export' && !isPublic(item) ? toCamelCase(item.name) : item.name
          this.#text.line(
            `readonly ${/^\w+$/.test(key) ? key : quoted(key)}: ${this.#namespaces.get(item)}`,
          )
        }
      }
      for (const type of side.types) {
        const definition = world.types.get(type)
        if (definition?.kind === 'resource')
          this.#class(world, type, definition.members, direction, '')
      }
      for (const one of side.unspeakable) this.#unspeakable(one)
    })
  }

  #class(
    scope: WitNames,
    name: string,
    members: readonly WitFunc[],
    side: Side,
    prefix: string,
  ): void {
    const key = toPascalCase(name)
    const type = `${prefix}${typeName(name)}`
    const made = members.find((member) => member.kind === 'constructor')
    const statics = members.filter((member) => member.kind === 'static')
    // A host may hand out objects of any class, unless the guest calls the class itself.
    const optional = side === 'import' && made === undefined && statics.length === 0 ? '?' : ''
    this.#text.block(`readonly ${key}${optional}: {`, '}', () => {
      this.#text.line(`readonly prototype: ${type}`)
      if (made !== undefined) {
        this.#thrown(scope, made, prefix)
        this.#text.line(
          `new (${this.#params(scope, made.params, prefix)}): ${this.#returned(type, side)}`,
        )
      }
      for (const member of statics)
        this.#func(scope, member, side, prefix, memberName(member.name, side))
    })
  }

  #define(scope: WitNames, name: string, definition: WitDefinition, side: Side): void {
    const own = typeName(name)
    switch (definition.kind) {
      case 'use': {
        const namespace = this.#namespaces.get(definition.from) as string
        return this.#text.line(`export type ${own} = ${namespace}.${typeName(definition.name)}`)
      }
      case 'alias':
        return this.#text.line(`export type ${own} = ${this.#type(scope, definition.type, '')}`)
      case 'record':
        return this.#text.block(`export interface ${own} {`, '}', () => {
          for (const field of definition.fields) this.#text.line(this.#field(scope, field))
        })
      case 'flags':
        return this.#text.block(`export interface ${own} {`, '}', () => {
          for (const flag of definition.names)
            this.#text.line(`${property(toCamelCase(flag))}?: boolean | undefined`)
        })
      case 'enum':
        return this.#union(
          own,
          definition.names.map((one) => quoted(one)),
        )
      case 'variant':
        return this.#union(
          own,
          definition.cases.map((one) =>
            one.type === undefined
              ? `{ tag: ${quoted(one.name)} }`
              : `{ tag: ${quoted(one.name)}; val: ${this.#type(scope, one.type, '')} }`,
          ),
        )
      case 'resource':
        return this.#text.block(`export interface ${own} {`, '}', () => {
          for (const member of definition.members) {
            if (member.kind === 'method')
              this.#func(scope, member, side, '', memberName(member.name, side))
          }
          this.#text.line(
            side === 'import' ? '[Symbol.dispose]?(): void' : '[Symbol.dispose](): void',
          )
        })
    }
  }

  #union(name: string, alternatives: readonly string[]): void {
    const short = `export type ${name} = ${alternatives.join(' | ')}`
    if (short.length <= 100) return this.#text.line(short)
    this.#text.line(`export type ${name} =`)
    for (const one of alternatives) this.#text.line(`  | ${one}`)
  }

  #field(scope: WitNames, { name, type }: WitField): string {
    const key = property(toCamelCase(name))
    const optional = isOption(scope, type) ? '?' : ''
    return `${key}${optional}: ${this.#type(scope, type, '')}`
  }

  #func(scope: WitNames, func: WitFunc, side: Side, prefix: string, name: string): void {
    this.#thrown(scope, func, prefix)
    const returned = resultOf(scope, func.result)
    const type =
      returned === undefined
        ? this.#optional(scope, func.result, prefix)
        : this.#optional(returned.scope, returned.ok, this.#prefixOf(returned.scope, prefix))
    this.#text.line(
      `${property(name)}(${this.#params(scope, func.params, prefix)}): ${this.#returned(type, side)}`,
    )
  }

  #thrown(scope: WitNames, func: WitFunc, prefix: string): void {
    const returned = resultOf(scope, func.result)
    if (returned === undefined) return
    const payload = this.#optional(
      returned.scope,
      returned.error,
      this.#prefixOf(returned.scope, prefix),
    )
    this.#text.line(`/** @throws ComponentError whose payload is \`${payload}\` */`)
  }

  #prefixOf(scope: WitNames, prefix: string): string {
    const namespace = this.#namespaces.get(scope as WitInterface)
    return namespace === undefined ? prefix : `${namespace}.`
  }

  #returned(type: string, side: Side): string {
    if (!this.#suspending) return type
    if (side === 'export') return `Promise<${type}>`
    this.#helpers.add(
      '/** A promise only from a function that `instantiate` was told may suspend. */\nexport type Awaitable<T> = T | Promise<T>',
    )
    return `Awaitable<${type}>`
  }

  #params(scope: WitNames, params: readonly WitField[], prefix: string): string {
    const required = params.findLastIndex(({ type }) => !isOption(scope, type)) + 1
    return params
      .map(({ name, type }, index) => {
        const camel = toCamelCase(name)
        const own = RESERVED.has(camel) ? `${camel}_` : camel
        return `${own}${index < required ? '' : '?'}: ${this.#type(scope, type, prefix)}`
      })
      .join(', ')
  }

  #optional(scope: WitNames, type: WitType | undefined, prefix: string): string {
    return type === undefined ? 'void' : this.#type(scope, type, prefix)
  }

  /** A type where it is used; names of `scope` are found behind `prefix`. */
  #type(scope: WitNames, type: WitType, prefix: string): string {
    this.#length.count()
    const inner = (one: WitType): string => this.#type(scope, one, prefix)
    switch (type.kind) {
      case 'primitive':
        return PRIMITIVES[type.name] ?? 'number'
      case 'named':
      case 'borrow':
        return `${prefix}${typeName(type.name)}`
      case 'list': {
        const { element, length } = type
        // Only a list that says so is one of bytes; a further name for `u8` changes nothing.
        const { type: resolved } = resolveType(scope, element)
        if (resolved?.kind === 'primitive' && resolved.name === 'u8') return 'Uint8Array'
        if (length !== undefined && length <= 16)
          return `[${Array.from({ length }, () => inner(element)).join(', ')}]`
        return element.kind === 'option' ? `(${inner(element)})[]` : `${inner(element)}[]`
      }
      case 'option': {
        if (!isOption(scope, type.type)) return `${inner(type.type)} | undefined`
        this.#helpers.add(
          "/** An option of an option. */\nexport type Option<T> = { tag: 'none' } | { tag: 'some'; val: T }",
        )
        return `Option<${inner(type.type)}>`
      }
      case 'tuple':
        return `[${type.types.map(inner).join(', ')}]`
      case 'result':
        this.#helpers.add(
          "/** A result where it is a value; a function returns or throws it. */\nexport type Result<T, E> = { tag: 'ok'; val: T } | { tag: 'err'; val: E }",
        )
        return `Result<${this.#optional(scope, type.ok, prefix)}, ${this.#optional(scope, type.error, prefix)}>`
      case 'map':
        return `Map<${inner(type.key)}, ${inner(type.value)}>`
      case 'stream':
      case 'future':
        return 'unknown'
    }
  }
}

/** What `type` is behind its names; no type where that is a definition. */
function resolveType(
  scope: WitNames,
  type: WitType,
): { readonly scope: WitNames; readonly type: WitType | undefined } {
  let at: { scope: WitNames; type: WitType } = { scope, type }
  while (at.type.kind === 'named') {
    const definition = at.scope.types.get(at.type.name)
    if (definition?.kind === 'use')
      at = { scope: definition.from, type: { kind: 'named', name: definition.name } }
    else if (definition?.kind === 'alias') at = { scope: at.scope, type: definition.type }
    else return { scope: at.scope, type: undefined }
  }
  return at
}

function isOption(scope: WitNames, type: WitType): boolean {
  return resolveType(scope, type).type?.kind === 'option'
}

/** The `result` that a function returns or throws, whatever name it goes by. */
function resultOf(
  scope: WitNames,
  type: WitType | undefined,
): (Extract<WitType, { kind: 'result' }> & { readonly scope: WitNames }) | undefined {
  if (type === undefined) return undefined
  const resolved = resolveType(scope, type)
  return resolved.type?.kind === 'result' ? { ...resolved.type, scope: resolved.scope } : undefined
}

function hasValues(one: WitInterface): boolean {
  return (
    one.funcs.length > 0 ||
    one.unspeakable.length > 0 ||
    [...one.types.values()].some((type) => type.kind === 'resource')
  )
}

function typeName(label: string): string {
  const name = toPascalCase(label)
  return OWN_NAMES.includes(name) ? `${name}_` : name
}

function memberName(label: string, side: Side): string {
  return side === 'export' ? toMemberName(label) : toCamelCase(label)
}

/** A property's name. A method `new` would be a constructor if it were not quoted. */
function property(name: string): string {
  return name === 'new' ? "'new'" : name
}

function quoted(text: string): string {
  // What is here is a name of WIT, which holds no quotes.
  return `'${text}'`
}
