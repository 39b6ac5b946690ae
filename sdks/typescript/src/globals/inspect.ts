import { NativeDate } from './native-date.ts'

const MAX_DEPTH = 4
const MAX_ITEMS = 100

/** A value as text for a log: bounded in depth and width, and total on any value. */
export function inspect(value: unknown): string {
  try {
    return print(value, 0, [])
  } catch {
    // A getter or proxy of the value threw.
    return Object.prototype.toString.call(value)
  }
}

function print(value: unknown, depth: number, above: readonly object[]): string {
  if (typeof value === 'string') return depth === 0 ? value : JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'function') return `[function ${value.name || '(anonymous)'}]`
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error)
    return value.stack ? `${value}\n${value.stack}`.trimEnd() : String(value)
  if (above.includes(value)) return '[circular]'
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[…]' : '{…}'
  const within = [...above, value]
  const item = (inner: unknown): string => print(inner, depth + 1, within)
  if (value instanceof NativeDate)
    return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (value instanceof RegExp) return String(value)
  if (Array.isArray(value)) return list('[', value, item, ']')
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return `${value.constructor.name}(${value.byteLength} bytes)`
  }
  if (value instanceof Map)
    return list('Map {', [...value], ([key, inner]) => `${item(key)} => ${item(inner)}`, '}')
  if (value instanceof Set) return list('Set {', [...value], item, '}')
  return list('{', Object.entries(value), ([key, inner]) => `${key}: ${item(inner)}`, '}')
}

function list<Item>(
  open: string,
  items: readonly Item[],
  text: (item: Item) => string,
  close: string,
): string {
  const shown = items.slice(0, MAX_ITEMS).map(text)
  if (items.length > MAX_ITEMS) shown.push(`… ${items.length - MAX_ITEMS} more`)
  return `${open}${shown.join(', ')}${close}`
}
