import { digestOf } from '@morphee/core'
import { type CoreExtern, type CoreModuleInfo, readCoreModule } from '../../src/core/module-info.ts'
import { DEFAULT_LIMITS, WorkBudget } from '../../src/limits.ts'

/** What can be seen of a module from outside: what its functions return or how they trap, and what is in its memories and globals then. */
export interface Observation {
  readonly events: readonly string[]
  /** Whether the stack overflowed: where it does depends on what a function keeps there. */
  readonly overflowed: boolean
}

/** Runs everything that a core module exports, on made-up imports and arguments, the same each time. */
export async function observe(
  module: WebAssembly.Module,
  /** The module as it was before anything was added to it. */
  original: Uint8Array,
  added: WebAssembly.Imports = {},
): Promise<Observation> {
  const info = readModule(original)
  const events: string[] = []
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {}
  const held: WebAssembly.ExportValue[] = []
  let overflowed = false
  const attempt = (what: string, act: () => unknown): void => {
    // A guest that calls the host in a loop would fill the memory with its events.
    if (events.length > 10_000) return
    try {
      events.push(`${what} = ${show(act())}`)
    } catch (error) {
      overflowed ||= error instanceof RangeError
      events.push(`${what} threw ${describeThrown(error)}`)
    }
  }
  let exported: WebAssembly.Exports = {}
  attempt('instantiate', () => {
    // Some cannot be made in JavaScript, a global of vectors for one.
    for (const { module: from, name, type } of info.imports) {
      const value = makeImport(type, (args) => events.push(`${from} ${name} ${show(args)}`))
      held.push(value as WebAssembly.ExportValue)
      ;(imports[from] ??= {})[name] = value
    }
    exported = new WebAssembly.Instance(module, { ...imports, ...added }).exports
  })
  for (const [name, { type }] of [...info.exports].map(
    ([name, type]) => [name, { type }] as const,
  )) {
    if (type.kind !== 'func') continue
    const call = exported[name] as ((...args: unknown[]) => unknown) | undefined
    if (call !== undefined) attempt(name, () => call(...type.type.params.map(argument)))
  }
  for (const value of [...held, ...Object.values(exported)]) {
    if (value instanceof WebAssembly.Memory)
      events.push(await digestOf(new Uint8Array(value.buffer.slice(0))))
    else if (value instanceof WebAssembly.Table) events.push(`table of ${value.length}`)
    else if (value instanceof WebAssembly.Global) attempt('global', () => value.value as unknown)
  }
  return { events, overflowed }
}

/** A file that is one core module. */
export function readModule(bytes: Uint8Array): CoreModuleInfo {
  return readCoreModule(bytes, 0, bytes.length, new WorkBudget(DEFAULT_LIMITS, bytes.length))
}

function makeImport(type: CoreExtern, note: (args: unknown[]) => void): WebAssembly.ImportValue {
  switch (type.kind) {
    case 'func': {
      const results = type.type.results.map(argument)
      return (...args: unknown[]) => {
        note(args)
        return results.length === 1 ? results[0] : results
      }
    }
    case 'memory':
      return new WebAssembly.Memory({ initial: type.min, maximum: type.max ?? type.min + 2 })
    case 'table':
      return new WebAssembly.Table({
        initial: type.min,
        maximum: type.max ?? type.min + 2,
        element: type.element === 'funcref' ? 'anyfunc' : (type.element as 'externref'),
      })
    case 'global':
      return new WebAssembly.Global(
        {
          value: (type.type === 'funcref' ? 'anyfunc' : type.type) as 'i32',
          mutable: type.mutable,
        },
        argument(type.type) as number,
      )
    case 'tag':
      return new WebAssembly.Tag({
        parameters: type.type.params as WebAssembly.ValueType[],
      }) as unknown as WebAssembly.ImportValue
  }
}

function argument(type: string): unknown {
  switch (type) {
    case 'i32':
      return 7
    case 'i64':
      return 7n
    case 'f32':
    case 'f64':
      return 1.5
    default:
      return null
  }
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join()}]`
  if (typeof value === 'function') return 'function'
  return Object.is(value, -0) ? '-0' : String(value)
}

function describeThrown(error: unknown): string {
  if (error instanceof WebAssembly.Exception) return 'an exception'
  if (!(error instanceof Error)) return typeof error
  // Segments are told by their place in the file, and functions by the offset of their code.
  return `${error.constructor.name}: ${error.message.replace(/@\+\d+|\d+/g, '#')}`
}
