import type { ValueType } from '@morphee/component'
import { makeComponent } from './toolchain.ts'

/** Writes types as WIT, giving a name to each that needs one. */
export class WitPrinter {
  readonly declarations: string[] = []
  readonly names: string[] = []

  print(type: ValueType): string {
    switch (type.kind) {
      case 'list':
        return type.length === undefined
          ? `list<${this.print(type.element)}>`
          : `list<${this.print(type.element)}, ${type.length}>`
      case 'map':
        return `map<${this.print(type.key)}, ${this.print(type.value)}>`
      case 'tuple':
        return `tuple<${type.types.map((one) => this.print(one)).join(', ')}>`
      case 'option':
        return `option<${this.print(type.type)}>`
      case 'result': {
        const ok = type.ok && this.print(type.ok)
        const error = type.error && this.print(type.error)
        return error === null
          ? ok === null
            ? 'result'
            : `result<${ok}>`
          : `result<${ok ?? '_'}, ${error}>`
      }
      case 'record':
        return this.#declare(
          'record',
          type.fields.map((field) => `%${field.name}: ${this.print(field.type)}`),
        )
      case 'variant':
        return this.#declare(
          'variant',
          type.cases.map((one) => `%${one.name}${one.type ? `(${this.print(one.type)})` : ''}`),
        )
      case 'enum':
      case 'flags':
        return this.#declare(
          type.kind,
          type.names.map((name) => `%${name}`),
        )
      default:
        return type.kind
    }
  }

  #declare(keyword: string, parts: readonly string[]): string {
    const name = `t${this.names.length}`
    this.names.push(name)
    this.declarations.push(`${keyword} ${name} { ${parts.join(', ')} }`)
    return name
  }
}

export function flatten(type: ValueType): string[] {
  const cases = (payloads: readonly (ValueType | null)[]): string[] => {
    const flat: string[] = []
    for (const payload of payloads) {
      flatten(payload ?? { kind: 'tuple', types: [] }).forEach((part, index) => {
        const before = flat[index]
        const narrow = [before, part].every((one) => one === 'i32' || one === 'f32')
        flat[index] = before === undefined || before === part ? part : narrow ? 'i32' : 'i64'
      })
    }
    return ['i32', ...flat]
  }
  switch (type.kind) {
    case 'u64':
    case 's64':
      return ['i64']
    case 'f32':
    case 'f64':
      return [type.kind]
    case 'list':
      if (type.length === undefined) return ['i32', 'i32']
      return Array.from({ length: type.length }, () => flatten(type.element)).flat()
    case 'string':
    case 'map':
      return ['i32', 'i32']
    case 'record':
      return type.fields.flatMap((field) => flatten(field.type))
    case 'tuple':
      return type.types.flatMap(flatten)
    case 'variant':
      return cases(type.cases.map((one) => one.type))
    case 'option':
      return cases([null, type.type])
    case 'result':
      return cases([type.ok, type.error])
    default:
      return ['i32']
  }
}

/** Memory and an allocator that moves forward only, as the text of a module's parts. */
export const ALLOCATOR = `
  (memory (export "memory") 4)
  (global $top (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1))) (i32.sub (i32.const 0) (local.get $align))))
    (global.set $top (i32.add (local.get $at) (local.get $new)))
    (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
      (then (drop (memory.grow (i32.add (i32.const 1) (i32.div_u (local.get $new) (i32.const 65536)))))))
    (if (local.get $old) (then (memory.copy (local.get $at) (local.get $old) (local.get $size))))
    (local.get $at))`

/**
 * A component whose export `echo` hands its argument to the import `echo` and returns what comes back: a value crosses the boundary four times.
 *
 * Its core knows nothing of the type, only how it is flattened, worked out here independently of the engine.
 */
export async function echoComponent(type: ValueType, encoding: string): Promise<Uint8Array> {
  const printer = new WitPrinter()
  const name = printer.print(type)
  const use = printer.names.length > 0 ? `use i.{${printer.names.join(', ')}};` : ''
  const wit = `package t:t;
    interface i { ${printer.declarations.join('\n')} echo: func(v: ${name}) -> ${name}; }
    interface e { ${use} echo: func(v: ${name}) -> ${name}; }
    world w { import i; export e; }`
  const flat = flatten(type)
  const params = flat.length > 16 ? ['i32'] : flat
  const spilled = flat.length > 1
  const [result] = flat
  const gets = params.map((_, index) => `(local.get ${index})`).join(' ')
  const list = params.length > 0 ? `(param ${params.join(' ')})` : ''
  const wat = `(module
    (import "t:t/i" "echo" (func $echo (param ${[...params, ...(spilled ? ['i32'] : [])].join(' ')}) ${spilled ? '' : `(result ${result})`}))
    ${ALLOCATOR}
    (func (export "t:t/e#echo") ${list} (result ${spilled ? 'i32' : result})
      ${spilled ? `(call $echo ${gets} (i32.const 16)) (i32.const 16)` : `(call $echo ${gets})`}))`
  return makeComponent(wat.replace('(i32.const 1024)', '(i32.const 4096)'), wit, encoding)
}
