import type { ValueType } from '@morphee/component'
import { toHex, tryFromHex } from '@morphee/core'

const bits = new DataView(new ArrayBuffer(8))
const camel = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())

export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = tryFromHex(text)
  if (bytes === undefined) throw new TypeError(`${text} is not hexadecimal`)
  return bytes
}

/** A value of the vectors, whose notation is in `make.py`, as the engine takes and gives it. */
export function toJs(type: ValueType, json: any): unknown {
  switch (type.kind) {
    case 'u64':
    case 's64':
      return BigInt(json)
    case 'f32':
      bits.setUint32(0, Number.parseInt(json, 16))
      return bits.getFloat32(0)
    case 'f64':
      bits.setBigUint64(0, BigInt(`0x${json}`))
      return bits.getFloat64(0)
    case 'list':
      return type.element.kind === 'u8'
        ? fromHex(json)
        : json.map((one: unknown) => toJs(type.element, one))
    case 'map':
      return new Map(
        json.map(([key, value]: [unknown, unknown]) => [
          toJs(type.key, key),
          toJs(type.value, value),
        ]),
      )
    case 'tuple':
      return type.types.map((part, index) => toJs(part, json[index]))
    case 'record':
      return Object.fromEntries(
        type.fields.map((field) => [camel(field.name), toJs(field.type, json[field.name])]),
      )
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [camel(name), json.includes(name)]))
    case 'variant': {
      const payload = type.cases.find((one) => one.name === json.case)?.type
      return payload ? { tag: json.case, val: toJs(payload, json.value) } : { tag: json.case }
    }
    case 'option': {
      const some = json === null ? undefined : toJs(type.type, json.some)
      if (type.type.kind !== 'option') return some
      return json === null ? { tag: 'none' } : { tag: 'some', val: some }
    }
    case 'result': {
      const isOk = 'ok' in json
      const payload = isOk ? type.ok : type.error
      const val = payload ? toJs(payload, isOk ? json.ok : json.error) : undefined
      return { tag: isOk ? 'ok' : 'err', val }
    }
    default:
      return json
  }
}

/** Text that is the same for two values when they are the same, the sign of zero included. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Uint8Array) return `bytes ${toHex(value)}`
  if (value instanceof Map) return `map ${show([...value])}`
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${key}: ${show(inner)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value) ?? 'undefined'
}
