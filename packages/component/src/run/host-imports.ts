import { cleanLine } from '@morphee/core'
import { EngineError } from '../errors.ts'
import {
  resolveImportName,
  toCamelCase,
  toPascalCase,
  tryParseExternName,
} from '../names/extern-name.ts'
import type { ExternType, FuncType } from '../types/extern-type.ts'
import type { InstanceValue, RuntimeItem } from './frame.ts'
import { type ComponentFunc, HostFunc } from './func.ts'
import { createResource } from './handles.ts'

/** What a host offers: interfaces by name, each an object of functions and resource classes; functions of the world directly. */
export type HostImports = Readonly<Record<string, unknown>>

const MAX_NAME = 500

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

function refuse(name: string, why: string): EngineError<'ERR_COMPONENT_LINK'> {
  return new EngineError(
    'ERR_COMPONENT_LINK',
    `Cannot instantiate component: it imports ${JSON.stringify(name)}, ${why}`,
    { import: cleanLine(name, MAX_NAME) },
  )
}

/** What `host` has of its own under `name`; what it inherits from `Object.prototype` is not offered. */
function offered(host: object, name: string): unknown {
  if (Object.hasOwn(host, name)) return (host as Record<string, unknown>)[name]
  const inherited = name in Object.prototype ? undefined : (host as Record<string, unknown>)[name]
  return typeof inherited === 'function' ? inherited : undefined
}

/** Resolves `imports` against what the host offers. */
export function linkImports(
  imports: ReadonlyMap<string, ExternType>,
  host: HostImports,
  suspending: Iterable<string>,
): { items: InstanceValue; suspends: boolean } {
  const linker = new Linker(host, suspending)
  const items = linker.link(imports)
  return { items, suspends: linker.suspends }
}

class Linker {
  readonly #host: HostImports
  readonly #suspending: Set<string>
  suspends = false

  constructor(host: HostImports, suspending: Iterable<string>) {
    this.#host = host
    this.#suspending = new Set(suspending)
  }

  link(imports: ReadonlyMap<string, ExternType>): InstanceValue {
    const items = new Map<string, RuntimeItem>()
    for (const [name, extern] of imports) {
      if (extern.sort === 'instance') {
        const key = resolveImportName(name, Object.keys(this.#host))
        const value = key === undefined ? undefined : this.#host[key]
        const needed = [...extern.type.exports.values()].some(
          (inner) => inner.sort !== 'type' || inner.type.kind === 'resource',
        )
        if (
          needed &&
          (typeof value !== 'object' || value === null) &&
          typeof value !== 'function'
        ) {
          throw refuse(name, 'which the host does not offer')
        }
        items.set(name, {
          sort: 'instance',
          value: this.#interface(name, extern.type.exports, (value ?? {}) as object),
        })
      } else {
        for (const [inner, item] of this.#interface('', new Map([[name, extern]]), this.#host))
          items.set(inner, item)
      }
    }
    return items
  }

  #interface(
    prefix: string,
    exports: ReadonlyMap<string, ExternType>,
    host: object,
  ): InstanceValue {
    const items = new Map<string, RuntimeItem>()
    for (const [name, extern] of exports) {
      const full = prefix === '' ? name : `${prefix}#${name}`
      if (extern.sort === 'func')
        items.set(name, { sort: 'func', value: this.#func(prefix, name, full, extern.type, host) })
      else if (extern.sort === 'type' && extern.type.kind === 'resource') {
        const hostClass = offered(host, toPascalCase(name))
        items.set(name, {
          sort: 'resource',
          value: createResource(
            undefined,
            undefined,
            typeof hostClass === 'function' ? (hostClass as new () => object) : undefined,
          ),
        })
      } else if (extern.sort === 'instance') {
        const inner = offered(host, toCamelCase(name))
        items.set(name, {
          sort: 'instance',
          value: this.#interface(full, extern.type.exports, (inner ?? {}) as object),
        })
      }
    }
    return items
  }

  #func(prefix: string, name: string, full: string, type: FuncType, host: object): ComponentFunc {
    const base = prefix.includes('@') ? prefix.slice(0, prefix.indexOf('@')) : prefix
    const suspends =
      this.#suspending.has(full) || (prefix !== '' && this.#suspending.has(`${base}#${name}`))
    if (suspends) this.suspends = true
    return new HostFunc(type, full, suspends, this.#callable(name, full, host))
  }

  #callable(name: string, full: string, host: object): (args: readonly unknown[]) => unknown {
    const parsed = tryParseExternName(name)
    if (parsed?.kind === 'constructor' || parsed?.kind === 'static' || parsed?.kind === 'method') {
      const Class = offered(host, toPascalCase(parsed.resource)) as
        | (new (...args: unknown[]) => unknown)
        | undefined
      if (parsed.kind === 'method') {
        const member = toCamelCase(parsed.member)
        return ([self, ...rest]) =>
          ((self as Record<string, AnyFunction>)[member] as AnyFunction).apply(self, rest)
      }
      if (typeof Class !== 'function') throw refuse(full, 'whose class the host does not offer')
      if (parsed.kind === 'constructor') return (args) => new Class(...args)
      const member = offered(Class, toCamelCase(parsed.member))
      if (typeof member !== 'function') throw refuse(full, 'which the host does not offer')
      return (args) => (member as AnyFunction).apply(Class, [...args])
    }
    const found = offered(host, toCamelCase(name)) ?? offered(host, name)
    if (typeof found !== 'function') throw refuse(full, 'which the host does not offer')
    return (args) => (found as AnyFunction).apply(host, args as unknown[])
  }
}
