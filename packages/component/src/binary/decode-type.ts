import { readCoreExtern, readCoreRecType } from '../core/val-type.ts'
import type {
  AliasAst,
  AnySort,
  CoreModuleDecl,
  CoreSort,
  CoreTypeAst,
  Declaration,
  ExternName,
  ExternTypeAst,
  LabelledRef,
  PrimitiveName,
  Sort,
  TypeAst,
  ValTypeRef,
} from './ast.ts'
import type { Reader } from './reader.ts'
import type { WorkBudget } from '../limits.ts'
import { overLimit } from '../errors.ts'

const PRIMITIVES: Readonly<Record<number, PrimitiveName>> = {
  0x7f: 'bool',
  0x7e: 's8',
  0x7d: 'u8',
  0x7c: 's16',
  0x7b: 'u16',
  0x7a: 's32',
  0x79: 'u32',
  0x78: 's64',
  0x77: 'u64',
  0x76: 'f32',
  0x75: 'f64',
  0x74: 'char',
  0x73: 'string',
  0x64: 'error-context',
}
const CORE_SORTS: Readonly<Record<number, CoreSort>> = {
  0x00: 'func',
  0x01: 'table',
  0x02: 'memory',
  0x03: 'global',
  0x04: 'tag',
  0x10: 'type',
  0x11: 'module',
  0x12: 'instance',
}
const SORTS: Readonly<Record<number, Sort>> = {
  0x01: 'func',
  0x02: 'value',
  0x03: 'type',
  0x04: 'component',
  0x05: 'instance',
}

export function readCoreSort(reader: Reader): CoreSort {
  const start = reader.at
  return CORE_SORTS[reader.byte()] ?? reader.fail('unknown core sort', start)
}

export function readSort(reader: Reader): AnySort {
  const start = reader.at
  const byte = reader.byte()
  if (byte === 0) return `core ${readCoreSort(reader)}`
  return SORTS[byte] ?? reader.fail('unknown sort', start)
}

export function readValType(reader: Reader): ValTypeRef {
  const start = reader.at
  const code = reader.s33()
  if (code >= 0) return code
  return PRIMITIVES[code + 0x80] ?? reader.fail('unknown value type', start)
}

function readOptional<T>(reader: Reader, read: () => T): T | undefined {
  const start = reader.at
  const flag = reader.byte()
  if (flag > 1) reader.fail('an optional part is absent (0) or present (1)', start)
  return flag === 1 ? read() : undefined
}

/** The type of an item to import or export. */
export function readExternType(reader: Reader): ExternTypeAst {
  const start = reader.at
  switch (reader.byte()) {
    case 0x00:
      if (reader.byte() !== 0x11)
        reader.fail('only core modules can be imported or exported', start)
      return { sort: 'core module', index: reader.u32() }
    case 0x01:
      return { sort: 'func', index: reader.u32() }
    case 0x02:
      return reader.refuse('values', start)
    case 0x03: {
      const bound = reader.byte()
      if (bound === 0) return { sort: 'type', bound: { eq: reader.u32() } }
      if (bound === 1) return { sort: 'type', bound: 'resource' }
      return reader.fail('unknown type bound', start)
    }
    case 0x04:
      return { sort: 'component', index: reader.u32() }
    case 0x05:
      return { sort: 'instance', index: reader.u32() }
    default:
      return reader.fail('unknown kind of import or export', start)
  }
}

/** The name of an import or export with its attributes. */
export function readExternName(reader: Reader): ExternName {
  const start = reader.at
  const form = reader.byte()
  if (form > 2) reader.fail('unknown form of name', start)
  const name = reader.name()
  const seen = new Map<number, string>()
  if (form === 2) {
    reader.vec(() => {
      const at = reader.at
      const kind = reader.byte()
      if (kind > 2) reader.fail('unknown attribute of a name', at)
      if (seen.has(kind)) reader.fail('an attribute of a name is given twice', at)
      seen.set(kind, reader.name())
    })
  }
  // The third, an id for whoever stands outside, means nothing here.
  return { name, implements: seen.get(0), versionSuffix: seen.get(1) }
}

function readLabelled(reader: Reader): LabelledRef {
  return { name: reader.name(), type: readValType(reader) }
}

/** Decodes types; `budget` bounds how many, and how deep they nest. */
export class TypeDecoder {
  readonly #budget: WorkBudget
  #depth = 0
  constructor(budget: WorkBudget) {
    this.#budget = budget
  }

  coreType(reader: Reader): CoreTypeAst[] {
    this.#budget.define()
    const start = reader.at
    const opcode = reader.peek()
    if (opcode === 0x50) {
      reader.byte()
      return [{ kind: 'module', declarations: reader.vec(() => this.#moduleDeclaration(reader)) }]
    }
    if (opcode === 0x00) {
      reader.byte()
      if (reader.peek() !== 0x50) reader.fail('unknown core type', start)
    }
    return readCoreRecType(reader).map((type) => ({ kind: 'func', type }))
  }

  #moduleDeclaration(reader: Reader): CoreModuleDecl {
    this.#budget.define()
    const offset = reader.at
    switch (reader.byte()) {
      case 0x00:
        return {
          kind: 'import',
          module: reader.name(),
          name: reader.name(),
          type: readCoreExtern(reader, true),
          offset,
        }
      case 0x01:
        return { kind: 'type', types: readCoreRecType(reader), offset }
      case 0x02: {
        if (reader.byte() !== 0x10 || reader.byte() !== 0x01)
          reader.fail('only outer types can be aliased here', offset)
        return { kind: 'alias', count: reader.u32(), index: reader.u32(), offset }
      }
      case 0x03:
        return { kind: 'export', name: reader.name(), type: readCoreExtern(reader, true), offset }
      default:
        return reader.fail('unknown declaration in a module type', offset)
    }
  }

  type(reader: Reader): TypeAst {
    this.#budget.define()
    const start = reader.at
    const opcode = reader.byte()
    const primitive = PRIMITIVES[opcode]
    if (primitive !== undefined) return { kind: 'primitive', name: primitive }
    switch (opcode) {
      case 0x72:
        return { kind: 'record', fields: reader.vec(() => readLabelled(reader)) }
      case 0x71:
        return {
          kind: 'variant',
          cases: reader.vec(() => {
            const name = reader.name()
            const type = readOptional(reader, () => readValType(reader))
            if (reader.byte() !== 0) reader.fail('a zero byte must end a case', reader.at - 1)
            return { name, type }
          }),
        }
      case 0x70:
        return { kind: 'list', element: readValType(reader), length: undefined }
      case 0x67:
        return { kind: 'list', element: readValType(reader), length: reader.u32() }
      case 0x6f:
        return { kind: 'tuple', types: reader.vec(() => readValType(reader)) }
      case 0x6e:
        return { kind: 'flags', names: reader.vec(() => reader.name()) }
      case 0x6d:
        return { kind: 'enum', names: reader.vec(() => reader.name()) }
      case 0x6b:
        return { kind: 'option', type: readValType(reader) }
      case 0x6a:
        return {
          kind: 'result',
          ok: readOptional(reader, () => readValType(reader)),
          error: readOptional(reader, () => readValType(reader)),
        }
      case 0x69:
        return { kind: 'own', resource: reader.u32() }
      case 0x68:
        return { kind: 'borrow', resource: reader.u32() }
      case 0x66:
        return { kind: 'stream', element: readOptional(reader, () => readValType(reader)) }
      case 0x65:
        return { kind: 'future', element: readOptional(reader, () => readValType(reader)) }
      case 0x63:
        return { kind: 'map', key: readValType(reader), value: readValType(reader) }
      case 0x40:
      case 0x43:
        return {
          kind: 'func',
          isAsync: opcode === 0x43,
          params: reader.vec(() => readLabelled(reader)),
          result: readResult(reader),
        }
      case 0x41:
        return {
          kind: 'component',
          declarations: this.#nested(() => reader.vec(() => this.#declaration(reader, true))),
        }
      case 0x42:
        return {
          kind: 'instance',
          declarations: this.#nested(() => reader.vec(() => this.#declaration(reader, false))),
        }
      case 0x3f: {
        const rep = reader.byte()
        if (rep === 0x7e) reader.refuse('memory64', start)
        if (rep !== 0x7f) reader.fail('a resource is represented by an i32', start)
        return { kind: 'resource', destructor: readOptional(reader, () => reader.u32()) }
      }
      default:
        return reader.fail('unknown type', start)
    }
  }

  #nested<T>(read: () => T): T {
    const maximum = this.#budget.limits.maxNesting
    if (++this.#depth > maximum) throw overLimit('maxNesting', maximum)
    const value = read()
    this.#depth--
    return value
  }

  #declaration(reader: Reader, inComponent: boolean): Declaration {
    this.#budget.define()
    const offset = reader.at
    const form = reader.byte()
    switch (form) {
      case 0x00: {
        const types = this.coreType(reader)
        const type = types[0]
        if (type === undefined || types.length > 1) return reader.refuse('gc', offset)
        return { offset, kind: 'core-type', type }
      }
      case 0x01:
        return { offset, kind: 'type', type: this.type(reader) }
      case 0x02:
        return { offset, kind: 'alias', alias: readAlias(reader) }
      case 0x03:
        if (!inComponent) reader.fail('an instance type has no imports', offset)
        return {
          offset,
          kind: 'import',
          name: readExternName(reader),
          type: readExternType(reader),
        }
      case 0x04:
        return {
          offset,
          kind: 'export',
          name: readExternName(reader),
          type: readExternType(reader),
        }
      default:
        return reader.fail('unknown declaration in a type', offset)
    }
  }
}

/** A function's result: one type or none. */
export function readResult(reader: Reader): ValTypeRef | undefined {
  const start = reader.at
  const form = reader.byte()
  if (form === 0) return readValType(reader)
  if (form !== 1 || reader.byte() !== 0) reader.fail('unknown form of results', start)
  return undefined
}

export function readAlias(reader: Reader): AliasAst {
  const start = reader.at
  const sort = readSort(reader)
  switch (reader.byte()) {
    case 0x00:
      if (sort.startsWith('core ') && sort !== 'core module')
        reader.fail('a component instance exports no such sort', start)
      return {
        kind: 'export',
        sort: sort as Sort | 'core module',
        instance: reader.u32(),
        name: reader.name(),
      }
    case 0x01:
      if (!sort.startsWith('core ')) reader.fail('a core instance exports core items only', start)
      return {
        kind: 'core-export',
        sort: sort.slice(5) as CoreSort,
        instance: reader.u32(),
        name: reader.name(),
      }
    case 0x02:
      if (!['type', 'component', 'core type', 'core module'].includes(sort)) {
        reader.fail('only types, modules and components of outer scopes can be aliased', start)
      }
      return { kind: 'outer', sort, count: reader.u32(), index: reader.u32() }
    default:
      return reader.fail('unknown kind of alias', start)
  }
}
