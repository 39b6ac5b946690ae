import { checkArgumentCount } from '../abi/adapter.ts'
import { markEntries } from '../abi/backtrace.ts'
import { HostValueError } from '../abi/trap.ts'
import { ComponentError } from '../errors.ts'
import {
  toCamelCase,
  toMemberName,
  toPascalCase,
  tryParseExternName,
} from '../names/extern-name.ts'
import type { InstanceValue } from './frame.ts'
import type { ComponentFunc } from './func.ts'
import { disposeOutside, type RuntimeResource } from './handles.ts'
import type { Store } from './store.ts'

/** A function that a component exports, for its host. */
export type ExportedFunction = (...args: unknown[]) => unknown

/** What a component exports: interfaces under their full names, functions and resource classes in JavaScript's spelling. */
export type ComponentExports = { readonly [name: string]: ExportedValue }
// An interface's functions are unknown to the compiler, and calling them must not need a cast at every call.
export type ExportedValue = ExportedFunction & { readonly [name: string]: ExportedFunction }

/**
 * The exports of an instance as JavaScript sees them.
 *
 * Objects have no prototype, so that no name - `constructor`, `__proto__`, `toString` - means anything but the export.
 */
export function exposeExports(
  store: Store,
  exports: InstanceValue,
  suspends: boolean,
): ComponentExports {
  const exposed = Object.create(null) as Record<string, unknown>
  const define = (target: object, key: string, value: unknown): void => {
    Object.defineProperty(target, key, { value, enumerable: true })
  }
  for (const [name, item] of exports) {
    if (item.sort === 'instance')
      define(
        exposed,
        name.includes(':') ? name : toCamelCase(name),
        exposeExports(store, item.value, suspends),
      )
    else if (item.sort === 'resource')
      define(exposed, toPascalCase(name), resourceClass(store, item.value, name, exports, suspends))
    else if (item.sort === 'func' && tryParseExternName(name)?.kind === 'label') {
      define(exposed, toCamelCase(name), callable(store, item.value, suspends))
    }
  }
  return Object.freeze(exposed) as ComponentExports
}

function unwrap(func: ComponentFunc, value: unknown): unknown {
  if (func.type.result?.kind !== 'result') return value
  const { tag, val } = value as { tag: 'ok' | 'err'; val: unknown }
  if (tag === 'err') throw new ComponentError(val)
  return val
}

function enter(func: ComponentFunc, args: readonly unknown[]): unknown {
  return func.call(undefined, args)
}
function enterSuspending(func: ComponentFunc, args: readonly unknown[]): PromiseLike<unknown> {
  return func.callSuspending(undefined, args)
}
markEntries(enter, enterSuspending)

function callable(store: Store, func: ComponentFunc, suspends: boolean): ExportedFunction {
  const failed = (error: unknown): unknown => {
    // A wrong argument is the caller's mistake, and the guest has not run.
    if (error instanceof HostValueError && store.failure === undefined) return error
    return store.fail(error)
  }
  if (!suspends) {
    return (...args) => {
      store.assertCallable()
      store.busy = true
      let value: unknown
      try {
        checkArgumentCount(func.type, args)
        value = enter(func, args)
      } catch (error) {
        throw failed(error)
      } finally {
        store.busy = false
      }
      return unwrap(func, value)
    }
  }
  return async (...args) => {
    store.assertCallable()
    store.busy = true
    let value: unknown
    try {
      checkArgumentCount(func.type, args)
      value = await func.callSuspending(undefined, args)
    } catch (error) {
      throw failed(error)
    } finally {
      store.busy = false
    }
    return unwrap(func, value)
  }
}

/** A class for the resources of a guest: `Symbol.dispose` ends one, methods and constructor as the component exports them. */
function resourceClass(
  store: Store,
  resource: RuntimeResource,
  name: string,
  exports: InstanceValue,
  suspends: boolean,
): unknown {
  if (resource.owner === undefined) return resource.hostClass
  let construct: ExportedFunction | undefined
  const constructed = function (...args: unknown[]): unknown {
    if (construct === undefined) throw new TypeError(`${toPascalCase(name)} has no constructor`)
    return construct(...args)
  }
  const prototype = resource.prototype as Record<PropertyKey, unknown>
  const define = (target: object, key: PropertyKey, value: unknown): void => {
    Object.defineProperty(target, key, { value, configurable: true })
  }
  for (const [full, item] of exports) {
    const parsed = tryParseExternName(full)
    if (
      item.sort !== 'func' ||
      parsed === undefined ||
      !('resource' in parsed) ||
      parsed.resource !== name
    )
      continue
    const call = callable(store, item.value, suspends)
    if (parsed.kind === 'constructor') construct = call
    else if (parsed.kind === 'static') define(constructed, toMemberName(parsed.member), call)
    else {
      define(prototype, toMemberName(parsed.member), function (this: unknown, ...args: unknown[]) {
        return call(this, ...args)
      })
    }
  }
  define(prototype, Symbol.dispose, function (this: object) {
    disposeOutside(this)
  })
  constructed.prototype = prototype
  return constructed
}
