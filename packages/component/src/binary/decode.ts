import { COMPONENT_PREAMBLE, wasmLayer } from '@morphee/core'
import { malformed, overLimit } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import type { ComponentAst, Definition, ExternName, NamedItem } from './ast.ts'
import { readCanon } from './decode-canon.ts'
import {
  readAlias,
  readCoreSort,
  readExternName,
  readExternType,
  readSort,
  TypeDecoder,
} from './decode-type.ts'
import { Reader } from './reader.ts'

/**
 * Decodes a component (Component Model, Binary.md). Total: any bytes give definitions or a coded error.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_UNSUPPORTED`, `ERR_COMPONENT_LIMIT`
 */
export function decodeComponent(bytes: Uint8Array, budget: WorkBudget): ComponentAst {
  const maximum = budget.limits.maxComponentBytes
  if (bytes.length > maximum) throw overLimit('maxComponentBytes', maximum)
  return new ComponentDecoder(budget).component(new Reader(bytes), 0)
}

class ComponentDecoder {
  readonly #budget: WorkBudget
  readonly #types: TypeDecoder
  constructor(budget: WorkBudget) {
    this.#budget = budget
    this.#types = new TypeDecoder(budget)
  }

  component(reader: Reader, depth: number): ComponentAst {
    const offset = reader.at
    const limits = this.#budget.limits
    if (depth > limits.maxNesting) throw overLimit('maxNesting', limits.maxNesting)
    if (wasmLayer(reader.bytes.subarray(offset, reader.end)) !== 'component') {
      throw malformed(
        offset,
        `the preamble must be ${[...COMPONENT_PREAMBLE].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}`,
      )
    }
    reader.at += 8
    const definitions: Definition[] = []
    while (!reader.done) {
      const start = reader.at
      const id = reader.byte()
      const size = reader.u32()
      if (size > reader.end - reader.at) throw malformed(start, 'a section runs past the end')
      const section = new Reader(reader.bytes, reader.at, reader.at + size)
      reader.at += size
      this.#section(id, section, start, definitions, depth)
      if (!section.done) throw malformed(section.at, 'a section has bytes left over')
    }
    return { offset, definitions }
  }

  #section(id: number, reader: Reader, start: number, into: Definition[], depth: number): void {
    const each = (read: (offset: number) => Definition | readonly Definition[]): void => {
      const at = reader.at
      const count = reader.u32()
      if (count > reader.end - reader.at) throw malformed(at, 'a vector is longer than its section')
      for (let i = 0; i < count; i++) {
        this.#budget.define()
        const read1 = read(reader.at)
        if (Array.isArray(read1)) for (const one of read1 as Definition[]) into.push(one)
        else into.push(read1 as Definition)
      }
    }
    switch (id) {
      case 0:
        reader.name()
        reader.at = reader.end
        return
      case 1:
        this.#budget.define()
        if (wasmLayer(reader.bytes.subarray(reader.at, reader.end)) !== 'module') {
          throw malformed(reader.at, 'a core module must begin with 00 61 73 6d 01 00 00 00')
        }
        into.push({ kind: 'core-module', offset: start, start: reader.at, end: reader.end })
        reader.at = reader.end
        return
      case 2:
        return each((offset) => readCoreInstance(reader, offset))
      case 3:
        return each((offset) =>
          this.#types.coreType(reader).map((type) => ({ kind: 'core-type', offset, type })),
        )
      case 4:
        this.#budget.define()
        into.push({
          kind: 'component',
          offset: start,
          component: this.component(reader, depth + 1),
        })
        return
      case 5:
        return each((offset) => readInstance(reader, offset))
      case 6:
        return each((offset) => ({ kind: 'alias', offset, alias: readAlias(reader) }))
      case 7:
        return each((offset) => ({ kind: 'type', offset, type: this.#types.type(reader) }))
      case 8:
        return each((offset) => ({ kind: 'canon', offset, canon: readCanon(reader) }))
      case 9:
        return reader.refuse('start functions', start)
      case 10:
        return each((offset) => ({
          kind: 'import',
          offset,
          name: readExternName(reader),
          type: readExternType(reader),
        }))
      case 11:
        return each((offset) => {
          const name = readExternName(reader)
          const sort = readSort(reader)
          const index = reader.u32()
          const ascribed = reader.byte()
          if (ascribed > 1) reader.fail('an export has a type (1) or none (0)', reader.at - 1)
          return {
            kind: 'export',
            offset,
            name,
            sort,
            index,
            type: ascribed ? readExternType(reader) : undefined,
          }
        })
      case 12:
        return reader.refuse('values', start)
      default:
        throw malformed(start, 'unknown section')
    }
  }
}

function readCoreInstance(reader: Reader, offset: number): Definition {
  switch (reader.byte()) {
    case 0x00:
      return {
        kind: 'core-instantiate',
        offset,
        module: reader.u32(),
        args: reader.vec(() => {
          const name = reader.name()
          if (reader.byte() !== 0x12)
            reader.fail('core modules are instantiated with instances only', reader.at - 1)
          return { name, instance: reader.u32() }
        }),
      }
    case 0x01:
      return {
        kind: 'core-exports',
        offset,
        exports: reader.vec(() => ({
          name: reader.name(),
          sort: readCoreSort(reader),
          index: reader.u32(),
        })),
      }
    default:
      return reader.fail('unknown core instance', offset)
  }
}

function readInstance(reader: Reader, offset: number): Definition {
  const item = (name: ExternName): NamedItem => ({
    ...name,
    sort: readSort(reader),
    index: reader.u32(),
  })
  switch (reader.byte()) {
    case 0x00:
      return {
        kind: 'instantiate',
        offset,
        component: reader.u32(),
        args: reader.vec(() =>
          item({ name: reader.name(), implements: undefined, versionSuffix: undefined }),
        ),
      }
    case 0x01:
      return {
        kind: 'exports',
        offset,
        exports: reader.vec(() => item(readExternName(reader))),
      }
    default:
      return reader.fail('unknown instance', offset)
  }
}
